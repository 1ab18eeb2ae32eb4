"""`python -m bench` measures; `python -m bench compare A.json B.json` shows what changed."""

import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from bench.bulk import bulks
from bench.cases import Case, WrongAnswer, by_name
from bench.load import LoadFailed
from bench.options import Options, WrongOption
from bench.pgbench import PgbenchFailed
from bench.recording import NotOneStatement
from bench.report import comparison
from bench.run import prepare_environment, run
from bench.server import ServerFailed
from rapport.base.errors import RapportError

RESULTS = Path(__file__).parent / "results" / "latest.json"
USAGE = "usage: python -m bench [compare BEFORE.json AFTER.json]"


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["compare"] and len(arguments) == 3:
        print(comparison(Path(arguments[1]), Path(arguments[2])))
        return 0
    if arguments:
        print(USAGE, file=sys.stderr)
        return 2
    if not sys.platform.startswith("linux"):
        print("The measurement needs Linux: it reads CPU time and memory from /proc.", file=sys.stderr)
        return 1
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)  # at once: asyncio would wait for the end of a case
    prepare_environment()
    cases = by_name()
    try:
        report = run(Options.from_environment(_names(cases)), cases)
    except (WrongOption, ServerFailed, WrongAnswer, NotOneStatement, LoadFailed, PgbenchFailed, RapportError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted, everything is stopped", file=sys.stderr)
        return 130
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(report.as_json(), encoding="utf-8")
    print(report.as_text())
    return 1 if report.failed else 0


def _names(cases: Mapping[str, Case]) -> tuple[str, ...]:
    """Everything that can be measured, in its order: those that write come last."""
    reads = (name for name, case in cases.items() if not case.writes)
    writes = (name for name, case in cases.items() if case.writes)
    bulk = bulks()
    return (
        *reads,
        *(name for name, each in bulk.items() if not each.writes),
        *writes,
        *(name for name, each in bulk.items() if each.writes),
    )


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
