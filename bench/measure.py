"""One case, measured: turns of load on the server and of pgbench, one after the other."""

import json
import statistics
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from bench.cases import Case, WrongAnswer
from bench.load import Load, http_request
from bench.loading import load_process
from bench.options import CONNECTIONS, Options
from bench.pgbench import Pgbench
from bench.recording import Recorder
from bench.server import Accounting, Server
from bench.statement import first_serial, script
from bench.templates import filled

PATH = "/graphql"
LEAD_IN = 0.3  # seconds of load before the clock starts
LOAD_CLIENT = 999  # as which the load makes serials; pgbench's clients have smaller numbers
ANSWER_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was measured. CPU times are per request, ``pgbench_pg_cpu_us`` is what PostgreSQL used for one of pgbench.

    ``low`` and ``high`` are the smallest and the largest share of pgbench in a pair of turns.
    """

    case: Case
    rps: float
    p99_ms: float
    pgbench_tps: float
    server_cpu_us: float
    pg_cpu_us: float | None
    pgbench_pg_cpu_us: float | None
    low: float
    high: float
    failures: int
    failure: str

    @property
    def ratio(self) -> float:
        return self.rps / self.pgbench_tps


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values do not exceed.

    >>> percentile([3.0, 1.0, 2.0, 4.0], 0.5)
    2.0
    """
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]


class Bench:
    """All that the measurement of a case needs."""

    def __init__(
        self, *, options: Options, server: Server, accounting: Accounting, recorder: Recorder, pgbench: Pgbench
    ) -> None:
        self._options = options
        self._server = server
        self._accounting = accounting
        self._recorder = recorder
        self._pgbench = pgbench
        self._turn = 0  # of all cases: nothing is numbered twice

    async def measure(self, case: Case) -> Result:
        """Raises WrongAnswer, NotOneStatement, LoadFailed or PgbenchFailed."""
        body = json.dumps({"query": case.query, "variables": case.variables}, ensure_ascii=False)
        headers = {"authorization": f"Bearer {self._server.api_key}", "content-type": "application/json"}
        self._check(case, body, headers)
        await self._recorder.answer(PATH, headers, self._filled(case, body))
        statement = await self._recorder.statement(PATH, headers, body.encode())
        load = Load(
            host=self._server.host,
            port=self._server.port,
            connections=CONNECTIONS,
            template=http_request(f"{self._server.host}:{self._server.port}", PATH, headers, body),
            random_most=case.random_most,
        )
        rates: list[float] = []
        limits: list[float] = []
        latencies: list[float] = []
        sent, failures, failure = 0, 0, ""
        server_cpu, pg_cpu, limit_cpu, limit_count = 0.0, 0.0, 0.0, 0
        with load_process(load) as loading:
            loading.turn(seconds=0.2, lead_in=0, first_serial=self._first(LOAD_CLIENT))
            for seconds in self._options.slices:
                before = self._accounting.cpu_seconds()
                turn = loading.turn(seconds=seconds, lead_in=LEAD_IN, first_serial=self._first(LOAD_CLIENT))
                after = self._accounting.cpu_seconds()
                server_cpu += after[0] - before[0]
                pg_cpu += (after[1] or 0) - (before[1] or 0)
                rates.append(turn.requests / turn.elapsed)
                latencies += turn.latencies
                sent, failures, failure = sent + turn.sent, failures + turn.failures, failure or turn.failure
                told = script(
                    statement,
                    random_most=case.random_most,
                    fresh_ids=case.creates,
                    moment_ms=time.time_ns() // 1_000_000,
                )
                limit = self._pgbench.run(told, seconds=seconds, first=self._first())
                limits.append(limit.tps)
                limit_cpu += (self._accounting.cpu_seconds()[1] or 0) - (after[1] or 0)
                limit_count += limit.transactions
        has_postgres = self._accounting.postmaster is not None
        shares = [rate / limit for rate, limit in zip(rates, limits, strict=True)]
        return Result(
            case=case,
            rps=statistics.median(rates),
            p99_ms=percentile(latencies, 0.99) * 1000 if latencies else 0.0,
            pgbench_tps=statistics.median(limits),
            server_cpu_us=server_cpu / sent * 1e6,
            pg_cpu_us=pg_cpu / sent * 1e6 if has_postgres else None,
            pgbench_pg_cpu_us=limit_cpu / limit_count * 1e6 if has_postgres else None,
            low=min(shares),
            high=max(shares),
            failures=failures,
            failure=failure,
        )

    def _check(self, case: Case, body: str, headers: dict[str, str]) -> None:
        """Raises WrongAnswer unless the server answers with what the case is about."""
        request = urllib.request.Request(
            f"http://{self._server.host}:{self._server.port}{PATH}", self._filled(case, body), headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:  # noqa: S310
            answer = json.loads(response.read())
        if answer.get("errors") or not case.check(answer["data"]):
            raise WrongAnswer(f"{case.title}: {json.dumps(answer)[:2000]}")

    def _filled(self, case: Case, body: str) -> bytes:
        return filled(body, serial=self._first(LOAD_CLIENT), random=case.random_most // 2).encode()

    def _first(self, client: int = 0) -> int:
        """The first serial of the next turn."""
        self._turn += 1  # there is room for 999
        return first_serial(self._turn, client)
