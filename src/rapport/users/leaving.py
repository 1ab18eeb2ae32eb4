"""Leaving: members who are removed from a workspace, and users who delete their account. Their tokens end at once."""

from collections.abc import Sequence
from uuid import UUID

from rapport.access.changes import AccessChange
from rapport.access.oneself import require_oneself
from rapport.access.principal import Principal
from rapport.audit.log import record
from rapport.base.errors import Forbidden, PermissionDenied
from rapport.invitations.service import withdraw
from rapport.metadata.store import load_catalog
from rapport.records.contention import persisting
from rapport.records.delete import delete_records
from rapport.roles.assigning import lock_roles, require_other_admin
from rapport.roles.errors import CannotUnassignLastAdmin
from rapport.store.database import Connection, Database
from rapport.store.queries import load
from rapport.system.access_news import AccessNews
from rapport.users.errors import CannotDeleteLastAdmin, MemberNotFound, NoUser
from rapport.workspaces.service import delete_workspace

_SQL = load("rapport.users")


class Leaving:
    """The ways out."""

    def __init__(self, db: Database, news: AccessNews) -> None:
        self._db = db
        self._news = news

    async def remove_member(self, principal: Principal, member_id: UUID, *, address: str | None = None) -> None:
        """Ends a membership and soft-deletes its record. One may remove oneself, others with WORKSPACE_MEMBERS.

        Raises PermissionDenied, MemberNotFound, CannotDeleteLastAdmin.
        """
        workspace_id = _workspace_id(principal)
        if member_id != principal.workspace_member_id and not principal.may("WORKSPACE_MEMBERS"):
            raise PermissionDenied

        async def remove() -> list[UUID]:
            async with self._db.transaction() as connection:
                gone = await self._end(connection, principal, [member_id], address=address)
                if not gone:
                    raise MemberNotFound
                catalog = await load_catalog(connection, workspace_id)
                await delete_records(connection, catalog, "workspaceMember", [member_id], principal)
            return gone

        self._forget(await persisting(remove))

    async def records_go(self, connection: Connection, member_ids: Sequence[UUID], principal: Principal) -> None:
        """Ends the memberships behind records that are being deleted, in that transaction.

        What ``records`` calls (records/restricted, Removal); it has checked the permission.
        """
        self._forget(await self._end(connection, principal, member_ids))

    async def delete_user(self, principal: Principal, *, address: str | None = None) -> None:
        """Deletes the caller's account and all its memberships. Raises NoUser, CannotDeleteLastAdmin.

        A workspace that nobody has activated goes with its only member.
        """
        require_oneself(principal)
        user_id = principal.user_id
        if user_id is None:
            raise Forbidden
        await persisting(lambda: self._delete_user(principal, user_id, address))

    async def _delete_user(self, principal: Principal, user_id: UUID, address: str | None) -> None:
        async with self._news.changing(AccessChange(user_id=user_id)) as connection:
            for row in await connection.rows(_SQL["memberships_of_user"], user_id):
                await self._leave(connection, principal, row["workspaceId"], row["id"], address=address)
            email = await connection.value(_SQL["lock_user"], user_id)
            if email is None:
                raise NoUser
            await connection.execute(_SQL["delete_user"], user_id)
            await record(connection, action="userDeleted", principal=principal, address=address)

    async def _leave(
        self,
        connection: Connection,
        principal: Principal,
        workspace_id: UUID,
        membership_id: UUID,
        *,
        address: str | None,
    ) -> None:
        """One membership of a user who deletes the account."""
        await lock_roles(connection, workspace_id)
        rows = await connection.rows(_SQL["memberships_of_user"], principal.user_id)
        row = next((each for each in rows if each["id"] == membership_id), None)
        if row is None:
            return  # it, or the whole workspace, was gone in the meantime
        await _demand_other_admin(connection, workspace_id, membership_id)
        await connection.execute(_SQL["end_membership"], membership_id)
        if row["activationStatus"] == "PENDING_CREATION":
            if await connection.value(_SQL["is_alone"], workspace_id):
                await delete_workspace(connection, workspace_id, principal=principal, address=address)
            return
        if row["workspaceMemberId"] is not None:
            there = Principal(
                workspace_id=workspace_id,
                schema=row["schema"],
                user_id=principal.user_id,
                workspace_member_id=row["workspaceMemberId"],
                name=principal.name,
            )
            catalog = await load_catalog(connection, workspace_id)
            await delete_records(connection, catalog, "workspaceMember", [row["workspaceMemberId"]], there)

    async def _end(
        self,
        connection: Connection,
        principal: Principal,
        member_ids: Sequence[UUID],
        *,
        address: str | None = None,
    ) -> list[UUID]:
        """Ends the memberships behind the records, as far as there are any; gives the users."""
        workspace_id = _workspace_id(principal)
        await lock_roles(connection, workspace_id)
        rows = await connection.rows(_SQL["memberships_of_records"], workspace_id, list(member_ids))
        for row in rows:
            await _demand_other_admin(connection, workspace_id, row["id"])
            await connection.execute(_SQL["end_membership"], row["id"])
            await withdraw(connection, workspace_id=workspace_id, email=row["email"])
            await self._news.announce(connection, AccessChange(user_id=row["userId"]))
            await record(
                connection,
                action="memberRemoved",
                principal=principal,
                address=address,
                details={"userId": str(row["userId"]), "workspaceMemberId": str(row["workspaceMemberId"])},
            )
        return [row["userId"] for row in rows]

    def _forget(self, user_ids: Sequence[UUID]) -> None:
        for user_id in user_ids:
            self._news.forget(AccessChange(user_id=user_id))


async def _demand_other_admin(connection: Connection, workspace_id: UUID, membership_id: UUID) -> None:
    try:
        await require_other_admin(connection, workspace_id, membership_id)
    except CannotUnassignLastAdmin:
        raise CannotDeleteLastAdmin from None


def _workspace_id(principal: Principal) -> UUID:
    if principal.workspace_id is None:
        raise Forbidden
    return principal.workspace_id
