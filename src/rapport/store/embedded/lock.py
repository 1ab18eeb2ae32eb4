"""Sees to it that one process at a time runs the server of a data directory."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from rapport.base.errors import ConfigurationError


class InUse(ConfigurationError):
    """The data directory is in use by another process."""


@dataclass(frozen=True, kw_only=True)
class DirectoryLock:
    """A lock that the kernel lets go when our process ends, however it ends."""

    descriptor: int

    @classmethod
    def take(cls, path: Path) -> "DirectoryLock":
        """Raises InUse when another process holds it."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise InUse(
                f"The data directory {path.parent} is in use by another Rapport (process {holder})."
                " Stop that one, or choose another with RAPPORT_DATA_DIR."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor=descriptor)

    def release(self) -> None:
        os.close(self.descriptor)
