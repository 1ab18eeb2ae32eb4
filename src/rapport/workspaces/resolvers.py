"""The system operations about workspaces."""

from collections.abc import Callable, Mapping
from uuid import UUID

from rapport.access.request import Plain, RequestContext, Resolver
from rapport.base.errors import Forbidden
from rapport.base.spellings import part, text
from rapport.store.database import Database
from rapport.system.access_news import AccessNews
from rapport.system.area import Area, read_sdl
from rapport.system.reading import Tables
from rapport.workspaces.domains import Domains
from rapport.workspaces.errors import FeatureFlagNotPublic, NoWorkspaceFound
from rapport.workspaces.logos import FileLink
from rapport.workspaces.reading import WorkspaceReader, public_data
from rapport.workspaces.service import SERVER_PROVIDERS, Caller, WorkspaceService

Arguments = Mapping[str, object]


def area(
    db: Database,
    tables: Tables,
    news: AccessNews,
    domains: Domains,
    *,
    link: FileLink,
    forget_model: Callable[[UUID], None],
) -> Area:
    service = WorkspaceService(db, news, domains, forget_model=forget_model)
    operations = _Operations(db, service, WorkspaceReader(db, tables), domains, link)
    return Area(sdl=read_sdl("rapport.workspaces"), resolvers=operations.resolvers)


class _Operations:
    """One method an operation."""

    def __init__(
        self, db: Database, service: WorkspaceService, reader: WorkspaceReader, domains: Domains, link: FileLink
    ) -> None:
        self._db = db
        self._service = service
        self._reader = reader
        self._domains = domains
        self._link = link

    @property
    def resolvers(self) -> Mapping[str, Resolver]:
        """By the names of `schema.graphql`."""
        return {
            "currentWorkspace": self.current,
            "getPublicWorkspaceDataByDomain": self.public_data,
            "activateWorkspace": self.activate,
            "updateWorkspace": self.update,
            "deleteCurrentWorkspace": self.delete,
            "updateLabPublicFeatureFlag": self.update_feature_flag,
        }

    async def current(self, context: RequestContext, _arguments: Arguments) -> object:
        return Plain(await self._reader.current(_caller(context).principal, context.fields))

    async def public_data(self, context: RequestContext, arguments: Arguments) -> object:
        origin = text(arguments, "origin") or context.origin or context.host
        workspace = await self._domains.workspace_of_origin(self._db, origin)
        if workspace is None:
            raise NoWorkspaceFound
        return public_data(dict(workspace), self._domains.urls(workspace), SERVER_PROVIDERS, self._link)

    async def activate(self, context: RequestContext, arguments: Arguments) -> object:
        caller = _caller(context)
        await self._service.activate(caller, part(arguments, "data").get("displayName"))
        return Plain(await self._reader.current(caller.principal, context.fields))

    async def update(self, context: RequestContext, arguments: Arguments) -> object:
        caller = _caller(context)
        await self._service.update(caller, part(arguments, "data"))
        return Plain(await self._reader.current(caller.principal, context.fields))

    async def delete(self, context: RequestContext, _arguments: Arguments) -> object:
        caller = _caller(context)
        answer = await self._reader.current(caller.principal, context.fields)
        await self._service.delete(caller)
        return Plain(answer)

    async def update_feature_flag(self, _context: RequestContext, _arguments: Arguments) -> object:
        """No feature of this version is a beta that workspaces may choose."""
        raise FeatureFlagNotPublic


def _caller(context: RequestContext) -> Caller:
    if context.principal is None or context.principal.workspace_id is None:
        raise Forbidden
    return Caller(principal=context.principal, address=context.address)
