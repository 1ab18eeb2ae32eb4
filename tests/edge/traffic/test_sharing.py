"""Requests in a minute over several processes: how far above the limit they get together."""

import asyncio
import random

import pytest

from rapport.base.ids import new_id
from rapport.edge.traffic.errors import RateLimitExceeded
from rapport.edge.traffic.rates import Rates
from rapport.edge.traffic.sharing import Sharing
from rapport.edge.traffic.sources import RateLimits, Source, Sources
from rapport.store.database import Database
from tests.edge.rest.asking import send
from tests.edge.traffic.conftest import Home
from tests.edge.traffic.test_rates import Clock, limited, principal
from tests.serving import serving

MINUTE = 29_000_000


class Process:
    """What a process has of all this. The test says when it exchanges."""

    def __init__(self, database: Database, key: object, *, limit: int, clock: Clock) -> None:
        self.rates = Rates(clock=clock)
        self.sharing = Sharing(database, self.rates)
        self.rates.on_change = lambda: None
        self.source: Source = Sources(RateLimits(user=0, api_key=limit, ip=0)).of(principal(api_key_id=key))  # type: ignore[arg-type]

    def ask(self) -> bool:
        try:
            self.rates.count(self.source)
        except RateLimitExceeded:
            return False
        return True


@pytest.mark.parametrize("seed", range(5))
async def test_together_they_let_in_the_limit_and_what_comes_within_two_exchanges(home: Home, seed: int) -> None:
    """Requests come to four processes as they like; each exchanges after every ten that have come to all."""
    choose = random.Random(seed)
    key, clock, limit = new_id(), Clock(MINUTE * 60.0), 100
    processes = [Process(home.database, key, limit=limit, clock=clock) for _ in range(4)]
    let_in = 0
    for tick in range(60):
        for _ in range(10):
            let_in += choose.choice(processes).ask()
        for process in choose.sample(processes, 4):
            await process.sharing.exchange()
        if tick == 9:
            assert let_in == limit  # whoever has told and been told refuses nobody too early
    assert limit <= let_in <= limit + 2 * 10
    assert not any(process.ask() for process in processes)

    clock.now += 60  # in the next minute all of it again, and nothing is left of the last but one
    assert all(process.ask() for process in processes)
    clock.now += 60
    processes[0].ask()
    await processes[0].sharing.exchange()
    assert await home.database.value('select min("window") from core."rateCount"') >= MINUTE + 1  # type: ignore[operator]


async def test_exchanges_at_the_same_moment_disturb_nobody(home: Home) -> None:
    key, clock = new_id(), Clock((MINUTE + 10) * 60.0)
    processes = [Process(home.database, key, limit=1_000, clock=clock) for _ in range(5)]
    for _ in range(5):
        for process in processes:
            for _ in range(7):
                assert process.ask()
        await asyncio.gather(*(process.sharing.exchange() for process in processes))
    for process in processes:  # a snapshot may miss those of the same moment; the next does not
        process.ask()
    for process in processes:
        await process.sharing.exchange()
        assert process.source.counted == 36
    processes[0].ask()
    await processes[0].sharing.exchange()
    assert processes[0].source.elsewhere == 4 * 36


async def test_without_the_database_each_counts_alone_and_tells_later(home: Home, server_dsn: str) -> None:
    key, clock = new_id(), Clock((MINUTE + 20) * 60.0)
    away = await Database.connect(server_dsn, size=1)
    await away.close()
    alone = Process(away, key, limit=10, clock=clock)
    other = Process(home.database, key, limit=10, clock=clock)

    assert [alone.ask() for _ in range(4)] == [True] * 4
    await alone.sharing.exchange()
    assert [alone.ask() for _ in range(2)] == [True] * 2
    assert alone.rates.changed == [alone.source]
    await alone.sharing.close()

    alone.sharing = Sharing(home.database, alone.rates)
    await alone.sharing.exchange()
    other.ask()
    await other.sharing.exchange()
    assert other.source.elsewhere == 6
    await alone.sharing.close()


async def test_servers_learn_from_each_other_without_a_statement_for_a_request(home: Home) -> None:
    async with limited(home, rate_limit_api_key=30) as one, serving(home.database, home.tenant) as unlimited:
        for _ in range(30):
            assert (await send(one, "GET", "/people")).status_code == 200
        assert (await send(one, "GET", "/people")).status_code == 429
        assert (await send(unlimited, "GET", "/people")).status_code == 200

        async with serving(home.database, home.tenant, rate_limit_api_key=30) as two:
            answers = 0
            async with asyncio.timeout(20):
                while (await send(two, "GET", "/people")).status_code == 200:
                    answers += 1
                    await asyncio.sleep(0.2)
            assert 1 <= answers < 30
            exchanges = await home.database.value('select count(*) from core."rateCount"')
            assert exchanges == 2  # a row for each process
