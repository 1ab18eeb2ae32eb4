"""Those who wait for a connection: nobody has all, and nobody waits for all that another has sent."""

import asyncio
import random
from collections import Counter

from rapport.base.errors import Unavailable
from rapport.store.database import Database
from rapport.store.pool import Pool
from rapport.store.rotation import Rotation, on_behalf_of


def test_owners_take_turns_and_each_keeps_its_order() -> None:
    line = Rotation[str](most=9)
    for owner, items in (("a", "1234"), ("b", "5"), ("c", "67")):
        for item in items:
            line.append(owner, item)

    assert [line.popleft() for _ in range(5)] == [("a", "1"), ("b", "5"), ("c", "6"), ("a", "2"), ("c", "7")]
    line.append("b", "8")
    assert [line.popleft() for _ in range(3)] == [("a", "3"), ("b", "8"), ("a", "4")]
    assert not line


def test_who_has_the_most_waits_until_one_is_given_back() -> None:
    line = Rotation[str](most=2)
    line.append("a", "1")
    line.append("a", "2")
    for owner in ("a", None, None, None, "a"):
        assert line.may_have(owner)
        line.take(owner)
    assert not line
    assert not line.may_have("a")
    line.append("a", "3")
    line.append(None, "4")
    assert [line.popleft(), bool(line)] == [(None, "4"), False]
    line.give_back(None)
    assert not line
    line.give_back("a")
    assert line.popleft() == ("a", "1")
    line.take("a")
    line.append("b", "5")
    assert sorted(line.drain()) == ["2", "3", "5"]
    assert not line


async def test_the_next_connection_is_not_for_the_one_who_waits_with_most(database_dsn: str) -> None:
    db = await Database.connect(database_dsn, size=1)
    order: list[str] = []

    async def ask(owner: str) -> None:
        on_behalf_of.set(owner)
        await db.value("select 1")
        order.append(owner)

    try:
        async with db.transaction():  # the only connection
            flood = [asyncio.create_task(ask("flood")) for _ in range(50)]
            await asyncio.sleep(0)
            others = [asyncio.create_task(ask(name)) for name in ("one", "two", "one")]
            await asyncio.sleep(0)
        await asyncio.gather(*flood, *others)
    finally:
        await db.close()
    assert order[:6] == ["flood", "one", "two", "flood", "one", "flood"]
    assert len(order) == 53


async def test_nobody_waits_for_ever(database_dsn: str) -> None:
    db = await Database.connect(database_dsn, size=1)
    pool = Pool(db.dialing, size=1, max_age=60, wait_seconds=0.1)
    connection = await pool.acquire()
    results = await asyncio.gather(*(pool.acquire() for _ in range(3)), return_exceptions=True)
    assert [str(each) for each in results] == ["The database is too busy."] * 3

    waiting = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0)
    pool.release(connection)
    assert await waiting is connection
    pool.release(connection)
    await pool.close()
    await db.close()


async def test_nobody_has_all_and_none_is_lost_whatever_happens(database_dsn: str) -> None:
    """Owners come and go, are cancelled and lose their connections; then all ten are still there."""
    db = await Database.connect(database_dsn, size=10, statement_timeout_ms=0)
    choose = random.Random(7)
    working: Counter[str] = Counter()
    most: Counter[str] = Counter()

    async def work(owner: str) -> None:
        on_behalf_of.set(owner)
        async with db.transaction() as connection:
            working[owner] += 1
            most[owner] = max(most[owner], working[owner])
            try:
                if choose.random() < 0.1:
                    await connection.value("select pg_terminate_backend(pg_backend_pid())")
                await connection.value("select pg_sleep(0.002)")
            finally:
                working[owner] -= 1

    tasks = [asyncio.create_task(work(choose.choice("aaaaaab"))) for _ in range(300)]
    for _ in range(30):
        await asyncio.sleep(0.002)
        choose.choice(tasks).cancel()
    results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30)
    assert {type(each) for each in results} == {type(None), asyncio.CancelledError, Unavailable}
    assert most["a"] == 8

    async def hold(owner: str | None, gate: asyncio.Barrier) -> None:
        on_behalf_of.set(owner)
        async with db.transaction():
            await gate.wait()

    gate = asyncio.Barrier(10)
    await asyncio.wait_for(asyncio.gather(*(hold(owner, gate) for owner in "aaaaabbbbb")), 20)
    await db.close()
