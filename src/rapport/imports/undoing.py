"""The job that undoes an import: it destroys the records that were created and puts back the values that were changed.

What it did is in the events of the workspace, which keep its id with the actor. They are walked from the last one back,
each batch in one transaction with the note of how far it is. What others have changed since is left as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import cast
from uuid import UUID

import asyncpg
import orjson

from rapport.base.errors import PermissionDenied, RapportError, Timeout, Unavailable
from rapport.engine import plan
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import given_flag, write_change
from rapport.imports.acting import Acting, Starter, acting
from rapport.imports.problems import Problem
from rapport.imports.running import DELAYS, Left
from rapport.imports.storing import Import, add_problems, end, end_within, take
from rapport.imports.writing import Refusal, RowWriter, write_apart
from rapport.jobs.handler import Handler, Job
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.names import qualified, quote
from rapport.records.actor import ACTOR
from rapport.records.attachments import Loss, attached
from rapport.records.consequences import Consequences
from rapport.records.contention import persisting
from rapport.records.exposure import Exposure
from rapport.records.rights import check_right
from rapport.records.rows import Rows
from rapport.store.database import Connection, Database
from rapport.store.queries import load

UNDO = "import.undo"
TIMEOUT = timedelta(hours=24)
MOST = 2  # at a time, beside imports

_SQL = load("rapport.imports")
_AT_ONCE = 1_000
_IDS = "@undone"
_CHANGED = "The record was changed after the import and is left as it is."
_FROZEN = "Not all fields may be changed by this role."
_GONE = "The import has changed a field that is not there any more, or has another name now."


def undo_handler(
    db: Database, loss: Loss | None = None, ring: Callable[[UUID], None] = lambda workspace_id: None
) -> Handler:
    """The handler of `import.undo`. ``loss`` is what to do about files that go with records; ``ring`` is told the
    workspace when records have changed.
    """
    return Handler(run=_Undoings(db, loss, ring).run, delays=DELAYS, timeout=TIMEOUT, most=MOST)


class _Undoings:
    def __init__(self, db: Database, loss: Loss | None, ring: Callable[[UUID], None]) -> None:
        self._db = db
        self._loss = loss
        self._ring = ring

    async def run(self, job: Job) -> None:
        payload = cast("dict[str, str | None]", job.payload)
        import_id = UUID(str(payload["import"]))
        starter = Starter.read(payload)
        try:
            await _Undoing(self._db, import_id, starter, self._loss, self._ring).run()
        except Left:
            return
        except (asyncpg.PostgresError, OSError, Unavailable, Timeout):
            if job.attempt > len(DELAYS):
                await end(self._db, import_id, "failed", "The database failed again and again.")
            raise
        except RapportError as error:
            await end(self._db, import_id, "failed", error.message)


class EventsGone(RapportError):
    """The import cannot be undone: its events are not kept any more."""


class _Undoing:
    def __init__(
        self, db: Database, import_id: UUID, starter: Starter, loss: Loss | None, ring: Callable[[UUID], None]
    ) -> None:
        self._db = db
        self._ring = ring
        self._id = import_id
        self._starter = starter
        self._loss = loss
        self._acting: Acting | None = None
        self._is_counted = False

    async def run(self) -> None:
        while await persisting(self._step):
            self._ring(self._starter.workspace_id)

    async def _step(self) -> bool:
        """Undoes some of it; whether there was anything. Raises Left, and what ends it."""
        async with self._db.transaction() as connection:
            found = await take(connection, self._id)
            if found is None or found.state != "undoing":
                raise Left
            self._acting = await acting(connection, self._starter, self._acting)
            item = self._acting.importable(found.object_id)
            check_right(item, "update")
            if found.created:
                check_right(item, "destroy")
            batch = _Batch(connection, self._acting, item, found, self._loss)
            if not self._is_counted and not found.undone and not found.kept:
                await batch.demand_all()
            self._is_counted = True
            events = await batch.next()
            if not events:
                await end_within(connection, self._id, "undone")
                return False
            undone, problems = await batch.undo(events)
            await add_problems(connection, self._id, problems)
            left = len({each.record_id for each in problems})
            await connection.execute(_SQL["note_undone"], self._id, events[-1]["seq"], undone, left)
            return True


class _Batch:
    """Some of an import's events, the last ones first."""

    def __init__(self, connection: Connection, acting: Acting, item: Object, found: Import, loss: Loss | None) -> None:
        self._connection = connection
        self._loss = loss
        self._acting = acting
        self._object = item
        self._import = found
        self._schema = quote(acting.catalog.schema)
        self._table = qualified(acting.catalog.schema, item.table)
        self._values = acting.values(undoneImportId=str(found.id))
        # What a change brings along by itself, also the one that puts a value back.
        authors = [column.name for column in item.columns if column.name.startswith("updatedBy")]
        self._brought = ["updatedAt", *authors]

    async def demand_all(self) -> None:
        """Raises EventsGone."""
        kept = await self._connection.value(self._sql("count_created"), *self._range())
        if kept != self._import.created:
            raise EventsGone

    async def next(self) -> list[asyncpg.Record]:
        """Events, no two of them of one record."""
        events = await self._connection.rows(self._sql("find_events"), *self._range(), _AT_ONCE)
        seen: set[UUID] = set()
        for place, event in enumerate(events):
            if event["recordId"] in seen:
                return events[:place]
            seen.add(event["recordId"])
        return events

    async def undo(self, events: Sequence[asyncpg.Record]) -> tuple[int, list[Problem]]:
        """How many records are as they were, and what is left of the others."""
        created = [event for event in events if event["action"] == "created"]
        updated = [event for event in events if event["action"] != "created"]
        await self._connection.rows(self._sql("lock_records"), sorted(event["recordId"] for event in events))
        problems = [*await self._destroy(created), *await self._put_back(updated)]
        return len(events) - len({each.record_id for each in problems}), problems

    async def _destroy(self, events: Sequence[asyncpg.Record]) -> list[Problem]:
        if not events:
            return []
        numbers = [event["seq"] for event in events]
        rows = await self._connection.rows(self._sql("compare_created"), numbers, self._brought)
        same = [row["id"] for row in rows if row["isSame"]]
        problems = [Problem(message=_CHANGED, record_id=UUID(row["id"])) for row in rows if not row["isSame"]]
        change = self._destruction()
        exposure, consequences = Exposure(self._acting.catalog, change), Consequences(self._acting.catalog, change)
        parameters = Parameters()
        statement = Statement.of(write_change(change, parameters), parameters)

        async def attempt(indexes: Sequence[int]) -> None:
            given = {**self._values, _IDS: [same[index] for index in indexes]}
            hidden = await exposure.hidden(self._connection, given)
            await consequences.log(self._connection, given)
            row = await self._connection.row(statement.sql, *statement.bind(given))
            if row is None or len(orjson.loads(row[0])) != len(indexes):
                raise PermissionDenied  # the role's rules keep some of them away
            await exposure.demand_hidden(self._connection, hidden, given)
            if self._loss is not None and len(row) > 1 and row[1]:
                await self._loss(self._connection, row[1], self._acting.principal)

        refusals = await write_apart(self._connection, self._object, range(len(same)), attempt)
        return problems + [_left(same[index], refusal) for index, refusal in refusals.items()]

    async def _put_back(self, events: Sequence[asyncpg.Record]) -> list[Problem]:
        if not events:
            return []
        numbers = [event["seq"] for event in events]
        given: dict[str, dict[str, object]] = {}
        problems: list[Problem] = []
        fields = {
            column.name: field for field in self._object.fields for column in field.columns if not column.generated_sql
        }
        for row in await self._connection.rows(self._sql("compare_updated"), numbers, self._brought):
            if not row["isThere"]:
                problems.append(Problem(message=_GONE, column=row["column"], record_id=UUID(row["id"])))
                continue
            field = fields.get(row["column"])
            if field is None:
                continue
            if not field.may_update:
                shown = row["column"] if field.may_read else None
                problems.append(Problem(message=_FROZEN, column=shown, record_id=UUID(row["id"])))
                continue
            if not row["isSame"]:
                problems.append(Problem(message=_CHANGED, column=row["column"], record_id=UUID(row["id"])))
                continue
            # As PostgreSQL wrote it: no number goes through Python.
            given.setdefault(row["id"], {})[row["column"]] = orjson.Fragment(row["value"])
        if not given:
            return problems
        rows, ids = self._rows(given), list(given)
        refusals = await RowWriter(self._acting.catalog, self._object, self._values).update(self._connection, rows)
        return problems + [_left(ids[index], refusal) for index, refusal in refusals.items()]

    def _rows(self, given: Mapping[str, Mapping[str, object]]) -> Rows:
        names = {name for values in given.values() for name in values}
        columns = tuple(column for column in self._object.columns if column.name in names)
        values = [
            {
                "_id": record_id,
                "_index": index,
                **{given_flag(column.name): column.name in row for column in columns},
                **row,
            }
            for index, (record_id, row) in enumerate(given.items())
        ]
        return Rows(
            values=cast("list[dict[str, Json]]", values),
            columns=columns,
            partial=frozenset(names),
            position="given" if "position" in names else "keep",
        )

    def _destruction(self) -> plan.Change:
        wanted = plan.Compare(
            column=self._object.field["id"].column, operator="in", value=Value(sql_type="uuid[]", path=(_IDS,))
        )
        return plan.Change(
            schema=self._acting.catalog.schema,
            verb="destroy",
            object=self._object,
            many=True,
            items=(plan.Scalar(key="id", column=self._object.field["id"].column),),
            actor=ACTOR,
            filter=wanted,
            mentions_deleted=True,
            attached=None if self._loss is None else attached(self._acting.catalog, self._object),
        )

    def _range(self) -> tuple[int, int, str]:
        return self._import.first_event, self._import.next_undo, str(self._import.id)

    def _sql(self, name: str) -> str:
        return _SQL[name].replace("{schema}", self._schema).replace("{table}", self._table)


def _left(record_id: str, refusal: Refusal) -> Problem:
    return Problem(message=refusal.reason.message, record_id=UUID(record_id))
