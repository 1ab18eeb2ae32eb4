"""What is done with a workspace as a whole: activating, changing and deleting it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import orjson

from rapport.access.changes import AccessChange
from rapport.access.oneself import require_oneself
from rapport.access.principal import Principal
from rapport.audit.log import record
from rapport.base.errors import Forbidden
from rapport.metadata.changes import announce_model
from rapport.records.contention import persisting
from rapport.store.database import Connection, Database
from rapport.store.queries import load
from rapport.system.access_news import AccessNews
from rapport.workspaces.activate import activate_workspace
from rapport.workspaces.domains import Domains
from rapport.workspaces.errors import (
    DomainTaken,
    InvalidDomain,
    InviteHashTaken,
    NoSuchDefaultRole,
    NoWorkspaceFound,
    ProviderNotAvailable,
    SubdomainTaken,
)
from rapport.workspaces.members import in_schema
from rapport.workspaces.settings import SETTINGS, accepted, display_name

_SQL = load("rapport.workspaces")

# What this server can sign people in with. Google, Microsoft and SSO get their places here.
SERVER_PROVIDERS = frozenset({"Password"})
_TAKEN = {"workspace_subdomain_key": SubdomainTaken, "workspace_customDomain_key": DomainTaken}


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks, in a workspace, and from which network address."""

    principal: Principal
    address: str | None

    @property
    def workspace_id(self) -> UUID:
        if self.principal.workspace_id is None:
            raise Forbidden
        return self.principal.workspace_id


class WorkspaceService:
    """``forget_model`` lets this process read a workspace's data model anew; the others are told."""

    def __init__(
        self,
        db: Database,
        news: AccessNews,
        domains: Domains,
        *,
        forget_model: Callable[[UUID], None] = lambda workspace_id: None,
    ) -> None:
        self._db = db
        self._news = news
        self._domains = domains
        self._forget_model = forget_model

    async def activate(self, caller: Caller, name: object) -> None:
        """Makes the caller's workspace usable. Raises InvalidValue without a name, NotPendingCreation."""
        user_id, workspace_id = caller.principal.user_id, caller.workspace_id
        if user_id is None:
            raise Forbidden
        shown_name = display_name(name)
        async with self._news.changing(AccessChange(workspace_id=workspace_id)) as connection:
            await activate_workspace(connection, workspace_id=workspace_id, user_id=user_id, display_name=shown_name)
        self._forget_model(workspace_id)

    async def update(self, caller: Caller, given: Mapping[str, object]) -> None:
        """Changes settings. Raises PermissionDenied, and what is wrong with the values."""
        values = dict(accepted(caller.principal, given))
        if not values:
            return
        # What is switched off may be what somebody's token rests on: allowImpersonation.
        is_news = any(SETTINGS[name].is_security for name in values)
        change = AccessChange(workspace_id=caller.workspace_id)
        async with self._news.changing(change) if is_news else self._db.transaction() as connection:
            await self._update(connection, caller, values)

    async def delete(self, caller: Caller) -> None:
        """Deletes the caller's workspace: records, model, memberships, keys, and users who are nowhere else.

        Whoever acts in somebody else's name may not.
        """
        require_oneself(caller.principal)
        for user_id in await persisting(lambda: self._delete(caller)):
            self._news.forget(AccessChange(user_id=user_id))
        self._forget_model(caller.workspace_id)

    async def _delete(self, caller: Caller) -> list[UUID]:
        async with self._news.changing(AccessChange(workspace_id=caller.workspace_id)) as connection:
            gone = await delete_workspace(
                connection, caller.workspace_id, principal=caller.principal, address=caller.address
            )
            for user_id in gone:
                await self._news.announce(connection, AccessChange(user_id=user_id))
        return gone

    async def _update(self, connection: Connection, caller: Caller, values: dict[str, object]) -> None:
        now = await connection.row(_SQL["lock_workspace"], caller.workspace_id)
        if now is None:
            raise NoWorkspaceFound
        self._demand_providers(values, now)
        if "customDomain" in values:
            self._demand_foreign(values["customDomain"])
            # Another domain has to be proven first, which is an operation of its own.
            values["isCustomDomainEnabled"] = (
                bool(now["isCustomDomainEnabled"]) and now["customDomain"] == values["customDomain"]
            )
        if "defaultRoleId" in values and not await connection.value(
            _SQL["is_role_for_users"], caller.workspace_id, values["defaultRoleId"]
        ):
            raise NoSuchDefaultRole
        if "inviteHash" in values and await connection.value(
            _SQL["invite_hash_of_another"], caller.workspace_id, values["inviteHash"]
        ):
            raise InviteHashTaken
        try:
            await connection.execute(
                _SQL["update_workspace"], caller.workspace_id, orjson.dumps(values, default=str).decode()
            )
        except asyncpg.UniqueViolationError as error:
            raise _TAKEN.get(error.constraint_name, SubdomainTaken)() from None
        changed = {name: value for name, value in values.items() if name in SETTINGS and SETTINGS[name].is_security}
        if changed:
            await record(
                connection,
                action="securitySettingsChanged",
                principal=caller.principal,
                address=caller.address,
                details={name: _plain(value) for name, value in changed.items()},
            )

    def _demand_providers(self, values: Mapping[str, object], now: Mapping[str, object]) -> None:
        for name, value in values.items():
            provider = name.removeprefix("is").removesuffix("Enabled").removesuffix("Bypass").removesuffix("Auth")
            is_switch = name.endswith(("AuthEnabled", "AuthBypassEnabled"))
            if is_switch and value is True and not now[name] and provider not in SERVER_PROVIDERS:
                raise ProviderNotAvailable(f"This server has no sign-in with {provider}.")

    def _demand_foreign(self, domain: object) -> None:
        if isinstance(domain, str) and self._domains.is_ours(domain):
            raise InvalidDomain("This domain is the server's own.")


async def delete_workspace(
    connection: Connection, workspace_id: UUID, *, principal: Principal | None = None, address: str | None = None
) -> list[UUID]:
    """Removes a workspace with all that it has, and gives the users who were deleted, being in no other one.

    The caller's transaction is around it, and announces the change.
    """
    row = await connection.row(_SQL["lock_workspace"], workspace_id)
    if row is None:
        raise NoWorkspaceFound
    await connection.script(in_schema(_SQL["drop_schema"], row["schema"]))
    await connection.execute(_SQL["lock_users"], workspace_id)
    gone = await connection.rows(_SQL["delete_users_of_only_this"], workspace_id)
    await connection.execute(_SQL["delete_role_targets"], workspace_id)
    await connection.execute(_SQL["delete_workspace"], workspace_id)
    await announce_model(connection, workspace_id, 0)
    await record(
        connection,
        action="workspaceDeleted",
        principal=principal,
        workspace_id=workspace_id,
        address=address,
        details={"displayName": row["displayName"], "subdomain": row["subdomain"]},
    )
    return [user_id for (user_id,) in gone]


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value
