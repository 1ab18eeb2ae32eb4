"""Members of a workspace: the record that stands for a user, and the user's right to enter."""

from uuid import UUID

from rapport.base.ids import new_id
from rapport.metadata.names import quote
from rapport.roles.assigning import assign_to_member, default_role
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.workspaces")


async def add_member(
    connection: Connection,
    *,
    workspace_id: UUID,
    schema: str,
    user_id: UUID,
    email: str,
    first_name: str = "",
    last_name: str = "",
    locale: str = "en",
    avatar_url: str | None = None,
    member_id: UUID | None = None,
    role_id: UUID | None = None,
) -> UUID:
    """The id of the workspaceMember record of a user who joins. The caller's transaction is around it.

    Without a role they get the workspace's default one.
    """
    member_id = member_id or new_id()
    await add_member_record(
        connection,
        schema=schema,
        member_id=member_id,
        user_id=user_id,
        email=email,
        first_name=first_name,
        last_name=last_name,
        locale=locale,
        avatar_url=avatar_url,
    )
    membership_id = await add_membership(
        connection, workspace_id=workspace_id, user_id=user_id, member_id=member_id, locale=locale
    )
    role_id = role_id or await default_role(connection, workspace_id)
    if role_id is not None:
        await assign_to_member(connection, workspace_id=workspace_id, role_id=role_id, user_workspace_id=membership_id)
    return member_id


async def add_membership(
    connection: Connection, *, workspace_id: UUID, user_id: UUID, member_id: UUID | None, locale: str = "en"
) -> UUID:
    """The id of a user's right to enter, as yet without a role."""
    membership_id = new_id()
    await connection.execute(_SQL["insert_membership"], membership_id, user_id, workspace_id, member_id, locale)
    return membership_id


async def add_member_record(
    connection: Connection,
    *,
    schema: str,
    member_id: UUID,
    user_id: UUID,
    email: str,
    first_name: str,
    last_name: str,
    locale: str,
    avatar_url: str | None = None,
) -> None:
    """The record that stands for a user in the workspace."""
    await connection.execute(
        in_schema(_SQL["insert_member_record"], schema),
        member_id, first_name, last_name, email.lower(), user_id, locale, avatar_url,
    )  # fmt: skip


def in_schema(statement: str, schema: str) -> str:
    """A fixed statement that touches records: the schema is the only part of it that changes."""
    return statement.replace("{schema}", quote(schema))
