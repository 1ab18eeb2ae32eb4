"""Event streams as rows: any process may hold the connection of a stream, and any other may be asked to change it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson

from rapport.access.principal import Principal
from rapport.base.errors import Forbidden
from rapport.live.errors import InvalidStreamId, NotYourStream, TooManyQueries, TooManyStreams
from rapport.live.signature import Signature
from rapport.store.database import Connection, Database
from rapport.store.queries import load

LIFETIME = timedelta(minutes=30)
LEAST_OF_HELD = timedelta(minutes=15)  # that a stream lasts which some connection holds
MOST_STREAMS = 100  # of a caller
MOST_QUERIES = 200  # of a stream
LONGEST_ID = 200

_SQL = load("rapport.live")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Which stream. The id is its client's own, so two workspaces may have the same."""

    workspace_id: UUID
    id: str


@dataclass(frozen=True, kw_only=True)
class Revision:
    """The queries of a stream. Another number: other queries."""

    number: int = 0
    queries: Mapping[str, Signature]


NONE = Revision(queries={})


class EventStreams:
    """A stream belongs to the user or the API key that has opened it, and lives for half an hour after each use."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def open(self, key: Key, principal: Principal) -> None:
        """A new stream, or the one that the caller has opened before. Raises NotYourStream and TooManyStreams."""
        owner = owner_of(principal)
        async with self._db.transaction() as connection:
            await connection.execute(_SQL["drop_if_expired"], key.workspace_id, key.id)
            others = await connection.value(
                _SQL["make_room"], key.workspace_id, key.id, owner, MOST_STREAMS, LEAST_OF_HELD
            )
            assert isinstance(others, int)
            if others >= MOST_STREAMS:
                raise TooManyStreams
            if await connection.value(_SQL["open_stream"], key.workspace_id, key.id, owner, LIFETIME) is None:
                raise NotYourStream

    async def knows(self, key: Key, principal: Principal) -> bool:
        """Whether there is such a stream. Raises NotYourStream."""
        return await self._is_there(self._db, key, principal)

    async def add(self, key: Key, principal: Principal, query_id: str, signature: Signature) -> bool:
        """False when there is no such stream. What is committed afterwards is told of the query, too.

        Raises NotYourStream and TooManyQueries.
        """
        check_id(query_id)
        async with self._db.transaction() as connection:
            if not await self._change(connection, key, principal):
                return False
            others = await connection.value(_SQL["count_queries"], key.workspace_id, key.id, query_id)
            assert isinstance(others, int)
            if others >= MOST_QUERIES:
                raise TooManyQueries(f"An event stream has {MOST_QUERIES} queries at most.")
            await connection.execute(_SQL["put_query"], key.workspace_id, key.id, query_id, signature.json)
        return True

    async def remove(self, key: Key, principal: Principal, query_id: str) -> bool:
        """False when there is no such stream; one without the query is left as it is. Raises NotYourStream."""
        check_id(query_id)
        async with self._db.transaction() as connection:
            if not await self._change(connection, key, principal):
                return False
            await connection.execute(_SQL["drop_query"], key.workspace_id, key.id, query_id)
        return True

    async def find(self, workspace_id: UUID, known: Mapping[str, Revision]) -> Mapping[str, Revision]:
        """By their ids, those of the streams that there are: as they are known, or as they have become."""
        ids, numbers = list(known), [each.number for each in known.values()]
        rows = await self._db.rows(_SQL["find_queries"], workspace_id, ids, numbers)
        return {
            row["id"]: known[row["id"]]
            if row["queries"] is None
            else Revision(
                number=row["revision"],
                queries={name: Signature.kept(each) for name, each in orjson.loads(row["queries"]).items()},
            )
            for row in rows
        }

    async def renew(self, keys: Collection[Key]) -> None:
        """They are in use."""
        await self._db.execute(
            _SQL["renew"], [each.workspace_id for each in keys], [each.id for each in keys], LIFETIME
        )

    async def close(self, key: Key) -> None:
        """No connection holds it any more. Its client may come back."""
        await self._db.execute(_SQL["close_stream"], key.workspace_id, key.id, LIFETIME)

    async def _change(self, connection: Connection, key: Key, principal: Principal) -> bool:
        if not await self._is_there(connection, key, principal):
            return False
        return await connection.value(_SQL["change_stream"], key.workspace_id, key.id, LIFETIME) is True

    async def _is_there(self, db: Database | Connection, key: Key, principal: Principal) -> bool:
        owner = await db.value(_SQL["find_owner"], key.workspace_id, key.id)
        if owner is not None and owner != owner_of(principal):
            raise NotYourStream
        return owner is not None


def key_of(principal: Principal, stream_id: object) -> Key:
    """A stream of the caller's workspace. Raises InvalidStreamId."""
    if principal.workspace_id is None:
        raise Forbidden
    return Key(workspace_id=principal.workspace_id, id=check_id(stream_id))


def check_id(value: object) -> str:
    """Raises InvalidStreamId for what cannot be the id of a stream or a query."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID or not value.isprintable():
        raise InvalidStreamId
    return value


def owner_of(principal: Principal) -> UUID:
    """The membership of a user, or an API key."""
    owner = principal.api_key_id or principal.user_workspace_id
    if owner is None:
        raise Forbidden
    return owner


async def drop_expired(db: Database) -> int:
    """How many streams have gone with their queries."""
    return int((await db.execute(_SQL["drop_expired"])).rpartition(" ")[2])
