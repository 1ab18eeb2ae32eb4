import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.bulk import Moved, bulks
from bench.cases import by_name
from bench.measure import Result, percentile
from bench.report import Report, comparison

RESULT = Result(
    case=by_name()["a"],
    rps=3000.0,
    p99_ms=12.5,
    pgbench_tps=4000.0,
    server_cpu_us=90.0,
    pg_cpu_us=300.0,
    pgbench_pg_cpu_us=290.0,
    others=0.01,
    low=0.7,
    high=0.8,
    failures=0,
    failure="",
)
REPORT = Report(results=[RESULT], rss_mb=99.0, ready_s=1.5, seconds=5, connections=16, clients=10)


def test_the_file_has_what_others_read() -> None:
    content = json.loads(REPORT.as_json())
    keys = ("rps", "p99_ms", "pgbench_tps", "ratio", "server_cpu_us", "pg_cpu_us")
    assert {key: content["cases"]["a"][key] for key in keys} == {
        "rps": 3000.0,
        "p99_ms": 12.5,
        "pgbench_tps": 4000.0,
        "ratio": 0.75,
        "server_cpu_us": 90.0,
        "pg_cpu_us": 300.0,
    }
    assert (content["rss_mb"], content["ready_s"], content["failed"]) == (99.0, 1.5, False)


def test_the_table_tells_what_is_below_its_mark() -> None:
    slow = replace(RESULT, rps=1000.0)
    (_, first, second, *_) = replace(REPORT, results=[RESULT, slow]).as_text().splitlines()
    assert " ".join(first.split()) == "a 20 people flat 3,000 12.5 4,000 0.75 0.70-0.80 0.65 90 300 0.77"
    assert second.endswith("below the mark")


def test_failed_answers_are_told_with_the_first_of_them() -> None:
    report = replace(REPORT, results=[replace(RESULT, failures=2, failure="HTTP/1.1 500")])
    assert report.failed
    assert "FAILED a: 2 answers, the first: HTTP/1.1 500" in report.as_text()


def test_a_busy_machine_is_told() -> None:
    busy = replace(REPORT, results=[RESULT, replace(RESULT, others=0.3)])
    assert "NOT QUIET: other programs used up to 30% of the machine; the ratios are too low" in busy.as_text()
    assert "NOT QUIET" not in REPORT.as_text()


def test_two_results_are_compared_by_factors(tmp_path: Path) -> None:
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    before.write_text(REPORT.as_json())
    after.write_text(replace(REPORT, results=[replace(RESULT, rps=6000.0, pg_cpu_us=None)], ready_s=3.0).as_json())
    lines = comparison(before, after).splitlines()
    assert lines[1].split() == ["a", "2.00", "1.00", "1.00", "2.00", "1.00", "-"]
    assert lines[-1] == "ready_s  1.5 → 3.0 (2.00)"


@pytest.mark.parametrize(("share", "found"), [(0.99, 99.0), (1.0, 100.0), (0.5, 50.0), (0.001, 1.0)])
def test_a_percentile_is_one_of_the_values(share: float, found: float) -> None:
    assert percentile([float(number) for number in range(1, 101)], share) == found


def test_bulk_requests_have_a_table_and_figures_of_their_own() -> None:
    moved = Moved(bulk=bulks()["export"], rows=50_000, rows_per_second=98_765.4, growth_mb=1.25, backend_mb=None)
    report = replace(REPORT, moved=[moved])
    assert json.loads(report.as_json())["bulk"] == {
        "export": {"rows": 50_000, "rows_per_second": 98_765, "server_growth_mb": 1.2, "backend_mb": None}
    }
    lines = [" ".join(line.split()) for line in report.as_text().splitlines()]
    assert "export export 50,000 people, NDJSON 50,000 98,765 1.2 -" in lines
    assert replace(report, results=[]).as_text().startswith("\nbulk")
