"""The data model changed over HTTP, and the records API of the new model in the very next request."""

from tests.serving import Client

ROCKET = {"nameSingular": "rocket", "namePlural": "rockets", "labelSingular": "Rocket", "labelPlural": "Rockets"}
CREATE_OBJECT = "mutation($input: CreateOneObjectInput!) { createOneObject(input: $input) { id nameSingular } }"
CREATE_FIELD = "mutation($input: CreateOneFieldMetadataInput!) { createOneField(input: $input) { id name type } }"


async def make_rocket(client: Client) -> str:
    data = await client.data(CREATE_OBJECT, {"input": {"object": ROCKET}})
    return str(data["createOneObject"]["id"])


async def make_field(client: Client, object_id: str, type_name: str, name: str, **given: object) -> str:
    field = {"objectMetadataId": object_id, "type": type_name, "name": name, "label": name.capitalize(), **given}
    data = await client.data(CREATE_FIELD, {"input": {"field": field}})
    return str(data["createOneField"]["id"])


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


async def test_the_older_documentation_runs_as_written(client: Client) -> None:
    made = await client.data(
        """mutation CreateCustomObject {
          createOneObject(input: {
            nameSingular: "project"
            namePlural: "projects"
            labelSingular: "Project"
            labelPlural: "Projects"
            description: "Project tracking"
            icon: "IconBriefcase"
          }) { id nameSingular namePlural }
        }"""
    )
    assert made["createOneObject"]["namePlural"] == "projects"
    field = await client.data(
        """mutation CreateCustomField {
          createOneField(input: {
            objectId: "%s"
            name: "projectStatus"
            label: "Project Status"
            type: "SELECT"
            description: "Current project status"
            options: ["Planning", "In Progress", "Completed", "On Hold"]
            defaultValue: "Planning"
          }) { id name label type options defaultValue }
        }"""
        % made["createOneObject"]["id"]
    )
    assert field["createOneField"]["defaultValue"] == "'PLANNING'"
    assert [(each["value"], each["label"]) for each in field["createOneField"]["options"]] == [
        ("PLANNING", "Planning"), ("IN_PROGRESS", "In Progress"), ("COMPLETED", "Completed"), ("ON_HOLD", "On Hold"),
    ]  # fmt: skip
    record = await client.data('mutation { createProject(data: {name: "Moon"}) { name projectStatus } }')
    assert record["createProject"] == {"name": "Moon", "projectStatus": "PLANNING"}


async def test_renaming_a_field_renames_it_in_the_api(client: Client) -> None:
    rocket = await make_rocket(client)
    field = await make_field(client, rocket, "TEXT", "code")
    await client.data('mutation { createRocket(data: {name: "Ariane", code: "A5"}) { id } }')
    renamed = await client.data(
        'mutation { updateOneField(input: {id: "%s", update: {name: "serial", label: "Serial"}}) { name label } }'
        % field
    )
    assert renamed["updateOneField"] == {"name": "serial", "label": "Serial"}
    found = await client.data("{ rockets { edges { node { serial } } } }")
    assert found == {"rockets": {"edges": [{"node": {"serial": "A5"}}]}}
    refused = await client.ask("{ rockets { edges { node { code } } } }")
    assert refused["errors"][0]["message"] == 'Cannot query field "code" on type "Rocket".'  # type: ignore[index]


async def test_an_object_that_is_not_active_is_not_in_the_api_and_keeps_its_records(client: Client) -> None:
    rocket = await make_rocket(client)
    await client.data('mutation { createRocket(data: {name: "Ariane"}) { id } }')
    note = await client.data('mutation { createNote(data: {title: "N"}) { id } }')
    set_active = "mutation($id: UUID!, $on: Boolean!) { updateOneObject(input: {id: $id, update: {isActive: $on}}) { isActive } }"
    assert await client.data(set_active, {"id": rocket, "on": False}) == {"updateOneObject": {"isActive": False}}
    refused = await client.ask("{ rockets { totalCount } }")
    assert refused["errors"][0]["message"].startswith('Cannot query field "rockets" on type "Query".')  # type: ignore[index]
    targets = 'mutation { createNoteTarget(data: {noteId: "%s"}) { id } }' % note["createNote"]["id"]
    await client.data(targets)
    refused = await client.ask("{ noteTargets { edges { node { targetRocket { id } } } } }")
    assert 'Cannot query field "targetRocket"' in refused["errors"][0]["message"]  # type: ignore[index]
    await client.data(set_active, {"id": rocket, "on": True})
    found = await client.data("{ rockets { edges { node { name noteTargets { totalCount } } } } }")
    assert found == {"rockets": {"edges": [{"node": {"name": "Ariane", "noteTargets": {"totalCount": 0}}}]}}


async def test_every_standard_object_can_be_set_aside_and_the_rest_works_on(client: Client) -> None:
    data = await client.data("{ objects(paging: {first: 1000}) { edges { node { id nameSingular } } } }")
    set_active = (
        "mutation($id: UUID!, $on: Boolean!) { updateOneObject(input: {id: $id, update: {isActive: $on}}) { id } }"
    )
    for each in data["objects"]["edges"]:
        name = each["node"]["nameSingular"]
        await client.data(set_active, {"id": each["node"]["id"], "on": False})
        document = """mutation {
            createPerson(data: {name: {firstName: "A"}}) { id noteTargets { totalCount } company { name } }
            createTask(data: {title: "T"}) { id }
        }"""
        hidden = {"person", "company", "task", "noteTarget"} & {name}
        answer = await client.ask(document)
        if hidden:
            assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED", (name, answer)  # type: ignore[index]
        else:
            assert "errors" not in answer, (name, answer)
            made = answer["data"]
            ids = made["createPerson"]["id"], made["createTask"]["id"]  # type: ignore[index]
            answer = await client.ask(
                'mutation { deletePerson(id: "%s") { id } destroyPerson(id: "%s") { id } destroyTask(id: "%s") { id } }'
                % (ids[0], ids[0], ids[1])
            )
            assert "errors" not in answer, (name, answer)
        answer = await client.ask('{ search(searchInput: "a", limit: 3) { edges { node { label } } } }')
        assert "errors" not in answer, (name, answer)
        if name in ("person", "noteTarget"):
            answer = await client.ask("{ __schema { types { name } } }")
            assert "errors" not in answer, (name, answer)
        await client.data(set_active, {"id": each["node"]["id"], "on": True})


async def test_what_may_not_be_changed_is_refused_in_the_contracts_words(client: Client) -> None:
    company = await object_id(client, "company")
    answer = await client.ask(
        'mutation { updateOneObject(input: {id: "%s", update: {nameSingular: "account", namePlural: "accounts"}}) { id } }'
        % company
    )
    (error,) = answer["errors"]  # type: ignore[misc]
    assert error["message"] == "Cannot edit standard object metadata properties: namePlural, nameSingular"
    assert (error["extensions"]["code"], error["extensions"]["subCode"]) == ("BAD_USER_INPUT", "INVALID_OBJECT_INPUT")
    answer = await client.ask('mutation { deleteOneObject(input: {id: "%s"}) { id } }' % company)
    (error,) = answer["errors"]  # type: ignore[misc]
    assert error["message"] == "Multiple validation errors occurred while deleting object"
    assert error["extensions"]["code"] == "METADATA_VALIDATION_FAILED"
    assert [each["message"] for each in error["extensions"]["errors"]["objectMetadata"][0]["errors"]] == [
        "Standard objects cannot be deleted", "Active objects cannot be deleted",
    ]  # fmt: skip
    answer = await client.ask(CREATE_OBJECT, {"input": {"object": {**ROCKET, "nameSingular": "my object"}}})
    (error,) = answer["errors"]  # type: ignore[misc]
    assert error["message"] == "Multiple validation errors occurred while creating object"
    assert [each["message"] for each in error["extensions"]["errors"]["objectMetadata"][0]["errors"]] == [
        "Name should be in camelCase",
        "Name is not valid: it must start with lowercase letter and contain only alphanumeric letters",
    ]
    answer = await client.ask(CREATE_OBJECT, {"input": {"nameSingular": "foo"}})
    (error,) = answer["errors"]  # type: ignore[misc]
    assert error["message"] == 'Field "namePlural" of required type "String!" was not provided.'
    absent = "99999999-9999-4999-8999-999999999999"
    answer = await client.ask('mutation { updateOneField(input: {id: "%s", update: {label: "x"}}) { id } }' % absent)
    (error,) = answer["errors"]  # type: ignore[misc]
    assert error["message"] == "Field metadata to update not found"
    assert (error["extensions"]["code"], error["extensions"]["subCode"]) == ("NOT_FOUND", "FIELD_METADATA_NOT_FOUND")
