"""The job that writes a file's rows as records. Each batch and the note that it is done are one transaction.

A process that is killed, at whatever moment, leaves whole batches behind; who takes the job over goes on after them.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from functools import partial
from typing import cast
from uuid import UUID

import asyncpg

from rapport.base.errors import RapportError, Timeout, Unavailable
from rapport.imports.acting import Acting, acting, demand_importable
from rapport.imports.applying import Applier, Outcome
from rapport.imports.converting import Converter, Prepared
from rapport.imports.dry_run import Rehearsal
from rapport.imports.reading import Batch, batches
from rapport.imports.storing import Import, add_problems, end, end_within, last_event, take
from rapport.jobs.handler import Handler, Job
from rapport.records.contention import persisting
from rapport.store.database import Connection, Database
from rapport.store.queries import load

RUN = "import.run"
DELAYS = tuple(timedelta(seconds=each) for each in (2, 10, 30, 60, 300, 600))
TIMEOUT = timedelta(hours=24)
MOST = 4  # at a time: imports of hours must not keep mails waiting

_SQL = load("rapport.imports")


class Left(Exception):
    """The import is no longer this run's: it was cancelled, or another process has taken it over."""


class _TakenBack(Exception):
    """What was written in the transaction is to be undone."""


def run_handler(db: Database, ring: Callable[[UUID], None] = lambda workspace_id: None) -> Handler:
    """The handler of `import.run`. ``ring`` is told the workspace when records have changed."""
    return Handler(run=_Runs(db, ring).run, delays=DELAYS, timeout=TIMEOUT, most=MOST)


class _Runs:
    def __init__(self, db: Database, ring: Callable[[UUID], None]) -> None:
        self._db = db
        self._ring = ring

    async def run(self, job: Job) -> None:
        payload = cast("dict[str, str]", job.payload)
        import_id = UUID(payload["import"])
        try:
            await _Run(self._db, import_id, self._ring).run()
        except Left:
            return
        except (asyncpg.PostgresError, OSError, Unavailable, Timeout):
            if job.attempt > len(DELAYS):
                await end(self._db, import_id, "failed", "The database failed again and again.")
            raise
        except RapportError as error:
            await end(self._db, import_id, "failed", error.message)


class _Crew:
    """What works on the batches, for one version of the data model and of the rules."""

    def __init__(self, acting: Acting, found: Import) -> None:
        item = acting.importable(found.object_id)
        demand_importable(item, found.options)
        self.acting = acting
        self.converter = Converter(acting.catalog, item, found.options)
        self.applier = Applier(
            acting.catalog, item, found.options, self.converter.match, acting.values(importId=str(found.id))
        )
        self.rehearsal = Rehearsal(item, found.options, self.converter.match) if found.options.dry_run else None


class _Run:
    """One run of the job."""

    def __init__(self, db: Database, import_id: UUID, ring: Callable[[UUID], None]) -> None:
        self._db = db
        self._id = import_id
        self._ring = ring
        self._crew: _Crew | None = None
        self._stops = False  # at the first error
        self._reading: AsyncGenerator[Batch, None] | None = None
        self._coming: asyncio.Task[tuple[_Crew, Prepared] | None] | None = None

    async def run(self) -> None:
        """Raises Left, and what ends the import."""
        found = await self._begin()
        reading = batches(
            self._db, self._id, found.options, start=found.position, first=found.next_row, size=found.size
        )
        self._reading = reading
        try:
            while (prepared := await self._next()) is not None:
                await persisting(partial(self._write, prepared))
                self._ring(found.starter.workspace_id)
        finally:
            if self._coming is not None:
                self._coming.cancel()
                await asyncio.gather(self._coming, return_exceptions=True)
            await reading.aclose()
        async with self._db.transaction() as connection:
            await self._mine(connection)
            await end_within(connection, self._id, "done")

    async def _begin(self) -> Import:
        async with self._db.transaction() as connection:
            found = await take(connection, self._id)
            if found is None or found.state not in ("queued", "running"):
                raise Left
            self._stops = found.options.on_error == "stop"
            self._crew = _Crew(await acting(connection, found.starter), found)
            last = await last_event(connection, self._crew.acting.catalog.schema)
            await connection.execute(_SQL["start_import"], self._id, last)
            return found

    async def _next(self) -> tuple[_Crew, Prepared] | None:
        self._look_ahead()
        coming, self._coming = self._coming, None
        assert coming is not None
        return await coming

    def _look_ahead(self) -> None:
        """The next batch is read and converted while PostgreSQL writes this one.

        Called when there is little left to say to PostgreSQL: the thread that converts keeps this one waiting.
        """
        if self._coming is None:
            self._coming = asyncio.create_task(self._prepare())

    async def _prepare(self) -> tuple[_Crew, Prepared] | None:
        crew, reading = self._crew, self._reading
        assert crew is not None
        assert reading is not None
        batch = await anext(reading, None)
        return None if batch is None else (crew, await asyncio.to_thread(crew.converter.convert, batch))

    async def _write(self, given: tuple[_Crew, Prepared]) -> None:
        """Writes a batch, or takes it back, and notes that it is done. Raises Left, and what ends the import."""
        outcome: Outcome | None = None
        try:
            async with self._db.transaction() as connection:
                await connection.script("set local synchronous_commit = off")  # a crash loses batch and note together
                crew, prepared = await self._current(connection, given)
                self._look_ahead()
                outcome = await crew.applier.apply(connection, prepared)
                if crew.rehearsal is not None or (outcome.problems and self._stops):
                    raise _TakenBack
                await self._note(connection, prepared, outcome)
                return
        except _TakenBack:
            assert outcome is not None
        async with self._db.transaction() as connection:
            await self._mine(connection, prepared.batch.start)
            if crew.rehearsal is not None:
                await crew.rehearsal.compare(connection, self._id, prepared, outcome)
            if outcome.problems and self._stops:
                await add_problems(connection, self._id, outcome.problems)
                await connection.execute(
                    _SQL["note_progress"], self._id, prepared.batch.start, prepared.batch.first, 0, 0, 0, 0,
                    len({each.row for each in outcome.problems}),
                )  # fmt: skip
                await end_within(connection, self._id, "failed", "The import stopped at the first error.")
                stopped = True
            else:
                await self._note(connection, prepared, outcome)
                stopped = False
        if stopped:
            raise Left

    async def _current(self, connection: Connection, given: tuple[_Crew, Prepared]) -> tuple[_Crew, Prepared]:
        """The batch as it has to be written now. Raises Left and StarterGone, and what is wrong with the columns."""
        crew, prepared = given
        found = await self._mine(connection, prepared.batch.start)
        now = await acting(connection, found.starter, self._crew.acting if self._crew else None)
        if self._crew is None or now is not self._crew.acting:
            self._crew = _Crew(now, found)
        if crew is not self._crew:
            prepared = await asyncio.to_thread(self._crew.converter.convert, prepared.batch)
        return self._crew, prepared

    async def _mine(self, connection: Connection, position: int | None = None) -> Import:
        """The import, if it goes on from this position. Raises Left."""
        found = await take(connection, self._id)
        if found is None or found.state != "running" or position not in (None, found.position):
            raise Left
        return found

    async def _note(self, connection: Connection, prepared: Prepared, outcome: Outcome) -> None:
        batch = prepared.batch
        await add_problems(connection, self._id, [*outcome.problems, *outcome.notes])
        await connection.execute(
            _SQL["note_progress"],
            self._id,
            batch.end,
            batch.first + len(batch.rows),
            prepared.count,
            len(outcome.created),
            outcome.updated,
            outcome.unchanged,
            len({each.row for each in outcome.problems}),
        )
        if batch.ends_piece:
            await connection.execute(_SQL["drop_read_chunks"], self._id, batch.end)
