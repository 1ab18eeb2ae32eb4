"""The models of the workspaces that are in use, each read when first asked for."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from uuid import UUID

from rapport.access.principal import Principal
from rapport.base.errors import Forbidden
from rapport.edge.graphql.model import Model
from rapport.metadata.store import load_catalog
from rapport.store.database import Database

MODEL_CHANGED = "modelChanged"  # the kind of the notification; payload {"workspaceId", "version"}
_MOST_MODELS = 500


class CachedModels:
    """Keeps the models used last. A change of a model is announced by MODEL_CHANGED, and forgotten here."""

    def __init__(self, database: Database, *, on_dropped: Callable[[Model], None] = lambda model: None) -> None:
        self._database = database
        self._models: OrderedDict[UUID, Model] = OrderedDict()
        self._loading: dict[UUID, asyncio.Lock] = {}
        self._drops = 0  # counts the calls of drop: what was being read meanwhile is not kept
        self.on_dropped = on_dropped

    def known(self, principal: Principal) -> Model | None:
        """The model in memory, if it is there."""
        assert principal.workspace_id is not None
        return self._models.get(principal.workspace_id)

    async def load(self, principal: Principal) -> Model:
        """The model of the principal's workspace; concurrent callers share one reading of it."""
        workspace_id = principal.workspace_id
        if workspace_id is None:
            raise Forbidden
        async with self._loading.setdefault(workspace_id, asyncio.Lock()):
            known = self._models.get(workspace_id)
            if known is not None:
                return known
            drops = self._drops
            model = Model(await load_catalog(self._database, workspace_id))
            if drops == self._drops:
                self._models[workspace_id] = model
            if len(self._models) > _MOST_MODELS:
                self.drop(next(iter(self._models)))
        self._loading.pop(workspace_id, None)
        return model

    async def reload(self, principal: Principal, stale: Model) -> Model:
        """The model after a statement met tables that are not those of ``stale``."""
        workspace_id = principal.workspace_id
        if workspace_id is not None and self._models.get(workspace_id) is stale:
            self.drop(workspace_id)
        return await self.load(principal)

    def hear(self, payload: Mapping[str, object]) -> None:
        """Receives the MODEL_CHANGED notifications of all processes."""
        self.drop(UUID(str(payload["workspaceId"])))

    def drop(self, workspace_id: UUID) -> None:
        self._drops += 1
        model = self._models.pop(workspace_id, None)
        if model is not None:
            self.on_dropped(model)

    def drop_all(self) -> None:
        """Announcements may have been missed."""
        for workspace_id in list(self._models):
            self.drop(workspace_id)
