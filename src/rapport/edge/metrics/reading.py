"""What the database says about the whole installation, as samples."""

from collections.abc import Callable, Collection, Coroutine, Sequence
from functools import partial

from rapport.edge.metrics.known import Sample
from rapport.events.lag import Lag
from rapport.jobs.counting import count_jobs
from rapport.store.database import Database
from rapport.webhooks.counting import count_deliveries

Lags = Callable[[], Coroutine[None, None, Sequence[Lag]]]


def shared_samples(db: Database, lags: Lags) -> Callable[[], Coroutine[None, None, Collection[Sample]]]:
    return partial(_read, db, lags)


async def _read(db: Database, lags: Lags) -> Collection[Sample]:
    found: list[Sample] = []
    for lag in await lags():
        found += [
            ("rapport_event_lag_seconds", (lag.reader,), lag.seconds),
            ("rapport_events_unread", (lag.reader,), lag.events),
            ("rapport_event_logs_unread", (lag.reader,), lag.logs),
        ]
    for job in await count_jobs(db):
        found += [
            ("rapport_jobs_waiting", (job.name,), job.waiting),
            ("rapport_jobs_running", (job.name,), job.running),
            ("rapport_jobs_dead", (job.name,), job.dead),
            ("rapport_jobs_oldest_seconds", (job.name,), job.oldest_seconds),
        ]
    deliveries = await count_deliveries(db)
    return [
        *found,
        ("rapport_webhook_deliveries_waiting", (), deliveries.waiting),
        ("rapport_webhook_deliveries_dead", (), deliveries.dead),
        ("rapport_webhook_oldest_seconds", (), deliveries.oldest_seconds),
    ]
