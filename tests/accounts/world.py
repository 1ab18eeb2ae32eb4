"""Users and workspaces for the tests of accounts, made without the operations that are tested."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from rapport.accounts.passwords import Passwords
from rapport.accounts.policy import Policy
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import TokenSigner
from rapport.base.ids import new_id
from rapport.roles.assigning import assign_to_member, default_role
from rapport.roles.standard import seed_roles
from rapport.store.database import Database
from rapport.workspaces.members import add_membership

SECRET = "a secret for tests only"
EMAIL, PASSWORD = "ines@example.com", "correct horse"


@contextmanager
def account_service(
    database: Database, signer: TokenSigner | None = None, policy: Policy | None = None
) -> Iterator[AccountService]:
    """The service, with hashes that cost next to nothing."""
    passwords = Passwords(memory_kib=64, passes=1)
    yield AccountService(database, signer or TokenSigner(SECRET), passwords, policy=policy)
    passwords.close()


async def add_workspace(database: Database, name: str) -> UUID:
    """A workspace with its roles and without data."""
    workspace_id = new_id()
    async with database.transaction() as connection:
        await connection.execute(
            'insert into core.workspace (id, "displayName", subdomain, "schema") values ($1, $2, $2, $3)',
            workspace_id,
            name,
            f"workspace_{name}",
        )
        await seed_roles(connection, workspace_id)
    return workspace_id


async def add_user(database: Database, accounts: AccountService, *workspaces: UUID, email: str = EMAIL) -> UUID:
    """Inès Ollier, a member of the workspaces with their default roles."""
    async with database.transaction() as connection:
        user_id = await accounts.create_user(
            connection, email=email, password=PASSWORD, first_name="Inès", last_name="Ollier"
        )
        for workspace_id in workspaces:
            membership_id = await add_membership(
                connection, workspace_id=workspace_id, user_id=user_id, member_id=new_id()
            )
            role_id = await default_role(connection, workspace_id)
            assert role_id is not None
            await assign_to_member(
                connection, workspace_id=workspace_id, role_id=role_id, user_workspace_id=membership_id
            )
    return user_id
