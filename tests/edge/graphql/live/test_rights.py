"""Tokens that end, or are good for less, while somebody stays connected."""

from datetime import UTC, datetime, timedelta

import pytest

from rapport.keys.service import create_key
from tests.edge.graphql.live.counter import NUMBERS, Counter, counting, place
from tests.edge.graphql.live.listening import listening
from tests.edge.graphql.live.talking import talking
from tests.edge.traffic.conftest import Home
from tests.serving import Client, Tenant

TYPE = "{ __typename }"
REVOKE = "mutation ($id: UUID!) { revokeApiKey(id: $id) { id } }"
UPDATE = "mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { id } }"
REVOKED = "This API Key is revoked"
ELSEWHERE = "This API key may not be used from this address."


async def another_key(client: Client, *, expires_at: datetime | None = None) -> tuple[str, Client]:
    """The id of a new key, and a client that uses it."""
    async with client.database.transaction() as connection:
        key = await create_key(
            connection, workspace_id=client.tenant.workspace_id, name="another", expires_at=expires_at
        )
    tenant = Tenant(workspace_id=client.tenant.workspace_id, schema=client.tenant.schema, key=key.token)
    return str(key.id), client.as_tenant(tenant)


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((REVOKE, lambda key: {"id": key}), REVOKED),
        ((UPDATE, lambda key: {"input": {"id": key, "allowedIps": ["203.0.113.7"]}}), ELSEWHERE),
    ],
)
async def test_who_may_not_listen_any_more_is_told_at_once(
    home: Home, counter: Counter, change: tuple[str, object], reason: str
) -> None:
    async with counting(home.database, home.tenant, counter) as client:
        key, other = await another_key(client)
        async with talking(other) as talk, talking(client) as mine, listening(other, NUMBERS) as stream:
            await talk.subscribe("1", NUMBERS)
            await mine.subscribe("1", NUMBERS)
            query, values = change
            await client.data(query, values(key))  # type: ignore[operator]
            assert await talk.closed() == (4403, reason)
            told = await stream.told()
            assert [each["message"] for each in told["errors"]] == [reason]
            assert await stream.rest() == [{"event": "complete", "data": ""}]
            await counter.allow(1)  # others go on
            assert (await mine.hear())["payload"]["data"] == {"number": 1}
        assert counter.told == 1


async def test_a_token_that_expires_ends_its_connections(home: Home, counter: Counter) -> None:
    async with counting(home.database, home.tenant, counter) as client:
        _, other = await another_key(client, expires_at=datetime.now(UTC) + timedelta(seconds=1))
        async with talking(other) as talk, listening(other, NUMBERS) as stream:
            await talk.subscribe("1", NUMBERS)
            assert (await talk.closed())[0] == 4403
            told = await stream.told()
            assert [each["extensions"]["code"] for each in told["errors"]] == ["UNAUTHENTICATED"]
            assert await stream.rest() == [{"event": "complete", "data": ""}]


async def test_nothing_is_told_and_nothing_answered_before_the_token_is_looked_at(home: Home, counter: Counter) -> None:
    """Here the news of the change is lost."""
    async with counting(home.database, home.tenant, counter, deaf=True) as client:
        key, other = await another_key(client)
        async with talking(other) as talk, talking(other) as silent, listening(other, NUMBERS) as stream:
            await talk.subscribe("1", NUMBERS)
            await client.data(REVOKE, {"id": key})
            await talk.pong()
            await counter.allow(1)
            assert await talk.closed() == (4403, REVOKED)
            assert [each["message"] for each in (await stream.told())["errors"]] == [REVOKED]
            await silent.subscribe("1", TYPE)
            assert await silent.closed() == (4403, REVOKED)
        assert counter.told == 0


async def test_when_news_may_have_been_missed_all_are_looked_at(home: Home, counter: Counter) -> None:
    async with counting(home.database, home.tenant, counter) as client:
        key, other = await another_key(client)
        async with talking(other) as talk, talking(client) as mine:
            await talk.pong()
            await client.database.execute('update core."apiKey" set "revokedAt" = now() where id = $1', key)
            await client.database.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and query ilike 'listen%'"
            )
            assert await talk.closed() == (4403, REVOKED)
            await mine.pong()


async def test_what_a_caller_may_do_is_what_they_may_do_now(client: Client) -> None:
    query = "{ apiKeys { name } }"
    key, other = await another_key(client)
    async with talking(other) as talk:
        assert (await talk.asked("1", query))[0]["type"] == "next"
        (role,) = [
            each["id"]
            for each in (await client.data("{ getRoles { id label } }"))["getRoles"]
            if each["label"] != "Admin"
        ][:1]
        await client.data(
            "mutation ($key: UUID!, $role: UUID!) { assignRoleToApiKey(apiKeyId: $key, roleId: $role) }",
            {"key": key, "role": role},
        )
        answer = (await talk.asked("1", query))[0]
        assert "permission" in str(answer["payload"])
        assert (await talk.asked("1", TYPE))[0]["payload"] == {"data": {"__typename": "Query"}}


async def test_a_subscription_goes_on_with_the_place_of_the_one_before(home: Home, counter: Counter) -> None:
    await counter.allow(5)
    async with counting(home.database, home.tenant, counter) as client, talking(client) as talk:
        await talk.subscribe("1", NUMBERS, extensions={"after": place(3)})
        assert [(await talk.hear())["payload"]["data"]["number"] for _ in range(2)] == [4, 5]
