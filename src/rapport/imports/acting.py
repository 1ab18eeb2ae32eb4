"""In whose name an import runs, and what they may do now: asked anew for each batch, in its transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson

from rapport.access.flags import Flag
from rapport.access.principal import Principal, granted_flags
from rapport.engine.row_rules import seen_by
from rapport.imports.errors import NotImportable, StarterGone
from rapport.imports.options import ImportOptions
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.store import load_catalog
from rapport.records.actor import actor_values
from rapport.records.restrictions import RESTRICTIONS
from rapport.records.rights import check_right
from rapport.roles.rules import load_rules
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.imports")
FLAG: Flag = "IMPORT_CSV"
_IDS = frozenset({"workspaceId", "userWorkspaceId", "apiKeyId", "impersonatorUserWorkspaceId"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """A member or an API key of a workspace."""

    workspace_id: UUID
    user_workspace_id: UUID | None
    api_key_id: UUID | None
    address: str | None = None  # from which they asked for it
    impersonator: UUID | None = None  # who acted in their name then: a membership

    @classmethod
    def of(cls, principal: Principal, address: str | None) -> "Starter":
        assert principal.workspace_id is not None
        return cls(
            workspace_id=principal.workspace_id,
            user_workspace_id=principal.user_workspace_id,
            api_key_id=principal.api_key_id,
            address=address,
            impersonator=principal.impersonator_user_workspace_id,
        )

    @classmethod
    def read(cls, payload: Mapping[str, str | None]) -> "Starter":
        """Of a job, as ``payload`` has written it."""
        ids = {name: UUID(value) for name, value in payload.items() if value and name in _IDS}
        return cls(
            workspace_id=ids["workspaceId"],
            user_workspace_id=ids.get("userWorkspaceId"),
            api_key_id=ids.get("apiKeyId"),
            address=payload.get("address"),
            impersonator=ids.get("impersonatorUserWorkspaceId"),
        )

    def payload(self) -> Mapping[str, str | None]:
        found = {
            "workspaceId": self.workspace_id,
            "userWorkspaceId": self.user_workspace_id,
            "apiKeyId": self.api_key_id,
            "impersonatorUserWorkspaceId": self.impersonator,
        }
        return {**{name: str(value) if value else None for name, value in found.items()}, "address": self.address}


@dataclass(frozen=True, kw_only=True)
class Acting:
    """Who acts, and the data model as they see it. The ``version`` changes with either."""

    version: tuple[object, ...]
    principal: Principal
    catalog: Catalog
    address: str | None = None

    def importable(self, object_id: UUID) -> Object:
        """Raises NotImportable."""
        found = next((each for each in self.catalog.by_name.values() if each.id == object_id), None)
        if found is None:
            raise NotImportable
        return found

    def values(self, **marks: str) -> Mapping[str, object]:
        """Those of the actor. The events of what is written keep the ``marks``."""
        values = actor_values(self.principal, self.address)
        event = {**orjson.loads(str(values["@event"])), **marks}
        return {**values, "@event": orjson.dumps(event).decode()}


async def acting(connection: Connection, starter: Starter, before: Acting | None = None) -> Acting:
    """As things are now; the very same as ``before`` when nothing has changed. Raises StarterGone."""
    row = await connection.row(
        _SQL["find_starter"], starter.workspace_id, starter.user_workspace_id, starter.api_key_id
    )
    if row is None or row["schema"] is None:
        raise StarterGone
    version = (row["metadataVersion"], row["accessVersion"], row["roleId"], row["name"], *sorted(row["flags"]))
    if before is not None and before.version == version:
        return before
    flags = granted_flags(
        all_settings=row["canUpdateAllSettings"], all_tools=row["canAccessAllTools"], single=frozenset(row["flags"])
    )
    if FLAG not in flags:
        raise StarterGone
    principal = Principal(
        workspace_id=starter.workspace_id,
        schema=row["schema"],
        user_id=row["userId"],
        user_workspace_id=starter.user_workspace_id,
        workspace_member_id=row["workspaceMemberId"],
        api_key_id=starter.api_key_id,
        name=row["name"],
        source="IMPORT",
        impersonator_user_workspace_id=starter.impersonator,
        role_id=row["roleId"],
        flags=flags,
        access_version=row["accessVersion"],
    )
    catalog = await load_catalog(connection, starter.workspace_id)
    rules = await load_rules(connection, starter.workspace_id, row["roleId"])
    return Acting(version=version, principal=principal, catalog=seen_by(rules, catalog), address=starter.address)


def demand_importable(item: Object, options: ImportOptions) -> None:
    """Raises NotImportable and PermissionDenied. What is special about some objects' records, imports do not know."""
    if item.name in RESTRICTIONS:
        raise NotImportable
    check_right(item, "update" if options.mode == "update" else "create")
