"""Processes as the kernel's accounting shows them (Linux): CPU time of trees of processes, resident memory, ends."""

import os
import signal
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, kw_only=True)
class Processes:
    """The processes of the machine at one moment: the parent of each."""

    parent: Mapping[int, int]

    @classmethod
    def now(cls) -> "Processes":
        parent: dict[int, int] = {}
        for entry in PROC.iterdir():
            if entry.name.isdecimal():
                with suppress(OSError):
                    parent[int(entry.name)] = _parent((entry / "stat").read_text(encoding="utf-8", errors="replace"))
        return cls(parent=parent)

    def tree(self, root: int, without: int | None = None) -> set[int]:
        """A process and all that descend from it, but for those that descend from ``without``."""
        return {pid for pid in self.parent if self._descends(pid, root) and not self._descends(pid, without)}

    def _descends(self, pid: int, root: int | None) -> bool:
        found: int | None = pid
        while found is not None and found != root:
            found = self.parent.get(found)
        return found is not None


def _parent(stat: str) -> int:
    """The parent's id in `/proc/<pid>/stat`, where a program's name may hold spaces and parentheses.

    >>> _parent("42 (odd) name) S 7 42 42 0")
    7
    """
    return int(stat.rpartition(")")[2].split()[1])


def cpu_seconds(pids: Iterable[int]) -> float:
    """The CPU time that processes have used so far, all threads, to the nanosecond where the kernel tells."""
    return sum(map(_cpu_seconds, pids))


def _cpu_seconds(pid: int) -> float:
    folder = PROC / str(pid)
    try:
        return (
            sum(
                int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in (folder / "task").iterdir()
            )
            / 1e9
        )
    except (OSError, IndexError):
        pass
    try:
        fields = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0.0  # it has ended


def reaped_seconds(pid: int) -> float:
    """The CPU time of a process's children that have ended, and of theirs."""
    try:
        fields = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0.0


def machine_seconds() -> tuple[float, float]:
    """The CPU time that all programs of the machine have used so far, and that which there was to use."""
    fields = [int(field) for field in (PROC / "stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]]
    ticks = os.sysconf("SC_CLK_TCK")
    return (sum(fields) - fields[3] - fields[4]) / ticks, sum(fields) / ticks


def resident_mb(pid: int) -> float:
    """Resident memory of one process, in units of 1,000,000 bytes."""
    return _status_mb(pid, "VmRSS")


def anonymous_mb(pid: int) -> float:
    """Resident memory that is the process's own, no part of a file and not shared."""
    return _status_mb(pid, "RssAnon")


def _status_mb(pid: int, name: str) -> float:
    for line in (PROC / str(pid) / "status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(f"process {pid} has no resident memory: it has ended")


def parent_of(pid: int) -> int | None:
    try:
        return _parent((PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None


def end(process: "subprocess.Popen[str]", seconds: float) -> None:
    """Ends a process of ours: it is asked first, and given time to do it well."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    for order in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(order)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
