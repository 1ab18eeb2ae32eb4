"""Messages between processes through LISTEN/NOTIFY, on one connection of their own."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress

import asyncpg
import structlog

from rapport.base.errors import Unavailable
from rapport.store.connection import DRIVER_ERRORS, Connection
from rapport.store.dialing import Dialing

CHANNEL = "rapport"
LARGEST_PAYLOAD = 7999  # bytes, a limit of PostgreSQL
SLOWEST_RETRY_SECONDS = 5.0
PROBE_SECONDS = 30.0

Payload = Mapping[str, object]

_log = structlog.get_logger(__name__)


async def notify(connection: Connection, kind: str, payload: Payload) -> None:
    """Tells all processes, this one included, when the connection's transaction commits.

    Not in the transaction of a record's change: commits with a NOTIFY wait for one another.
    """
    await connection.execute(*notification(kind, payload))


def notification(kind: str, payload: Payload) -> tuple[str, str, str]:
    """The statement that tells all processes, and its parameters."""
    text = json.dumps({**payload, "kind": kind}, separators=(",", ":"), default=str)
    if len(text.encode()) > LARGEST_PAYLOAD:
        raise ValueError(f"a {kind} notification is larger than {LARGEST_PAYLOAD} bytes")
    return "select pg_notify($1, $2)", CHANNEL, text


class Notifications:
    """Listens, and calls those who subscribed. Connects again by itself when the connection is lost."""

    def __init__(self, dialing: Dialing) -> None:
        self._dialing = dialing
        self._receivers: dict[str, list[Callable[[Payload], None]]] = {}
        self._gap_receivers: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._raw: asyncpg.Connection | None = None
        self._in_use = asyncio.Lock()  # a connection does one thing at a time

    def subscribe(self, kind: str, receiver: Callable[[Payload], None]) -> None:
        """``receiver`` is called in the event loop with each payload of this kind."""
        self._receivers.setdefault(kind, []).append(receiver)

    def on_gap(self, receiver: Callable[[], None]) -> None:
        """``receiver`` is called when notifications may have been missed: whatever was cached may be outdated."""
        self._gap_receivers.append(receiver)

    async def send(self, kind: str, payload: Payload) -> None:
        """Tells all processes, this one included, at once. Raises Unavailable."""
        sql, *args = notification(kind, payload)
        async with self._in_use:
            if self._raw is None:
                raise Unavailable("Nobody can be told: the connection for notifications is lost.")
            try:
                await self._raw.execute(sql, *args, timeout=PROBE_SECONDS)
            except (*DRIVER_ERRORS, TimeoutError) as error:
                if not isinstance(error, asyncpg.PostgresError):
                    self._raw.terminate()  # nobody knows what state it is in; that it is lost will be noticed
                raise Unavailable(str(error)) from error

    async def start(self) -> None:
        """Begins to listen; returns once PostgreSQL has confirmed it."""
        raw, lost = await self._listen()
        self._task = asyncio.create_task(self._keep_listening(raw, lost))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._raw is not None:
            self._raw.terminate()  # the task was cancelled before it had begun
            self._raw = None

    async def _listen(self) -> tuple[asyncpg.Connection, asyncio.Event]:
        raw = await self._dialing.dial()
        lost = asyncio.Event()
        raw.add_termination_listener(lambda _: lost.set())
        try:
            await raw.add_listener(CHANNEL, self._receive)
        except BaseException:
            raw.terminate()
            raise
        self._raw = raw
        return raw, lost

    async def _keep_listening(self, raw: asyncpg.Connection, lost: asyncio.Event) -> None:
        try:
            while True:
                await self._until_lost(raw, lost)
                self._raw = None
                _log.warning("notifications lost")
                self._tell_gap()
                raw, lost = await self._listen_again()
                self._tell_gap()  # of what was sent between the loss and now
                _log.info("notifications resumed")
        finally:
            self._raw = None
            raw.terminate()

    async def _until_lost(self, raw: asyncpg.Connection, lost: asyncio.Event) -> None:
        while not lost.is_set():
            try:
                await asyncio.wait_for(lost.wait(), PROBE_SECONDS)
            except TimeoutError:
                # A connection that died without a word shows only when something is sent.
                try:
                    async with self._in_use:
                        await raw.execute("select 1", timeout=PROBE_SECONDS)
                except (*DRIVER_ERRORS, TimeoutError):
                    raw.terminate()
                    return

    async def _listen_again(self) -> tuple[asyncpg.Connection, asyncio.Event]:
        delay = 0.05
        while True:
            try:
                return await self._listen()
            except (Unavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await asyncio.sleep(delay)
                delay = min(delay * 2, SLOWEST_RETRY_SECONDS)

    def _tell_gap(self) -> None:
        for receiver in self._gap_receivers:
            receiver()

    def _receive(self, _connection: object, _pid: int, _channel: str, text: str) -> None:
        try:
            payload = json.loads(text)
            receivers = self._receivers.get(payload["kind"], ())
        except (ValueError, KeyError, TypeError, AttributeError):
            _log.warning("notification not understood", text=text[:200])
            return
        for receiver in receivers:
            receiver(payload)
