"""The data directory of the embedded server: made once, complete or not at all."""

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rapport.base.errors import ConfigurationError
from rapport.store.embedded.account import Account, process_options
from rapport.store.embedded.binaries import Binaries

USER = "rapport"
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A PostgreSQL data directory, and who runs its server. ``account`` None: our own account."""

    data_dir: Path  # absolute
    account: Account | None
    binaries: Binaries

    @property
    def folder(self) -> Path:
        return cluster_folder(self.data_dir)

    def ensure(self) -> None:
        """Makes the directory unless it exists; raises ConfigurationError when it is not one for these programs."""
        shutil.rmtree(self._unfinished, ignore_errors=True)  # of a process that was killed meanwhile
        if self.folder.exists():
            self._check_version()
            if self.account and self.folder.stat().st_uid != self.account.user:
                self.account.own_all(self.folder)
        else:
            self._initialise()

    def password(self) -> str:
        return read_password(self.data_dir)

    def run(self, program: str, folder: Path, arguments: Sequence[str], log: int) -> "subprocess.Popen[bytes]":
        """Starts `initdb` or `postgres` under the account of the server; `{folder}` in arguments is the path to use."""
        # A session of its own: Ctrl-C in the terminal reaches us alone, and we stop the server in good order.
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            path = reachable(folder, descriptor) if self.account else str(folder)
            return subprocess.Popen(
                [self.binaries.folder / program, *(item.replace("{folder}", path) for item in arguments)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=ENVIRONMENT,
                umask=0o077,
                pass_fds=[descriptor] if self.account else (),
                start_new_session=True,
                **process_options(self.account),
            )
        finally:
            os.close(descriptor)

    @property
    def _unfinished(self) -> Path:
        return self.data_dir / "postgres.unfinished"

    def _initialise(self) -> None:
        password_file = self.data_dir / "postgres-password"
        if not password_file.exists():
            write_private(password_file, secrets.token_urlsafe(32))
        folder = self._unfinished
        folder.mkdir(mode=0o700)
        # initdb wants an empty folder and, as another account, cannot read our file: a copy lies beside the cluster.
        data, copy = folder / "data", folder / "password"
        data.mkdir(mode=0o700)
        write_private(copy, self.password())
        if self.account:
            self.account.own_all(folder)
        self._initdb(folder)
        data.rename(self.folder)
        shutil.rmtree(folder)
        _sync_folder(self.data_dir)

    def _initdb(self, folder: Path) -> None:
        reader, writer = os.pipe()
        arguments = (
            "--pgdata={folder}/data",
            "--username=" + USER,
            "--pwfile={folder}/password",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        )
        try:
            process = self.run("initdb", folder, arguments, writer)
        finally:
            os.close(writer)
        with os.fdopen(reader, errors="replace") as output:
            said = output.read()
        if process.wait():
            shutil.rmtree(folder, ignore_errors=True)
            raise ConfigurationError(f"The database in {self.data_dir} cannot be made: {_complaint(said)}")

    def _check_version(self) -> None:
        try:
            text = (self.folder / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise ConfigurationError(f"{self.folder} is not a PostgreSQL data directory.") from None
        number = re.match(r"\d+", text)
        major = int(number[0]) if number else 0
        if major > self.binaries.major:
            raise ConfigurationError(
                f"{self.folder} was made by PostgreSQL {text}, which is newer than {self.binaries.major}"
                " that this release brings. Start it with the release of Rapport that made it."
            )
        if major < self.binaries.major:
            raise ConfigurationError(
                f"{self.folder} was made by PostgreSQL {text}, and this release brings {self.binaries.major}."
                " Dump the database with pg_dump under the release that made it, move the folder away,"
                " start this release once, and load the dump with psql."
            )


def cluster_folder(data_dir: Path) -> Path:
    return data_dir / "postgres"


def read_password(data_dir: Path) -> str:
    return (data_dir / "postgres-password").read_text(encoding="ascii").strip()


def reachable(folder: Path, descriptor: int) -> str:
    """A path to the folder for another account, which may not be allowed to enter the folders above it (such as /root).

    On Linux the link of an open descriptor leads straight there; the server inherits the descriptor.
    """
    return f"/proc/self/fd/{descriptor}" if Path("/proc/self/fd").exists() else str(folder)


def write_private(path: Path, text: str) -> None:
    """Writes a file that only we can read, complete or not at all."""
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(descriptor)
    unfinished.rename(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _complaint(output: str) -> str:
    """The lines of initdb's output that say what is wrong."""
    lines = [line for line in output.splitlines() if re.search(r"error|FATAL|PANIC|HINT|DETAIL", line)]
    return " ".join(lines or output.splitlines()[-2:]) or "initdb failed without a word"
