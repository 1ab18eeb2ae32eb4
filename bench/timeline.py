"""`python -m bench.timeline`: what the timeline costs for each event, in CPU time of Python and of PostgreSQL.

Records are made and changed first; then their events are read in batches, as the background does, while nothing
else happens.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bench.processes import Processes, cpu_seconds
from rapport.access.principal import Principal
from rapport.base.settings import Settings
from rapport.demo.bulk import bulk_id, fill_bulk
from rapport.events.cursor import START, Cursor
from rapport.events.log import read
from rapport.events.readers import BATCH, Log
from rapport.metadata.catalog import Catalog
from rapport.metadata.catalogs import Catalogs
from rapport.metadata.names import qualified
from rapport.records.create import create_records
from rapport.records.delete import delete_records
from rapport.records.update import update_record
from rapport.store.database import Database
from rapport.store.migrate import migrate
from rapport.store.opening import open_database
from rapport.timeline.reader import TimelineReader
from rapport.workspaces.create import create_workspace

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "10000"))
MEMBER = UUID("a0000000-0000-4000-8000-000000000001")


@dataclass
class _Bench:
    db: Database
    catalog: Catalog
    principal: Principal
    reader: TimelineReader
    postmaster: int
    cursor: Cursor = START

    async def people(self) -> None:
        await fill_bulk(self.db, self.catalog, self.principal, companies=0, people=PEOPLE, opportunities=0)

    async def change(self, key: str) -> None:
        for number in range(PEOPLE):
            changed = {"jobTitle": f"{key} {number}", "city": key}
            async with self.db.transaction() as connection:
                person = bulk_id("person", number)
                await update_record(connection, self.catalog, "person", person, changed, self.principal)

    async def notes(self) -> None:
        for start in range(0, PEOPLE, 1000):
            ids = [UUID(int=(0xE << 124) + number) for number in range(start, min(start + 1000, PEOPLE))]
            notes = [{"id": str(each), "title": "A note", "bodyV2": {"markdown": "What was said"}} for each in ids]
            await create_records(self.db, self.catalog, "note", notes, self.principal)
            links = [
                {"noteId": str(each), "targetPersonId": str(bulk_id("person", start + place))}
                for place, each in enumerate(ids)
            ]
            await create_records(self.db, self.catalog, "noteTarget", links, self.principal)

    async def delete(self) -> None:
        ids = [bulk_id("person", number) for number in range(PEOPLE)]
        async with self.db.transaction() as connection:
            await delete_records(connection, self.catalog, "person", ids, self.principal)

    async def tell(self, title: str, act: Callable[[], Awaitable[None]]) -> None:
        """Acts, and then reads what has happened."""
        await act()
        await self.db.script(f"analyze {qualified(self.catalog.schema, 'event')}")
        log = Log(workspace_id=self.catalog.workspace_id, schema=self.catalog.schema)
        events, wall = 0, 0.0
        python, postgres = time.process_time(), self._postgres_seconds()
        plain = await self._pass()  # reading alone is not what the timeline costs
        while True:
            began = time.perf_counter()
            async with self.db.transaction() as connection:
                batch = await read(connection, self.catalog.schema, self.cursor, BATCH)
                if batch.events:
                    await self.reader.read(connection, log, batch.events)
            self.cursor, events = batch.cursor, events + len(batch.events)
            wall += time.perf_counter() - began
            if batch.is_last:
                break
        python, postgres = (
            time.process_time() - python - 2 * plain[0],
            self._postgres_seconds() - postgres - 2 * plain[1],
        )
        each = 1e6 / events
        print(
            f"{title:24} {events:7} events  Python {python * each:6.1f} µs  PostgreSQL {postgres * each:6.1f} µs  "
            f"{events / wall:7.0f} events/s"
        )

    async def _pass(self) -> tuple[float, float]:
        """CPU seconds of reading what there is, and nothing else."""
        python, postgres, cursor = time.process_time(), self._postgres_seconds(), self.cursor
        while True:
            batch = await read(self.db, self.catalog.schema, cursor, BATCH)
            cursor = batch.cursor
            if batch.is_last:
                return time.process_time() - python, self._postgres_seconds() - postgres

    def _postgres_seconds(self) -> float:
        return cpu_seconds(Processes.now().tree(self.postmaster))


async def _run(folder: Path) -> None:
    settings = Settings(data_dir=folder)
    async with open_database(settings) as db:
        await migrate(db)
        async with db.transaction() as connection:
            workspace_id, schema = await create_workspace(connection, name="Timeline")
            members = qualified(schema, "workspaceMember")
            await connection.execute(f'insert into {members} (id, "userId") values ($1, $1)', MEMBER)
        catalog = await Catalogs().of(db, workspace_id)
        principal = Principal(
            workspace_id=workspace_id,
            schema=schema,
            user_id=MEMBER,
            workspace_member_id=MEMBER,
            name="Ann",
            source="MANUAL",
        )
        bench = _Bench(db, catalog, principal, TimelineReader(Catalogs()), _postmaster(folder))
        await bench.tell("created", bench.people)
        await bench.tell("changed", lambda: bench.change("first"))
        await bench.tell("changed again (merged)", lambda: bench.change("second"))
        await bench.tell("notes and their links", bench.notes)
        await bench.tell("deleted", bench.delete)
        size = await db.value("select pg_total_relation_size($1::regclass)", qualified(schema, "timelineActivity"))
        print(f"{size / 1e6:.0f} MB of entries with their indexes")  # type: ignore[operator]


def _postmaster(folder: Path) -> int:
    (pid_file,) = folder.rglob("postmaster.pid")
    return int(pid_file.read_text(encoding="ascii").split()[0])


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        asyncio.run(_run(Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
