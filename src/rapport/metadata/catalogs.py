"""The data models of workspaces for work in the background, which is asked for many workspaces in turn."""

from collections import OrderedDict
from uuid import UUID

from rapport.metadata.catalog import Catalog
from rapport.metadata.store import load_catalog, model_version
from rapport.store.database import Connection, Database

_MOST = 200


class Catalogs:
    """Keeps those that were asked for last. Each time it is asked whether they are still what they were."""

    def __init__(self) -> None:
        self._known: OrderedDict[UUID, Catalog] = OrderedDict()

    async def of(self, db: Database | Connection, workspace_id: UUID) -> Catalog:
        """The whole data model, as it is now."""
        version = await model_version(db, workspace_id)
        catalog = self._known.get(workspace_id)
        if catalog is None or catalog.version != version:
            catalog = self._known[workspace_id] = await load_catalog(db, workspace_id)
        self._known.move_to_end(workspace_id)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return catalog
