"""The data model changed over HTTP, and the records API of the new model in the very next request."""

from collections.abc import Mapping

from tests.serving import Client, serving

ROCKET = {"nameSingular": "rocket", "namePlural": "rockets", "labelSingular": "Rocket", "labelPlural": "Rockets"}
CREATE_OBJECT = "mutation($input: CreateOneObjectInput!) { createOneObject(input: $input) { id nameSingular } }"
UPDATE_OBJECT = "mutation($input: UpdateOneObjectInput!) { updateOneObject(input: $input) { id isActive } }"
UPDATE_FIELD = "mutation($input: UpdateOneFieldMetadataInput!) { updateOneField(input: $input) { name label } }"
CREATE_FIELD = "mutation($input: CreateOneFieldMetadataInput!) { createOneField(input: $input) { id name type } }"


async def make_rocket(client: Client) -> str:
    data = await client.data(CREATE_OBJECT, {"input": {"object": ROCKET}})
    return str(data["createOneObject"]["id"])


async def make_field(client: Client, object_id: str, type_name: str, name: str, **given: object) -> str:
    field = {"objectMetadataId": object_id, "type": type_name, "name": name, "label": name.capitalize(), **given}
    data = await client.data(CREATE_FIELD, {"input": {"field": field}})
    return str(data["createOneField"]["id"])


async def refusal(client: Client, query: str, variables: Mapping[str, object] | None = None) -> dict:  # type: ignore[type-arg]
    """The only error of an answer."""
    answer = await client.ask(query, variables)
    errors = answer["errors"]
    assert isinstance(errors, list)
    (error,) = errors
    assert isinstance(error, dict)
    return error


async def object_id(client: Client, name: str) -> str:
    data = await client.data("{ objects(paging: {first: 1000}) { edges { node { id nameSingular } } } }")
    (found,) = [each["node"]["id"] for each in data["objects"]["edges"] if each["node"]["nameSingular"] == name]
    return str(found)


async def test_a_custom_object_is_used_like_a_standard_one(client: Client) -> None:
    rocket = await make_rocket(client)
    await make_field(client, rocket, "SELECT", "status", options=["Ready", "In Flight"], defaultValue="Ready")
    await make_field(client, rocket, "NUMBER", "stages")
    await make_field(
        client, rocket, "RELATION", "owner",
        relationCreationPayload={
            "type": "MANY_TO_ONE", "targetObjectMetadataId": await object_id(client, "company"),
            "targetFieldLabel": "Rockets", "targetFieldIcon": "IconRocket",
        },
    )  # fmt: skip
    company = await client.data('mutation { createCompany(data: {name: "Acme"}) { id } }')
    company_id = company["createCompany"]["id"]
    made = await client.data(
        """mutation($data: [RocketCreateInput!]!) {
            createRockets(data: $data) { name status stages owner { name } createdBy { source } }
        }""",
        {
            "data": [
                {"name": "Ariane", "stages": 2, "ownerId": company_id},
                {"name": "Saturn", "stages": 3, "status": "IN_FLIGHT"},
            ]
        },
    )
    assert made["createRockets"] == [
        {"name": "Ariane", "status": "READY", "stages": 2, "owner": {"name": "Acme"}, "createdBy": {"source": "API"}},
        {"name": "Saturn", "status": "IN_FLIGHT", "stages": 3, "owner": None, "createdBy": {"source": "API"}},
    ]
    found = await client.data(
        """{
            rockets(filter: {status: {eq: READY}}) { totalCount sumStages edges { node { name } } }
            rocketsGroupBy(groupBy: [{status: true}], orderBy: [{status: AscNullsLast}]) {
                groupByDimensionValues totalCount
            }
            companies(filter: {name: {eq: "Acme"}}) { edges { node { rockets { edges { node { name } } } } } }
            search(searchInput: "ari", limit: 5) { edges { node { label objectNameSingular } } }
        }"""
    )
    assert found == {
        "rockets": {"totalCount": 1, "sumStages": 2, "edges": [{"node": {"name": "Ariane"}}]},
        "rocketsGroupBy": [
            {"groupByDimensionValues": ["IN_FLIGHT"], "totalCount": 1},
            {"groupByDimensionValues": ["READY"], "totalCount": 1},
        ],
        "companies": {"edges": [{"node": {"rockets": {"edges": [{"node": {"name": "Ariane"}}]}}}]},
        "search": {"edges": [{"node": {"label": "Ariane", "objectNameSingular": "rocket"}}]},
    }


async def test_renaming_a_field_renames_it_in_the_api(client: Client) -> None:
    rocket = await make_rocket(client)
    field = await make_field(client, rocket, "TEXT", "code")
    await client.data('mutation { createRocket(data: {name: "Ariane", code: "A5"}) { id } }')
    renamed = await client.data(UPDATE_FIELD, {"input": {"id": field, "update": {"name": "serial", "label": "Serial"}}})
    assert renamed["updateOneField"] == {"name": "serial", "label": "Serial"}
    found = await client.data("{ rockets { edges { node { serial } } } }")
    assert found == {"rockets": {"edges": [{"node": {"serial": "A5"}}]}}
    error = await refusal(client, "{ rockets { edges { node { code } } } }")
    assert error["message"] == 'Cannot query field "code" on type "Rocket".'


async def set_active(client: Client, object_id: str, value: bool) -> None:
    data = await client.data(UPDATE_OBJECT, {"input": {"id": object_id, "update": {"isActive": value}}})
    assert data["updateOneObject"]["isActive"] is value


async def test_an_object_that_is_not_active_is_not_in_the_api_and_keeps_its_records(client: Client) -> None:
    rocket = await make_rocket(client)
    await client.data('mutation { createRocket(data: {name: "Ariane"}) { id } }')
    note = await client.data('mutation { createNote(data: {title: "N"}) { id } }')
    await set_active(client, rocket, False)
    error = await refusal(client, "{ rockets { totalCount } }")
    assert error["message"].startswith('Cannot query field "rockets" on type "Query".')
    await client.data(
        "mutation($id: UUID!) { createNoteTarget(data: {noteId: $id}) { id } }", {"id": note["createNote"]["id"]}
    )
    error = await refusal(client, "{ noteTargets { edges { node { targetRocket { id } } } } }")
    assert 'Cannot query field "targetRocket"' in error["message"]
    await set_active(client, rocket, True)
    found = await client.data("{ rockets { edges { node { name noteTargets { totalCount } } } } }")
    assert found == {"rockets": {"edges": [{"node": {"name": "Ariane", "noteTargets": {"totalCount": 0}}}]}}


async def test_every_standard_object_can_be_set_aside_and_the_rest_works_on(client: Client) -> None:
    data = await client.data("{ objects(paging: {first: 1000}) { edges { node { id nameSingular } } } }")
    create = """mutation {
        createPerson(data: {name: {firstName: "A"}}) { id noteTargets { totalCount } company { name } }
        createTask(data: {title: "T"}) { id }
    }"""
    remove = """mutation($person: UUID!, $task: UUID!) {
        deletePerson(id: $person) { id } destroyPerson(id: $person) { id } destroyTask(id: $task) { id }
    }"""
    for each in data["objects"]["edges"]:
        name = each["node"]["nameSingular"]
        await set_active(client, each["node"]["id"], False)
        if name in ("person", "company", "task", "noteTarget"):
            errors = (await client.ask(create))["errors"]
            assert isinstance(errors, list)
            assert errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED", name
            await client.data("{ __schema { types { name } } }")
        else:
            made = await client.data(create)
            await client.data(remove, {"person": made["createPerson"]["id"], "task": made["createTask"]["id"]})
        await client.data('{ search(searchInput: "a", limit: 3) { edges { node { label } } } }')
        await set_active(client, each["node"]["id"], True)


async def test_what_may_not_be_changed_is_refused_in_the_contracts_words(client: Client) -> None:
    company = await object_id(client, "company")
    names = {"nameSingular": "account", "namePlural": "accounts"}
    error = await refusal(client, UPDATE_OBJECT, {"input": {"id": company, "update": names}})
    assert error["message"] == "Cannot edit standard object metadata properties: namePlural, nameSingular"
    assert (error["extensions"]["code"], error["extensions"]["subCode"]) == ("BAD_USER_INPUT", "INVALID_OBJECT_INPUT")
    error = await refusal(client, "mutation($id: UUID!) { deleteOneObject(input: {id: $id}) { id } }", {"id": company})
    assert error["message"] == "Multiple validation errors occurred while deleting object"
    assert error["extensions"]["code"] == "METADATA_VALIDATION_FAILED"
    assert [each["message"] for each in error["extensions"]["errors"]["objectMetadata"][0]["errors"]] == [
        "Standard objects cannot be deleted", "Active objects cannot be deleted",
    ]  # fmt: skip
    error = await refusal(client, CREATE_OBJECT, {"input": {"object": {**ROCKET, "nameSingular": "my object"}}})
    assert error["message"] == "Multiple validation errors occurred while creating object"
    assert [each["message"] for each in error["extensions"]["errors"]["objectMetadata"][0]["errors"]] == [
        "Name should be in camelCase",
        "Name is not valid: it must start with lowercase letter and contain only alphanumeric letters",
    ]
    error = await refusal(client, CREATE_OBJECT, {"input": {"nameSingular": "foo"}})
    assert error["message"] == 'Field "namePlural" of required type "String!" was not provided.'
    absent = "99999999-9999-4999-8999-999999999999"
    error = await refusal(client, UPDATE_FIELD, {"input": {"id": absent, "update": {"label": "x"}}})
    assert error["message"] == "Field metadata to update not found"
    assert (error["extensions"]["code"], error["extensions"]["subCode"]) == ("NOT_FOUND", "FIELD_METADATA_NOT_FOUND")


async def test_a_document_that_changes_the_model_and_then_records_changes_each_once(client: Client) -> None:
    rocket = await make_rocket(client)
    both = """mutation($input: CreateOneFieldMetadataInput!) {
        createOneField(input: $input) { name }
        createRocket(data: {name: "Ariane"}) { name }
    }"""
    field = {"objectMetadataId": rocket, "type": "TEXT", "name": "code", "label": "Code"}
    found = await client.data(both, {"input": field})
    assert found == {"createOneField": {"name": "code"}, "createRocket": {"name": "Ariane"}}
    found = await client.data("{ rockets { totalCount edges { node { name code } } } }")
    assert found == {"rockets": {"totalCount": 1, "edges": [{"node": {"name": "Ariane", "code": None}}]}}


async def test_the_very_next_request_knows_the_new_model_in_a_process_that_hears_nothing(client: Client) -> None:
    every = "{ objects(paging: {first: 1000}) { edges { node { nameSingular } } } }"
    async with serving(client.database, client.tenant, deaf=True) as other:
        before = await other.data(every)
        assert {"node": {"nameSingular": "rocket"}} not in before["objects"]["edges"]
        await make_rocket(client)
        after = await other.data(every)
        assert {"node": {"nameSingular": "rocket"}} in after["objects"]["edges"]
        assert await other.data("{ rockets { totalCount } }") == {"rockets": {"totalCount": 0}}
