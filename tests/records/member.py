"""A user who is a member of a workspace, for tests that write as a person and not with an API key."""

from dataclasses import replace
from uuid import UUID

from rapport.accounts.passwords import Passwords
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import TokenSigner
from rapport.workspaces.members import add_member
from tests.serving import SECRET, Client

PASSWORD = "correct horse"


async def member(
    client: Client, *, email: str = "ines@example.com", role_id: UUID | None = None
) -> tuple[Client, UUID]:
    """A client with the access token of a new member, Inès Ollier, and the id of her member record.

    Without a role she gets the workspace's default one.
    """
    passwords = Passwords(memory_kib=64, passes=1)
    accounts = AccountService(client.database, TokenSigner(SECRET), passwords)
    try:
        async with client.database.transaction() as connection:
            user_id = await accounts.create_user(
                connection, email=email, password=PASSWORD, first_name="Inès", last_name="Ollier"
            )
            member_id = await add_member(
                connection,
                workspace_id=client.tenant.workspace_id,
                schema=client.tenant.schema,
                user_id=user_id,
                email=email,
                first_name="Inès",
                last_name="Ollier",
                role_id=role_id,
            )
        signed_in = await accounts.sign_in(email, PASSWORD, enter_only_workspace=True)
    finally:
        passwords.close()
    return client.as_tenant(replace(client.tenant, key=signed_in.tokens.access.token)), member_id
