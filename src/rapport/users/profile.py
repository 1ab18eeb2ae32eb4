"""What follows when somebody changes a member's record: which parts of it they may change, and whose name it is."""

from collections.abc import Sequence
from uuid import UUID

from rapport.access.changes import AccessChange
from rapport.access.principal import Principal
from rapport.store.database import Connection
from rapport.store.queries import load
from rapport.system.access_news import AccessNews
from rapport.users.errors import ProfileFieldNotEditable
from rapport.users.onboarding import finish
from rapport.workspaces.members import in_schema

_SQL = load("rapport.users")

# Columns of a member record, and what `editableProfileFields` calls them.
_PARTS = {"nameFirstName": "firstName", "nameLastName": "lastName", "avatarUrl": "profilePicture"}
_NAMES = frozenset({"nameFirstName", "nameLastName"})


class Profile:
    """Heeds the workspace's rules on profiles, and carries a member's own change of name to the account."""

    def __init__(self, news: AccessNews) -> None:
        self._news = news

    async def records_change(
        self, connection: Connection, member_ids: Sequence[UUID], columns: frozenset[str], principal: Principal
    ) -> None:
        """What ``records`` calls after an update of member records (records/restricted, Revision).

        Raises ProfileFieldNotEditable: members change the parts that the workspace lets them, and never the address,
        which has to be verified. Who has the permission WORKSPACE_MEMBERS changes all.
        """
        if not principal.may("WORKSPACE_MEMBERS"):
            await self._demand_editable(connection, columns, principal)
        is_own = principal.user_id is not None and principal.workspace_member_id in member_ids
        if is_own and not columns.isdisjoint(_NAMES):
            await self._renamed(connection, principal)

    async def _demand_editable(self, connection: Connection, columns: frozenset[str], principal: Principal) -> None:
        if "userEmail" in columns:
            raise ProfileFieldNotEditable
        wanted = {_PARTS[column] for column in columns if column in _PARTS}
        if wanted:
            editable = await connection.value(_SQL["editable_profile_fields"], principal.workspace_id)
            if not isinstance(editable, list) or wanted - set(editable):
                raise ProfileFieldNotEditable

    async def _renamed(self, connection: Connection, principal: Principal) -> None:
        """The account is called as its owner has called themselves last; that part of the onboarding is done."""
        assert principal.schema is not None
        assert principal.user_id is not None
        assert principal.workspace_id is not None
        row = await connection.row(in_schema(_SQL["member_names"], principal.schema), [principal.workspace_member_id])
        assert row is not None
        await connection.execute(_SQL["rename_user"], principal.user_id, row["nameFirstName"], row["nameLastName"])
        await finish(connection, user_id=principal.user_id, workspace_id=principal.workspace_id, step="CREATE_PROFILE")
        change = AccessChange(user_id=principal.user_id)  # their name is part of every principal
        await self._news.announce(connection, change)
        self._news.forget(change)
