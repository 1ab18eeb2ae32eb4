"""Runs the load as a process of its own and gives it orders."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bench.load import SILENCE_SECONDS, Load, LoadFailed, Order, Turn
from bench.processes import cpu_seconds, end

REPOSITORY = Path(__file__).parents[1]


class LoadProcess:
    """A load process that waits for orders."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def cpu_seconds(self) -> float:
        return cpu_seconds([self._process.pid])

    def turn(self, *, seconds: float, lead_in: float, first_serial: int) -> Turn:
        """One turn; raises LoadFailed when the server does not keep up the conversation."""
        order: Order = {"seconds": seconds, "lead_in": lead_in, "first_serial": first_serial}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()  # it gives up by itself when the server is silent
        if not line:
            raise LoadFailed("The load process ended.")
        answer = json.loads(line)
        if "error" in answer:
            raise LoadFailed(answer["error"])
        return Turn(**answer)


@contextmanager
def load_process(load: Load) -> Iterator[LoadProcess]:
    """A load process for as long as the block lasts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.load"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        start_new_session=True,  # Ctrl-C is for the one who measures; the load ends with the block
    )
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(asdict(load)) + "\n")
        process.stdin.flush()
        yield LoadProcess(process)
    finally:
        end(process, SILENCE_SECONDS)
