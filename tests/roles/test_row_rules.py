"""Which records there are for the holders of a role."""

from collections.abc import Mapping, Sequence

import pytest

from rapport.base.ids import new_id
from tests.roles.asking import EVERYTHING, fault, field_id, key, object_id, person, role, role_named
from tests.serving import Client, make_tenant

SET = """
mutation($i: UpsertRowLevelPermissionPredicatesInput!) {
    upsertRowLevelPermissionPredicates(input: $i) {
        predicateGroups {
            id roleId objectMetadataId logicalOperator parentRowLevelPermissionPredicateGroupId
            positionInRowLevelPermissionPredicateGroup
        }
        predicates {
            id roleId objectMetadataId fieldMetadataId operand value subFieldName rowLevelPermissionPredicateGroupId
            positionInRowLevelPermissionPredicateGroup workspaceMemberFieldMetadataId workspaceMemberSubFieldName
        }
    }
}
"""
CITIES = "{ people(orderBy: { city: AscNullsFirst }) { edges { node { city } } } }"
INVALID = ("BAD_USER_INPUT", "INVALID_ROW_LEVEL_PERMISSION_PREDICATE")
GROUP = "rowLevelPermissionPredicateGroupId"
PARENT = "parentRowLevelPermissionPredicateGroupId"


async def rules(
    client: Client,
    role_id: str,
    predicates: Sequence[Mapping[str, object]],
    groups: Sequence[Mapping[str, object]] | None = None,
    *,
    of: str = "person",
) -> dict[str, object]:
    about = await object_id(client, of)
    return {
        "i": {
            "roleId": role_id,
            "objectMetadataId": about,
            "predicateGroups": [{"objectMetadataId": about, **group} for group in groups or []],
            "predicates": list(predicates),
        }
    }


async def predicate(client: Client, path: str, operand: str, value: object = None, **more: object) -> dict[str, object]:
    return {"fieldMetadataId": await field_id(client, path), "operand": operand, "value": value, **more}


async def cities(client: Client) -> list[str]:
    return [edge["node"]["city"] for edge in (await client.data(CITIES))["people"]["edges"]]


@pytest.fixture
async def people(client: Client) -> Client:
    """A workspace with people in four cities."""
    names = ", ".join(f'{{ city: "{city}", jobTitle: "{job}" }}' for city, job in zip("ABCD", "xxyy", strict=True))
    await client.data(f"mutation {{ createPeople(data: [{names}]) {{ id }} }}")
    return client


async def test_predicates_are_kept_as_given_and_hold(people: Client) -> None:
    role_id = await role(people, **EVERYTHING)
    reader, _ = await key(people, role_id)
    assert await cities(reader) == ["A", "B", "C", "D"]
    group, inner = str(new_id()), str(new_id())
    groups: list[dict[str, object]] = [
        {"id": group, "logicalOperator": "OR", "positionInRowLevelPermissionPredicateGroup": 0},
        {"id": inner, "logicalOperator": "AND", PARENT: group, "positionInRowLevelPermissionPredicateGroup": 1.5},
    ]
    given = [
        await predicate(people, "person.city", "IS", "A", **{GROUP: group}),
        await predicate(people, "person.city", "IS_NOT", "C", **{GROUP: inner}),
        await predicate(people, "person.jobTitle", "CONTAINS", "y", **{GROUP: inner}),
    ]
    made = (await people.data(SET, await rules(people, role_id, given, groups)))["upsertRowLevelPermissionPredicates"]
    about = await object_id(people, "person")
    assert made["predicateGroups"] == [
        {PARENT: None, "roleId": role_id, "objectMetadataId": about, **groups[0]},
        {"roleId": role_id, "objectMetadataId": about, **groups[1]},
    ]
    assert sorted(each["operand"] for each in made["predicates"]) == ["CONTAINS", "IS", "IS_NOT"]
    (first,) = [each for each in made["predicates"] if each["operand"] == "IS"]
    assert first == {
        "id": first["id"],
        "roleId": role_id,
        "objectMetadataId": about,
        "positionInRowLevelPermissionPredicateGroup": None,
        "subFieldName": None,
        "workspaceMemberFieldMetadataId": None,
        "workspaceMemberSubFieldName": None,
        **given[0],
    }
    assert await cities(reader) == ["A", "D"]
    assert await cities(people) == ["A", "B", "C", "D"]
    found = await role_named(
        people,
        "Viewer",
        "rowLevelPermissionPredicates { id } rowLevelPermissionPredicateGroups { id }"
        " objectPermissions { rowLevelPermissionPredicates { id } }",
    )
    assert len(found["rowLevelPermissionPredicates"]) == 3  # type: ignore[arg-type]
    assert len(found["rowLevelPermissionPredicateGroups"]) == 2  # type: ignore[arg-type]
    assert found["objectPermissions"] == []


async def test_the_rules_of_an_object_are_replaced_and_those_of_others_stay(people: Client) -> None:
    role_id = await role(people, **EVERYTHING)
    reader, _ = await key(people, role_id)
    await people.data('mutation { createCompanies(data: [{ name: "one" }, { name: "two" }]) { id } }')
    company = await predicate(people, "company.name", "IS", "one")
    await people.data(SET, await rules(people, role_id, [company], of="company"))
    await people.data(SET, await rules(people, role_id, [await predicate(people, "person.city", "IS", "A")]))
    assert await cities(reader) == ["A"]
    await people.data(SET, await rules(people, role_id, [await predicate(people, "person.city", "IS", "B")]))
    assert await cities(reader) == ["B"]
    await people.data(SET, await rules(people, role_id, []))
    assert await cities(reader) == ["A", "B", "C", "D"]
    assert (await reader.data("{ companies { totalCount } }"))["companies"] == {"totalCount": 1}


async def test_predicates_of_no_group_must_all_hold_and_empty_groups_say_nothing(people: Client) -> None:
    role_id = await role(people, **EVERYTHING)
    reader, _ = await key(people, role_id)
    given = [await predicate(people, "person.jobTitle", "IS", "y"), await predicate(people, "person.city", "IS", "D")]
    await people.data(SET, await rules(people, role_id, given, [{"logicalOperator": "OR"}]))
    assert await cities(reader) == ["D"]


async def test_rules_are_shown_with_the_permission_of_their_object(people: Client) -> None:
    role_id = await role(people, **EVERYTHING)
    await people.data(SET, await rules(people, role_id, [await predicate(people, "person.city", "IS", "A")]))
    query = """
    mutation($r: UUID!, $o: UUID!) { upsertObjectPermissions(input: [{roleId: $r, objectMetadataId: $o}]) {
        rowLevelPermissionPredicates { operand value } rowLevelPermissionPredicateGroups { id } restrictedFields
    } }
    """
    made = await people.data(query, {"r": role_id, "o": await object_id(people, "person")})
    assert made["upsertObjectPermissions"] == [
        {
            "rowLevelPermissionPredicates": [{"operand": "IS", "value": "A"}],
            "rowLevelPermissionPredicateGroups": [],
            "restrictedFields": {},
        }
    ]


async def test_a_record_is_compared_with_the_callers_own_member_record(people: Client) -> None:
    role_id = await role(people, **EVERYTHING)
    mary, mary_id = await person(people, "mary@example.com", role_id=role_id)
    own = await predicate(
        people,
        "company.accountOwner",
        "IS",
        workspaceMemberFieldMetadataId=await field_id(people, "workspaceMember.id"),
    )
    await people.data(SET, await rules(people, role_id, [own], of="company"))
    await people.data(
        f"""mutation {{ createCompanies(data: [
            {{ name: "hers", accountOwnerId: "{mary_id}" }}, {{ name: "nobody's" }}
        ]) {{ id }} }}"""
    )
    found = await mary.data("{ companies { edges { node { name } } } }")
    assert found["companies"]["edges"] == [{"node": {"name": "hers"}}]


@pytest.mark.parametrize(
    ("path", "operand", "value", "more"),
    [
        ("person.city", "IS", None, {}),
        ("person.city", "IS", "", {}),
        ("person.city", "IS", {"a": 1}, {}),
        ("person.city", "IS_TODAY", None, {}),
        ("person.city", "GREATER_THAN_OR_EQUAL", {}, {}),
        ("person.city", "IS", "x", {"subFieldName": "street"}),
        ("person.city", "IS", "a\u0000b", {}),
        ("person.city", "IS", "x" * 10_001, {}),
        ("person.name", "IS", "x", {"subFieldName": "lastName; drop table"}),
        ("person.createdAt", "IS_BEFORE", "yesterday", {}),
        ("person.createdAt", "IS_RELATIVE", "PAST_1000000_YEAR", {}),
        ("person.company", "IS", {"selectedRecordIds": ["x"]}, {}),
        ("person.company", "IS", "x", {}),
        ("person.taskTargets", "IS", "x", {}),
        ("person.city", "VECTOR_SEARCH", "x", {}),
        ("person.searchVector", "CONTAINS", "x", {}),
    ],
)
async def test_predicates_that_make_no_sense_are_refused(
    client: Client, path: str, operand: str, value: object, more: dict[str, object]
) -> None:
    role_id = await role(client, **EVERYTHING)
    given = await rules(client, role_id, [await predicate(client, path, operand, value, **more)])
    assert await fault(client, SET, given) == INVALID
    found = await role_named(client, "Viewer", "rowLevelPermissionPredicates { id }")
    assert found["rowLevelPermissionPredicates"] == []


async def test_a_member_field_must_be_one_and_fit(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    for path in ("workspaceMember.name", "workspaceMember.calendarStartDay", "person.city"):
        given = await predicate(
            client, "person.city", "IS", workspaceMemberFieldMetadataId=await field_id(client, path)
        )
        assert await fault(client, SET, await rules(client, role_id, [given])) == INVALID
    for nonsense in ("x", str(new_id())):
        given = await predicate(client, "person.city", "IS", workspaceMemberFieldMetadataId=nonsense)
        assert await fault(client, SET, await rules(client, role_id, [given])) == INVALID


async def test_groups_must_hang_together(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    a, b = str(new_id()), str(new_id())
    city = await predicate(client, "person.city", "IS", "A")

    async def refused(groups: Sequence[Mapping[str, object]], *predicates: Mapping[str, object]) -> bool:
        return await fault(client, SET, await rules(client, role_id, list(predicates), groups)) == INVALID

    assert await refused([], {**city, GROUP: a})
    assert await refused([{"id": a, "logicalOperator": "AND", PARENT: b}])
    assert await refused([{"id": a, "logicalOperator": "AND", PARENT: a}])
    assert await refused(
        [{"id": a, "logicalOperator": "AND", PARENT: b}, {"id": b, "logicalOperator": "AND", PARENT: a}]
    )
    assert await refused([{"id": a, "logicalOperator": "AND"}, {"id": a, "logicalOperator": "OR"}])
    assert await refused([], {**city, "id": a}, {**city, "id": a})
    other = {"id": a, "logicalOperator": "AND", "objectMetadataId": await object_id(client, "company")}
    assert await refused([other])
    ids = [str(new_id()) for _ in range(6)]
    chain: list[dict[str, object]] = [
        {"id": each, "logicalOperator": "AND", PARENT: parent} for each, parent in zip(ids, [None, *ids], strict=False)
    ]
    assert await refused(chain)
    await client.data(SET, await rules(client, role_id, [], chain[:5]))
    assert await refused([{"logicalOperator": "AND"}] * 51)
    assert await refused([], *[city] * 101)


async def test_fields_of_other_objects_do_not_exist(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    missing = ("NOT_FOUND", "FIELD_METADATA_NOT_FOUND")
    for field in (await field_id(client, "company.name"), str(new_id())):
        given = {"fieldMetadataId": field, "operand": "IS", "value": "x"}
        assert await fault(client, SET, await rules(client, role_id, [given])) == missing


async def test_what_belongs_to_other_workspaces_does_not_exist(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    mine, theirs = await role(client, **EVERYTHING), await role(other, **EVERYTHING)
    city = await predicate(client, "person.city", "IS", "A")
    group, own = str(new_id()), str(new_id())
    their_city = await predicate(other, "person.city", "IS", "A", id=own)
    await other.data(SET, await rules(other, theirs, [their_city], [{"id": group, "logicalOperator": "OR"}]))
    assert await fault(client, SET, await rules(client, theirs, [city])) == ("NOT_FOUND", "ROLE_NOT_FOUND")
    strange = await rules(other, mine, [their_city])
    assert await fault(client, SET, strange) == ("NOT_FOUND", "OBJECT_METADATA_NOT_FOUND")
    field = {**city, "fieldMetadataId": their_city["fieldMetadataId"]}
    assert await fault(client, SET, await rules(client, mine, [field])) == ("NOT_FOUND", "FIELD_METADATA_NOT_FOUND")
    assert await fault(client, SET, await rules(client, mine, [{**city, "id": own}])) == INVALID
    taken: list[dict[str, object]] = [{"id": group, "logicalOperator": "AND"}]
    assert await fault(client, SET, await rules(client, mine, [city], taken)) == INVALID
    found = await role_named(other, "Viewer", "rowLevelPermissionPredicates { id }")
    assert found["rowLevelPermissionPredicates"] == [{"id": own}]
    found = await role_named(client, "Viewer", "rowLevelPermissionPredicates { id }")
    assert found["rowLevelPermissionPredicates"] == []


async def test_system_objects_and_fixed_roles_have_no_rules(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    given = await rules(client, role_id, [], of="workspaceMember")
    refused = ("FORBIDDEN", "CANNOT_ADD_OBJECT_PERMISSION_ON_SYSTEM_OBJECT")
    assert await fault(client, SET, given) == refused
    admin = str((await role_named(client, "Admin"))["id"])
    assert await fault(client, SET, await rules(client, admin, [])) == ("FORBIDDEN", "ROLE_NOT_EDITABLE")
    other, _ = await key(client, role_id)
    assert await fault(other, SET, await rules(client, role_id, [])) == ("FORBIDDEN", "PERMISSION_DENIED")


async def test_a_field_with_a_rule_cannot_be_deleted_but_its_workspace_can(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    city = await predicate(client, "person.city", "IS", "A")
    await client.data(SET, await rules(client, role_id, [city]))
    with pytest.raises(Exception, match="rowLevelPermissionPredicate"):
        await client.database.execute('delete from core."fieldMetadata" where id = $1', city["fieldMetadataId"])
    person = await object_id(client, "person")
    async with client.database.transaction() as connection:
        await connection.execute('delete from core."objectMetadata" where id = $1', person)
        await connection.execute('update core.workspace set "defaultRoleId" = null')
        await connection.execute('delete from core."roleTarget"')
        await connection.execute("delete from core.workspace where id = $1", client.tenant.workspace_id)
