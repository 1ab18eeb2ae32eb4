"""One case, measured: turns of load on the server and of pgbench, one after the other."""

import json
import statistics
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.cases import Case, WrongAnswer
from bench.load import Load, http_request
from bench.loading import LoadProcess, load_process
from bench.options import CONNECTIONS, Options
from bench.pgbench import Pgbench
from bench.processes import machine_seconds
from bench.readers import ReadersOf
from bench.recording import Recorder
from bench.server import Accounting, Server
from bench.statement import Script, first_serial, script
from bench.templates import filled

LEAD_IN = 0.3  # seconds of load before the clock starts
LOAD_CLIENT = 999  # as which the load makes serials; pgbench's clients have smaller numbers
ANSWER_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was measured. CPU times are per request, ``pgbench_pg_cpu_us`` is what PostgreSQL used for one of pgbench.

    ``others`` is the share of the machine that programs beside ours used during the server's turns;
    ``low`` and ``high`` are the smallest and the largest share of pgbench in a pair of turns.
    """

    case: Case
    rps: float
    p99_ms: float
    pgbench_tps: float
    server_cpu_us: float
    pg_cpu_us: float | None
    pgbench_pg_cpu_us: float | None
    others: float
    low: float
    high: float
    failures: int
    failure: str

    @property
    def ratio(self) -> float:
        return self.rps / self.pgbench_tps

    @property
    def pg_share(self) -> float | None:
        """The part of a request's CPU time that is PostgreSQL's."""
        return None if self.pg_cpu_us is None else self.pg_cpu_us / (self.pg_cpu_us + self.server_cpu_us)


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
        self,
        *,
        options: Options,
        server: Server,
        accounting: Accounting,
        recorder: Recorder,
        pgbench: Pgbench,
        limited_key: str,
        readers: ReadersOf,
    ) -> None:
        self._options = options
        self._server = server
        self._accounting = accounting
        self._recorder = recorder
        self._pgbench = pgbench
        self._limited_key = limited_key
        self._readers = readers
        self._turn = 0  # of all cases: nothing is numbered twice

    async def measure(self, case: Case) -> Result:
        """Raises WrongAnswer, NotOneStatement, LoadFailed or PgbenchFailed."""
        body = case.body
        key = self._limited_key if case.limited else self._server.api_key
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        self._check(case, body, headers)
        await self._recorder.answer(
            case.method, self._filled(case, case.path), headers, self._filled(case, body).encode()
        )
        statement = await self._recorder.statement(case.method, case.path, headers, body.encode())
        load = Load(
            host=self._server.host,
            port=self._server.port,
            connections=CONNECTIONS,
            template=http_request(
                f"{self._server.host}:{self._server.port}", case.path, headers, body, method=case.method
            ),
            random_most=case.random_most,
        )
        tally = _Tally()
        with load_process(load) as loading:
            loading.turn(seconds=0.2, lead_in=0, first_serial=self._first(LOAD_CLIENT))
            for seconds in self._options.slices:
                if case.writes:  # of what pgbench has written, too
                    await self._readers.have_read()
                self._serve(tally, loading, seconds)
                if case.writes:
                    await self._readers.have_read()
                told = script(
                    statement,
                    random_most=case.random_most,
                    fresh_ids=case.creates,
                    moment_ms=time.time_ns() // 1_000_000,
                )
                self._limit(tally, told, seconds)
        return tally.result(case, has_postgres=self._accounting.postmaster is not None)

    def _serve(self, tally: "_Tally", loading: LoadProcess, seconds: int) -> None:
        """A turn of the server."""
        server, postgres = self._accounting.cpu_seconds()
        used, there = machine_seconds()
        own = loading.cpu_seconds()
        turn = loading.turn(seconds=seconds, lead_in=LEAD_IN, first_serial=self._first(LOAD_CLIENT))
        server_after, postgres_after = self._accounting.cpu_seconds()
        used_after, there_after = machine_seconds()
        tally.rates.append(turn.requests / turn.elapsed)
        tally.latencies += turn.latencies
        tally.sent += turn.sent
        tally.failures += turn.failures
        tally.failure = tally.failure or turn.failure
        tally.server_cpu += server_after - server
        tally.pg_cpu += postgres_after - postgres
        ours = server_after - server + postgres_after - postgres + loading.cpu_seconds() - own
        tally.others += max(0.0, used_after - used - ours)
        tally.machine += there_after - there

    def _limit(self, tally: "_Tally", told: Script, seconds: int) -> None:
        """A turn of pgbench."""
        _, postgres = self._accounting.cpu_seconds()
        limit = self._pgbench.run(told, seconds=seconds, first=self._first())
        tally.limits.append(limit.tps)
        tally.limit_cpu += self._accounting.cpu_seconds()[1] - postgres
        tally.limit_count += limit.transactions

    def _check(self, case: Case, body: str, headers: dict[str, str]) -> None:
        """Raises WrongAnswer unless the server answers with what the case is about."""
        request = urllib.request.Request(
            f"http://{self._server.host}:{self._server.port}{self._filled(case, case.path)}",
            self._filled(case, body).encode() or None,
            headers,
            method=case.method,
        )
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:  # noqa: S310
            answer = json.loads(response.read())
        if answer.get("errors") or not case.check(answer["data"]):
            raise WrongAnswer(f"{case.title}: {json.dumps(answer)[:2000]}")

    def _filled(self, case: Case, text: str) -> str:
        return filled(text, serial=self._first(LOAD_CLIENT), random=case.random_most // 2)

    def _first(self, client: int = 0) -> int:
        """The first serial of the next turn."""
        self._turn += 1  # there is room for 999
        return first_serial(self._turn, client)


@dataclass
class _Tally:
    """What the turns of a case add up to."""

    rates: list[float] = field(default_factory=list)  # of the server, by turn
    limits: list[float] = field(default_factory=list)  # of pgbench, by turn
    latencies: list[float] = field(default_factory=list)
    sent: int = 0
    failures: int = 0
    failure: str = ""
    server_cpu: float = 0.0
    pg_cpu: float = 0.0
    others: float = 0.0
    machine: float = 0.0
    limit_cpu: float = 0.0
    limit_count: int = 0

    def result(self, case: Case, *, has_postgres: bool) -> Result:
        shares = [rate / limit for rate, limit in zip(self.rates, self.limits, strict=True)]
        return Result(
            case=case,
            rps=statistics.median(self.rates),
            p99_ms=percentile(self.latencies, 0.99) * 1000 if self.latencies else 0.0,
            pgbench_tps=statistics.median(self.limits),
            server_cpu_us=self.server_cpu / self.sent * 1e6,
            pg_cpu_us=self.pg_cpu / self.sent * 1e6 if has_postgres else None,
            pgbench_pg_cpu_us=self.limit_cpu / self.limit_count * 1e6 if has_postgres else None,
            others=self.others / self.machine if self.machine and has_postgres else 0.0,
            low=min(shares),
            high=max(shares),
            failures=self.failures,
            failure=self.failure,
        )
