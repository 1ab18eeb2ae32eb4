"""The job that delivers to one webhook: it takes a turn, and leaves behind a job for what is to be done later."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import cast
from uuid import UUID

import asyncpg
import structlog

from rapport.base.ids import new_id
from rapport.jobs.handler import Handler, Job
from rapport.jobs.queue import Jobs
from rapport.outgoing.client import Outgoing
from rapport.store.database import Connection, Database
from rapport.store.queries import load
from rapport.webhooks.draining import Drain, End, Send
from rapport.webhooks.noting import LONGEST, Waiting
from rapport.webhooks.secrets import WebhookVault
from rapport.webhooks.sending import Attempt, Endpoint, send
from rapport.webhooks.service import disable
from rapport.webhooks.waking import wake

MOST = 40  # turns at a time: there is room for other jobs
TIMEOUT = timedelta(minutes=5)
LEASE = timedelta(seconds=20)  # who has been silent for so long has lost the webhook
_RENEW_SECONDS = 2.0
_LEAVE_SECONDS = 1.0
_BURY_AT_ONCE = 10_000
_DAY_DOWN = "The endpoint could not be reached for more than a day."
_GONE = "The endpoint answered 410 Gone."

_SQL = load("rapport.webhooks")
_log = structlog.get_logger(__name__)


def handler(db: Database, outgoing: Outgoing, vault: WebhookVault, *, lease: timedelta = LEASE) -> Handler:
    """The handler of `webhooks.deliver`."""
    return Handler(run=_Deliveries(db, outgoing, vault, lease).run, timeout=TIMEOUT, most=MOST)


class _Lost(Exception):
    """Somebody else has the webhook, or there is none any more."""


class _Deliveries:
    def __init__(self, db: Database, outgoing: Outgoing, vault: WebhookVault, lease: timedelta) -> None:
        self._db = db
        self._outgoing = outgoing
        self._vault = vault
        self._lease = lease
        self._jobs = Jobs()

    async def run(self, job: Job) -> None:
        webhook_id = UUID(cast("dict[str, str]", job.payload)["webhook"])
        turn = _Turn(self._db, self._outgoing, self._vault, webhook_id, self._lease)
        try:
            end = await turn.take()
        except _Lost:
            end = End()
        except BaseException:
            await turn.leave()
            raise
        await self._hand_over(job, turn, end)

    async def _hand_over(self, job: Job, turn: "_Turn", end: End) -> None:
        """Leaves a job for what is still to be done, if there is any.

        Nothing slips through: whoever adds deliveries has locked the webhook's row and commits before this looks, or
        waits until it is committed, and then finds the key free or a job that waits with it.
        """
        webhook_id = turn.webhook_id
        async with self._db.transaction() as connection:
            row = await connection.row(_SQL["lock_for_the_end"], webhook_id)
            if row is None:
                return
            await connection.execute(_SQL["end_turn"], webhook_id, turn.id, end.pause)
            over = row["over"]
            if end.is_gone and over is None:
                await disable(connection, webhook_id, reason=_GONE)
                over = _GONE
            if over is not None:
                await connection.execute(_SQL["bury"], webhook_id, over, None, _BURY_AT_ONCE)
            elif end.pause is not None and await self._is_long_down(connection, end):
                await connection.execute(_SQL["bury"], webhook_id, _DAY_DOWN, LONGEST, _BURY_AT_ONCE)
            wait = await connection.value(_SQL["wait_for_next"], webhook_id)
            await self._jobs.release_key(connection, job.id)
            if isinstance(wait, timedelta):
                await wake(connection, self._jobs, webhook_id, run_after=max(wait, timedelta(0)))
        if end.pause is not None:
            _log.info("webhook paused", webhook=str(webhook_id), seconds=round(end.pause.total_seconds()))

    async def _is_long_down(self, connection: Connection, end: End) -> bool:
        if end.failing_since is None:
            return False
        now = await connection.value("select now()")
        return isinstance(now, datetime) and end.failing_since < now - LONGEST


class _Turn:
    """The right to deliver to a webhook, while it is renewed. One has it at a time, however many jobs there are."""

    def __init__(
        self, db: Database, outgoing: Outgoing, vault: WebhookVault, webhook_id: UUID, lease: timedelta
    ) -> None:
        self.id = new_id()
        self._lease = lease
        self._renew_seconds = min(_RENEW_SECONDS, lease.total_seconds() / 4)
        self.webhook_id = webhook_id
        self._db = db
        self._outgoing = outgoing
        self._vault = vault
        self._renew_at = 0.0
        self._send: Send | None = None

    async def take(self) -> End:
        """Raises _Lost, and CannotOpen for a secret that was sealed with another app secret."""
        row = await self._renew()
        if row["isOver"] or row["isPaused"]:
            return End()
        self._send = self._sending(row)
        drain = Drain(self._db, self.webhook_id, send=self._send, go_on=self._go_on, failing_since=row["failingSince"])
        return await drain.run()

    async def leave(self) -> None:
        """Something went wrong: the next one need not wait."""
        with suppress(Exception):  # in time it is over anyway
            async with asyncio.timeout(_LEAVE_SECONDS):
                await self._db.execute(_SQL["end_turn"], self.webhook_id, self.id, None)

    async def _go_on(self) -> Send:
        if self._send is None or monotonic() >= self._renew_at:
            row = await self._renew()
            if row["isOver"]:
                raise _Lost
            self._send = self._sending(row)
        return self._send

    async def _renew(self) -> asyncpg.Record:
        row = await self._db.row(_SQL["begin_turn"], self.webhook_id, self.id, self._lease)
        if row is None:
            raise _Lost
        self._renew_at = monotonic() + self._renew_seconds
        return row

    def _sending(self, row: asyncpg.Record) -> Send:
        return partial(_send, self._outgoing, endpoint_of(self.webhook_id, row, self._vault))


def endpoint_of(webhook_id: UUID, row: asyncpg.Record, vault: WebhookVault) -> Endpoint:
    """That of a webhook's row. Raises CannotOpen."""
    opened = (vault.open(row[name], webhook_id) for name in ("secret", "previousSecret"))
    return Endpoint(
        url=row["targetUrl"], owner=str(row["workspaceId"]), secrets=tuple(secret for secret in opened if secret)
    )


async def _send(outgoing: Outgoing, endpoint: Endpoint, waiting: Waiting) -> Attempt:
    return await send(outgoing, endpoint, waiting.id, waiting.body)
