"""Composes the server and the worker out of their parts. Nothing else does."""

from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from rapport.access.changes import ACCESS_CHANGED, AccessChange
from rapport.accounts.authenticator import Authenticator
from rapport.accounts.available import Availability
from rapport.accounts.credential import UserCredential
from rapport.accounts.entering import Entering
from rapport.accounts.impersonation import Impersonation
from rapport.accounts.impersonation_resolvers import area as impersonation_area
from rapport.accounts.opening import token_signer
from rapport.accounts.passwords import Passwords
from rapport.accounts.policy import Policy
from rapport.accounts.resolvers import area as accounts_area
from rapport.accounts.service import AccountService
from rapport.accounts.two_factor import TwoFactor
from rapport.accounts.two_factor_entering import TwoFactorEntering
from rapport.accounts.two_factor_resolvers import area as two_factor_area
from rapport.analytics.resolvers import area as analytics_area
from rapport.audit.retention import drop_old
from rapport.base.networks import Networks
from rapport.base.settings import Settings
from rapport.datamodel.mutations import Mutations
from rapport.datamodel.resolvers import area as data_model_area
from rapport.datamodel.tables import TABLES as DATA_MODEL_TABLES
from rapport.edge.asgi import GRAPHQL_PATHS, Application
from rapport.edge.caller import Callers
from rapport.edge.files import FilesEndpoint
from rapport.edge.graphql.endpoint import GraphQLEndpoint
from rapport.edge.graphql.introspection import SchemaIntrospector
from rapport.edge.graphql.live.db_events import area as db_events_area
from rapport.edge.graphql.live.hosting import host
from rapport.edge.graphql.live.operations import LiveOperations
from rapport.edge.graphql.live.renewing import Renewing
from rapport.edge.graphql.live.service import Live, LiveLimits
from rapport.edge.graphql.live.watching import Watching
from rapport.edge.graphql.live.websocket import WebSocket, websockets
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.models import CachedModels
from rapport.edge.graphql.planning import Planner
from rapport.edge.graphql.service import GraphQLService
from rapport.edge.graphql.system import SystemOperations
from rapport.edge.health import Health
from rapport.edge.limits import Limits
from rapport.edge.metrics.tally import Tally
from rapport.edge.openapi.routes import METHODS, openapi_pages, openapi_routes
from rapport.edge.openapi.service import Documents
from rapport.edge.remembered import Remembered
from rapport.edge.rest.endpoint import RestEndpoint
from rapport.edge.rest.events.following import Following
from rapport.edge.rest.events.reading import Feed
from rapport.edge.rest.events.routes import event_routes
from rapport.edge.rest.export.routes import export_routes
from rapport.edge.rest.files import file_routes
from rapport.edge.rest.idempotency.answers import drop_old as drop_old_answers
from rapport.edge.rest.idempotency.keeping import Idempotency
from rapport.edge.rest.imports import import_routes
from rapport.edge.rest.metadata import metadata_routes
from rapport.edge.rest.operations import Operations
from rapport.edge.rest.records.routes import record_routes
from rapport.edge.rest.records.service import RecordService
from rapport.edge.rest.shapes import ErrorShape
from rapport.edge.rest.webhooks import webhook_routes
from rapport.edge.traffic.audience import Audience
from rapport.edge.traffic.cors import Cors
from rapport.edge.traffic.door import Door, Lookups
from rapport.edge.traffic.rates import Rates
from rapport.edge.traffic.sharing import Sharing
from rapport.edge.traffic.sources import RateLimits, Sources
from rapport.edge.traffic.turns import Turns
from rapport.events.bell import EVENTS, Bell
from rapport.events.following import LiveLogs
from rapport.events.lag import lags
from rapport.events.readers import Readers
from rapport.events.retention import drop_old as drop_old_events
from rapport.files.keeping import attachments_go
from rapport.files.links import FileLinks
from rapport.files.resolvers import area as files_area
from rapport.files.service import FileService
from rapport.files.stores import storage_of
from rapport.imports.service import ImportService
from rapport.invitations.proofs import Proofs
from rapport.invitations.resolvers import area as invitations_area
from rapport.jobs.queue import Jobs
from rapport.keys.credential import KeyCredential
from rapport.keys.resolvers import area as keys_area
from rapport.keys.tables import TABLES as KEY_TABLES
from rapport.keys.usage import KeyUsage
from rapport.live.holding import Holder
from rapport.live.resolvers import area as live_area
from rapport.live.sights import Sights
from rapport.live.streams import EventStreams
from rapport.mail.outbox import Outbox
from rapport.metadata.changes import MODEL_CHANGED
from rapport.metadata.evolving import Evolving
from rapport.outgoing.client import Outgoing
from rapport.records.restricted import Hooks
from rapport.roles.resolvers import area as roles_area
from rapport.roles.tables import TABLES as ROLE_TABLES
from rapport.search.resolvers import area as search_area
from rapport.search.service import SearchService
from rapport.store.database import Database
from rapport.store.notifications import Notifications
from rapport.store.streaming import Streams
from rapport.system.access_news import AccessNews
from rapport.system.attempts import Attempts
from rapport.system.reading import Tables
from rapport.ui.pages import Pages, routes
from rapport.users.leaving import Leaving
from rapport.users.profile import Profile
from rapport.users.reading import UserReader
from rapport.users.resolvers import area as users_area
from rapport.users.tables import TABLES as USER_TABLES
from rapport.webhooks.resolvers import area as webhooks_area
from rapport.webhooks.secrets import WebhookVault
from rapport.webhooks.tables import tables as webhook_tables
from rapport.workspaces.domains import Domains
from rapport.workspaces.reading import WorkspaceReader
from rapport.workspaces.resolvers import area as workspaces_area
from rapport.workspaces.tables import tables as workspace_tables

if TYPE_CHECKING:
    from rapport.jobs.worker import Worker

READERS = frozenset({"timeline", "webhooks"})  # all durable readers of events, in whichever process they run
LAG_SECONDS = 5.0  # for which it is good what was found out about them
LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The running server's parts that others need: the ASGI application, and what must be closed."""

    app: ASGIApp
    passwords: Passwords
    notifications: Notifications
    introspector: SchemaIntrospector
    key_usage: KeyUsage
    tables: Tables
    streams: Streams
    sharing: Sharing
    outgoing: Outgoing
    bell: Bell
    live_logs: LiveLogs
    holder: Holder
    live: Live

    @property
    def websockets(self) -> type[WebSocket]:
        """The class for `uvicorn.Config(ws=…)`."""
        return websockets(host(self.live, GRAPHQL_PATHS))

    async def close(self) -> None:
        await self.live.audience.close()
        await self.live_logs.close()
        await self.holder.close()
        await self.streams.close()
        await self.outgoing.close()
        await self.sharing.close()
        await self.bell.close()
        await self.key_usage.close()
        await self.notifications.close()
        await self.introspector.close()
        self.passwords.close()


async def compose(settings: Settings, db: Database, secret: str, *, url: str, demo_token: str | None = None) -> Parts:
    """Puts the parts together. ``demo_token`` is what GraphiQL is opened with."""
    notifications = Notifications(db.dialing)
    bell = Bell(notifications.send)
    signer = token_signer(settings, secret)
    passwords = Passwords()
    jobs = Jobs()
    outbox = Outbox(jobs)
    attempts = Attempts(db)
    domains = Domains(server_url=url, multiworkspace=settings.multiworkspace)
    key_usage = KeyUsage(db)
    authenticator = Authenticator([KeyCredential(db, note_use=key_usage.note), UserCredential(db, signer)])
    models = CachedModels(db)
    live_logs = LiveLogs(db, bell)
    renewing = Renewing(models, live_logs)
    models.on_changed = renewing.model_changed

    def forget(change: AccessChange) -> None:
        authenticator.forget(change)
        renewing.access_changed(change)

    news = AccessNews(db, forget)
    account_service = AccountService(db, signer, passwords, policy=Policy.of(settings), news=news)
    entering = Entering(account_service, domains)
    proofs = Proofs(secret)
    two_factor = TwoFactor(db, secret, attempts, outbox)
    files = FileService(db, storage_of(settings), max_bytes=settings.max_file_bytes)
    file_links = FileLinks(secret, server_url=url, lifetime=settings.file_token_expires_in)
    webhook_vault, outgoing = WebhookVault(secret), outgoing_of(settings)
    tables = Tables(
        db,
        (
            *DATA_MODEL_TABLES,
            *ROLE_TABLES,
            *KEY_TABLES,
            *workspace_tables(domains, file_links.url),
            *USER_TABLES,
            *webhook_tables(webhook_vault),
        ),
        signer=file_links.signer,
    )
    available = partial(Availability(signer, domains, proofs, file_links.url).of_caller, db)
    user_reader = UserReader(tables, WorkspaceReader(db, tables), models, available)
    leaving, profile = Leaving(db, news), Profile(news)
    evolving = Evolving(db, forget=models.drop, known=models.catalog, learn=models.learn)
    model_mutations = Mutations(evolving, tables, lambda: system.names)
    event_streams = EventStreams(db)
    holder = Holder(event_streams)
    areas = (
        accounts_area(
            account_service,
            domains=domains,
            outbox=outbox,
            entering=entering,
            proofs=proofs,
            link=file_links.url,
            show_user=user_reader.show,
        ),
        two_factor_area(two_factor, TwoFactorEntering(db, entering, two_factor)),
        impersonation_area(Impersonation(db, signer), domains),
        invitations_area(db, outbox=outbox, attempts=attempts, domains=domains, proofs=proofs, link=file_links.url),
        db_events_area(db, renewing, file_links),
        analytics_area(db, models),
        data_model_area(tables, model_mutations.resolvers()),
        keys_area(db, tables, news),
        live_area(event_streams, holder, renewing, models, Sights(db, file_links.signer)),
        files_area(db, files, file_links, check_member=profile.records_change),
        roles_area(db, tables, news),
        search_area(SearchService(db, models, link=file_links.url)),
        users_area(db, user_reader, leaving),
        webhooks_area(db, tables, webhook_vault, outgoing),
        workspaces_area(db, tables, news, domains, link=file_links.url, forget_model=models.drop),
    )
    system = SystemOperations(
        [area.sdl for area in areas],
        {name: each for area in areas for name, each in area.resolvers.items()},
        {name: each for area in areas for name, each in area.sources.items()},
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
        revisions={"workspaceMember": profile.records_change},
        loss=partial(attachments_go, files),
    )
    planner = Planner(system=system, limits=limits, cache_size=settings.plan_cache_size, links=file_links, hooks=hooks)
    service = GraphQLService(
        database=db,
        models=models,
        system=system,
        introspector=introspector,
        planner=planner,
        limits=limits,
        ring=bell.ring,
    )
    watching = Watching(database=db, models=models, planner=planner, system=system, renewing=renewing, limits=limits)
    records = RecordService(
        database=db,
        models=models,
        limits=limits,
        plan_cache_size=settings.plan_cache_size,
        links=file_links,
        hooks=hooks,
        ring=bell.ring,
    )
    streams = Streams(db.dialing, most=settings.max_exports, seconds=settings.export_timeout.total_seconds())
    error_shape = ErrorShape(is_flat=settings.rest_error_shape == "flat")
    documents = Documents(models, url=url, version=version("rapport"), is_flat=error_shape.is_flat)
    models.on_dropped = partial(_forget, service, records, documents)
    notifications.subscribe(ACCESS_CHANGED, authenticator.hear)
    notifications.subscribe(ACCESS_CHANGED, renewing.hear)
    notifications.subscribe(MODEL_CHANGED, models.hear)
    notifications.subscribe(EVENTS, bell.hear)
    notifications.on_gap(authenticator.forget_all)
    notifications.on_gap(models.drop_all)
    notifications.on_gap(renewing.all_changed)
    await notifications.start()
    sources = Sources(
        RateLimits(user=settings.rate_limit_user, api_key=settings.rate_limit_api_key, ip=settings.rate_limit_ip)
    )
    turns, rates = Turns(most=settings.max_concurrency_per_caller), Rates()
    sharing = Sharing(db, rates)
    callers = Callers(authenticator, Networks(settings.trusted_proxies), look_up=Lookups(authenticator, sources, turns))
    door = Door(callers, sources=sources, rates=rates, turns=turns)
    live_limits = LiveLimits.of(settings)
    audience = Audience(
        callers,
        most=settings.max_live_connections,
        most_per_caller=settings.max_live_connections_per_caller,
        look_seconds=live_limits.look_seconds,
    )
    notifications.subscribe(ACCESS_CHANGED, audience.hear)
    notifications.on_gap(audience.check_all)
    cors = Cors(settings.cors_origins)
    live = Live(
        operations=LiveOperations(service=service, subscriptions=watching),
        door=door,
        callers=callers,
        audience=audience,
        cors=cors,
        limits=live_limits,
    )
    tallies = (Tally("graphql"), Tally("rest"))
    graphql = GraphQLEndpoint(
        service, door, live, tallies[0], max_body_bytes=settings.max_body_bytes, max_file_bytes=settings.max_file_bytes
    )
    rest = RestEndpoint(
        (
            *metadata_routes(Operations(service)),
            *webhook_routes(Operations(service)),
            *record_routes(records),
            *file_routes(files, file_links),
            *openapi_routes(documents),
            *export_routes(streams, models, limits),
            *event_routes(
                Following(
                    Feed(db, models),
                    renewing,
                    audience,
                    callers,
                    error_shape,
                    keep_alive_seconds=settings.live_keep_alive.total_seconds(),
                )
            ),
            *import_routes(ImportService(db, jobs, max_bytes=settings.max_import_bytes), models),
        ),
        door,
        tallies[1],
        max_body_bytes=settings.max_body_bytes,
        error_shape=error_shape,
        idempotency=Idempotency(db, keep=settings.idempotency_retention, error_shape=error_shape),
    )
    pages = Pages(version=version("rapport"))

    def token_for(request: HttpRequest) -> str | None:
        # Only for a browser that asks for this machine by its own name: a stranger's website may have pointed a name of
        # its own at 127.0.0.1.
        return demo_token if request.url.hostname in LOCAL_NAMES else None

    def graphiql(request: HttpRequest) -> Response:
        return pages.graphiql(token_for(request))

    def reference(request: HttpRequest) -> Response:
        return pages.reference(token_for(request))

    lags_now = Remembered(partial(lags, db, READERS), seconds=LAG_SECONDS)
    monitoring = [Route("/healthz", Health(db, lags_now), methods=["GET"])]
    if settings.metrics_token is not None:
        from rapport.edge.metrics.endpoint import Metrics  # a server without it does not load the library
        from rapport.edge.metrics.own import own_samples
        from rapport.edge.metrics.reading import shared_samples

        metrics = Metrics(
            token=settings.metrics_token,
            shared=shared_samples(db, lags_now),
            own=own_samples(db, tallies, audience=audience, logs=live_logs, version=version("rapport")),
        )
        monitoring.append(Route("/metrics", metrics.answer, methods=["GET"]))
    framework = Starlette(
        routes=[
            *monitoring,
            Route("/files/{path:path}", FilesEndpoint(files, file_links, error_shape=error_shape)),
            *(
                Route(path, page, methods=list(METHODS))
                for path, page in openapi_pages(documents, door, error_shape).items()
            ),
            *(Route(path, graphiql, methods=["GET"]) for path in sorted(GRAPHQL_PATHS)),
            Route("/reference", reference, methods=["GET"]),
            *routes(pages),
        ]
    )
    return Parts(
        app=Application(graphql, rest, framework, cors),
        live=live,
        passwords=passwords,
        notifications=notifications,
        introspector=introspector,
        key_usage=key_usage,
        tables=tables,
        streams=streams,
        sharing=sharing,
        bell=bell,
        live_logs=live_logs,
        holder=holder,
        outgoing=outgoing,
    )


def _forget(service: GraphQLService, records: RecordService, documents: Documents, model: Model) -> None:
    """A model is no longer current."""
    service.forget(model)
    records.forget(model)
    documents.forget(model)


@dataclass(frozen=True, kw_only=True)
class Background:
    """What goes on beside requests: jobs, and what follows from events."""

    worker: "Worker"
    readers: Readers
    outgoing: Outgoing

    def start(self) -> None:
        self.worker.start()
        self.readers.start()

    async def stop(self) -> None:
        await self.readers.stop()
        await self.worker.stop()
        await self.outgoing.close()


def background(
    settings: Settings, db: Database, secret: str, *, url: str, bell: Bell, notifications: Notifications
) -> Background:
    """The worker with everything that it can do: each job that some part enqueues has its handler here."""
    from rapport.files.sweeping import Sweeper
    from rapport.imports.running import RUN, run_handler
    from rapport.imports.service import clean_up
    from rapport.imports.undoing import UNDO, undo_handler
    from rapport.jobs.chores import Chore, chore_handlers, chore_schedules, prune_jobs
    from rapport.jobs.worker import Worker  # a process without a worker does not load the library
    from rapport.live.streams import drop_expired as drop_expired_streams
    from rapport.mail.outbox import SEND
    from rapport.mail.sending import handler as mail_handler
    from rapport.metadata.catalogs import Catalogs
    from rapport.timeline.reader import TimelineReader
    from rapport.webhooks.bodies import Bodies
    from rapport.webhooks.delivering import handler as delivery_handler
    from rapport.webhooks.reading import WebhookReader
    from rapport.webhooks.retention import drop_old as drop_old_deliveries
    from rapport.webhooks.waking import DELIVER, wake_forgotten

    files = FileService(db, storage_of(settings), max_bytes=settings.max_file_bytes)
    loss = partial(attachments_go, files)
    file_links = FileLinks(secret, server_url=url, lifetime=settings.file_token_expires_in)
    outgoing = outgoing_of(settings)
    readers = Readers(db, bell, (WebhookReader(Bodies(file_links.signer)), TimelineReader(Catalogs())))
    assert readers.names == READERS
    notifications.on_gap(readers.look_soon)
    keep_events = max(settings.event_retention, settings.import_retention)  # imports are undone with their help
    chores = (
        Chore(name="jobs.prune", cron="3 * * * *", run=lambda: prune_jobs(db)),
        Chore(name="audit.prune", cron="13 * * * *", run=lambda: drop_old(db, settings.audit_retention)),
        Chore(
            name="idempotency.prune",
            cron="*/30 * * * *",
            run=lambda: drop_old_answers(db, settings.idempotency_retention),
        ),
        Chore(name="files.sweep", cron="23 * * * *", run=Sweeper(db, storage_of(settings)).sweep),
        Chore(name="imports.prune", cron="33 * * * *", run=lambda: clean_up(db, settings.import_retention)),
        Chore(name="events.prune", cron="43 * * * *", run=lambda: drop_old_events(db, keep_events, readers.names)),
        Chore(name="streams.prune", cron="*/10 * * * *", run=lambda: drop_expired_streams(db)),
        Chore(
            name="webhooks.prune", cron="53 * * * *", run=lambda: drop_old_deliveries(db, settings.webhook_retention)
        ),
        Chore(name="webhooks.wake", cron="* * * * *", run=lambda: wake_forgotten(db)),
    )
    worker = Worker(
        db,
        {
            SEND: mail_handler(settings, db),
            RUN: run_handler(db, bell.ring),
            UNDO: undo_handler(db, loss, bell.ring),
            DELIVER: delivery_handler(db, outgoing, WebhookVault(secret), lease=settings.job_lease * 2 / 3),
            **chore_handlers(chores),
        },
        lease=settings.job_lease,
        schedules=chore_schedules(chores),
    )
    return Background(worker=worker, readers=readers, outgoing=outgoing)


def outgoing_of(settings: Settings) -> Outgoing:
    """The client for addresses that users give."""
    return Outgoing(Networks(settings.outgoing_private_networks), agent=f"Rapport/{version('rapport')}")
