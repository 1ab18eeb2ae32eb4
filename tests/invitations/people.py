"""Members of workspaces for the tests of invitations."""

from dataclasses import replace
from uuid import UUID

from rapport.accounts.passwords import Passwords
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import TokenSigner
from rapport.roles.assigning import admin_role
from rapport.workspaces.members import add_member
from tests.serving import SECRET, Client

PASSWORD = "correct horse"


async def person(
    client: Client, *, email: str = "ada@acme.example", first_name: str = "Ada", last_name: str = "Byron", admin: bool
) -> Client:
    """A client with the token of a new member of the tenant's workspace: an admin, or one with the default role."""
    passwords = Passwords(memory_kib=64, passes=1)
    accounts = AccountService(client.database, TokenSigner(SECRET), passwords)
    try:
        async with client.database.transaction() as connection:
            workspace_id = client.tenant.workspace_id
            user_id = await accounts.create_user(
                connection, email=email, password=PASSWORD, first_name=first_name, last_name=last_name
            )
            await add_member(
                connection,
                workspace_id=workspace_id,
                schema=client.tenant.schema,
                user_id=user_id,
                email=email,
                first_name=first_name,
                last_name=last_name,
                role_id=await admin_role(connection, workspace_id) if admin else None,
            )
        signed_in = await accounts.sign_in(email, PASSWORD, enter_only_workspace=True)
    finally:
        passwords.close()
    return client.as_tenant(replace(client.tenant, key=signed_in.tokens.access.token))


async def user_id_of(client: Client, email: str) -> UUID:
    found = await client.database.value('select id from core."user" where email = $1', email)
    assert isinstance(found, UUID)
    return found


def error_of(answer: dict[str, object]) -> tuple[object, object, object]:
    """Code, sub-code and message of the only error of an answer."""
    errors = answer["errors"]
    assert isinstance(errors, list)
    assert len(errors) == 1, errors
    extensions = errors[0]["extensions"]
    return extensions["code"], extensions.get("subCode"), errors[0]["message"]
