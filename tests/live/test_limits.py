"""What event streams refuse, how long they live, and what is left of them."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from rapport.base.errors import RapportError
from rapport.live.holding import Holder
from rapport.live.shared import Shared
from rapport.live.signature import read_signature
from rapport.live.streams import LIFETIME, MOST_QUERIES, MOST_STREAMS, EventStreams, Key, drop_expired
from tests.live.streams import ADD, PATIENCE, REMOVE, add, asked, opened
from tests.live.test_rights import adding, refused
from tests.live.test_streams import ID, create, summary
from tests.roles.asking import fault
from tests.serving import Client


async def expire(client: Client, *, after: str = "-1 second") -> None:
    """All streams expire so long from now."""
    await client.database.execute('update core."eventStream" set "expiresAt" = now() + $1::text::interval', after)


async def left(client: Client) -> list[tuple[str, int, bool]]:
    """The streams that there are: id, number of queries, and whether no connection holds them."""
    rows = await client.database.rows(
        'select id, "closedAt" is not null as closed, (select count(*) from core."eventStreamQuery" q '
        'where q."streamId" = s.id) as queries from core."eventStream" s order by id'
    )
    return [(row["id"], row["queries"], row["closed"]) for row in rows]


async def until_left(client: Client, expected: list[tuple[str, int, bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while await left(client) != expected:  # noqa: ASYNC110  # only the database knows
            await asyncio.sleep(0.01)


# -- what is refused ------------------------------------------------------------------------------------------------


async def test_there_is_no_stream_that_nobody_has_opened(client: Client) -> None:
    assert await add(client, "tab", "q", "person") is False
    given = {"i": {"eventStreamId": "tab", "queryId": "q"}}
    assert await client.data(REMOVE, given) == {"removeQueryFromEventStream": False}
    assert await left(client) == []


INVALID = ("BAD_USER_INPUT", "INVALID_OPERATION_SIGNATURE")
NO_FILTER = ("BAD_USER_INPUT", "INVALID_ARGS_FILTER")


def of_people(filter_: object) -> dict[str, object]:
    return {"objectNameSingular": "person", "variables": {"filter": filter_}}


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("person", INVALID),
        ([], INVALID),
        ({}, INVALID),
        ({"objectNameSingular": 1}, INVALID),
        ({"objectNameSingular": "people"}, INVALID),
        ({"objectNameSingular": "person", "variables": []}, INVALID),
        (of_people([]), INVALID),
        (of_people({"nobody": {}}), NO_FILTER),
        (of_people({"city": {"eq": 1}}), NO_FILTER),
        (of_people({"id": {"eq": "1"}}), NO_FILTER),
        (of_people({"city": {"eq": "\0"}}), ("BAD_USER_INPUT", "INVALID_ARGS_DATA")),
        (of_people({"city": {"eq": "x" * 20_000}}), INVALID),
        (of_people({"and": [{"city": {"eq": "x"}}] * 200}), ("BAD_USER_INPUT", "TOO_COMPLEX_QUERY")),
    ],
)
async def test_a_bad_signature_is_refused_when_it_is_added(
    client: Client, signature: object, expected: tuple[str, str]
) -> None:
    async with opened(client, "tab") as stream:
        given = {"eventStreamId": stream.id, "queryId": "q", "operationSignature": signature}
        assert await fault(client, ADD, {"i": given}) == expected
        assert await left(client) == [("tab", 0, False)]


def test_a_filter_has_a_depth() -> None:
    filter_: Mapping[str, object] = {"city": {"eq": "x"}}
    for _ in range(18):
        filter_ = {"not": filter_}
    read_signature({"objectNameSingular": "person", "variables": {"filter": filter_}})
    for _ in range(900):
        filter_ = {"not": filter_}
    with pytest.raises(RapportError, match="20 deep"):
        read_signature({"objectNameSingular": "person", "variables": {"filter": filter_}})


@pytest.mark.parametrize("bad", ["", "x" * 201, "a\0b", "\ud800"])
async def test_ids_are_words_of_some_length(client: Client, bad: str) -> None:
    wrong = ("BAD_USER_INPUT", "INVALID_ARGS_DATA")
    async with opened(client, "tab"):
        if "\ud800" not in bad:
            assert await fault(client, ADD, adding(bad)) == wrong
            assert await fault(client, REMOVE, {"i": {"eventStreamId": "tab", "queryId": bad}}) == wrong
            async with asked(client, bad) if bad else asked(client, " \n") as stream:
                assert await refused(stream) == wrong


async def test_a_stream_has_so_many_queries(client: Client) -> None:
    async with opened(client, "tab") as stream:
        await client.database.execute(
            'insert into core."eventStreamQuery" '
            "select $1, $2, number::text, '{}' from generate_series(1, $3) number",
            client.tenant.workspace_id, "tab", MOST_QUERIES,
        )  # fmt: skip
        assert await stream.add("1", "person") is True  # takes a place that there is
        assert await fault(client, ADD, adding("tab")) == ("BAD_USER_INPUT", "TOO_MANY_STREAM_QUERIES")
        await stream.remove("2")
        assert await stream.add("q", "person") is True


async def test_a_caller_has_so_many_streams_and_unused_ones_give_way(client: Client) -> None:
    await client.database.execute(
        'insert into core."eventStream" ("workspaceId", id, owner, "expiresAt", "closedAt") '
        "select $1, 'held ' || number, (select id from core.\"apiKey\"), now() + $3::interval, null "
        "from generate_series(1, $2) number",
        client.tenant.workspace_id, MOST_STREAMS, LIFETIME,
    )  # fmt: skip
    async with asked(client, "tab") as stream:
        assert await refused(stream) == ("RATE_LIMIT_EXCEEDED", "LIMIT_REACHED")
    async with opened(client, "held 7"):
        pass
    await client.database.execute(
        'update core."eventStream" set "closedAt" = now(), "expiresAt" = "expiresAt" - interval \'1 minute\' '
        "where id in ('held 8', 'held 9')"
    )
    async with opened(client, "tab"), opened(client, "other tab"):
        there = {stream_id for stream_id, _, _ in await left(client)}
        assert len(there) == MOST_STREAMS
        assert there.isdisjoint({"held 8", "held 9"})


# -- how long they live ---------------------------------------------------------------------------------------------


async def test_an_expired_stream_is_none(client: Client) -> None:
    async with opened(client, "tab") as stream:
        await stream.add("q", "person")
        await expire(client)
        assert await stream.add("p", "person") is False
        assert await stream.remove("q") is False
        await create(client)
        assert await refused(stream) == ("NOT_FOUND", "EVENT_STREAM_EXPIRED")
    async with opened(client, "tab") as stream:
        assert await left(client) == [("tab", 0, False)]


async def test_an_expired_id_is_anybodys(client: Client) -> None:
    async with opened(client, "tab"):
        pass
    await until_left(client, [("tab", 0, True)])
    await client.database.execute('update core."eventStream" set owner = $1', client.tenant.workspace_id)
    async with asked(client, "tab") as stream:
        assert await refused(stream) == ("FORBIDDEN", "EVENT_STREAM_NOT_OWNED")
    await expire(client)
    async with opened(client, "tab"):
        pass


async def test_use_keeps_a_stream_alive(client: Client) -> None:
    async with opened(client, "tab") as stream:
        for use in (stream.add("q", "person"), stream.remove("q")):
            await expire(client, after="1 minute")
            await use
            remains = await client.database.value('select "expiresAt" - now() from core."eventStream"')
            assert remains > LIFETIME / 2  # type: ignore[operator]


async def test_streams_with_a_connection_are_renewed(client: Client) -> None:
    async with opened(client, "tab"), opened(client, "other"):
        await expire(client, after="1 minute")
        await client.database.execute('update core."eventStream" set "closedAt" = now()')
        holder = Holder(EventStreams(client.database), renew_seconds=0.01)
        holder.enter(Key(workspace_id=client.tenant.workspace_id, id="tab"))
        await until_left(client, [("other", 0, True), ("tab", 0, False)])
        await holder.close()


async def test_a_stream_that_was_left_waits_for_its_client(client: Client) -> None:
    async with opened(client, "tab") as stream:
        await stream.add("q", "person")
    await until_left(client, [("tab", 1, True)])
    assert await drop_expired(client.database) == 0
    async with opened(client, "tab") as stream:
        assert await left(client) == [("tab", 1, False)]
        await create(client)
        assert summary(await stream.element()) == ("CREATED", ID, ["q"], [])


async def test_the_chore_sweeps_what_has_expired(client: Client) -> None:
    for name in ("a", "b"):
        async with opened(client, name) as stream:
            await stream.add("q", "person")
    await until_left(client, [("a", 1, True), ("b", 1, True)])
    await client.database.execute(
        "update core.\"eventStream\" set \"expiresAt\" = now() - interval '1 s' where id = 'a'"
    )
    assert await drop_expired(client.database) == 1
    assert [name for name, _, _ in await left(client)] == ["b"]
    assert await client.database.value('select count(*) from core."eventStreamQuery"') == 1


# -- what is found out once -----------------------------------------------------------------------------------------


async def test_who_asks_while_somebody_finds_out_waits_for_the_answer() -> None:
    shared, gate, finds = Shared[str, int](), asyncio.Event(), list[Sequence[str]]()

    async def find(keys: Sequence[str]) -> dict[str, int]:
        finds.append(keys)
        await gate.wait()
        return {key: len(key) for key in keys}

    one, two = (asyncio.create_task(shared.all(keys, find)) for keys in (["a", "bb"], ["bb", "ccc", "ccc"]))
    await asyncio.sleep(0)
    gate.set()
    assert (await one, await two) == ({"a": 1, "bb": 2}, {"bb": 2, "ccc": 3})
    assert finds == [["a", "bb"], ["ccc"]]


async def test_a_failure_is_nobody_elses() -> None:
    shared, gate, attempts = Shared[str, int](), asyncio.Event(), list[int]()

    async def find(_keys: object) -> dict[str, int]:
        attempts.append(1)
        await gate.wait()
        if len(attempts) == 1:
            raise ValueError("the first")
        return {"a": 1}

    first, second = (asyncio.create_task(shared.all(["a"], find)) for _ in range(2))
    await asyncio.sleep(0)
    gate.set()
    with pytest.raises(ValueError, match="the first"):
        await first
    assert await second == {"a": 1}


async def test_who_is_cancelled_leaves_the_answer_to_the_others() -> None:
    shared, gate, attempts = Shared[str, int](), asyncio.Event(), list[int]()

    async def find(_keys: object) -> dict[str, int]:
        attempts.append(1)
        await gate.wait()
        return {"a": len(attempts)}

    first, second, third = (asyncio.create_task(shared.all(["a"], find)) for _ in range(3))
    await asyncio.sleep(0)
    third.cancel()
    first.cancel()
    await asyncio.sleep(0)
    gate.set()
    assert await second == {"a": 2}
    assert third.cancelled() or await asyncio.gather(third, return_exceptions=True)


async def test_answers_are_forgotten_after_a_while() -> None:
    shared = Shared[str, int](keep_seconds=0)

    async def find(_keys: object) -> dict[str, int]:
        return {"a": 1}

    await shared.all(["a"], find)
    async with asyncio.timeout(PATIENCE):
        while len(shared):  # noqa: ASYNC110  # nobody tells of it
            await asyncio.sleep(0)
