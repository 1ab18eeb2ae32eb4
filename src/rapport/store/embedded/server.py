"""The server process: start, stop, restart after a crash, and what a killed predecessor left behind."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from rapport.base.errors import ConfigurationError
from rapport.store.embedded.account import choose_account
from rapport.store.embedded.binaries import find_binaries
from rapport.store.embedded.cluster import USER, Cluster, cluster_folder, read_password
from rapport.store.embedded.lock import DirectoryLock
from rapport.store.embedded.postmaster import PostmasterFile

PORT = 5432  # only part of the socket's file name
LONGEST_SOCKET_PATH = 103  # bytes, of the strictest system
LARGEST_LOG = 10_000_000
STOP_SECONDS = 30.0
CRASH_SECONDS = 15.0  # how long processes of a killed server may hold on to its memory

# For a machine that it shares with the Python processes. Nothing here trades durability for speed.
PARAMETERS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "min_wal_size": "80MB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "io_method": "sync",  # no I/O worker processes
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "max_logical_replication_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",  # not `error`: a statement that fails is the caller's business and may hold data
    "log_checkpoints": "off",
    "cluster_name": "rapport",
}


@dataclass(kw_only=True)
class EmbeddedServer:
    """A running PostgreSQL server that belongs to this process. Its methods block: call them in a thread."""

    cluster: Cluster
    max_connections: int
    parameters: Mapping[str, str]
    _lock: DirectoryLock
    _socket_folder: Path
    _process: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def start(
        cls,
        data_dir: Path,
        *,
        account: str | None = None,
        max_connections: int = 50,
        parameters: Mapping[str, str] = MappingProxyType({}),
    ) -> "EmbeddedServer":
        """Starts the server of a data directory, which is made when absent. ``parameters`` are more of PostgreSQL's.

        Raises ConfigurationError (a line that says what to do) when that is not possible, and its subclass InUse when
        another process runs it.
        """
        data_dir = data_dir.absolute()
        try:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = DirectoryLock.take(data_dir / "postgres.lock")
        except OSError as error:
            raise ConfigurationError(_unusable(data_dir, error)) from error
        try:
            chosen = choose_account(cluster_folder(data_dir), account)
            cluster = Cluster(data_dir=data_dir, account=chosen, binaries=find_binaries(chosen))
            cluster.ensure()
            _end_left_over(cluster.folder)
            server = cls(
                cluster=cluster,
                max_connections=max_connections,
                parameters=parameters,
                _lock=lock,
                _socket_folder=_make_socket_folder(cluster),
            )
            try:
                server.restart()
            except BaseException:
                server._remove_socket_folder()
                raise
        except OSError as error:
            lock.release()
            raise ConfigurationError(_unusable(data_dir, error)) from error
        except BaseException:
            lock.release()
            raise
        return server

    @property
    def dsn(self) -> str:
        return self.dsn_of("postgres")

    def dsn_of(self, database: str) -> str:
        """The address of one database of this server, password included."""
        return _dsn(self._socket_folder, read_password(self.cluster.data_dir), database)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def restart(self) -> None:
        """Starts the server process, which is not running, and waits until it accepts connections."""
        give_up = time.monotonic() + CRASH_SECONDS
        while True:
            complaint = self._launch()
            if complaint is None:
                return
            if "shared memory block" not in complaint or time.monotonic() > give_up:
                raise ConfigurationError(f"PostgreSQL does not start: {complaint}")
            time.sleep(0.1)  # the predecessor's processes notice only now that it is gone

    def stop(self) -> None:
        """Ends sessions, writes everything to disk, and lets go of the directory."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)  # no shutdown checkpoint: the next start replays the log
                self._process.wait(STOP_SECONDS)
        self._remove_socket_folder()
        self._lock.release()

    def _remove_socket_folder(self) -> None:
        if self._socket_folder != self.cluster.folder:
            shutil.rmtree(self._socket_folder, ignore_errors=True)

    def _launch(self) -> str | None:
        """Starts the process; gives what it complains of, or None when it is ready."""
        state = PostmasterFile(self.cluster.folder)
        state.disown()
        (self._socket_folder / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)  # ours, and we know that none runs
        log_file = self.cluster.data_dir / "postgres.log"
        if log_file.exists() and log_file.stat().st_size > LARGEST_LOG:
            log_file.rename(log_file.with_suffix(".log.1"))
        log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            begin = os.fstat(log).st_size
            self._process = self.cluster.run("postgres", self.cluster.folder, self._arguments(), log)
        finally:
            os.close(log)
        while not state.is_ready(self._process.pid):
            if self._process.poll() is not None:
                return _complaint(log_file, begin)
            time.sleep(0.01)
        return None

    def _arguments(self) -> list[str]:
        in_cluster = self._socket_folder == self.cluster.folder
        parameters = PARAMETERS | {
            "unix_socket_directories": "{folder}" if in_cluster else str(self._socket_folder),
            "max_connections": str(self.max_connections),
            **self.parameters,
        }
        return ["-D", "{folder}", *(part for item in parameters.items() for part in ("-c", "=".join(item)))]


def address_of_running(data_dir: Path) -> str | None:
    """The address of the server that another process runs in this directory, if one does."""
    data_dir = data_dir.absolute()
    folder = cluster_folder(data_dir)
    try:
        listening = PostmasterFile(folder).socket_folder()
        return _dsn(listening, read_password(data_dir), "postgres") if listening else None
    except OSError:
        return None


def _dsn(socket_folder: Path, password: str, database: str) -> str:
    return f"postgresql://{USER}:{quote(password)}@/{database}?host={quote(str(socket_folder), safe='')}&port={PORT}"


def _make_socket_folder(cluster: Cluster) -> Path:
    """The cluster's folder; where its path is too long for a socket, a private temporary one."""
    if len(os.fsencode(cluster.folder / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
        return cluster.folder
    folder = Path(tempfile.mkdtemp(prefix="rapport-"))
    if len(os.fsencode(folder)) > LONGEST_SOCKET_PATH - 20:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="rapport-", dir="/tmp"))  # mkdtemp makes it private
    if cluster.account:
        cluster.account.own(folder)
    return folder


def _end_left_over(folder: Path) -> None:
    """Stops the server that outlived a killed Rapport, so that ours starts from a defined state."""
    state = PostmasterFile(folder)
    pid, abandoned = state.running(), state.socket_folder()
    if pid is not None and not _end(pid, state):
        raise ConfigurationError(f"A PostgreSQL that was left behind in {folder} (process {pid}) does not stop.")
    if abandoned and abandoned != folder and abandoned.name.startswith("rapport-"):
        shutil.rmtree(abandoned, ignore_errors=True)


def _end(pid: int, state: PostmasterFile) -> bool:
    for ending in (signal.SIGINT, signal.SIGQUIT):
        os.kill(pid, ending)
        if _wait(lambda: state.running() is None, STOP_SECONDS):
            return True
    return False


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.01)
    return True


def _complaint(log_file: Path, begin: int) -> str:
    """What the server wrote last: the lines that name a problem, plainly."""
    with log_file.open("rb") as file:
        file.seek(begin)
        lines = file.read()[-20_000:].decode(errors="replace").splitlines()
    problem = re.compile(r"(?:FATAL|PANIC|HINT|DETAIL|could not|No space left|error while loading).*")
    found = [match[0] for line in lines if (match := problem.search(line))]
    free = shutil.disk_usage(log_file.parent).free
    if free < 1_000_000:  # then the log may have had no room either
        found.append(f"No space left on device: {free} bytes are free.")
    return " ".join(found[-4:]) or f"it ended without a word, see {log_file}"


def _unusable(data_dir: Path, error: OSError) -> str:
    place = f" ({error.filename})" if error.filename and str(error.filename) != str(data_dir) else ""
    return f"The data directory {data_dir} cannot be used: {error.strerror or error}{place}."
