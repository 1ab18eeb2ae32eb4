"""`python -m tests.acceptance.storm.storm --rounds 50`: processes are killed at random moments under load.

At the end everything is compared with the event log: what the receiver of webhooks got, what the followers of the feed
saw, how far the readers have come, what the timeline says, and what is left of jobs.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from rapport.base.settings import Settings
from rapport.events.cursor import Cursor
from rapport.events.log import read
from rapport.store.database import Database
from rapport.store.opening import open_database
from tests.acceptance.storm.follower import Follower
from tests.acceptance.storm.load import Load
from tests.acceptance.storm.processes import Deployment
from tests.acceptance.storm.receiver import Receiver

QUIET_SECONDS = 180.0  # in which all that was left undone is to be done
CREATE = "mutation($input: CreateWebhookInput!) { createWebhook(input: $input) { id } }"


@dataclass(kw_only=True)
class Outcome:
    """What there was to tell, and what was told. ``problems`` should be empty."""

    events: int
    deliveries: int
    repeated: int
    deaths: dict[str, int]
    seconds_to_quiet: float
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        killed = ", ".join(f"{name} {count} times" for name, count in self.deaths.items())
        return (
            f"killed {killed}; {self.events} events, {self.deliveries} deliveries, of which {self.repeated} repeated; "
            f"all told {self.seconds_to_quiet:.1f} s after the last kill; {len(self.problems)} problems"
        )


class Storm:
    def __init__(self, folder: Path, *, seed: int, fails_one_in: int = 25) -> None:
        self._deployment = Deployment(folder)
        self._receiver = Receiver(fails_one_in)
        self._chance = random.Random(seed)

    async def run(self, rounds: int) -> Outcome:
        """Kills so many times; then waits for quiet and looks at everything."""
        deployment, receiver = self._deployment, self._receiver
        await receiver.start()
        await asyncio.to_thread(deployment.start)
        try:
            load = Load(lambda: deployment.address)
            followers = [Follower(lambda: deployment.address, limit) for limit in (7, 500)]
            await self._register(receiver.url)
            for each in followers:
                await self._begin(each)
            tasks = [asyncio.create_task(load.run()), *(asyncio.create_task(each.run()) for each in followers)]
            for number in range(rounds):
                await asyncio.sleep(self._chance.uniform(0.2, 2.0))
                which = ("server", "worker", "postgresql")[number % 3]
                await asyncio.to_thread(deployment.kill, which)
                deployment.revive_worker()
                _demand_running(tasks)
            await asyncio.sleep(1)
            load.stopped.set()
            await tasks[0]
            begun = time.monotonic()
            await asyncio.to_thread(deployment.wait_until_up)
            async with open_database(Settings(data_dir=deployment.data_dir)) as db:
                check = _Check(db, receiver, followers)
                await check.prepare()
                try:
                    await self._until(check.is_quiet)
                except TimeoutError:
                    check.problems.append("not everything was told in the end")
                quiet = time.monotonic() - begun
                for each in followers:
                    each.stopped.set()
                await asyncio.gather(*tasks)
                await check.compare(load)
                return Outcome(
                    events=len(check.log),
                    deliveries=len(receiver.receipts),
                    repeated=len(receiver.receipts) - len({each.delivery for each in receiver.receipts}),
                    deaths=deployment.deaths,
                    seconds_to_quiet=quiet,
                    problems=check.problems,
                )
        finally:
            await asyncio.to_thread(deployment.stop)
            await receiver.stop()

    async def _register(self, url: str) -> None:
        given = {"targetUrl": url, "operations": ["person.*"], "secret": "of the storm"}
        await self._ask({"query": CREATE, "variables": {"input": given}})

    async def _ask(self, body: dict[str, object]) -> None:
        assert self._deployment.address is not None
        address, key = self._deployment.address
        async with httpx.AsyncClient(timeout=20) as http:
            answer = await http.post(f"{address}/graphql", json=body, headers={"Authorization": f"Bearer {key}"})
        assert "errors" not in answer.json(), answer.text

    async def _begin(self, follower: Follower) -> None:
        """From now on."""
        assert self._deployment.address is not None
        address, key = self._deployment.address
        async with httpx.AsyncClient(timeout=20) as http:
            answer = await http.get(
                f"{address}/rest/events", params={"after": "now"}, headers={"Authorization": f"Bearer {key}"}
            )
        follower.cursor = answer.json()["pageInfo"]["endCursor"]

    async def _until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(QUIET_SECONDS):
            while not await condition():
                self._deployment.revive_worker()
                await asyncio.sleep(0.2)


def _demand_running(tasks: "list[asyncio.Task[None]]") -> None:
    for each in tasks:
        if each.done():
            each.result()
            raise AssertionError("it ended by itself")


@dataclass
class _Check:
    """Compares what was told with what is in the log."""

    db: Database
    receiver: Receiver
    followers: list[Follower]
    problems: list[str] = field(default_factory=list)
    log: list[tuple[str, str, str, str | None]] = field(default_factory=list)  # id, name, record, note
    schema: str = ""

    async def prepare(self) -> None:
        self.schema = str(await self.db.value('select "schema" from core.workspace limit 1'))
        created = await self.db.value('select min("createdAt") from core.webhook')
        rows = await self.db.rows(
            f"select e.id::text, e.object || '.' || e.action as name, e.\"recordId\"::text as record, "
            f"coalesce(e.after, e.before) ->> 'jobTitle' as note from \"{self.schema}\".event e "
            "where e.object = 'person' and e.\"happenedAt\" >= $1 order by e.seq",
            created,
        )
        self.log = [(row["id"], row["name"], row["record"], row["note"]) for row in rows]

    async def is_quiet(self) -> bool:
        """Whether nothing is left to be told."""
        waiting = await self.db.value("select count(*) from core.\"webhookDelivery\" where state = 'waiting'")
        if waiting or not all(each.is_at_end for each in self.followers) or await self._jobs_left():
            return False
        return all([not await self._unread(row["cursor"]) for row in await self._cursors()])

    async def _cursors(self) -> list[dict[str, str]]:
        rows = await self.db.rows('select reader, cursor from core."eventReader" order by reader')
        return [dict(row) for row in rows]

    async def _unread(self, cursor: str) -> int:
        return len((await read(self.db, self.schema, Cursor.read(cursor), 10)).events)

    async def compare(self, load: Load) -> None:
        await self._compare_readers()
        self._compare_webhooks()
        self._compare_followers()
        await self._compare_timeline()
        await self._compare_jobs()
        await self._compare_load(load)

    async def _compare_readers(self) -> None:
        cursors = await self._cursors()
        if {each["reader"] for each in cursors} < {"timeline", "webhooks"}:
            self.problems.append(f"readers without a cursor: {cursors}")
        for each in cursors:
            if await self._unread(each["cursor"]):
                self.problems.append(f"the reader {each['reader']} has not come to the end")

    def _compare_webhooks(self) -> None:
        wanted: dict[str, list[tuple[str, str | None]]] = {}
        for _, name, record, note in self.log:
            wanted.setdefault(record, []).append((name, note))
        got = {
            record: [(each.event, each.note) for each in receipts]
            for record, receipts in self.receiver.first_receipts().items()
        }
        for record in wanted.keys() | got.keys():
            if wanted.get(record) != got.get(record):
                self.problems.append(f"webhooks of {record}: {got.get(record)}, not {wanted.get(record)}")
        if self.receiver.at_once:
            self.problems.append(f"deliveries of one record at the same time: {self.receiver.at_once[:5]}")

    def _compare_followers(self) -> None:
        ids = [each[0] for each in self.log]
        places = {identity: at for at, identity in enumerate(ids)}
        for each in self.followers:
            own = [identity for identity in each.events if identity in places]
            doubled = [identity for identity, count in Counter(own).items() if count > 1]
            missing = len(ids) - len(set(own))
            if doubled or missing:
                self.problems.append(f"a follower saw {len(doubled)} events twice and missed {missing}")
            records: dict[str, int] = {}
            for identity in own:
                record = self.log[places[identity]][2]
                if places[identity] < records.get(record, -1):
                    self.problems.append(f"a follower saw the events of {record} out of order")
                records[record] = places[identity]

    async def _compare_timeline(self) -> None:
        doubled = await self.db.value(
            f'select count(*) from (select 1 from "{self.schema}"."timelineActivity" '
            "where name = 'person.created' group by \"targetPersonId\" having count(*) > 1) d"
        )
        missing = await self.db.value(
            f"select count(*) from \"{self.schema}\".person p where p.city = 'storm' and not exists "
            f'(select from "{self.schema}"."timelineActivity" t '
            "where t.name = 'person.created' and t.\"targetPersonId\" = p.id)"
        )
        if doubled or missing:
            self.problems.append(f"the timeline tells of {doubled} creations twice and not of {missing}")

    async def _compare_jobs(self) -> None:
        left = await self._jobs_left()
        if left:
            self.problems.append(f"jobs are left: {left}")

    async def _jobs_left(self) -> list[tuple[object, ...]]:
        """Those that run or should, and those that have failed; whoever was killed with one loses it after a while."""
        rows = await self.db.rows(
            "select entrypoint, status::text, count(*) from core.job "
            "where status <> 'queued' or execute_after < now() group by 1, 2"
        )
        return [tuple(row) for row in rows]

    async def _compare_load(self, load: Load) -> None:
        rows = await self.db.rows(
            "select \"recordId\"::text as record, max((after ->> 'jobTitle')::int) as step "
            f"from \"{self.schema}\".event where object = 'person' and after ->> 'jobTitle' ~ '^[0-9]+$' group by 1"
        )
        stored = {row["record"]: row["step"] for row in rows}
        lost = [record for record, step in load.acknowledged.items() if stored.get(record, -1) < step]
        if lost:
            self.problems.append(f"acknowledged changes are lost: {lost[:5]}")


def _main(rounds: int, seed: int) -> int:
    with tempfile.TemporaryDirectory(prefix="rapport-storm-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user when this one is root
        outcome = asyncio.run(Storm(Path(folder), seed=seed).run(rounds))
    sys.stdout.write(f"{outcome}\n")
    for problem in outcome.problems[:20]:
        sys.stdout.write(f"- {problem}\n")
    return len(outcome.problems)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    sys.exit(1 if _main(given.rounds, given.seed) else 0)
