"""What this process knows of itself: numbers that are there anyway."""

from collections.abc import Callable, Collection, Iterable, Sequence

from rapport.edge.metrics.known import Sample
from rapport.edge.metrics.tally import Tally
from rapport.edge.traffic.audience import Audience
from rapport.events.following import LiveLogs
from rapport.store.database import Database


def own_samples(
    db: Database, tallies: Collection[Tally], *, audience: Audience, logs: LiveLogs, version: str
) -> Sequence[Callable[[], Iterable[Sample]]]:
    def read() -> Iterable[Sample]:
        usage, followed = db.usage, logs.followed
        yield "rapport_info", (version,), 1
        yield "rapport_database_connections", ("in_use",), usage.in_use
        yield "rapport_database_connections", ("idle",), usage.idle
        yield "rapport_database_connections_most", (), usage.most
        yield "rapport_database_waiting", (), usage.waiting
        yield "rapport_live_connections", (), len(audience)
        yield "rapport_live_followers", (), sum(followed.values())
        yield "rapport_live_logs", (), len(followed)

    return (*(tally.samples for tally in tallies), read)
