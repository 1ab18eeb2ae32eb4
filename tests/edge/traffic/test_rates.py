"""Requests in a minute: what counts, for whom, and what is said about it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx

from rapport.access.principal import Principal
from rapport.base.ids import new_id
from rapport.edge.traffic.errors import RateLimitExceeded
from rapport.edge.traffic.rates import Rates
from rapport.edge.traffic.sources import SHARED_PLACES, RateLimits, Sources
from tests.counting import calls_of
from tests.edge.rest.asking import send
from tests.edge.traffic.conftest import Home
from tests.serving import Client, serving

MESSAGE = "Rate limit exceeded. Please try again later."
LIMITS = RateLimits(user=10, api_key=20, ip=3)


@asynccontextmanager
async def limited(home: Home, **settings: object) -> AsyncIterator[Client]:
    """A server whose minute does not end while it is asked."""
    while time.time() % 60 > 55:
        time.sleep(0.2)  # noqa: ASYNC251  # nothing else runs
    async with serving(home.database, home.tenant, **settings) as client:  # type: ignore[arg-type]
        # What earlier tests counted in this minute is known to the database.
        await home.database.execute('delete from core."rateCount"')
        yield client


def marks(answer: httpx.Response) -> tuple[str | None, str | None]:
    return answer.headers.get("X-RateLimit-Limit"), answer.headers.get("X-RateLimit-Remaining")


async def test_every_answer_says_what_is_left_and_the_end_is_told_in_both_apis(home: Home) -> None:
    async with limited(home, rate_limit_api_key=6) as client:
        answers = [
            await send(client, "GET", "/people?limit=1"),
            await send(client, "GET", "/nope/nope/nope/nope"),
            await client.post("{ people { totalCount } }"),
            await client.post("{ nope }"),
            await client.http.get(f"{client.url}/metadata?query={{__typename}}&token={client.tenant.key}"),
            await client.http.post(f"{client.url}/graphql", content=b"{", headers=bearer(client.tenant.key)),
        ]
        assert [marks(each) for each in answers] == [("6", str(left)) for left in (5, 4, 3, 2, 1, 0)]
        minute_ends = (int(time.time()) // 60 + 1) * 60
        assert {each.headers["X-RateLimit-Reset"] for each in answers} == {str(minute_ends)}

        rest, graphql = await send(client, "GET", "/people"), await client.post("{ people { totalCount } }")
        for refused in (rest, graphql):
            assert refused.status_code == 429
            assert marks(refused) == ("6", "0")
            assert refused.headers["X-RateLimit-Reset"] == str(minute_ends)
            assert 1 <= int(refused.headers["Retry-After"]) <= 60
        seconds = int(rest.headers["Retry-After"])
        friendly = {"userFriendlyMessage": MESSAGE, "retryAfter": seconds}
        assert rest.json() == {
            "error": {
                "code": "RATE_LIMIT_EXCEEDED",
                "message": MESSAGE,
                "details": {"subCode": "LIMIT_REACHED", **friendly},
                "retryAfter": seconds,
            },
            "statusCode": 429,
            "messages": [MESSAGE],
        }
        friendly["retryAfter"] = int(graphql.headers["Retry-After"])
        extensions = {"code": "RATE_LIMIT_EXCEEDED", "subCode": "LIMIT_REACHED", "statusCode": 429, **friendly}
        assert graphql.json() == {"errors": [{"message": MESSAGE, "extensions": extensions}]}

        # Preflights, health and pages are not counted, and are answered whatever was counted.
        for method, path in (("OPTIONS", "/rest/people"), ("OPTIONS", "/graphql"), ("GET", "/healthz"), ("GET", "/")):
            free = await client.http.request(method, client.url + path, headers=bearer(client.tenant.key))
            assert (free.status_code, marks(free)) == (free.status_code, (None, None))
            assert free.status_code in (200, 204)


async def test_the_flat_shape_has_it_too(home: Home) -> None:
    async with limited(home, rate_limit_ip=1, rest_error_shape="flat") as client:
        await send(client, "GET", "/people", token=None)
        refused = await send(client, "GET", "/people", token=None)

    assert refused.json() == {
        "statusCode": 429,
        "error": "TooManyRequestsException",
        "messages": [MESSAGE],
        "code": "LIMIT_REACHED",
        "retryAfter": int(refused.headers["Retry-After"]),
    }


async def test_without_a_good_token_the_network_counts_and_good_tokens_are_not_refused_for_it(home: Home) -> None:
    async with limited(home, rate_limit_ip=3, rate_limit_api_key=2, trusted_proxies=networks("127.0.0.1")) as client:

        async def ask(token: str | None, address: str) -> tuple[int, str | None]:
            answer = await send(client, "GET", "/people", token=token, headers={"X-Forwarded-For": address})
            return answer.status_code, marks(answer)[1]

        one = [await ask(token, "2001:db8::1") for token in (None, "sk_live_" + "x" * 43, "nonsense", None)]
        assert one == [(401, "2"), (401, "1"), (401, "0"), (429, "0")]
        assert await ask(f"guess {new_id()}", "2001:db8::ffff:1") == (429, "0")  # the same /64
        assert await ask(None, "2001:db8:0:1::1") == (401, "2")  # another
        assert await ask(None, "192.0.2.1") == (401, "2")
        # Not remembered yet, and from the network that is refused.
        assert [await ask(client.tenant.key, "2001:db8::1") for _ in range(3)] == [(200, "1"), (200, "0"), (429, "0")]
        # The token is good: that is not the network's business.
        assert await ask(None, "192.0.2.1") == (401, "1")


async def test_no_limit_no_headers(home: Home) -> None:
    async with limited(home) as client:
        answer = await send(client, "GET", "/people")
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
        assert await home.database.value('select count(*) from core."rateCount"') == 0


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def networks(text: str) -> object:
    from rapport.base.settings import Settings

    return Settings.from_environment({"RAPPORT_TRUSTED_PROXIES": text}).trusted_proxies


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def principal(
    *, api_key_id: UUID | None = None, user_id: UUID | None = None, user_workspace_id: UUID | None = None
) -> Principal:
    return Principal(
        workspace_id=new_id(),
        schema="workspace_x",
        api_key_id=api_key_id,
        user_id=user_id,
        user_workspace_id=user_workspace_id,
    )


def test_keys_members_and_users_have_limits_of_their_own() -> None:
    sources = Sources(LIMITS)
    user, membership, key = new_id(), new_id(), new_id()

    assert sources.of(principal(api_key_id=key)).limit == 20
    assert sources.of(principal(user_id=user, user_workspace_id=membership)).limit == 10
    assert sources.of(principal(user_id=user)).name == f"user:{user}"
    assert sources.of(principal(user_id=user, user_workspace_id=membership)).name == f"user:{membership}"
    assert sources.of(principal(api_key_id=key)) is sources.of(principal(api_key_id=key))
    assert sources.stranger("::ffff:192.0.2.7") is sources.stranger("192.0.2.7")
    assert sources.stranger(None).limit == 3


def test_a_minute_of_the_clock_begins_anew_also_when_the_clock_is_put_back() -> None:
    clock = Clock(600.0)
    rates, source = Rates(clock=clock), Sources(LIMITS).stranger("192.0.2.1")

    def ask() -> str:
        try:
            return rates.count(source)[1][1].decode()
        except RateLimitExceeded as refused:
            return f"wait {refused.retry_after}"

    assert [ask() for _ in range(4)] == ["2", "1", "0", "wait 60"]
    clock.now = 659.5
    assert ask() == "wait 1"
    clock.now = 660.0
    assert [ask() for _ in range(4)] == ["2", "1", "0", "wait 60"]
    clock.now = 100.0
    assert ask() == "2"


def test_any_number_of_addresses_fills_neither_memory_nor_the_places_of_the_known() -> None:
    clock = Clock(600.0)
    sources, rates = Sources(LIMITS, most=1_000, clock=clock), Rates(clock=clock)
    known = sources.of(principal(api_key_id=new_id()))
    first = sources.stranger("192.0.2.1")
    rates.count(first)
    first_marks = rates.count(first)[1]

    refused = 0
    with calls_of("is_idle") as looks:
        for number in range(20_000):
            try:
                rates.count(sources.stranger(f"2001:db8:{number >> 8:x}:{number & 255:x}::1"))
            except RateLimitExceeded:
                refused += 1
    assert looks["is_idle"] <= 20_000  # and not once at all of them for each

    assert len(sources) <= 1_000
    assert refused >= 20_000 - 1_000 - SHARED_PLACES * LIMITS.ip  # those that are not told apart share what there is
    assert (sources.stranger("192.0.2.1") is first, first_marks) == (True, (b"x-ratelimit-remaining", b"1"))
    assert sources.of(principal(api_key_id=new_id())).limit == 20  # who has a key has a place
    clock.now = 700.0
    assert sources.stranger("203.0.113.9").name == "ip:203.0.113.9"
    assert len(sources) < 10
    assert known.counted == 0
