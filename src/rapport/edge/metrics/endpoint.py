"""The route, for those who know the token."""

import asyncio
import hmac
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from itertools import groupby

import asyncpg
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from rapport.base.errors import RapportError
from rapport.edge.metrics.known import METRICS, Sample
from rapport.edge.remembered import Remembered

KEEP_SECONDS = 5.0  # what the database has said
ANSWER_SECONDS = 8.0  # Prometheus waits for ten

Read = Callable[[], Iterable[Sample]]


class Metrics:
    """``shared`` asks the database, ``own`` reads numbers of this process. Whoever says the ``token`` may see them."""

    def __init__(
        self,
        *,
        token: str,
        shared: Callable[[], Coroutine[None, None, Collection[Sample]]],
        own: Sequence[Read],
    ) -> None:
        self._token = token.encode()
        self._shared = Remembered(shared, seconds=KEEP_SECONDS)
        self._own = own
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)

    async def answer(self, request: Request) -> Response:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._token):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
        samples = [*await self._ask(), *(sample for read in self._own for sample in read())]
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        body = encode(_Collected([*_families(samples), *self._process.collect()]))
        return Response(body, headers={"Content-Type": media_type, "Cache-Control": "no-store"})

    async def _ask(self) -> Collection[Sample]:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return [("rapport_database_up", (), 1), *await self._shared()]
        except (RapportError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            return [("rapport_database_up", (), 0)]


class _Collected(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(samples: Sequence[Sample]) -> Iterable[Metric]:
    by_name = {name: list(some) for name, some in groupby(sorted(samples), key=lambda sample: sample[0])}
    for metric in METRICS:
        kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
        family = kind(metric.name, metric.help, labels=metric.labels)
        for _, labels, value in by_name.get(metric.name, ()):
            family.add_metric(labels, value)
        yield family
