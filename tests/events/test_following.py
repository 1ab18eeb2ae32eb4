"""Logs followed as they grow: everything once, in order, from any cursor on, however many follow and write."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from uuid import UUID

import pytest

from rapport.base.errors import Timeout, Unavailable
from rapport.base.ids import new_id
from rapport.events.bell import Bell
from rapport.events.channels import Interest, News, Portion, Topic
from rapport.events.cursor import START, Cursor
from rapport.events.ddl import create_event_table
from rapport.events.errors import EventsDropped, FellBehind, LogGone
from rapport.events.following import LiveLogs
from rapport.events.log import Event
from rapport.events.retention import drop_old
from rapport.store.database import Connection, Database
from tests.counting import calls_of

SCHEMA = "workspace_of_test"
WORKSPACE = new_id()


@pytest.fixture
async def log(database: Database) -> Database:
    """A database with the log of one workspace and a table whose rows are changed."""
    await database.script(f'create schema "{SCHEMA}"; create table "{SCHEMA}".thing (id uuid primary key, n int)')
    await database.script(create_event_table(SCHEMA))
    return database


async def nobody(_kind: str, _payload: Mapping[str, object]) -> None:
    """There are no other processes."""


@pytest.fixture
async def bell() -> AsyncIterator[Bell]:
    bell = Bell(nobody)
    yield bell
    await bell.close()


@pytest.fixture
async def logs(log: Database, bell: Bell) -> AsyncIterator[LiveLogs]:
    logs = LiveLogs(log, bell, look_seconds=0.05)
    yield logs
    await logs.close()


async def write(
    connection: Connection | Database,
    record: UUID | None = None,
    *,
    action: str = "created",
    of: str = "thing",
    fields: list[str] | None = None,
) -> None:
    sql = (
        f'insert into "{SCHEMA}".event (action, object, "recordId", "updatedFields", after)'
        " values ($1, $2, $3, $4, '{}')"
    )
    await connection.execute(sql, action, of, record or new_id(), fields)


async def number(events: Sequence[Event]) -> Mapping[int, bytes]:
    """Tells the numbers of events."""
    return {event.seq: b"%d" % event.seq for event in events}


def interest(key: object = None, **topic: object) -> Interest:
    return Interest(key=key, topic=Topic(**topic), tell=number)  # type: ignore[arg-type]


def follow(
    logs: LiveLogs, wanted: Interest | None = None, *, after: Cursor | None = None
) -> AsyncGenerator[Portion, None]:
    return logs.follow(WORKSPACE, SCHEMA, wanted or interest(), after=after)


async def step(portions: AsyncGenerator[Portion, None]) -> Portion:
    async with asyncio.timeout(30):
        return await anext(portions)


async def take(portions: AsyncGenerator[Portion, None], count: int) -> list[News]:
    """The next so many news, exactly."""
    found: list[News] = []
    while len(found) < count:
        found += (await step(portions)).news
    assert len(found) == count
    return found


def numbers(news: Sequence[News]) -> list[int]:
    return [int(each.told) for each in news]


async def test_a_follower_is_told_what_happens_from_the_beginning_on(log: Database, logs: LiveLogs) -> None:
    await write(log)
    async with aclosing(follow(logs)) as portions:
        begun = await step(portions)
        assert begun.news == ()
        for _ in range(3):
            await write(log)
        assert numbers(await take(portions, 3)) == [2, 3, 4]
        await write(log)
        assert numbers(await take(portions, 1)) == [5]
    async with aclosing(follow(logs, after=Cursor.read(begun.cursor))) as portions:
        assert numbers(await take(portions, 4)) == [2, 3, 4, 5]


async def test_what_is_rung_for_is_told_without_waiting_for_the_next_look(log: Database, bell: Bell) -> None:
    logs = LiveLogs(log, bell, look_seconds=3600)
    async with aclosing(follow(logs)) as portions:
        await step(portions)
        bell.ring(new_id())
        await write(log)
        bell.ring(WORKSPACE)
        assert numbers(await take(portions, 1)) == [1]
    await logs.close()


async def test_of_a_log_that_nobody_follows_nothing_is_read(log: Database, logs: LiveLogs, bell: Bell) -> None:
    before = asyncio.all_tasks()
    assert logs.followed == {}
    first, second = follow(logs), follow(logs)
    await step(first)
    await step(second)
    assert logs.followed == {WORKSPACE: 2}
    waiting = asyncio.ensure_future(step(second))
    await write(log)
    assert (await waiting).news
    assert logs.channels == 1
    await first.aclose()
    await second.aclose()
    assert logs.followed == {}
    assert logs.channels == 0
    while asyncio.all_tasks() - before:  # noqa: ASYNC110  # the reading ends by itself
        await asyncio.sleep(0.01)
    with calls_of("_read") as calls:
        await write(log)
        bell.ring(WORKSPACE)
        await bell.close()
    assert calls == {}


async def test_from_every_cursor_exactly_the_rest_is_told(log: Database, logs: LiveLogs) -> None:
    async with aclosing(follow(logs)) as portions:
        await step(portions)
        async with log.transaction() as slow:
            await write(slow)
            for _ in range(4):
                await write(log)
            early = await take(portions, 4)
            async with log.transaction() as several:
                for _ in range(3):
                    await write(several)
            middle = await take(portions, 3)
        await write(log)
        heard = [*early, *middle, *await take(portions, 2)]
    assert numbers(heard) == [2, 3, 4, 5, 6, 7, 8, 1, 9]
    for place, news in enumerate(heard[:-1], start=1):
        async with aclosing(follow(logs, after=Cursor.read(news.cursor))) as portions:
            # Of what was committed meanwhile, the order is that of the numbers.
            assert sorted(numbers(await take(portions, len(heard) - place))) == sorted(numbers(heard[place:]))
    async with aclosing(follow(logs, after=Cursor.read(heard[-1].cursor))) as portions:
        await step(portions)
        await write(log)
        assert numbers(await take(portions, 1)) == [10]


async def test_followers_beside_many_writers_hear_everything_once_and_records_in_order(
    log: Database, logs: LiveLogs
) -> None:
    """Writers keep their transactions open for a moment; followers come, go, and come again with their cursor."""
    records = [new_id() for _ in range(6)]
    for record in records:
        await log.execute(f'insert into "{SCHEMA}".thing values ($1, 0)', record)
    luck = random.Random(5)

    async def writer() -> None:
        for _ in range(25):
            async with log.transaction() as connection:
                for record in sorted(luck.sample(records, 2)):
                    n = await connection.value(
                        f'update "{SCHEMA}".thing set n = n + 1 where id = $1 returning n', record
                    )
                    await write(connection, record, action="updated", fields=[str(n)])
                    await asyncio.sleep(luck.random() / 300)

    async def follower(patience: int, key: object) -> list[Event]:
        heard: list[Event] = []
        cursor = START
        while True:
            async with aclosing(follow(logs, interest(key), after=cursor)) as portions:
                taken = 0
                async for portion in portions:
                    for news in portion.news:
                        heard.append(news.event)
                        cursor = Cursor.read(news.cursor)
                        taken += 1
                        if len(heard) == 300:
                            return heard
                        if taken == patience:
                            break
                    if taken == patience:
                        break
            await asyncio.sleep(luck.random() / 100)

    following = [asyncio.create_task(follower(patience, patience % 3)) for patience in (1, 2, 7, 40, 300, 300)]
    async with asyncio.timeout(60):
        await asyncio.gather(*(writer() for _ in range(6)))
        everything = await asyncio.gather(*following)
    for heard in everything:
        assert len({event.seq for event in heard}) == 300
        for record in records:
            steps = [int(event.updated_fields[0]) for event in heard if event.record_id == record]  # type: ignore[index]
            assert steps == list(range(1, len(steps) + 1))


async def test_those_who_want_the_same_are_told_by_one_question(log: Database, logs: LiveLogs) -> None:
    asked: list[int] = []

    async def tell(events: Sequence[Event]) -> Mapping[int, bytes]:
        asked.extend(event.seq for event in events)
        return await number(events)

    same = Interest(key="same", topic=Topic(), tell=tell)
    followers = [follow(logs, same) for _ in range(20)]
    for each in followers:
        await step(each)
    async with log.transaction() as connection:
        for _ in range(3):
            await write(connection)
    heard = await asyncio.gather(*(asyncio.ensure_future(take(each, 3)) for each in (*followers[1:], followers[0])))
    assert [numbers(news) for news in heard] == [[1, 2, 3]] * 20
    assert asked == [1, 2, 3]
    assert logs.channels == 1
    for each in followers:
        await each.aclose()


async def test_a_topic_says_which_events_are_meant(log: Database, logs: LiveLogs) -> None:
    one, other = new_id(), new_id()
    topics: list[tuple[dict[str, object], list[int]]] = [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"object": "thing"}, [1, 2, 3, 4, 6]),
        ({"object": "nothing"}, []),
        ({"record_id": one}, [1, 3, 5, 6]),
        ({"object": "thing", "record_id": one}, [1, 3, 6]),
        ({"actions": frozenset({"created", "deleted"})}, [1, 2, 5, 6]),
        ({"fields": frozenset({"name", "age"})}, [3]),
        ({"object": "thing", "record_id": other, "fields": frozenset({"city"})}, [4]),
    ]
    followers = [follow(logs, interest(repr(topic), **topic)) for topic, _ in topics]
    begun, *_ = [await step(each) for each in followers]
    waiting = [
        asyncio.create_task(take(each, len(wanted))) for each, (_, wanted) in zip(followers, topics, strict=True)
    ]
    while logs.channels < len(topics) - 1:  # noqa: ASYNC110  # who wants nothing does not join
        await asyncio.sleep(0.001)
    await write(log, one)
    await write(log, other)
    await write(log, one, action="updated", fields=["city", "name"])
    await write(log, other, action="updated", fields=["city"])
    await write(log, one, of="else")
    await write(log, one, action="deleted")
    assert [numbers(await heard) for heard in waiting] == [wanted for _, wanted in topics]
    for each, (topic, wanted) in zip(followers, topics, strict=True):
        await each.aclose()
        async with aclosing(follow(logs, interest(**topic), after=Cursor.read(begun.cursor))) as portions:
            assert numbers(await take(portions, len(wanted))) == wanted


async def test_who_does_not_take_things_off_is_told_the_rest_later(log: Database, bell: Bell) -> None:
    logs = LiveLogs(log, bell, look_seconds=0.01, most_waiting=5)
    async with aclosing(follow(logs)) as slow, aclosing(follow(logs)) as quick:
        await step(slow)
        await step(quick)
        for round_ in range(3):
            for place in range(20):
                await write(log)
                assert numbers(await take(quick, 1)) == [20 * round_ + place + 1]
            assert numbers(await take(slow, 20)) == list(range(20 * round_ + 1, 20 * round_ + 21))
        assert logs.followed == {WORKSPACE: 2}
    await logs.close()


async def test_who_stays_behind_learns_where_to_go_on(log: Database, bell: Bell) -> None:
    logs = LiveLogs(log, bell, look_seconds=0.01, most_waiting=5, lag_seconds=0)
    async with aclosing(follow(logs)) as slow, aclosing(follow(logs)) as quick:
        await step(slow)
        await step(quick)
        for place in range(20):
            await write(log)
            assert numbers(await take(quick, 1)) == [place + 1]
            if place == 1:
                heard = await take(slow, 2)
        with pytest.raises(FellBehind) as behind:
            await step(slow)
        assert behind.value.cursor == heard[-1].cursor
        assert behind.value.cursor in behind.value.message
    async with aclosing(follow(logs, after=Cursor.read(behind.value.cursor))) as again:
        assert numbers(await take(again, 18)) == list(range(3, 21))
    await logs.close()


async def test_many_events_at_once_are_told_to_all_by_the_same_questions(log: Database, bell: Bell) -> None:
    """More than may wait: those who take them off are waited for."""
    logs = LiveLogs(log, bell, look_seconds=0.05, most_waiting=400)
    asked: list[int] = []

    async def tell(events: Sequence[Event]) -> Mapping[int, bytes]:
        asked.extend(event.seq for event in events)
        return await number(events)

    followers = [follow(logs, Interest(key=1, topic=Topic(), tell=tell)) for _ in range(5)]
    for each in followers:
        await step(each)
    waiting = [asyncio.create_task(take(each, 3000)) for each in followers]
    while logs.channels == 0:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    async with log.transaction() as connection:
        await connection.execute(
            f'insert into "{SCHEMA}".event (action, object, "recordId", after) '
            "select 'created', 'thing', $1, '{}' from generate_series(1, 3000)",
            new_id(),
        )
    assert [numbers(await heard) for heard in waiting] == [list(range(1, 3001))] * 5
    assert sorted(asked) == list(range(1, 3001))
    for each in followers:
        await each.aclose()
    await logs.close()


async def test_behind_a_cursor_whose_events_were_dropped_nobody_goes_on(log: Database, logs: LiveLogs) -> None:
    await log.execute("insert into core.workspace (id, schema) values ($1, $2)", WORKSPACE, SCHEMA)
    async with aclosing(follow(logs)) as portions:
        begun = await step(portions)
        for _ in range(3):
            await write(log)
        heard = await take(portions, 3)
    await asyncio.sleep(0.002)  # events are dropped by the millisecond of their age
    assert await drop_old(log, timedelta(0), frozenset()) == 3
    await write(log)
    for old in (begun.cursor, heard[0].cursor):
        async with aclosing(follow(logs, after=Cursor.read(old))) as portions:
            with pytest.raises(EventsDropped):
                await take(portions, 1)
    async with aclosing(follow(logs, after=Cursor.read(heard[-1].cursor))) as portions:
        assert numbers(await take(portions, 1)) == [4]


async def test_what_cannot_be_asked_now_is_asked_again_and_what_is_too_much_in_parts(
    log: Database, logs: LiveLogs
) -> None:
    sizes: list[int] = []
    failures: list[Exception] = [Unavailable(), Timeout(), Timeout()]

    async def tell(events: Sequence[Event]) -> Mapping[int, bytes]:
        sizes.append(len(events))
        if failures:
            raise failures.pop(0)
        return await number(events)

    async with aclosing(follow(logs, Interest(key=1, topic=Topic(), tell=tell))) as portions:
        await step(portions)
        waiting = asyncio.ensure_future(take(portions, 20))
        async with log.transaction() as connection:
            for _ in range(20):
                await write(connection)
        assert numbers(await waiting) == list(range(1, 21))
    assert sizes == [20, 20, 5, 1, 2, 4, 8, 5]


async def test_another_failure_ends_those_who_share_it_and_nobody_else(log: Database, logs: LiveLogs) -> None:
    async def fail(_events: Sequence[Event]) -> Mapping[int, bytes]:
        raise LookupError

    failing = Interest(key="failing", topic=Topic(), tell=fail)
    followers = [follow(logs, failing), follow(logs, failing), follow(logs)]
    for each in followers:
        await step(each)
    waiting = [asyncio.ensure_future(step(each)) for each in followers]
    await write(log)
    for failed in waiting[:2]:
        with pytest.raises(LookupError):
            await failed
    assert numbers((await waiting[2]).news) == [1]
    assert logs.followed == {WORKSPACE: 1}
    async with aclosing(follow(logs, interest("failing"), after=START)) as portions:
        assert numbers(await take(portions, 1)) == [1]
    await followers[2].aclose()


async def test_who_hears_nothing_is_told_how_far_the_log_is_read(log: Database, bell: Bell) -> None:
    logs = LiveLogs(log, bell, look_seconds=0.01, rest_seconds=0.01)
    async with aclosing(follow(logs, interest(object="nothing"))) as portions:
        begun = await step(portions)
        await write(log)
        later = await step(portions)
        assert later.news == ()
        assert later.cursor != begun.cursor
    async with aclosing(follow(logs, after=Cursor.read(later.cursor))) as portions:
        await step(portions)
        await write(log)
        assert numbers(await take(portions, 1)) == [2]
    await logs.close()


async def test_with_the_workspace_its_followers_end(log: Database, logs: LiveLogs) -> None:
    async with aclosing(follow(logs)) as portions:
        await step(portions)
        await log.script(f'drop schema "{SCHEMA}" cascade')
        with pytest.raises(LogGone):
            await step(portions)
    with pytest.raises(LogGone):
        await step(follow(logs))


async def test_when_the_server_goes_down_followers_are_told(log: Database, bell: Bell) -> None:
    before = asyncio.all_tasks()
    logs = LiveLogs(log, bell)
    portions = follow(logs)
    await step(portions)
    waiting = asyncio.ensure_future(step(portions))
    await asyncio.sleep(0)
    await logs.close()
    with pytest.raises(Unavailable):
        await waiting
    assert asyncio.all_tasks() == before


async def test_a_database_that_is_away_for_a_moment_loses_nothing(log: Database, logs: LiveLogs) -> None:
    async with aclosing(follow(logs)) as portions:
        await step(portions)
        waiting = asyncio.ensure_future(take(portions, 3))
        for _ in range(3):
            await log.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            await write(log)
        assert numbers(await waiting) == [1, 2, 3]
