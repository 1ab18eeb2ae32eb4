"""What roles permit, decided without a database."""

from dataclasses import replace
from uuid import UUID

import pytest

from rapport.access.flags import SETTINGS_FLAGS, TOOL_FLAGS
from rapport.access.roles import (
    NO_RULES,
    RIGHTS,
    FieldRule,
    ObjectRule,
    RoleRules,
    RowGroup,
    RowPredicate,
    Rule,
    decide,
    permits_all_of,
    restricted,
    restrictions,
    rights_of,
)
from rapport.metadata.catalog import Catalog, Field, Rights, WorkspaceId
from rapport.metadata.standard.model import standard_catalog
from rapport.roles.rules import row_rules

CATALOG = standard_catalog(WorkspaceId(UUID(int=1)))
ALL = RoleRules(
    read_all=True,
    update_all=True,
    soft_delete_all=True,
    destroy_all=True,
    single_flags=frozenset({"WORKFLOWS"}),
)
NONE = Rights(read=False, update=False, soft_delete=False, destroy=False)
SYSTEM = [item for item in CATALOG.objects if item.is_system and item.name != "workflowAutomatedTrigger"]
WORKFLOWS = [item for item in CATALOG.objects if item.name.startswith("workflow")]
PERSON = CATALOG.by_name["person"]


def seen(catalog: Catalog, path: str) -> Field:
    name, field = path.split(".")
    (found,) = [each for each in catalog.by_name[name].fields if each.name == field]
    return found


def rules(**paths: FieldRule) -> RoleRules:
    """`person__city=FieldRule(…)`"""
    return replace(ALL, fields={seen(CATALOG, path.replace("__", ".")).id: rule for path, rule in paths.items()})


def test_who_may_do_everything_sees_the_very_same_catalog() -> None:
    assert ALL.is_unrestricted
    assert restricted(CATALOG, ALL) is CATALOG
    allowing = replace(ALL, objects={PERSON.id: ObjectRule(read=True, destroy=True)})
    assert allowing.is_unrestricted
    elsewhere = replace(ALL, objects={UUID(int=5): ObjectRule(read=False)})
    assert not elsewhere.is_unrestricted
    assert restricted(CATALOG, elsewhere) is CATALOG


@pytest.mark.parametrize(
    "rules",
    [
        replace(ALL, read_all=False),
        replace(ALL, destroy_all=False),
        replace(ALL, single_flags=frozenset()),
        replace(ALL, objects={PERSON.id: ObjectRule(update=False)}),
        replace(ALL, fields={PERSON.fields[5].id: FieldRule(may_update=False)}),
        replace(ALL, rows={PERSON.id: RowGroup(operator="AND")}),
        NO_RULES,
    ],
)
def test_every_rule_that_takes_something_away_restricts(rules: RoleRules) -> None:
    assert not rules.is_unrestricted


def test_without_a_role_nothing_is_allowed() -> None:
    assert {item.rights for item in restricted(CATALOG, NO_RULES).objects} == {NONE}
    assert {decide(item, right, NO_RULES).rule for item in CATALOG.objects for right in RIGHTS} == {Rule.NO_ROLE}


def test_a_role_that_allows_nothing_leaves_system_objects_open() -> None:
    catalog = restricted(CATALOG, RoleRules())
    assert [item.name for item in catalog.objects if item.rights == Rights()] == [item.name for item in SYSTEM]
    assert {item.rights for item in catalog.objects} == {Rights(), NONE}


def test_workflows_need_their_flag_and_the_right() -> None:
    assert len(WORKFLOWS) == 4
    for item in WORKFLOWS:
        assert rights_of(item, ALL) == Rights()
        assert rights_of(item, replace(ALL, single_flags=frozenset())) == NONE
        assert rights_of(item, replace(ALL, single_flags=frozenset(), all_settings=True)) == Rights()
        assert rights_of(item, RoleRules(single_flags=frozenset({"WORKFLOWS"}))) == NONE


def test_the_rule_of_an_object_goes_before_that_of_all() -> None:
    reader = RoleRules(read_all=True)
    assert rights_of(PERSON, reader) == Rights(update=False, soft_delete=False, destroy=False)
    writer = replace(reader, objects={PERSON.id: ObjectRule(update=True)})
    assert rights_of(PERSON, writer) == Rights(soft_delete=False, destroy=False)
    assert rights_of(CATALOG.by_name["company"], writer) == rights_of(CATALOG.by_name["company"], reader)


def test_what_cannot_be_read_cannot_be_changed_whatever_the_rules_say() -> None:
    blind = replace(ALL, objects={PERSON.id: ObjectRule(read=False, update=True)})
    assert rights_of(PERSON, blind) == NONE
    assert decide(PERSON, "update", blind).rule is Rule.NOT_READABLE


def test_settings_and_tools_bring_their_flags() -> None:
    assert RoleRules(all_settings=True).flags == SETTINGS_FLAGS
    assert RoleRules(all_tools=True).flags == TOOL_FLAGS
    assert RoleRules(single_flags=frozenset({"AI", "NONSENSE"})).flags == {"AI"}


def test_only_the_restricted_fields_of_restricted_objects_are_made_anew() -> None:
    catalog = restricted(CATALOG, rules(person__city=FieldRule(may_update=False)))
    city = seen(catalog, "person.city")
    assert (city.may_read, city.may_update) == (True, False)
    changed = [item.name for item, before in zip(catalog.objects, CATALOG.objects, strict=True) if item is not before]
    assert changed == ["person"]
    others = [each for each in catalog.by_name["person"].fields if each.name != "city"]
    assert all(each in PERSON.fields and each.may_update for each in others)


def test_what_cannot_be_read_of_a_record_cannot_be_written() -> None:
    catalog = restricted(CATALOG, rules(person__city=FieldRule(may_read=False)))
    city = seen(catalog, "person.city")
    assert (city.may_read, city.may_update) == (False, False)


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ("person.company", "company.people"),
        ("company.people", "person.company"),
        ("noteTarget.targetPerson", "person.noteTargets"),
        ("person.taskTargets", "taskTarget.targetPerson"),
        ("company.accountOwner", "workspaceMember.accountOwnerForCompanies"),
    ],
)
def test_a_relation_is_restricted_on_both_sides(given: str, other: str) -> None:
    catalog = restricted(CATALOG, rules(**{given.replace(".", "__"): FieldRule(may_read=False)}))
    assert not seen(catalog, given).may_read
    assert not seen(catalog, other).may_read
    hidden = [each.name for item in catalog.objects for each in item.fields if not each.may_read]
    assert len(hidden) == 2


def test_both_sides_take_the_stricter_rule() -> None:
    given = rules(person__company=FieldRule(may_update=False), company__people=FieldRule(may_read=False))
    found = restrictions(CATALOG, given)
    sides = [seen(CATALOG, path).id for path in ("person.company", "company.people")]
    assert set(found) == set(sides)
    for side in sides:
        assert (found[side].may_read, found[side].may_update) == (False, False)
        assert set(found[side].sources) == set(sides)


def test_the_search_vector_hides_with_what_it_covers() -> None:
    for name, hidden in (("name", True), ("emails", True), ("jobTitle", True), ("city", False), ("avatarUrl", False)):
        catalog = restricted(CATALOG, rules(**{f"person__{name}": FieldRule(may_read=False)}))
        assert seen(catalog, "person.searchVector").may_read is not hidden, name
    unwritable = restricted(CATALOG, rules(person__name=FieldRule(may_update=False)))
    assert seen(unwritable, "person.searchVector").may_read


def test_objects_that_are_switched_off_are_restricted_too() -> None:
    company = replace(CATALOG.by_name["company"], is_active=False)
    catalog = replace(CATALOG, objects=tuple(company if item.name == "company" else item for item in CATALOG.objects))
    found = restrictions(catalog, rules(person__company=FieldRule(may_read=False)))
    assert seen(CATALOG, "company.people").id in found


def test_rules_permit_all_of_others_when_they_restrict_no_more() -> None:
    city, company = seen(CATALOG, "person.city").id, CATALOG.by_name["company"].id
    ladder = [
        NO_RULES,
        RoleRules(),
        replace(ALL, fields={city: FieldRule(may_read=False)}, objects={company: ObjectRule(update=False)}),
        replace(ALL, fields={city: FieldRule(may_read=False)}),
        replace(ALL, fields={city: FieldRule(may_update=False)}),
        ALL,
        replace(ALL, all_tools=True),
    ]
    for place, rules in enumerate(ladder):
        assert all(permits_all_of(CATALOG, rules, less) for less in ladder[: place + 1])
        assert not any(permits_all_of(CATALOG, rules, more) for more in ladder[place + 1 :])


def test_rules_about_rows_permit_what_has_the_same_or_cannot_read() -> None:
    rule = RowPredicate(id=UUID(int=1), field_id=seen(CATALOG, "person.city").id, operand="IS", value="x")
    some = replace(ALL, rows={PERSON.id: rule})
    assert permits_all_of(CATALOG, some, some)
    assert permits_all_of(CATALOG, ALL, some)
    assert not permits_all_of(CATALOG, some, ALL)
    assert not permits_all_of(CATALOG, some, replace(ALL, rows={PERSON.id: replace(rule, value="y")}))
    assert permits_all_of(CATALOG, some, replace(ALL, objects={PERSON.id: ObjectRule(read=False)}))


# -- trees of conditions -----------------------------------------------------------------------------------------------


def row(number: int, **values: object) -> dict[str, object]:
    return {
        "id": UUID(int=number),
        "objectMetadataId": PERSON.id,
        "fieldMetadataId": UUID(int=99),
        "operand": "IS",
        "value": number,
        "subFieldName": None,
        "workspaceMemberFieldMetadataId": None,
        "workspaceMemberSubFieldName": None,
        "rowLevelPermissionPredicateGroupId": None,
        "parentRowLevelPermissionPredicateGroupId": None,
        "positionInRowLevelPermissionPredicateGroup": None,
        "logicalOperator": "AND",
        **values,
    }


def shown(rule: RowGroup | RowPredicate) -> object:
    return rule.value if isinstance(rule, RowPredicate) else (rule.operator, *map(shown, rule.items))


def test_rows_become_trees_in_the_order_of_their_positions() -> None:
    position, parent = "positionInRowLevelPermissionPredicateGroup", "parentRowLevelPermissionPredicateGroupId"
    group = "rowLevelPermissionPredicateGroupId"
    groups = [
        row(10, logicalOperator="OR", **{position: 2}),
        row(11, **{parent: UUID(int=10), position: 0}),
        row(12, **{parent: UUID(int=10)}),
        row(13, objectMetadataId=UUID(int=8), logicalOperator="OR"),
    ]
    predicates = [
        row(1, **{position: 3}),
        row(2, **{group: UUID(int=10), position: 1}),
        row(3, **{group: UUID(int=11)}),
        row(4, **{group: UUID(int=11), position: -1.5}),
        row(5, objectMetadataId=UUID(int=7)),
    ]
    found = row_rules(groups, predicates)
    assert {key: shown(rule) for key, rule in found.items()} == {
        PERSON.id: ("AND", ("OR", ("AND", 4, 3), 2), 1),
        UUID(int=7): ("AND", 5),
    }
