"""Composes the server out of its parts, and runs it. Nothing else does."""

import asyncio
import errno
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from rapport.access.changes import ACCESS_CHANGED
from rapport.accounts.authenticator import Authenticator
from rapport.accounts.available import Availability
from rapport.accounts.credential import UserCredential
from rapport.accounts.entering import Entering
from rapport.accounts.impersonation import Impersonation
from rapport.accounts.impersonation_resolvers import area as impersonation_area
from rapport.accounts.opening import account_service, token_signer
from rapport.accounts.passwords import Passwords
from rapport.accounts.policy import Policy
from rapport.accounts.resolvers import area as accounts_area
from rapport.accounts.service import AccountService
from rapport.accounts.two_factor import TwoFactor
from rapport.accounts.two_factor_entering import TwoFactorEntering
from rapport.accounts.two_factor_resolvers import area as two_factor_area
from rapport.audit.retention import drop_old
from rapport.base.errors import ConfigurationError
from rapport.base.networks import Networks
from rapport.base.secrets import app_secret
from rapport.base.settings import Settings
from rapport.datamodel.mutations import Mutations
from rapport.datamodel.resolvers import area as data_model_area
from rapport.datamodel.tables import TABLES as DATA_MODEL_TABLES
from rapport.edge.asgi import GRAPHQL_PATHS, Application
from rapport.edge.caller import Callers
from rapport.edge.graphql.endpoint import GraphQLEndpoint
from rapport.edge.graphql.introspection import SchemaIntrospector
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.models import CachedModels
from rapport.edge.graphql.service import GraphQLService
from rapport.edge.graphql.system import SystemOperations
from rapport.edge.health import Health
from rapport.edge.limits import Limits
from rapport.edge.rest.endpoint import RestEndpoint
from rapport.edge.rest.metadata import metadata_routes
from rapport.edge.rest.operations import Operations
from rapport.edge.rest.records.routes import record_routes
from rapport.edge.rest.records.service import RecordService
from rapport.edge.rest.shapes import ErrorShape
from rapport.invitations.proofs import Proofs
from rapport.invitations.resolvers import area as invitations_area
from rapport.jobs.queue import Jobs
from rapport.keys.credential import KeyCredential
from rapport.keys.resolvers import area as keys_area
from rapport.keys.tables import TABLES as KEY_TABLES
from rapport.keys.usage import KeyUsage
from rapport.mail.outbox import Outbox
from rapport.metadata.changes import MODEL_CHANGED
from rapport.metadata.evolving import Evolving
from rapport.records.restricted import Hooks
from rapport.roles.resolvers import area as roles_area
from rapport.roles.tables import TABLES as ROLE_TABLES
from rapport.search.resolvers import area as search_area
from rapport.search.service import SearchService
from rapport.store.database import Database
from rapport.store.embedded import address_of_running
from rapport.store.migrate import migrate, require_migrated
from rapport.store.notifications import Notifications
from rapport.store.opening import open_database
from rapport.system.access_news import AccessNews
from rapport.system.attempts import Attempts
from rapport.system.reading import Tables
from rapport.ui.pages import Pages, routes
from rapport.users.leaving import Leaving
from rapport.users.profile import Profile
from rapport.users.reading import UserReader
from rapport.users.resolvers import area as users_area
from rapport.users.tables import TABLES as USER_TABLES
from rapport.workspaces.domains import Domains
from rapport.workspaces.reading import WorkspaceReader
from rapport.workspaces.resolvers import area as workspaces_area
from rapport.workspaces.tables import tables as workspace_tables

if TYPE_CHECKING:
    from rapport.demo.build import Demo
    from rapport.jobs.worker import Worker

GRACE_SECONDS = 10  # for requests that are being answered when the server is told to stop
BACKLOG = 2048
LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, kw_only=True)
class Ready:
    """What a server says when it accepts requests: the content of the ready file."""

    url: str
    workspaceId: str | None = None  # noqa: N815  # the names of the file
    email: str | None = None
    password: str | None = None
    apiKey: str | None = None  # noqa: N815
    pid: int


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """The running server's parts that others need: the ASGI application, and what must be closed."""

    app: ASGIApp
    passwords: Passwords
    notifications: Notifications
    introspector: SchemaIntrospector
    key_usage: KeyUsage
    tables: Tables

    async def close(self) -> None:
        await self.key_usage.close()
        await self.notifications.close()
        await self.introspector.close()
        self.passwords.close()


async def compose(settings: Settings, db: Database, secret: str, *, url: str, demo_token: str | None = None) -> _Parts:
    """Puts the parts together. ``demo_token`` is what GraphiQL is opened with."""
    signer = token_signer(settings, secret)
    passwords = Passwords()
    jobs = Jobs()
    outbox = Outbox(jobs)
    attempts = Attempts(db)
    domains = Domains(server_url=url, multiworkspace=settings.multiworkspace)
    key_usage = KeyUsage(db)
    authenticator = Authenticator([KeyCredential(db, note_use=key_usage.note), UserCredential(db, signer)])
    models = CachedModels(db)
    news = AccessNews(db, authenticator.forget)
    account_service = AccountService(db, signer, passwords, policy=Policy.of(settings), news=news)
    entering = Entering(account_service, domains)
    proofs = Proofs(secret)
    two_factor = TwoFactor(db, secret, attempts, outbox)
    tables = Tables(db, (*DATA_MODEL_TABLES, *ROLE_TABLES, *KEY_TABLES, *workspace_tables(domains), *USER_TABLES))
    available = partial(Availability(signer, domains, proofs).of_caller, db)
    user_reader = UserReader(tables, WorkspaceReader(db, tables), models, available)
    leaving = Leaving(db, news)
    evolving = Evolving(db, forget=models.drop, known=models.catalog, learn=models.learn)
    model_mutations = Mutations(evolving, tables, lambda: system.names)
    areas = (
        accounts_area(
            account_service,
            domains=domains,
            outbox=outbox,
            entering=entering,
            proofs=proofs,
            show_user=user_reader.show,
        ),
        two_factor_area(two_factor, TwoFactorEntering(db, entering, two_factor)),
        impersonation_area(Impersonation(db, signer), domains),
        invitations_area(db, outbox=outbox, attempts=attempts, domains=domains, proofs=proofs),
        data_model_area(tables, model_mutations.resolvers()),
        keys_area(db, tables, news),
        roles_area(db, tables, news),
        search_area(SearchService(db, models)),
        users_area(db, user_reader, leaving),
        workspaces_area(db, tables, news, domains, forget_model=models.drop),
    )
    system = SystemOperations(
        [area.sdl for area in areas], {name: each for area in areas for name, each in area.resolvers.items()}
    )
    introspector = SchemaIntrospector(system)
    limits = Limits(
        max_fields=settings.max_fields,
        max_depth=settings.max_depth,
        max_relations=settings.max_relations,
        max_cost=settings.max_cost,
        max_batch=settings.max_batch_records,
    )
    hooks = Hooks(
        removals={"workspaceMember": leaving.records_go},
        revisions={"workspaceMember": Profile(news).records_change},
    )
    service = GraphQLService(
        database=db,
        models=models,
        system=system,
        introspector=introspector,
        limits=limits,
        plan_cache_size=settings.plan_cache_size,
        hooks=hooks,
    )
    records = RecordService(
        database=db, models=models, limits=limits, plan_cache_size=settings.plan_cache_size, hooks=hooks
    )
    models.on_dropped = partial(_forget, service, records)
    notifications = Notifications(db.dialing)
    notifications.subscribe(ACCESS_CHANGED, authenticator.hear)
    notifications.subscribe(MODEL_CHANGED, models.hear)
    notifications.on_gap(authenticator.forget_all)
    notifications.on_gap(models.drop_all)
    await notifications.start()
    callers = Callers(authenticator, Networks(settings.trusted_proxies))
    graphql = GraphQLEndpoint(service, callers, max_body_bytes=settings.max_body_bytes)
    rest = RestEndpoint(
        (*metadata_routes(Operations(service)), *record_routes(records)),
        callers,
        max_body_bytes=settings.max_body_bytes,
        error_shape=ErrorShape(is_flat=settings.rest_error_shape == "flat"),
    )
    pages = Pages(version=version("rapport"))

    def graphiql(request: HttpRequest) -> Response:
        # Only for a browser that asks for this machine by its own name: a stranger's website may have pointed a name of
        # its own at 127.0.0.1.
        is_local = request.url.hostname in LOCAL_NAMES
        return pages.graphiql(demo_token if is_local else None)

    framework = Starlette(
        routes=[
            Route("/healthz", Health(db), methods=["GET"]),
            *(Route(path, graphiql, methods=["GET"]) for path in sorted(GRAPHQL_PATHS)),
            *routes(pages),
        ]
    )
    return _Parts(
        app=Application(graphql, rest, framework),
        passwords=passwords,
        notifications=notifications,
        introspector=introspector,
        key_usage=key_usage,
        tables=tables,
    )


def _forget(service: GraphQLService, records: RecordService, model: Model) -> None:
    """A model is no longer current."""
    service.forget(model)
    records.forget(model)


def background(settings: Settings, db: Database) -> "Worker":
    """The worker with everything that it can do: each job that some part enqueues has its handler here."""
    from rapport.jobs.worker import Worker  # a process without a worker does not load the library
    from rapport.mail.outbox import SEND
    from rapport.mail.sending import handler as mail_handler

    return Worker(
        db,
        {SEND: mail_handler(settings, db)},
        chores=[lambda: drop_old(db, settings.audit_retention)],
    )


def work(settings: Settings, *, say: Callable[[], None]) -> None:
    """Runs background jobs until SIGTERM or SIGINT; ``say`` is called once it begins.

    Raises ConfigurationError when it cannot start.
    """
    uvloop.run(_work(settings, say))


async def _work(settings: Settings, say: Callable[[], None]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    if not settings.database_url and address_of_running(settings.data_dir) is None:
        # It could start the embedded PostgreSQL itself, but then no server could.
        raise ConfigurationError(
            f"No server runs on {settings.data_dir}. Start `rapport serve` first, or set DATABASE_URL."
        )
    async with open_database(settings) as db:
        await require_migrated(db)
        worker = background(settings, db)
        worker.start()
        say()
        await stopped.wait()
        await worker.stop()


def serve(settings: Settings, *, demo: bool, ready_file: Path | None, say: Callable[[Ready], None]) -> None:
    """Runs the server until SIGTERM or SIGINT; ``say`` is called once it accepts requests.

    Raises ConfigurationError when it cannot start.
    """
    uvloop.run(_Serving(settings, demo=demo, ready_file=ready_file, say=say).run())


class _Server(uvicorn.Server):
    """uvicorn, without its own ideas about signals: ours count from the first moment, not only while it serves."""

    def __init__(self, config: uvicorn.Config, *, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

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
            url = _url(self._settings, listening)
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
            worker = background(self._settings, db) if self._settings.worker else None
            parts = await compose(self._settings, db, secret, url=url, demo_token=ready.apiKey)
            try:
                if worker is not None:
                    worker.start()
                await self._serve(listening, parts.app, ready)
            finally:
                if worker is not None:
                    await worker.stop()
                await parts.close()

    async def _ensure_demo(self, db: Database, secret: str) -> "Demo":
        from rapport.demo.build import ensure_demo  # a server without a demo does not load its texts

        with account_service(self._settings, db, secret) as account:
            return await ensure_demo(db, account, data_dir=self._settings.data_dir)

    async def _serve(self, listening: socket.socket, app: ASGIApp, ready: Ready) -> None:
        config = uvicorn.Config(
            app,
            loop="none",  # it runs in ours
            http="httptools",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        self._server = _Server(config, on_started=lambda: self._announce(ready))
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


def _url(settings: Settings, listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
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
