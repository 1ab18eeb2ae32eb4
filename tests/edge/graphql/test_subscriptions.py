"""Subscriptions to records: the documents, and what is told."""

import re
from contextlib import AsyncExitStack

import pytest

from rapport.metadata.catalogs import Catalogs
from tests.docs.markdown import ROOT
from tests.edge.graphql.hearing import Found, Heard, hearing, refusal
from tests.serving import Client

ANN = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
BOB = "21212121-0c28-43d9-b8f7-2b12e84b4d5e"
ACME = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
SEED = """
subscription OnPersonCreated {
  personCreated {
    id
    name {
      firstName
      lastName
    }
    email
    createdAt
  }
}
"""
CREATE = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
UPDATE = "mutation($id: UUID!, $data: PersonUpdateInput!) { updatePerson(id: $id, data: $data) { id } }"
RESTRICTED = {"workspaceMember", "workflowRun", "workflowAutomatedTrigger", "blocklist"}
VERBS = {"created": "create", "updated": "update", "deleted": "delete", "restored": "restore", "destroyed": "destroy"}
SEALED = {"connectedAccount", "messageChannel", "calendarChannel"}  # are not updated


async def create(client: Client, **data: object) -> None:
    await client.data(CREATE, {"data": data})


async def update(client: Client, record_id: str, **data: object) -> None:
    await client.data(UPDATE, {"id": record_id, "data": data})


async def test_the_subscription_of_the_seed_works_as_written(client: Client) -> None:
    async with hearing(client, SEED) as heard:
        await create(client, id=ANN, name={"firstName": "Ann", "lastName": "Lee"}, email="ann@acme.example")
        told = await heard.next()
    read = await client.data("{ person(id: $id) { createdAt } }".replace("$id", f'"{ANN}"'))
    assert told == {
        "id": ANN,
        "name": {"firstName": "Ann", "lastName": "Lee"},
        "email": "ann@acme.example",
        "createdAt": read["person"]["createdAt"],
    }


async def test_of_every_object_everything_that_happens_is_told(client: Client) -> None:
    """Of each object a record goes through all that may happen to it; five subscribers each hear of one action."""
    catalog = await Catalogs().of(client.database, client.tenant.workspace_id)
    assert len(catalog.by_name) > 25
    for item in catalog.by_name.values():
        if item.name in RESTRICTED:
            continue
        selection = (
            f"{{ __typename id createdAt updatedAt deletedAt {'position' if 'position' in item.field else ''} }}"
        )
        async with AsyncExitStack() as stack:
            heard: dict[str, Heard] = {}
            for action in VERBS:
                query = f"subscription {{ {item.name}{action.capitalize()} {selection} }}"
                heard[action] = await stack.enter_async_context(hearing(client, query))
            expected: dict[str, Found] = {}
            data = {"create": "{}", "update": '{createdAt: "2024-05-05T05:05:05Z"}'}
            for action, verb in VERBS.items():
                given = [f'id: "{expected["created"]["id"]}"'] if expected else []
                if verb in data:
                    given.append(f"data: {data[verb]}")
                if verb != "update" or item.name not in SEALED:
                    mutation = f"mutation {{ done: {verb}{item.type_name}({', '.join(given)}) {selection} }}"
                    expected[action] = (await client.data(mutation))["done"]
            assert {action: await heard[action].next() for action in expected} == expected
            assert expected["deleted"]["deletedAt"] is not None
            assert expected["created"]["__typename"] == item.type_name


RICH = """
  nick: id ...Name emails { primaryEmail } email phone jobTitle companyId
  company {
    name domainName address people(first: 1, orderBy: {city: AscNullsFirst}) { totalCount edges { node { city } } }
  }
  first: opportunities(first: 1, orderBy: {name: AscNullsFirst}) { edges { node { name amount { amountMicros } } } }
  last: opportunities(last: 1, orderBy: {name: AscNullsFirst}, filter: {name: {like: $like}}) {
    edges { cursor node { ... on Opportunity { name } } } pageInfo { hasNextPage } totalCount }
  jobTitle @skip(if: $no) city @include(if: $no)
"""


async def test_a_record_is_told_with_all_that_a_read_may_select(client: Client) -> None:
    await client.data(
        f"""mutation {{ createCompany(data: {{id: "{ACME}", name: "Acme", domainName: "acme.example",
          people: {{create: [{{city: "Oslo"}}, {{city: "Rome"}}]}}}}) {{ id }} }}"""
    )
    end = f"{{ {RICH} }} }} fragment Name on Person {{ name {{ lastName ... {{ firstName }} }} }}"
    variables = {"like": "%B%", "no": False}
    text = "subscription($like: String, $no: Boolean!) { told: personUpdated " + end
    async with hearing(client, text, variables) as heard:
        await create(client, id=ANN, name={"firstName": "Ann"}, companyId=ACME, city="Kyoto", phone="+33612345678")
        await client.data(
            f"""mutation {{ createOpportunities(data: [
              {{name: "A", pointOfContactId: "{ANN}", amount: {{amountMicros: 5, currencyCode: "EUR"}}}},
              {{name: "B", pointOfContactId: "{ANN}"}}]) {{ id }} }}"""
        )
        await update(client, ANN, jobTitle="Cook", email="ann@acme.example")
        told = await heard.next()
    text = "query($like: String, $no: Boolean!) { read: person(id: $id) ".replace("$id", f'"{ANN}"') + end
    read = await client.data(text, variables)
    assert told == read["read"]
    assert told["last"]["edges"][0]["node"] == {"name": "B"}
    assert list(told) == list(read["read"])


async def test_a_record_is_told_as_it_was_then(client: Client) -> None:
    async with (
        hearing(client, "subscription { personUpdated { city updatedAt } }") as updated,
        hearing(client, "subscription { personDestroyed { id city name { firstName } } }") as destroyed,
    ):
        await create(client, id=ANN, city="Oslo", name={"firstName": "Ann"})
        for city in ("Rome", "Bonn", "Lima"):
            await update(client, ANN, city=city)
        await update(client, ANN, city="Lima")  # changes nothing
        await client.data(f'mutation {{ destroyPerson(id: "{ANN}") {{ id }} }}')
        assert [each["city"] for each in await updated.some(3)] == ["Rome", "Bonn", "Lima"]
        assert await destroyed.next() == {"id": ANN, "city": "Lima", "name": {"firstName": "Ann"}}


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        ('filter: {city: {eq: "Oslo"}}', {}, [0, 3]),
        ("filter: $filter", {"filter": {"city": {"in": ["Oslo", "Bonn"]}}}, [0, 2, 3]),
        ("filter: $filter", {"filter": None}, [0, 1, 2, 3]),
        ("filter: $filter", {}, [0, 1, 2, 3]),
        ("filter: {}", {}, [0, 1, 2, 3]),
        ("id: $id", {"id": BOB}, [1]),
        ("id: $id", {"id": None}, [0, 1, 2, 3]),
        (f'id: "{BOB}", filter: {{not: {{city: {{eq: "Rome"}}}}}}', {}, []),
        ('filter: {or: [{name: {firstName: {ilike: "a%"}}}, {email: {eq: "c@x.example"}}]}', {}, [0, 2]),
        ('filter: {company: {name: {eq: "Acme"}}}', {}, [3]),
        ("filter: {deletedAt: {is: NOT_NULL}}", {}, []),
    ],
)
async def test_only_records_that_meet_the_filter_are_told(
    client: Client, arguments: str, variables: dict[str, object], expected: list[int]
) -> None:
    await client.data(f'mutation {{ createCompany(data: {{id: "{ACME}", name: "Acme"}}) {{ id }} }}')
    declared = {"filter": "PersonFilterInput", "id": "UUID"}
    used = ", ".join(f"${name}: {kind}" for name, kind in declared.items() if f"${name}" in arguments)
    query = f"subscription{f'({used})' if used else ''} {{ personCreated({arguments}) {{ position }} }}"
    end = "subscription { personCreated(filter: {position: {eq: 99}}) { position } }"
    async with hearing(client, query, variables) as heard, hearing(client, end) as ended:
        data = [
            {"position": 0, "city": "Oslo", "name": {"firstName": "Ann"}},
            {"position": 1, "city": "Rome", "id": BOB},
            {"position": 2, "city": "Bonn", "email": "c@x.example"},
            {"position": 3, "city": "Oslo", "companyId": ACME},
        ]
        await client.data("mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }", {"data": data})
        assert [each["position"] for each in await heard.some(len(expected))] == expected
        await create(client, position=99, city="Oslo", name={"firstName": "Ann"})
        assert await ended.next() == {"position": 99}
        if expected in ([0, 3], [0, 1, 2, 3], [0, 2, 3], [0, 2]):
            assert await heard.next() == {"position": 99}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('updatedFields: ["city"]', ["A", "B"]),
        ('updatedFields: ["name", "jobTitle"]', ["B", "C"]),
        ('updatedFields: "emails"', ["D"]),
        ('updatedFields: ["email"]', ["D"]),
        ('updatedFields: ["companyId"]', ["E"]),
        ('updatedFields: ["company"]', ["E"]),
        (f'updatedFields: ["city"], id: "{BOB}"', []),
        ('updatedFields: ["city"], filter: {city: {eq: "Rome"}}', ["B"]),
        ("updatedFields: $fields", ["A", "B"]),
        ("updatedFields: null", ["A", "B", "C", "D", "E"]),
    ],
)
async def test_changes_of_certain_fields_may_be_asked_for(client: Client, arguments: str, expected: list[str]) -> None:
    await client.data(f'mutation {{ createCompany(data: {{id: "{ACME}", name: "Acme"}}) {{ id }} }}')
    head = "subscription($fields: [String!])" if "$fields" in arguments else "subscription"
    query = f"{head} {{ personUpdated({arguments}) {{ intro }} }}".replace("intro", "linkedinLink { primaryLinkLabel }")
    await create(client, id=ANN)
    variables = {"fields": ["city"]} if "$fields" in arguments else {}

    def mark(label: str) -> dict[str, object]:
        return {"linkedinLink": {"primaryLinkLabel": label, "primaryLinkUrl": "a.example"}}

    async with hearing(client, query, variables) as heard:
        await update(client, ANN, city="Oslo", **mark("A"))
        await update(client, ANN, city="Rome", jobTitle="Cook", **mark("B"))
        await update(client, ANN, name={"firstName": "Ann"}, **mark("C"))
        await update(client, ANN, email="a@x.example", **mark("D"))
        await update(client, ANN, companyId=ACME, **mark("E"))
        told = [each["linkedinLink"]["primaryLinkLabel"] for each in await heard.some(len(expected))]
    assert told == expected


SIMILAR = '"personCreated", "personUpdated", "taskCreated", "messageCreated", or "noteCreated"?'
HINT = 'Did you mean "personCreated { ... }"?'
STANDARD_WORDS = {
    "subscription { persnCreated { id } }": [
        'Cannot query field "persnCreated" on type "Subscription". Did you mean ' + SIMILAR
    ],
    "subscription { personCreated { id nam } }": ['Cannot query field "nam" on type "Person". Did you mean "name"?'],
    "subscription { personCreated(first: 3) { id } }": [
        'Unknown argument "first" on field "Subscription.personCreated".'
    ],
    'subscription { personCreated(updatedFields: ["city"]) { id } }': [
        'Unknown argument "updatedFields" on field "Subscription.personCreated".'
    ],
    "subscription { personCreated }": [
        f'Field "personCreated" of type "Person" must have a selection of subfields. {HINT}'
    ],
    "subscription { personCreated(filter: {cit: {eq: 1}}) { id } }": [
        'Field "cit" is not defined by type "PersonFilterInput". Did you mean "city" or "id"?'
    ],
    "subscription { personCreated(filter: {city: {eq: 1}}) { id } }": ["String cannot represent a non string value: 1"],
    "subscription { personUpdated(updatedFields: [3]) { id } }": ["String cannot represent a non string value: 3"],
    'subscription { personUpdated(updatedFields: ["cit"]) { id } }': ['Object person doesn\'t have any "cit" field.'],
    "subscription { personUpdated(updatedFields: []) { id } }": ["At least one field must be named in updatedFields."],
    'subscription { personUpdated(id: "x") { id } }': ["Invalid UUID"],
    "subscription { a: personCreated { id } b: personCreated { id } }": [
        "Anonymous Subscription must select only one top level field."
    ],
    "subscription Two { personCreated { id } ...Other } fragment Other on Subscription { noteCreated { id } }": [
        'Subscription "Two" must select only one top level field.'
    ],
    "subscription { __typename }": ["Anonymous Subscription must not select an introspection top level field."],
    "subscription S { personCreated @skip(if: false) { id } }": [
        'Subscription "S" must not use `@skip` or `@include` directives in the top level selection.'
    ],
    "subscription S { ... @include(if: true) { personCreated { id } } }": [
        'Subscription "S" must not use `@skip` or `@include` directives in the top level selection.'
    ],
    "subscription S($a: UUID!) { personCreated(id: $a) { id } }": [
        'Variable "$a" of required type "UUID!" was not provided.'
    ],
    "subscription { ... on Query { personCreated { id } } }": [
        "Anonymous Subscription must select one top level field."
    ],
    "subscription { people { id } }": ['Cannot query field "people" on type "Subscription".'],
}


async def test_what_is_wrong_with_a_document_is_told_in_the_words_of_the_standard(client: Client) -> None:
    found = {query: await refusal(client, query) for query in STANDARD_WORDS}
    assert found == STANDARD_WORDS


async def test_values_that_do_not_fit_are_refused_whatever_was_planned_before(client: Client) -> None:
    query = "subscription($id: UUID, $city: String) { personCreated(id: $id, filter: {city: {eq: $city}}) { city } }"
    async with hearing(client, query, {"id": ANN, "city": "Oslo"}) as heard:
        assert await refusal(client, query, {"id": "x", "city": "Oslo"}) == ["Invalid UUID"]
        await create(client, id=ANN, city="Oslo")
        assert await heard.next() == {"city": "Oslo"}
        async with hearing(client, query, {"id": BOB, "city": "Rome"}) as other:
            await create(client, id=BOB, city="Rome")
            assert await other.next() == {"city": "Rome"}


async def test_subscriptions_cost_what_reads_cost(client: Client) -> None:
    nested = "id"
    for _ in range(5):
        nested = f"company {{ people(first: 1000) {{ edges {{ node {{ {nested} }} }} }} }}"
    (message,) = await refusal(client, f"subscription {{ personCreated {{ {nested} }} }}")
    assert message.startswith("Query complexity is too high. The document costs")
    nested = "id"
    for _ in range(10):
        nested = f"company {{ people {{ edges {{ node {{ {nested} }} }} }} }}"
    (message,) = await refusal(client, f"subscription {{ personCreated {{ {nested} }} }}")
    assert message.startswith("Query complexity is too high. Selections may be nested")


async def test_over_plain_http_there_are_no_subscriptions(client: Client) -> None:
    answer = await client.ask(SEED)
    assert answer == {
        "errors": [
            {
                "message": "Subscriptions are not served over this transport.",
                "extensions": {
                    "code": "GRAPHQL_VALIDATION_FAILED",
                    "statusCode": 400,
                    "userFriendlyMessage": "An error occurred.",
                },
            }
        ]
    }


async def test_introspection_shows_subscriptions(client: Client) -> None:
    query = """{ __schema { subscriptionType { name } } __type(name: "Subscription") { fields {
      name type { name kind ofType { name } } args { name type { name kind } } } } }"""
    answer = await client.data(query)
    fields = {each["name"]: each for each in answer["__type"]["fields"]}
    assert answer["__schema"]["subscriptionType"] == {"name": "Subscription"}
    catalog = await Catalogs().of(client.database, client.tenant.workspace_id)
    assert {f"{name}{action.capitalize()}" for name in catalog.by_name for action in VERBS} < fields.keys()
    assert fields["personUpdated"] == {
        "name": "personUpdated",
        "type": {"name": "Person", "kind": "OBJECT", "ofType": None},
        "args": [
            {"name": "filter", "type": {"name": "PersonFilterInput", "kind": "INPUT_OBJECT"}},
            {"name": "id", "type": {"name": "UUID", "kind": "SCALAR"}},
            {"name": "updatedFields", "type": {"name": None, "kind": "LIST"}},
        ],
    }
    assert fields["onDbEvent"]["type"] == {"name": None, "kind": "NON_NULL", "ofType": {"name": "OnDbEvent"}}


async def test_the_examples_of_the_guide_can_be_subscribed_to(client: Client) -> None:
    text = (ROOT / "docs" / "subscriptions.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```graphql\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        async with hearing(client, example):
            pass
