"""Results as a table and as JSON, and two of them side by side."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.bulk import Moved
from bench.measure import Result

MEMORY_MARK_MB = 150
QUIET = 0.05  # share of the machine that other programs may use before a run says so


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole run. ``clients`` is the number of pgbench's connections."""

    results: Sequence[Result]
    rss_mb: float
    ready_s: float
    seconds: int
    connections: int
    clients: int
    moved: Sequence[Moved] = ()

    @property
    def failed(self) -> bool:
        return any(result.failures for result in self.results)

    def as_json(self) -> str:
        content = {
            "cases": {result.case.name: _case(result) for result in self.results},
            "bulk": {each.bulk.name: _bulk(each) for each in self.moved},
            "rss_mb": round(self.rss_mb, 1),
            "ready_s": round(self.ready_s, 3),
            "seconds": self.seconds,
            "connections": self.connections,
            "pgbench_clients": self.clients,
            "failed": self.failed,
        }
        return json.dumps(content, indent=2) + "\n"

    def as_text(self) -> str:
        head = ("case", "req/s", "p99 ms", "pgbench", "ratio", "spread", "mark", "server µs", "PG µs", "PG share", "")
        rows = [_row(result) for result in self.results]
        bulk_head = ("bulk", "rows", "rows/s", "server + MB", "PG process MB", "")
        bulk_rows = [_bulk_row(each) for each in self.moved]
        memory = "" if self.rss_mb <= MEMORY_MARK_MB else f"   more than {MEMORY_MARK_MB}"
        lines = [
            *(table([head, *rows]) if rows else []),
            *(["", *table([bulk_head, *bulk_rows])] if bulk_rows else []),
            "",
            f"{self.connections} connections to the server, {self.clients} of pgbench; {self.seconds} s each, in turns",
            f"memory of the server process {self.rss_mb:.0f} MB{memory}; ready after {self.ready_s:.2f} s",
        ]
        others = max((result.others for result in self.results), default=0.0)
        if others > QUIET:
            lines.append(f"NOT QUIET: other programs used up to {others:.0%} of the machine; the ratios are too low")
        failed = [result for result in self.results if result.failures]
        lines += [f"FAILED {each.case.name}: {each.failures} answers, the first: {each.failure}" for each in failed]
        return "\n".join(lines)


def _case(result: Result) -> dict[str, object]:
    return {
        "rps": round(result.rps, 1),
        "p99_ms": round(result.p99_ms, 3),
        "pgbench_tps": round(result.pgbench_tps, 1),
        "ratio": round(result.ratio, 3),
        "server_cpu_us": round(result.server_cpu_us, 1),
        "pg_cpu_us": None if result.pg_cpu_us is None else round(result.pg_cpu_us, 1),
        "pgbench_pg_cpu_us": None if result.pgbench_pg_cpu_us is None else round(result.pgbench_pg_cpu_us, 1),
        "others": round(result.others, 3),
        "ratio_low": round(result.low, 3),
        "ratio_high": round(result.high, 3),
        "mark": result.case.mark,
        "failures": result.failures,
    }


def _bulk(moved: Moved) -> dict[str, object]:
    return {
        "rows": moved.rows,
        "rows_per_second": round(moved.rows_per_second),
        "server_growth_mb": round(moved.growth_mb, 1),
        "backend_mb": None if moved.backend_mb is None else round(moved.backend_mb, 1),
    }


def _bulk_row(moved: Moved) -> tuple[str, ...]:
    return (
        f"{moved.bulk.name} {moved.bulk.title}",
        f"{moved.rows:,}",
        f"{moved.rows_per_second:,.0f}",
        f"{moved.growth_mb:.1f}",
        "-" if moved.backend_mb is None else f"{moved.backend_mb:.1f}",
        "",
    )


def _row(result: Result) -> tuple[str, ...]:
    verdict = "FAILED" if result.failures else "" if result.ratio >= result.case.mark else "below the mark"
    return (
        f"{result.case.name} {result.case.title}",
        f"{result.rps:,.0f}",
        f"{result.p99_ms:.1f}",
        f"{result.pgbench_tps:,.0f}",
        f"{result.ratio:.2f}",
        f"{result.low:.2f}-{result.high:.2f}",
        f"{result.case.mark:.2f}",
        f"{result.server_cpu_us:,.0f}",
        "-" if result.pg_cpu_us is None else f"{result.pg_cpu_us:,.0f}",
        "-" if result.pg_share is None else f"{result.pg_share:.2f}",
        verdict,
    )


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with the first and the last column to the left, the others to the right.

    >>> table([("case", "n", ""), ("a", "10", "!")])
    ['case   n', 'a     10  !']
    """
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    last = len(widths) - 1
    return [
        "  ".join(
            text.ljust(width) if index in (0, last) else text.rjust(width)
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def comparison(before: Path, after: Path) -> str:
    """What changed between two results, as a factor: 1.20 is a fifth more than before."""
    old, new = (json.loads(path.read_text(encoding="utf-8")) for path in (before, after))
    names = ("rps", "p99_ms", "pgbench_tps", "ratio", "server_cpu_us", "pg_cpu_us")
    common = [name for name in old["cases"] if name in new["cases"]]
    rows = [(name, *_factors(old["cases"][name], new["cases"][name], names), "") for name in common]
    lines = table([("case", *names, ""), *rows])
    for name in ("rss_mb", "ready_s"):
        (factor,) = _factors(old, new, (name,))
        lines.append(f"{name}  {old[name]} → {new[name]} ({factor})")
    return "\n".join(lines)


def _factors(old: dict[str, float | None], new: dict[str, float | None], names: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        first, second = old.get(name), new.get(name)
        found.append(f"{second / first:.2f}" if first and second is not None else "-")
    return found
