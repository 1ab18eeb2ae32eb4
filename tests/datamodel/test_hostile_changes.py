"""Changes of the data model that go wrong, over HTTP: each is refused in plain words, and nothing of it is left."""

import random
from collections.abc import Mapping

import pytest

from rapport.metadata.store import load_catalog
from tests.datamodel.test_changing import CREATE_FIELD, UPDATE_FIELD, make_field, make_rocket, object_id, refusal
from tests.metadata.yardstick import differences
from tests.roles.asking import EVERYTHING, key, role
from tests.roles.test_row_rules import SET, predicate, rules
from tests.serving import Client

CREATE_INDEX = "mutation($input: CreateOneIndexInput!) { createOneIndex(input: $input) { id } }"
CREATE_ROCKET = "mutation($data: RocketCreateInput!) { createRocket(data: $data) { id } }"
FIELD = "query($id: UUID!) { field(id: $id) { options relation { targetFieldMetadata { id } } } }"
FAILED = "METADATA_VALIDATION_FAILED"


async def version(client: Client) -> object:
    return await client.database.value(
        'select "metadataVersion" from core.workspace where id = $1', client.tenant.workspace_id
    )


async def assert_sound(client: Client) -> None:
    catalog = await load_catalog(client.database, client.tenant.workspace_id)
    assert [str(each) for each in await differences(client.database, catalog)] == []


async def told(client: Client, query: str, input_: Mapping[str, object], kind: str = "fieldMetadata") -> str:
    """The only thing that is wrong with a change; the model is as it was."""
    before = await version(client)
    error = await refusal(client, query, {"input": input_})
    assert error["extensions"]["code"] == FAILED, error
    (finding,) = error["extensions"]["errors"][kind]
    (issue,) = finding["errors"]
    assert await version(client) == before
    await assert_sound(client)
    return str(issue["message"])


def nested(depth: int) -> object:
    found: object = 1
    for _ in range(depth):
        found = {"a": found}
    return found


@pytest.mark.parametrize("name", ["relationCreationPayload", "settings", "options", "defaultValue"])
@pytest.mark.parametrize("value", [nested(300), {"a": "b\0"}, ["\0"], 10**400], ids=["deep", "nul", "nul list", "huge"])
async def test_json_that_cannot_be_stored_is_refused(client: Client, name: str, value: object) -> None:
    """Also where no rule of the model looks at it: the audit log keeps what was given."""
    rocket = await make_rocket(client)
    before = await version(client)
    field = {"objectMetadataId": rocket, "type": "TEXT", "name": "code", "label": "Code", name: value}
    error = await refusal(client, CREATE_FIELD, {"input": {"field": field}})
    assert error["extensions"]["code"] in ("BAD_USER_INPUT", FAILED), error
    assert await version(client) == before


async def test_a_side_of_a_relation_without_its_other_side(client: Client) -> None:
    rocket = await make_rocket(client)
    company = await object_id(client, "company")
    payload = {"type": "MANY_TO_ONE", "targetObjectMetadataId": company, "targetFieldLabel": "Rockets"}
    owner = await make_field(client, rocket, "RELATION", "owner", relationCreationPayload=payload)
    made = await client.data('mutation { createCompany(data: {name: "Acme"}) { id } }')
    await client.data(CREATE_ROCKET, {"data": {"name": "Ariane", "ownerId": made["createCompany"]["id"]}})
    await client.data(UPDATE_FIELD, {"input": {"id": owner, "update": {"isActive": False}}})
    # The list has its records by the link that is set aside.
    for query in (
        "{ companies { edges { node { rockets { totalCount } } } } }",
        'mutation { createCompany(data: {name: "B"}) { rockets { totalCount } } }',
    ):
        error = await refusal(client, query)
        assert error["message"].startswith('Cannot query field "rockets" on type "Company".')
    error = await refusal(client, '{ companies(filter: {rockets: {some: {name: {eq: "x"}}}}) { totalCount } }')
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert (await client.data("{ rockets { totalCount } }"))["rockets"] == {"totalCount": 1}
    await client.data("{ __schema { types { name } } }")
    await client.data(UPDATE_FIELD, {"input": {"id": owner, "update": {"isActive": True}}})
    found = await client.data(FIELD, {"id": owner})
    rockets = found["field"]["relation"]["targetFieldMetadata"]["id"]
    # A link needs no list.
    await client.data(UPDATE_FIELD, {"input": {"id": rockets, "update": {"isActive": False}}})
    found = await client.data(
        '{ rockets(filter: {owner: {name: {eq: "Acme"}}}) { edges { node { owner { name } } } } }'
    )
    assert found == {"rockets": {"edges": [{"node": {"owner": {"name": "Acme"}}}]}}


@pytest.mark.parametrize("rule", ["RESTRICT", "NO_ACTION"])
async def test_a_record_that_others_hold_on_to_is_not_destroyed(client: Client, rule: str) -> None:
    rocket = await make_rocket(client)
    company = await object_id(client, "company")
    payload = {
        "type": "MANY_TO_ONE", "targetObjectMetadataId": company, "targetFieldLabel": "Rockets", "onDelete": rule,
    }  # fmt: skip
    await make_field(client, rocket, "RELATION", "owner", relationCreationPayload=payload)
    made = await client.data('mutation { createCompany(data: {name: "Acme"}) { id } }')
    company_id = made["createCompany"]["id"]
    await client.data(CREATE_ROCKET, {"data": {"name": "Ariane", "ownerId": company_id}})
    error = await refusal(client, "mutation($id: UUID!) { destroyCompany(id: $id) { id } }", {"id": company_id})
    assert error["message"] == "Other records still refer to this record."
    assert (error["extensions"]["code"], error["extensions"]["subCode"]) == ("BAD_USER_INPUT", "RELATION_RESTRICTED")


async def test_values_that_are_too_long_for_an_index(client: Client) -> None:
    rocket = await make_rocket(client)
    field = await make_field(client, rocket, "TEXT", "code")
    # What compresses well fits.
    long = "".join(random.Random(5).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=20_000))
    await client.data(CREATE_ROCKET, {"data": {"code": long}})
    expected = "Some records have values that are too long for an index"
    assert await told(client, UPDATE_FIELD, {"id": field, "update": {"isUnique": True}}) == expected
    index = {"objectMetadataId": rocket, "fields": [{"fieldMetadataId": field}]}
    assert await told(client, CREATE_INDEX, {"index": index}) == expected


async def test_a_table_that_has_had_all_its_columns(client: Client) -> None:
    rocket = await make_rocket(client)
    # PostgreSQL counts columns that are gone, too.
    await client.database.script(
        f"""do $$ begin
            for number in 1..1580 loop
                execute format('alter table "{client.tenant.schema}"."_rocket" add column passing int');
                execute format('alter table "{client.tenant.schema}"."_rocket" drop column passing');
            end loop;
        end $$"""
    )
    field = {"objectMetadataId": rocket, "type": "ADDRESS", "name": "base", "label": "Base"}
    expected = "This object cannot have more fields: its table has had all the columns that it can have"
    assert await told(client, CREATE_FIELD, {"field": field}) == expected


@pytest.mark.parametrize(
    ("operand", "value", "changed", "about"),
    [
        ("IS_NOT", ["SECRET"], ["Open", "Old"], "SECRET"),
        ("IS", ["OPEN"], [{"value": "WIDE_OPEN", "label": "Open"}, "Secret", "Old"], "OPEN"),
    ],
    ids=["removed", "renamed"],
)
async def test_an_option_that_a_row_rule_names_stays(
    client: Client, operand: str, value: list[str], changed: list[object], about: str
) -> None:
    rocket = await make_rocket(client)
    field = await make_field(client, rocket, "SELECT", "status", options=["Open", "Secret", "Old"])
    for name, status in (("a", "OPEN"), ("b", "SECRET"), ("c", "OLD")):
        await client.data(CREATE_ROCKET, {"data": {"name": name, "status": status}})
    role_id = await role(client, **EVERYTHING)
    reader, _ = await key(client, role_id)
    given = [await predicate(client, "rocket.status", operand, value)]
    await client.data(SET, await rules(client, role_id, given, of="rocket"))
    seen = await reader.data("{ rockets { totalCount } }")
    options = (await client.data(FIELD, {"id": field}))["field"]["options"]
    wanted = [
        {"id": next(old["id"] for old in options if old["label"] == each["label"]), **each}
        if isinstance(each, dict)
        else each
        for each in changed
    ]
    message = await told(client, UPDATE_FIELD, {"id": field, "update": {"options": wanted}})
    assert message == f'A row-level permission depends on the option "{about}". Change the role first.'
    assert await reader.data("{ rockets { totalCount } }") == seen
    # Others come and go, and all may be called something else.
    free = [{**old, "label": f"{old['label']}!"} for old in options if old["value"] != "OLD"]
    await client.data(UPDATE_FIELD, {"input": {"id": field, "update": {"options": [*free, "New"]}}})
    await client.data(SET, await rules(client, role_id, [], of="rocket"))
    await client.data(UPDATE_FIELD, {"input": {"id": field, "update": {"options": ["Anything"]}}})
