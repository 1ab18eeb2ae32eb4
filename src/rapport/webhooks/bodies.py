"""What endpoints are told of events (system-api.md §10): JSON, whose record PostgreSQL has built like REST does."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import orjson

from rapport.engine import plan
from rapport.engine.links import SIGNER, Signer
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.telling import write_told
from rapport.events.log import Event
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.catalogs import Catalogs
from rapport.records.showing import own_items
from rapport.store.database import Connection

_MOST = 200  # workspaces whose statements are remembered
_SEQS = "@seqs"


class Bodies:
    """Makes the bodies of a workspace's events. ``signer`` gives that by which links to files are signed."""

    def __init__(self, signer: Callable[[UUID], Signer] | None = None) -> None:
        self._signer = signer
        self._catalogs = Catalogs()
        self._statements: OrderedDict[UUID, tuple[Catalog, dict[str, Statement]]] = OrderedDict()

    async def of(self, connection: Connection, workspace_id: UUID, events: Sequence[Event]) -> "list[Body]":
        """Those of events whose objects there still are, in the order of the events."""
        catalog = await self._catalogs.of(connection, workspace_id)
        by_object: dict[str, list[int]] = {}
        for event in events:
            if event.object in catalog.by_name:
                by_object.setdefault(event.object, []).append(event.seq)
        signer = self._signer(workspace_id) if self._signer else None
        records: dict[int, bytes] = {}
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
    """An event as each webhook is told of it."""

    __slots__ = ("_end", "_middle", "_object", "_workspace", "event")

    def __init__(self, event: Event, workspace_id: UUID, item: Object, record: bytes) -> None:
        self.event = event
        self._workspace = str(workspace_id)
        self._object = {"id": str(item.id), "nameSingular": item.name}
        actor = orjson.loads(event.actor) if event.actor else {}
        who = {name: actor[name] for name in ("userId", "workspaceMemberId") if actor.get(name)}
        self._middle = {"eventDate": moment(event.happened_at), **who}
        parts = [b',"record":', record]
        if event.action == "updated":
            parts += (b',"updatedFields":', orjson.dumps(event.updated_fields or ()))
        self._end = b"".join((*parts, b"}"))

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
