"""Reads `postmaster.pid`, in which a PostgreSQL server says that it runs and where it listens."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PostmasterFile:
    """The file in a data directory: process id, directory, start time, port, socket folder, address, memory, state."""

    folder: Path

    def is_ready(self, pid: int) -> bool:
        """Whether the server with this process id accepts connections."""
        lines = self._lines()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7] == "ready"

    def running(self) -> int | None:
        """The process id of the server that runs on this directory, if one does."""
        pid = self._pid()
        return pid if pid and self._works_here(pid) else None

    def socket_folder(self) -> Path | None:
        """Where the running server listens."""
        lines = self._lines()
        if len(lines) < 5 or not lines[4]:
            return None
        # Relative to an open descriptor of the server's own (see cluster.reachable): that is the directory itself.
        return self.folder if lines[4].startswith("/proc/self/fd/") else Path(lines[4])

    def disown(self) -> None:
        """Frees a dead server's file from the process that has its number, for which PostgreSQL would not start.

        That is a stranger who got the number later, or the dead server itself while nobody has reaped it. The file
        stays, with our number, because its memory key lets PostgreSQL notice orphans of the dead server; the number of
        its own parent counts as left over for PostgreSQL.
        """
        pid = self._pid()
        if pid and _is_alive(pid):
            path = self.folder / "postmaster.pid"
            rest = path.read_text().split("\n", 1)[1]
            with path.open("r+") as file:
                file.write(f"{os.getpid()}\n{rest}")
                file.truncate()

    def _pid(self) -> int | None:
        lines = self._lines()
        return abs(int(lines[0])) if lines and lines[0].lstrip("-").isdigit() else None

    def _lines(self) -> list[str]:
        try:
            return [line.strip() for line in (self.folder / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def _works_here(self, pid: int) -> bool:
        """Whether a process is a server of this directory: that is where it works."""
        if Path("/proc/self/cwd").exists():
            try:
                return Path(f"/proc/{pid}/cwd").samefile(self.folder)
            except OSError:
                return False
        shown = subprocess.run(
            ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return "postgres" in shown.stdout and str(self.folder) in shown.stdout


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
