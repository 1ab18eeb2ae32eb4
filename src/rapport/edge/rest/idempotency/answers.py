"""The answers that are kept, and the marks of requests that are being carried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import orjson

from rapport.edge.answer import JSON, Answer
from rapport.edge.rest.idempotency.asked import Identity, Keyed
from rapport.store.connection import Connection
from rapport.store.database import Database
from rapport.store.queries import load

LARGEST = 1_000_000  # bytes of a body that is kept

_SQL = load("rapport.edge.rest.idempotency")
_KIND = "content-type"
_AT_ONCE = 10_000
_NEVER = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """``status`` is None as long as there is no answer; ``is_held``: somebody is at it. ``body`` may be too large."""

    fingerprint: bytes
    access: str
    status: int | None
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes | None
    is_held: bool


class Answers:
    """Knows each for as long as ``keep``."""

    def __init__(self, db: Database, keep: timedelta) -> None:
        self._db = db
        self._keep = keep

    async def find(self, identity: Identity) -> Kept | None:
        row = await self._db.row(_SQL["find"], *identity, self._keep)
        if row is None:
            return None
        headers = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in orjson.loads(row[3]))
        return Kept(
            fingerprint=row[0], access=row[1], status=row[2], headers=headers, body=row[4], is_held=row["isHeld"]
        )

    async def claim(self, connection: Connection, identity: Identity) -> tuple[bool, bool]:
        """Whether nobody else is about to use the key until the transaction ends, and whether it was used already."""
        row = await connection.row(_SQL["claim"], *identity, self._keep)
        assert row is not None
        return row["isFree"], row["isUsed"]

    async def keep(self, on: Connection | Database, keyed: Keyed, answer: Answer) -> bool:
        """Keeps the answer; False when there is one."""
        return await self._write(on, keyed, *_parts(answer), None)

    async def mark(self, keyed: Keyed, lease: timedelta) -> bool:
        """Marks the request as one that is being carried out, for a while; False when it is known already."""
        return await self._write(self._db, keyed, None, "[]", None, lease)

    async def hold(self, identity: Identity, lease: timedelta) -> None:
        """For a further while."""
        await self._db.execute(_SQL["hold"], *identity, lease)

    async def settle(self, identity: Identity, answer: Answer) -> None:
        """Keeps the answer to a request that was marked."""
        await self._db.execute(_SQL["settle"], *identity, *_parts(answer))

    async def release(self, identity: Identity) -> None:
        """Forgets a mark: nothing came of the request."""
        await self._db.execute(_SQL["release"], *identity)

    async def give_up(self, identity: Identity) -> None:
        """What became of the request is not known."""
        await self.hold(identity, _NEVER)

    async def _write(
        self,
        on: Connection | Database,
        keyed: Keyed,
        status: int | None,
        headers: str,
        body: bytes | None,
        lease: timedelta | None,
    ) -> bool:
        about = (keyed.fingerprint, keyed.access, status, headers, body, lease)
        return await on.value(_SQL["keep"], *keyed.identity, self._keep, *about) is True


def replay(kept: Kept) -> Answer:
    """The answer once more. It must have a status and a body."""
    assert kept.status is not None
    assert kept.body is not None
    headers: Mapping[bytes, bytes] = dict(kept.headers)
    kind = headers.get(_KIND.encode(), JSON)
    own = tuple(each for each in kept.headers if each[0] != _KIND.encode())
    return Answer(
        body=kept.body, status=kept.status, headers=(*own, (b"idempotency-replayed", b"true")), media_type=kind
    )


def _parts(answer: Answer) -> tuple[int, str, bytes | None]:
    """Status, headers and body as they are kept."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers]
    if answer.media_type != JSON:
        headers.append((_KIND, answer.media_type.decode("latin-1")))
    is_keepable = answer.stream is None and len(answer.body) <= LARGEST
    return answer.status, orjson.dumps(headers).decode(), answer.body if is_keepable else None


async def drop_old(db: Database, keep: timedelta) -> int:
    """How many keys were dropped; a few thousand in each transaction."""
    dropped = 0
    while True:
        count = int((await db.execute(_SQL["drop_old"], keep, _AT_ONCE)).rpartition(" ")[2])
        dropped += count
        if count < _AT_ONCE:
            return dropped
