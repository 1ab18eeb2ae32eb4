"""What endpoints are told of events (system-api.md §10): JSON, whose record PostgreSQL has built like REST does."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import orjson
import structlog

from rapport.engine import plan
from rapport.engine.links import SIGNER, Signer
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.telling import write_told
from rapport.events.log import Event
from rapport.events.readers import Log
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.catalogs import Catalogs
from rapport.metadata.names import quote
from rapport.records.showing import own_items
from rapport.store.database import Connection
from rapport.store.queries import load

_MOST = 200  # workspaces whose statements are remembered
_SEQS = "@seqs"
MOST_BYTES = 20_000_000  # of a record: a larger one is not sent
_EVENTS_AT_ONCE, _BYTES_AT_ONCE = 200, 8_000_000  # in memory, unless one record is larger

_SQL = load("rapport.webhooks")
_log = structlog.get_logger(__name__)


class Bodies:
    """Makes the bodies of a workspace's events. ``signer`` gives that by which links to files are signed."""

    def __init__(self, signer: Callable[[UUID], Signer] | None = None) -> None:
        self._signer = signer
        self._catalogs = Catalogs()
        self._statements: OrderedDict[UUID, tuple[Catalog, dict[str, Statement]]] = OrderedDict()

    async def of(self, connection: Connection, log: Log, events: Sequence[Event]) -> "AsyncIterator[list[Body]]":
        """Those of events whose objects there still are, in the order of the events: as many as may be in memory."""
        if not events:
            return
        catalog = await self._catalogs.of(connection, log.workspace_id)
        sizes = await self._sizes(connection, log.schema, [event.seq for event in events])
        some: list[Event] = []
        total = 0
        for event in events:
            size = sizes.get(event.seq, 0)
            size = 0 if size > MOST_BYTES else size  # it is not fetched
            if some and (len(some) == _EVENTS_AT_ONCE or total + size > _BYTES_AT_ONCE):
                yield await self._some(connection, log.workspace_id, catalog, some, sizes)
                some, total = [], 0
            some.append(event)
            total += size
        yield await self._some(connection, log.workspace_id, catalog, some, sizes)

    async def _sizes(self, connection: Connection, schema: str, seqs: Sequence[int]) -> dict[int, int]:
        """By event, about how many bytes of JSON its record has."""
        rows = await connection.rows(_SQL["event_sizes"].replace("{schema}", quote(schema)), seqs, MOST_BYTES)
        return {row["seq"]: row["size"] for row in rows}

    async def _some(
        self,
        connection: Connection,
        workspace_id: UUID,
        catalog: Catalog,
        events: Sequence[Event],
        sizes: Mapping[int, int],
    ) -> "list[Body]":
        by_object: dict[str, list[int]] = {}
        records: dict[int, bytes | None] = {}
        for event in events:
            if event.object not in catalog.by_name or event.seq not in sizes:
                continue
            if sizes[event.seq] > MOST_BYTES:
                records[event.seq] = None
                _log.warning("record too large for webhooks", workspace=str(workspace_id), event_id=str(event.id))
            else:
                by_object.setdefault(event.object, []).append(event.seq)
        signer = self._signer(workspace_id) if self._signer else None
        for name, seqs in by_object.items():
            statement = self._statement(workspace_id, catalog, name)
            rows = await connection.rows(statement.sql, *statement.bind({_SEQS: seqs, SIGNER: signer}))
            records.update((row["seq"], row["record"]) for row in rows)
        return [
            Body(event, workspace_id, catalog.by_name[event.object], records[event.seq])
            for event in events
            if event.seq in records
        ]

    def _statement(self, workspace_id: UUID, catalog: Catalog, name: str) -> Statement:
        known = self._statements.get(workspace_id)
        if known is None or known[0] is not catalog:
            known = self._statements[workspace_id] = (catalog, {})
        self._statements.move_to_end(workspace_id)
        if len(self._statements) > _MOST:
            self._statements.popitem(last=False)
        statement = known[1].get(name)
        if statement is None:
            statement = known[1][name] = _told(catalog, catalog.by_name[name])
        return statement


class Body:
    """An event as each webhook is told of it. Without a ``record``, which is too large, there is a ``problem``.

    ``size``: about how many bytes it has.
    """

    __slots__ = ("_end", "_middle", "_object", "_workspace", "event", "problem", "size")

    def __init__(self, event: Event, workspace_id: UUID, item: Object, record: bytes | None) -> None:
        self.event = event
        self.problem = f"The record is too large: more than {MOST_BYTES // 1_000_000} MB." if record is None else None
        if record is None:
            record = orjson.dumps({"id": str(event.record_id)})  # for who has it delivered all the same
        self._workspace = str(workspace_id)
        self._object = {"id": str(item.id), "nameSingular": item.name}
        actor = orjson.loads(event.actor) if event.actor else {}
        who = {name: actor[name] for name in ("userId", "workspaceMemberId") if actor.get(name)}
        self._middle = {"eventDate": moment(event.happened_at), **who}
        parts = [b',"record":', record]
        if event.action == "updated":
            parts += (b',"updatedFields":', orjson.dumps(event.updated_fields or ()))
        self._end = b"".join((*parts, b"}"))
        self.size = len(self._end)

    def for_webhook(self, webhook_id: UUID, target: str, event_name: str) -> str:
        """The text that is sent, byte for byte."""
        start: Mapping[str, object] = {
            "targetUrl": target,
            "eventName": event_name,
            "objectMetadata": self._object,
            "workspaceId": self._workspace,
            "webhookId": str(webhook_id),
            **self._middle,
        }
        return (orjson.dumps(start)[:-1] + self._end).decode()


def moment(at: datetime) -> str:
    """`2026-01-02T03:04:05.678Z`"""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _told(catalog: Catalog, item: Object) -> Statement:
    parameters = Parameters()
    told = plan.Told(
        schema=catalog.schema,
        object=item,
        items=tuple(own_items(item, numbers_are_texts=True)),
        seqs=Value(sql_type="bigint[]", path=(_SEQS,)),
    )
    return Statement.of(write_told(told, parameters), parameters)
