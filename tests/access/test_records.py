"""What a role keeps from its holders, asked for in every way the API has."""

import asyncio

import pytest

from rapport.access.changes import AccessChange
from rapport.system.access_news import AccessNews
from tests.access.acting import Role, acting, make_role
from tests.records.member import member
from tests.serving import Client

DENIED = "Entity performing the request does not have permission"

DATA = """mutation { createCompanies(data: [
  {name: "Acme", employees: 10, people: {create: [{name: {firstName: "Ann", lastName: "Lee"}, jobTitle: "Spy"}]}},
  {name: "Bolt", employees: 99, people: {create: [{name: {firstName: "Bob", lastName: "Ray"}, jobTitle: "Cook"}]}}
]) { id } }"""

NO_COMPANIES = Role(objects={"company": {"read": False, "update": False, "soft_delete": False, "destroy": False}})
NO_JOBS = Role(hidden=("person.jobTitle",))


async def refused(client: Client, query: str, variables: dict[str, object] | None = None) -> None:
    answer = await client.ask(query, variables)
    errors = answer.get("errors")
    assert isinstance(errors, list), answer
    assert [each["message"] for each in errors] == [DENIED], answer
    assert {each["extensions"]["code"] for each in errors} == {"FORBIDDEN"}
    assert errors[0]["extensions"]["subCode"] == "PERMISSION_DENIED"
    data = answer.get("data")
    assert data is None or (isinstance(data, dict) and set(data.values()) == {None})


@pytest.mark.parametrize(
    "query",
    [
        "{ companies { edges { node { id } } } }",
        "{ companies { totalCount } }",
        "{ companies { maxEmployees } }",
        '{ company(filter: {name: {eq: "Acme"}}) { id } }',
        "{ companiesGroupBy(groupBy: [{name: true}]) { groupByDimensionValues } }",
        '{ companyDuplicates(data: [{name: "Acme"}]) { totalCount } }',
        "{ people { edges { node { company { name } } } } }",
        "{ people { edges { node { company { __typename } } } } }",
        '{ people(filter: {company: {name: {like: "A%"}}}) { totalCount } }',
        "{ people(orderBy: [{company: {name: AscNullsFirst}}]) { edges { node { id } } } }",
        "{ peopleGroupBy(groupBy: [{company: {name: true}}]) { totalCount } }",
        '{ search(searchInput: "Acme", limit: 5, includedObjectNameSingulars: ["company"]) { edges { cursor } } }',
        'mutation { createCompany(data: {name: "X"}) { id } }',
        'mutation { updateCompanies(filter: {name: {eq: "Acme"}}, data: {name: "X"}) { id } }',
        'mutation { deleteCompanies(filter: {name: {eq: "Acme"}}) { id } }',
        'mutation { destroyCompanies(filter: {name: {eq: "Acme"}}) { id } }',
        'mutation { restoreCompanies(filter: {name: {eq: "Acme"}}) { id } }',
        'mutation { createPerson(data: {company: {create: {name: "X"}}}) { id } }',
    ],
)
async def test_an_object_that_may_not_be_read(client: Client, query: str) -> None:
    await client.data(DATA)
    await refused(await acting(client, NO_COMPANIES), query)
    assert await client.data("{ companies { totalCount } }") == {"companies": {"totalCount": 2}}


async def test_what_may_not_be_read_is_not_found_by_a_search_of_everything(client: Client) -> None:
    await client.data(DATA)
    found = await (await acting(client, NO_COMPANIES)).data(
        '{ search(searchInput: "Acme", limit: 5) { edges { node { label } } } }'
    )
    assert found == {"search": {"edges": []}}


@pytest.mark.parametrize(
    "query",
    [
        "{ people { edges { node { jobTitle } } } }",
        "{ people { edges { node { searchVector } } } }",
        '{ people(filter: {jobTitle: {eq: "Spy"}}) { totalCount } }',
        '{ people(filter: {or: [{city: {eq: "x"}}, {not: {jobTitle: {eq: "Spy"}}}]}) { totalCount } }',
        '{ people(filter: {searchVector: {search: "spy"}}) { totalCount } }',
        "{ people(orderBy: [{jobTitle: AscNullsFirst}]) { edges { node { id } } } }",
        "{ people { countUniqueValuesJobTitle } }",
        "{ peopleGroupBy(groupBy: [{jobTitle: true}]) { totalCount } }",
        "{ companies { edges { node { people { edges { node { jobTitle } } } } } } }",
        '{ companies(filter: {people: {some: {jobTitle: {eq: "Spy"}}}}) { totalCount } }',
        'mutation { createPerson(data: {jobTitle: "X"}) { id } }',
        'mutation { updatePeople(filter: {city: {is: NULL}}, data: {jobTitle: "X"}) { id } }',
        'mutation { updatePeople(filter: {jobTitle: {eq: "Spy"}}, data: {city: "X"}) { id } }',
    ],
)
async def test_a_field_that_may_not_be_read(client: Client, query: str) -> None:
    await client.data(DATA)
    await refused(await acting(client, NO_JOBS), query)


async def test_words_of_a_hidden_field_find_nothing(client: Client) -> None:
    await client.data(DATA)
    key = await acting(client, NO_JOBS)
    question = "query ($q: String!) { search(searchInput: $q, limit: 5) { edges { node { label } } } }"

    async def found(who: Client, words: str) -> list[str]:
        answer = await who.data(question, {"q": words})
        return [each["node"]["label"] for each in answer["search"]["edges"]]

    assert await found(client, "spy") == ["Ann Lee"]
    assert await found(key, "spy") == []
    assert await found(key, "ann") == ["Ann Lee"]
    assert await found(key, "ann spy") == ["Ann Lee"]  # one of the words, which is as good as it gets
    assert await found(key, "bob spy") == ["Bob Ray"]


async def test_a_hidden_relation_is_hidden_on_both_sides(client: Client) -> None:
    await client.data(DATA)
    key = await acting(client, Role(hidden=("person.company",)))
    await refused(key, "{ people { edges { node { company { name } } } } }")
    await refused(key, "{ people { edges { node { companyId } } } }")
    await refused(key, "{ people(filter: {companyId: {is: NULL}}) { totalCount } }")
    await refused(key, "{ companies { edges { node { people { totalCount } } } } }")
    await refused(key, "{ companies(filter: {people: {none: {}}}) { totalCount } }")
    await refused(key, "mutation { createPerson(data: {companyId: null}) { id } }")


async def test_a_field_that_may_be_read_but_not_changed(client: Client) -> None:
    await client.data(DATA)
    key = await acting(client, Role(frozen=("person.jobTitle",)))
    seen = await key.data("{ people(orderBy: [{jobTitle: AscNullsFirst}]) { edges { node { jobTitle } } } }")
    assert [each["node"]["jobTitle"] for each in seen["people"]["edges"]] == ["Cook", "Spy"]
    await refused(key, 'mutation { createPerson(data: {jobTitle: "X"}) { id } }')
    await refused(key, "mutation { updatePeople(filter: {city: {is: NULL}}, data: {jobTitle: null}) { id } }")
    await refused(key, 'mutation { createPeople(data: [{jobTitle: "X"}], upsert: true) { id } }')
    await key.data('mutation { updatePeople(filter: {city: {is: NULL}}, data: {city: "Oslo"}) { id } }')


BIG = Role(rows=(("company", "employees", "GREATER_THAN_OR_EQUAL", 50),))


async def test_records_outside_of_the_row_rules_do_not_exist(client: Client) -> None:
    await client.data(DATA)
    key = await acting(client, BIG)
    assert await key.data(
        """{ companies { totalCount sumEmployees edges { node { name } } }
        people(orderBy: [{name: {firstName: AscNullsFirst}}]) { edges { node { name { firstName } company { name } } } }
        a: people(filter: {company: {name: {is: NOT_NULL}}}) { totalCount }
        b: people(filter: {company: {name: {is: NULL}}}) { totalCount }
        c: peopleGroupBy(groupBy: [{company: {name: true}}]) { groupByDimensionValues totalCount }
        d: people(orderBy: [{company: {name: AscNullsLast}}]) { edges { node { name { firstName } } } }
        search(searchInput: "Acme Bolt", limit: 5, includedObjectNameSingulars: ["company"]) {
            edges { node { label } }
        }
        }"""
    ) == {
        "companies": {"totalCount": 1, "sumEmployees": 99, "edges": [{"node": {"name": "Bolt"}}]},
        "people": {
            "edges": [
                {"node": {"name": {"firstName": "Ann"}, "company": None}},
                {"node": {"name": {"firstName": "Bob"}, "company": {"name": "Bolt"}}},
            ]
        },
        "a": {"totalCount": 1},
        "b": {"totalCount": 0},
        "c": [
            {"groupByDimensionValues": ["Bolt"], "totalCount": 1},
            {"groupByDimensionValues": [None], "totalCount": 1},
        ],
        "d": {"edges": [{"node": {"name": {"firstName": "Bob"}}}, {"node": {"name": {"firstName": "Ann"}}}]},
        "search": {"edges": [{"node": {"label": "Bolt"}}]},
    }


async def test_records_cannot_be_written_outside_of_the_row_rules(client: Client) -> None:
    await client.data(DATA)
    acme = (await client.data('{ company(filter: {name: {eq: "Acme"}}) { id } }'))["company"]["id"]
    bolt = (await client.data('{ company(filter: {name: {eq: "Bolt"}}) { id } }'))["company"]["id"]
    key = await acting(client, BIG)
    await refused(key, 'mutation { createCompany(data: {name: "Small", employees: 1}) { id } }')
    await refused(key, 'mutation { createCompanies(data: [{name: "A", employees: 60}, {name: "B"}]) { id } }')
    await refused(key, 'mutation { createPerson(data: {company: {create: {name: "Small"}}}) { id } }')
    await refused(key, "mutation ($id: UUID!) { updateCompany(id: $id, data: {employees: 1}) { id } }", {"id": bolt})
    await refused(
        key, "mutation ($id: UUID!) { createCompany(data: {id: $id, employees: 1}, upsert: true) { id } }", {"id": bolt}
    )
    for verb in ("update", "delete", "destroy", "restore"):
        data = ', data: {name: "Mine"}' if verb == "update" else ""
        answer = await key.ask(f"mutation ($id: UUID!) {{ {verb}Company(id: $id{data}) {{ id }} }}", {"id": acme})
        assert answer["errors"][0]["message"] == "Record not found"  # type: ignore[index]
        many = await key.data(f'mutation {{ {verb}Companies(filter: {{name: {{eq: "Acme"}}}}{data}) {{ id }} }}')
        assert many[f"{verb}Companies"] == []
    stolen = await key.ask(
        "mutation ($id: UUID!) { createCompany(data: {id: $id, employees: 70}, upsert: true) { name } }", {"id": acme}
    )
    assert stolen["errors"][0]["extensions"]["subCode"] == "DUPLICATE_ENTRY_DETECTED"  # type: ignore[index]
    connected = await key.ask(
        "mutation ($id: UUID!) { createPerson(data: {company: {connect: {where: {id: $id}}}}) { id } }", {"id": acme}
    )
    assert connected["errors"][0]["extensions"]["subCode"] == "CONNECT_RECORD_NOT_FOUND"  # type: ignore[index]
    merged = await key.ask(
        "mutation ($ids: [UUID!]!) { mergeCompanies(ids: $ids, conflictPriorityIndex: 0) { id } }",
        {"ids": [bolt, acme]},
    )
    assert merged["errors"][0]["message"] == "One or more records not found"  # type: ignore[index]
    assert await client.data(
        "{ companies(orderBy: [{name: AscNullsFirst}]) { edges { node { name employees } } } }"
    ) == {
        "companies": {
            "edges": [{"node": {"name": "Acme", "employees": 10}}, {"node": {"name": "Bolt", "employees": 99}}]
        }
    }
    made = await key.data(
        'mutation { createCompany(data: {name: "Giant", employees: 500}) { name people { totalCount } } }'
    )
    assert made == {"createCompany": {"name": "Giant", "people": {"totalCount": 0}}}


async def test_a_change_of_the_rules_counts_for_the_next_request(client: Client) -> None:
    await client.data(DATA)
    key = await acting(client, NO_JOBS)
    query = "{ people(orderBy: [{name: {firstName: AscNullsFirst}}]) { edges { node { jobTitle } } } }"
    await refused(key, query)
    await refused(key, query)
    workspace_id = client.tenant.workspace_id
    async with AccessNews(client.database).changing(AccessChange(workspace_id=workspace_id)) as connection:
        await connection.execute('delete from core."fieldPermission" where "workspaceId" = $1', workspace_id)
    await asyncio.sleep(0.2)  # the announcement reaches a server by way of the database
    found = await key.data(query)
    assert [each["node"]["jobTitle"] for each in found["people"]["edges"]] == ["Spy", "Cook"]


async def test_the_members_own_record_can_be_what_a_rule_asks_about(client: Client) -> None:
    person, member_id = await member(client)
    await client.data(
        'mutation ($me: UUID) { createTasks(data: [{title: "Mine", assigneeId: $me}, {title: "Free"}]) { id } }',
        {"me": str(member_id)},
    )
    role_id = await make_role(
        client, Role(rows=(("task", "assignee", "IS", {"isCurrentWorkspaceMemberSelected": True}),))
    )
    workspace_id = client.tenant.workspace_id
    async with AccessNews(client.database).changing(AccessChange(workspace_id=workspace_id)) as connection:
        await connection.execute(
            'update core."roleTarget" set "roleId" = $1 where "userWorkspaceId" is not null', role_id
        )
    await asyncio.sleep(0.2)
    assert await person.data("{ tasks { totalCount edges { node { title } } } }") == {
        "tasks": {"totalCount": 1, "edges": [{"node": {"title": "Mine"}}]}
    }
    await refused(person, 'mutation { createTask(data: {title: "Not mine"}) { id } }')
    made = await person.data(
        'mutation ($me: UUID) { createTask(data: {title: "Also mine", assigneeId: $me}) { title } }',
        {"me": str(member_id)},
    )
    assert made == {"createTask": {"title": "Also mine"}}
