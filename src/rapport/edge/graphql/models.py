"""The models of the workspaces that are in use, as each role sees them, each read when first asked for."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from rapport.access.principal import Principal
from rapport.base.errors import Forbidden
from rapport.edge.graphql.model import Model
from rapport.engine.row_rules import seen_by
from rapport.metadata.catalog import Catalog
from rapport.metadata.store import load_catalog, model_version
from rapport.roles.rules import load_rules
from rapport.store.database import Database

_MOST_WORKSPACES = 500
_MOST_ROLES = 100  # of one workspace

_Seen: TypeAlias = tuple[UUID | None, int]  # a role, and the version of the workspace's rules


@dataclass
class _Workspace:
    """A workspace's model, and what roles see of it: often the whole, which is then the very same."""

    whole: Model
    seen: dict[_Seen, Model] = field(default_factory=dict)

    def models(self) -> list[Model]:
        return list({model.key: model for model in (self.whole, *self.seen.values())}.values())


class CachedModels:
    """Keeps the models used last. A change of a model is announced by MODEL_CHANGED, and forgotten here.

    A change of rules needs no announcement: it comes with the principals, whose access version it raises.
    """

    def __init__(self, database: Database, *, on_dropped: Callable[[Model], None] = lambda model: None) -> None:
        self._database = database
        self._workspaces: OrderedDict[UUID, _Workspace] = OrderedDict()
        self._loading: dict[UUID, asyncio.Lock] = {}
        self._drops = 0  # counts the calls of drop: what was being read meanwhile is not kept
        self.on_dropped = on_dropped
        self.on_changed: Callable[[UUID], None] = lambda workspace_id: None

    def known(self, principal: Principal) -> Model | None:
        """The model in memory, if it is there."""
        assert principal.workspace_id is not None
        workspace = self._workspaces.get(principal.workspace_id)
        return None if workspace is None else workspace.seen.get((principal.role_id, principal.access_version))

    def catalog(self, workspace_id: UUID) -> Catalog | None:
        """The whole data model of a workspace, if it is in memory."""
        workspace = self._workspaces.get(workspace_id)
        return None if workspace is None else workspace.whole.catalog

    def learn(self, catalog: Catalog) -> None:
        """Takes the data model from whoever has just changed it, unless a later one is known already."""
        if not self._is_later(catalog.workspace_id, catalog.version - 1):
            self.drop(catalog.workspace_id)
            self._workspaces[catalog.workspace_id] = _Workspace(Model(catalog))

    async def load(self, principal: Principal) -> Model:
        """The model as the principal sees it; concurrent callers share one reading of it."""
        workspace_id = principal.workspace_id
        if workspace_id is None:
            raise Forbidden
        async with self._loading.setdefault(workspace_id, asyncio.Lock()):
            known = self.known(principal)
            if known is not None:
                return known
            drops = self._drops
            workspace = self._workspaces.get(workspace_id)
            if workspace is None:
                workspace = _Workspace(Model(await load_catalog(self._database, workspace_id)))
            seen = await self._seen(workspace.whole, principal)
            if drops == self._drops:
                self._keep(workspace_id, workspace, principal, seen)
        self._loading.pop(workspace_id, None)
        return seen

    async def is_outdated(self, principal: Principal, model: Model) -> bool:
        """Whether the database has a later version: asked before a request is refused, so cheap enough."""
        return await model_version(self._database, model.catalog.workspace_id) != model.catalog.version

    async def reload(self, principal: Principal, stale: Model) -> Model:
        """The model after a statement met tables that are not those of ``stale``."""
        workspace_id = stale.catalog.workspace_id
        if not self._is_later(workspace_id, stale.catalog.version):
            self.drop(workspace_id)
        return await self.load(principal)

    def hear(self, payload: Mapping[str, object]) -> None:
        """Receives the MODEL_CHANGED notifications of all processes."""
        workspace_id, version = UUID(str(payload["workspaceId"])), payload.get("version")
        if not isinstance(version, int) or not self._is_later(workspace_id, version - 1):
            self.drop(workspace_id)

    def _is_later(self, workspace_id: UUID, version: int) -> bool:
        """Whether the model in memory is of a later version than this."""
        workspace = self._workspaces.get(workspace_id)
        return workspace is not None and workspace.whole.catalog.version > version

    def drop(self, workspace_id: UUID) -> None:
        """It has changed, or may have."""
        self._evict(workspace_id)
        self.on_changed(workspace_id)

    def _evict(self, workspace_id: UUID) -> None:
        self._drops += 1
        workspace = self._workspaces.pop(workspace_id, None)
        if workspace is not None:
            for model in workspace.models():
                self.on_dropped(model)

    def drop_all(self) -> None:
        """Announcements may have been missed."""
        for workspace_id in list(self._workspaces):
            self.drop(workspace_id)

    async def _seen(self, whole: Model, principal: Principal) -> Model:
        if principal.role_id is None:
            return whole
        rules = await load_rules(self._database, whole.catalog.workspace_id, principal.role_id)
        catalog = seen_by(rules, whole.catalog)
        return whole if catalog is whole.catalog else Model(catalog, whole=whole)

    def _keep(self, workspace_id: UUID, workspace: _Workspace, principal: Principal, seen: Model) -> None:
        self._workspaces[workspace_id] = workspace
        outdated = [key for key in workspace.seen if key[1] < principal.access_version]
        if len(workspace.seen) - len(outdated) >= _MOST_ROLES:
            outdated = list(workspace.seen)
        for key in outdated:
            model = workspace.seen.pop(key)
            if model is not workspace.whole:
                self.on_dropped(model)
        workspace.seen[principal.role_id, principal.access_version] = seen
        if len(self._workspaces) > _MOST_WORKSPACES:
            self._evict(next(iter(self._workspaces)))
