"""The older dialect's names for fields."""

from dataclasses import replace

from rapport.base.ids import new_id
from rapport.metadata.catalog import WorkspaceId
from rapport.metadata.dialect import Alias, aliases, resolve
from rapport.metadata.evolution.objects import create_object
from rapport.metadata.standard.model import standard_catalog

CATALOG = standard_catalog(WorkspaceId(new_id()))
BY_NAME = CATALOG.by_name


def test_older_names_lead_to_fields() -> None:
    assert resolve(BY_NAME["person"], "email") == Alias(field="emails", shorthand=True)
    assert resolve(BY_NAME["person"], "firstName") == Alias(field="name", sub="firstName")
    assert resolve(BY_NAME["company"], "annualRevenue") == Alias(field="annualRecurringRevenue", shorthand=True)
    assert resolve(BY_NAME["noteTarget"], "personId") == Alias(field="targetPerson", join_column="targetPersonId")
    assert resolve(BY_NAME["timelineActivity"], "workflowRun") == Alias(field="targetWorkflowRun")
    assert resolve(BY_NAME["company"], "email") is None


def test_every_alias_has_a_target_and_hides_no_field() -> None:
    for item in CATALOG.objects:
        for name, alias in aliases(item.name).items():
            target = item.field[alias.field]
            assert name not in item.field
            assert name not in item.to_one_by_column
            assert alias.sub is None or alias.sub in target.column_of
            assert target.type.has_shorthand or not alias.shorthand
            assert alias.join_column is None or item.to_one_by_column[alias.join_column] is target


def test_links_to_custom_objects_have_plain_names_too() -> None:
    made, _ = create_object(
        CATALOG,
        {"nameSingular": "rocket", "namePlural": "rockets", "labelSingular": "Rocket", "labelPlural": "Rockets"},
    )
    target = made.by_name["noteTarget"]
    assert resolve(target, "rocket") == Alias(field="targetRocket")
    assert resolve(target, "rocketId") == Alias(field="targetRocket", join_column="targetRocketId")
    assert resolve(target, "Id") is None
    assert resolve(made.by_name["favorite"], "rocketId") is None  # a column of its own


def test_an_alias_of_a_field_that_is_not_active_means_nothing() -> None:
    person = BY_NAME["person"]
    emails = person.field["emails"]
    without = replace(person, fields=tuple(replace(f, is_active=f is not emails) for f in person.fields))
    assert resolve(without, "email") is None
    assert resolve(person, "email") is not None
