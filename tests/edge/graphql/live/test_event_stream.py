"""Operations over server-sent events, one for one request."""

import pytest

from tests.edge.graphql.live.listening import EVENTS, Stream, listening
from tests.serving import Client, make_tenant

CREATE = "mutation Create($city: String!) { createPerson(data: { city: $city }) { id city } }"
CREATED = "subscription Created { personCreated { id city } }"
COUNT = "{ people { totalCount } }"
ALL = {"extensions": {"after": "MA"}}


async def create(client: Client, city: str) -> dict[str, object]:
    person: dict[str, object] = (await client.data(CREATE, {"city": city}))["createPerson"]
    return person


async def test_a_subscription_tells_what_happens(client: Client) -> None:
    async with listening(client, CREATED) as stream:
        head = stream.response.headers
        assert (stream.response.status_code, head["content-type"]) == (200, EVENTS)
        assert (head["cache-control"], head["x-accel-buffering"]) == ("no-store", "no")
        assert head["access-control-allow-origin"] == "*"
        for city in ("Rome", "Oslo"):
            person = await create(client, city)
            told = await stream.told()
            assert told["data"] == {"personCreated": person}


async def test_a_subscription_goes_on_where_it_was(client: Client) -> None:
    people = [await create(client, city) for city in ("Rome", "Oslo", "Bonn")]
    async with listening(client, CREATED, **ALL) as stream:
        cursors = []
        for person in people:
            told = await stream.told()
            assert told["data"] == {"personCreated": person}
            cursors.append(told["extensions"]["cursor"])

    async with listening(client, CREATED, headers={"Last-Event-ID": cursors[1]}, **ALL) as stream:
        assert (await stream.told())["data"] == {"personCreated": people[2]}
    # As a browser asks: with everything in the address, and when it connects again, the last place in a header.
    asked = {"query": CREATED, "token": client.tenant.key, "after": cursors[0]}
    for headers, rest in (({}, people[1:]), ({"Last-Event-ID": cursors[1]}, people[2:])):
        sent = {"Accept": EVENTS, **headers}
        async with client.http.stream("GET", f"{client.url}/graphql", params=asked, headers=sent) as response:
            stream = Stream(response)
            assert [(await stream.told())["data"] for _ in rest] == [{"personCreated": each} for each in rest]


async def test_queries_and_mutations_are_one_event(client: Client) -> None:
    headers = {"Accept": EVENTS, "Authorization": f"Bearer {client.tenant.key}"}
    asked = {"query": CREATE, "variables": {"city": "Rome"}}
    answer = await client.http.post(f"{client.url}/graphql", json=asked, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, EVENTS)
    assert answer.text.startswith('event: next\ndata: {"data":{"createPerson":{"id":')
    assert answer.text.endswith(',"city":"Rome"}}}\n\nevent: complete\ndata:\n\n')

    for given in (
        {"query": "query C($id: UUID) { people(filter: {id: {eq: $id}}) { totalCount } }"},
        {"query": "{ people { totalCount } }", "variables": '{"x": 1}'},
    ):
        answer = await client.http.get(f"{client.url}/graphql", params=given, headers=headers)
        assert answer.status_code == 200
        assert answer.text.startswith('event: next\ndata: {"data":{"people":{"totalCount":')


async def test_what_is_wrong_with_a_document_is_an_event(client: Client) -> None:
    headers = {"Accept": EVENTS, "Authorization": f"Bearer {client.tenant.key}"}
    for query, message in (
        ("{ people {", "Syntax Error: Expected Name, found <EOF>."),
        ("{ peple }", 'Cannot query field "peple" on type "Query". Did you mean "people"?'),
        ("subscription { personMade { id } }", 'Cannot query field "personMade" on type "Subscription".'),
        ("subscription { personCreated { id }", "Syntax Error: Expected Name, found <EOF>."),
        (
            "subscription S($id: UUID!) { personUpdated(id: $id) { id } }",
            'Variable "$id" of required type "UUID!" was not provided.',
        ),
    ):
        async with listening(client, query) as stream:
            assert stream.response.status_code == 200
            told = await stream.told()
            assert [each["message"].partition(" Did you mean")[0] for each in told["errors"]] == [
                message.partition(" Did you mean")[0]
            ]
            assert "data" not in told
            assert await stream.rest() == [{"event": "complete", "data": ""}]
    answer = await client.http.post(
        f"{client.url}/graphql", json={"query": CREATED, "extensions": {"after": "?"}}, headers=headers
    )
    assert '"code":"BAD_USER_INPUT"' in answer.text


async def test_what_is_wrong_with_the_caller_is_a_status(client: Client) -> None:
    for token, message in (("sk_live_nobody", "Token invalid."), (None, "Missing authentication token")):
        for query in (CREATED, COUNT):
            headers = {"Accept": EVENTS} | ({"Authorization": f"Bearer {token}"} if token else {})
            answer = await client.http.post(f"{client.url}/graphql", json={"query": query}, headers=headers)
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/json; charset=utf-8")
            assert [each["message"] for each in answer.json()["errors"]] == [message]


@pytest.mark.parametrize(
    ("accept", "of_query", "of_subscription"),
    [
        ("text/event-stream", EVENTS, EVENTS),
        ("Text/Event-Stream;q=0.9", EVENTS, EVENTS),
        ("application/graphql-response+json, application/json, text/event-stream, multipart/mixed", "json", EVENTS),
        ("text/event-stream, */*", "json", EVENTS),
        ("application/json", "json", "json"),
        ("*/*", "json", "json"),
    ],
)
async def test_the_form_of_the_answer_is_that_which_the_client_takes(
    shared: Client, accept: str, of_query: str, of_subscription: str
) -> None:
    for query, expected in ((COUNT, of_query), (CREATED, of_subscription)):
        async with listening(shared, query, headers={"Accept": accept}) as stream:
            assert expected in stream.response.headers["content-type"]
            if expected == "json":
                found = (await stream.response.aread()).decode()
                refused = '"message":"Subscriptions are not served over this transport."'
                assert (refused in found) == (query == CREATED)


async def test_a_stream_is_over_when_the_client_hangs_up(client: Client) -> None:
    async with listening(client, CREATED), listening(client, CREATED):
        pass
    async with listening(client, CREATED) as stream:
        person = await create(client, "Rome")
        assert (await stream.told())["data"] == {"personCreated": person}


async def test_get_changes_nothing(client: Client) -> None:
    headers = {"Accept": EVENTS, "Authorization": f"Bearer {client.tenant.key}"}
    asked = {"query": CREATE, "variables": '{"city": "Rome"}'}
    answer = await client.http.get(f"{client.url}/graphql", params=asked, headers=headers)
    assert answer.status_code == 405
    assert await client.data(COUNT) == {"people": {"totalCount": 0}}


async def test_each_is_told_of_their_own_workspace_only(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Others"))
    await create(other, "Rome")
    mine = await create(client, "Oslo")
    async with listening(client, CREATED, **ALL) as stream:
        assert (await stream.told())["data"] == {"personCreated": mine}


async def test_pages_of_other_sites_may_resume_streams(shared: Client) -> None:
    answer = await shared.http.options(f"{shared.url}/graphql", headers={"Origin": "https://app.example.com"})
    assert "last-event-id" in answer.headers["access-control-allow-headers"].split(", ")
