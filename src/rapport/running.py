"""Runs the server, or the worker, in this process until it is told to stop."""

import asyncio
import errno
import json
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
import uvloop

from rapport.accounts.opening import account_service
from rapport.app import Parts, background, compose
from rapport.base.errors import ConfigurationError
from rapport.base.secrets import app_secret
from rapport.base.settings import Settings
from rapport.edge.traffic.connections import Patience, limited
from rapport.events.bell import EVENTS, Bell
from rapport.store.database import Database
from rapport.store.migrate import migrate, require_migrated
from rapport.store.notifications import Notifications
from rapport.store.opening import join_database, open_database

if TYPE_CHECKING:
    from rapport.demo.build import Demo

GRACE_SECONDS = 10  # for requests that are being answered when the server is told to stop
BACKLOG = 2048
OTHER_FILES = 1_000  # that the process has open beside the connections of its clients


@dataclass(frozen=True, kw_only=True)
class Ready:
    """What a server says when it accepts requests: the content of the ready file."""

    url: str
    workspaceId: str | None = None  # noqa: N815  # the names of the file
    email: str | None = None
    password: str | None = None
    apiKey: str | None = None  # noqa: N815
    pid: int


def work(settings: Settings, *, say: Callable[[], None]) -> None:
    """Runs background jobs until SIGTERM or SIGINT; ``say`` is called once it begins.

    Raises ConfigurationError when it cannot start.
    """
    uvloop.run(_work(settings, say))


async def _work(settings: Settings, say: Callable[[], None]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with join_database(settings) as db:
        secret = app_secret(settings)
        await require_migrated(db)
        notifications = Notifications(db.dialing)
        bell = Bell(notifications.send)
        notifications.subscribe(EVENTS, bell.hear)
        url = _url(settings, settings.host, settings.port)
        work = background(settings, db, secret, url=url, bell=bell, notifications=notifications)
        await notifications.start()
        work.start()
        say()
        await stopped.wait()
        await work.stop()
        await bell.close()
        await notifications.close()


def serve(settings: Settings, *, demo: bool, ready_file: Path | None, say: Callable[[Ready], None]) -> None:
    """Runs the server until SIGTERM or SIGINT; ``say`` is called once it accepts requests.

    Raises ConfigurationError when it cannot start.
    """
    uvloop.run(_Serving(settings, demo=demo, ready_file=ready_file, say=say).run())


class _Server(uvicorn.Server):
    """uvicorn, without its own ideas about signals: ours count from the first moment, not only while it serves."""

    def __init__(
        self, config: uvicorn.Config, *, on_started: Callable[[], None], on_stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_started = on_started
        self._on_stopping = on_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stopping()  # answers that have no end would keep it waiting
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Serving:
    def __init__(
        self, settings: Settings, *, demo: bool, ready_file: Path | None, say: Callable[[Ready], None]
    ) -> None:
        self._settings = settings
        self._demo = demo
        self._ready_file = ready_file
        self._say = say
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    async def run(self) -> None:
        if self._ready_file:
            _clear_ready_file(self._ready_file)
        self._task = asyncio.current_task()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stop)
        _allow_files(self._settings.max_connections + self._settings.max_live_connections + OTHER_FILES)
        try:
            with _listening_socket(self._settings.host, self._settings.port) as listening:
                await self._run(listening)
        except asyncio.CancelledError:
            if not self._stopped:
                raise
        finally:
            if self._ready_file:
                self._ready_file.unlink(missing_ok=True)

    def _stop(self) -> None:
        self._stopped = True
        if self._server is not None:
            self._server.should_exit = True
        elif self._task is not None:
            self._task.cancel()  # still starting

    async def _run(self, listening: socket.socket) -> None:
        secret = app_secret(self._settings)
        async with open_database(self._settings, attach=False) as db:
            if self._settings.migrate_on_start:
                await migrate(db)
            else:
                await require_migrated(db)
            url = _url(self._settings, *listening.getsockname()[:2])
            ready = Ready(url=url, pid=os.getpid())
            if self._demo:
                made = await self._ensure_demo(db, secret)
                ready = replace(
                    ready,
                    workspaceId=str(made.workspace_id),
                    email=made.email,
                    password=made.password,
                    apiKey=made.api_key,
                )
            parts = await compose(self._settings, db, secret, url=url, demo_token=ready.apiKey)
            work = None
            if self._settings.worker:
                work = background(
                    self._settings, db, secret, url=url, bell=parts.bell, notifications=parts.notifications
                )
            try:
                if work is not None:
                    work.start()
                await self._serve(listening, parts, ready)
            finally:
                if work is not None:
                    await work.stop()
                await parts.close()

    async def _ensure_demo(self, db: Database, secret: str) -> "Demo":
        from rapport.demo.build import ensure_demo  # a server without a demo does not load its texts

        with account_service(self._settings, db, secret) as account:
            return await ensure_demo(db, account, data_dir=self._settings.data_dir)

    async def _serve(self, listening: socket.socket, parts: Parts, ready: Ready) -> None:
        audience = parts.live.audience
        config = uvicorn.Config(
            parts.app,
            loop="none",  # it runs in ours
            http=limited(Patience.of(self._settings), count_apart=audience.__len__),
            ws=parts.websockets,
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        self._server = _Server(config, on_started=lambda: self._announce(ready), on_stopping=audience.stop)
        await self._server.serve(sockets=[listening])

    def _announce(self, ready: Ready) -> None:
        if self._ready_file:
            _write_ready_file(self._ready_file, ready)
        self._say(ready)


def _listening_socket(host: str, port: int) -> socket.socket:
    """Takes the port at once, so that a start in vain is noticed before anything else is started."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise ConfigurationError(f"RAPPORT_HOST: {host} is not an address to listen on: {error.strerror}.") from error
    taken = socket.socket(family, kind, protocol)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.set_inheritable(False)
    except OSError as error:
        taken.close()
        raise ConfigurationError(
            f"Port {port} on {host} cannot be used: {os.strerror(error.errno or 0)}. Choose another with PORT."
        ) from error
    return taken


def _allow_files(count: int) -> None:
    """Each connection is an open file to the system, which allows few unless asked."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if most == resource.RLIM_INFINITY else min(count, most)
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _url(settings: Settings, host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return settings.server_url or f"http://{shown}:{port}"


def _clear_ready_file(path: Path) -> None:
    """Removes what an earlier server left, and finds out in time whether the file can be written."""
    try:
        path.unlink(missing_ok=True)
        if not os.access(path.parent, os.W_OK):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    except OSError as error:
        raise ConfigurationError(f"The ready file {path} cannot be written: {error.strerror}.") from error


def _write_ready_file(path: Path, ready: Ready) -> None:
    """Readers see the whole file or none."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        unfinished.unlink()
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(ready), file)
    unfinished.rename(path)
