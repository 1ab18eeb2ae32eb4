"""What lets somebody in, as those who sign people up and in ask for it."""

import asyncio
from uuid import UUID

import pytest

from rapport.base.ids import new_id
from rapport.invitations.errors import InvitationNotFound
from rapport.invitations.proofs import Proofs
from rapport.invitations.service import (
    Invitation,
    approved_workspaces,
    by_link,
    consume,
    personal,
    token_hash,
    withdraw,
    workspaces_inviting,
)
from rapport.store.database import Database

PROOFS = Proofs("a secret for tests only")
HOSTILE = ["", "\x00", "\ud800", "'", "x" * 1_000_000, "%", "bob@example.com\n", "0" * 64, "G" * 64]


async def add_workspace(database: Database, name: str = "acme", **columns: object) -> UUID:
    workspace_id = new_id()
    await database.execute(
        'insert into core.workspace (id, "displayName", subdomain, "schema", "inviteHash") values ($1, $2, $2, $2, $3)',
        workspace_id, name, f"hash of {name}",
    )  # fmt: skip
    for column, value in columns.items():
        await database.execute(f'update core.workspace set "{column}" = $2 where id = $1', workspace_id, value)
    return workspace_id


async def add_user(database: Database, email: str, *workspaces: UUID) -> UUID:
    user_id = new_id()
    await database.execute('insert into core."user" (id, email) values ($1, $2)', user_id, email)
    for workspace_id in workspaces:
        await database.execute(
            'insert into core."userWorkspace" (id, "userId", "workspaceId") values ($1, $2, $3)',
            new_id(), user_id, workspace_id,
        )  # fmt: skip
    return user_id


async def invite(database: Database, workspace_id: UUID, email: str = "bob@example.com", lasts: str = "1 day") -> str:
    invitation_id = new_id()
    token = PROOFS.of_invitation(invitation_id)
    await database.execute(
        """insert into core."appToken" (id, "workspaceId", type, value, "expiresAt", context)
           values ($1, $2, 'INVITATION_TOKEN', $3, now() + $4::text::interval,
               jsonb_build_object('email', $5::text))""",
        invitation_id, workspace_id, token_hash(token), lasts, email,
    )  # fmt: skip
    return token


async def approve(database: Database, workspace_id: UUID, domain: str, *, validated: bool = True) -> None:
    await database.execute(
        'insert into core."approvedAccessDomain" (id, "workspaceId", domain, "isValidated") values ($1, $2, $3, $4)',
        new_id(), workspace_id, domain, validated,
    )  # fmt: skip


async def found_by(database: Database, token: str) -> Invitation | None:
    async with database.transaction() as connection:
        return await personal(connection, token)


async def test_a_token_is_of_one_address(database: Database) -> None:
    acme = await add_workspace(database)
    token = await invite(database, acme)
    invitation = await found_by(database, token)
    assert invitation is not None
    assert (invitation.workspace_id, invitation.email) == (acme, "bob@example.com")
    assert invitation.is_for(" Bob@Example.COM")
    assert not invitation.is_for("eve@example.com")
    assert not invitation.is_for("bob@example.com.evil.example")


@pytest.mark.parametrize("token", HOSTILE)
async def test_other_texts_are_no_tokens(database: Database, token: str) -> None:
    await invite(database, await add_workspace(database))
    assert await found_by(database, token) is None


async def test_what_is_stored_of_a_token_opens_nothing(database: Database) -> None:
    token = await invite(database, await add_workspace(database))
    assert await found_by(database, token_hash(token)) is None
    assert await found_by(database, token.upper()) is None


async def test_an_expired_or_withdrawn_invitation_opens_nothing(database: Database) -> None:
    acme = await add_workspace(database)
    assert await found_by(database, await invite(database, acme, lasts="0 seconds")) is None
    token = await invite(database, acme, email="carla@example.com")
    async with database.transaction() as connection:
        await withdraw(connection, workspace_id=acme, email=" Carla@example.com ")
    assert await found_by(database, token) is None


async def test_an_invitation_ends_with_its_workspace(database: Database) -> None:
    acme = await add_workspace(database)
    token = await invite(database, acme)
    await database.execute('update core.workspace set "deletedAt" = now()')
    async with database.transaction() as connection:
        assert await personal(connection, token) is None
        assert await workspaces_inviting(connection, "bob@example.com") == []
        assert await by_link(connection, "hash of acme") is None


async def test_using_an_invitation_up_verifies_its_address_and_nobody_elses(database: Database) -> None:
    token = await invite(database, await add_workspace(database))
    await add_user(database, "Bob@example.com")
    await add_user(database, "eve@example.com")
    async with database.transaction() as connection:
        invitation = await personal(connection, token)
        assert invitation is not None
        await consume(connection, invitation)
    verified = await database.rows('select email from core."user" where "isEmailVerified"')
    assert [row["email"] for row in verified] == ["Bob@example.com"]
    assert await found_by(database, token) is None
    async with database.transaction() as connection:
        with pytest.raises(InvitationNotFound):
            await consume(connection, invitation)


async def test_of_two_who_come_with_one_token_at_once_one_gets_in(database: Database) -> None:
    token = await invite(database, await add_workspace(database))

    async def come() -> bool:
        async with database.transaction() as connection:
            invitation = await personal(connection, token)
            if invitation is None:
                return False
            await asyncio.sleep(0.05)  # makes the member
            await consume(connection, invitation)
            return True

    assert sorted(await asyncio.gather(*(come() for _ in range(4)))) == [False, False, False, True]


async def test_of_two_who_found_one_invitation_without_a_lock_one_uses_it(database: Database) -> None:
    token = await invite(database, await add_workspace(database))
    invitation = await found_by(database, token)
    assert invitation is not None

    async def use() -> bool:
        try:
            async with database.transaction() as connection:
                await consume(connection, invitation)
        except InvitationNotFound:
            return False
        return True

    assert sorted(await asyncio.gather(*(use() for _ in range(4)))) == [False, False, False, True]


async def test_a_public_link_opens_its_workspace_while_it_is_switched_on(database: Database) -> None:
    acme = await add_workspace(database)
    await add_workspace(database, "off", isPublicInviteLinkEnabled=False)
    async with database.transaction() as connection:
        assert await by_link(connection, "hash of acme") == acme
        assert await by_link(connection, "hash of off") is None
        for text in HOSTILE:
            assert await by_link(connection, text) is None


async def test_the_live_invitations_of_an_address_are_listed(database: Database) -> None:
    acme, second, third, fourth = [await add_workspace(database, name) for name in "abcd"]
    await add_user(database, "Bob@example.com", fourth)
    await invite(database, acme)
    await invite(database, second, lasts="-1 second")
    await invite(database, third, email="bobby@example.com")
    await invite(database, fourth)
    async with database.transaction() as connection:
        found = await workspaces_inviting(connection, "BOB@example.com")
        assert [invitation.workspace_id for invitation in found] == [acme]
        for text in HOSTILE:
            assert text == "bob@example.com\n" or await workspaces_inviting(connection, text) == []


async def test_a_validated_domain_opens_a_workspace_to_addresses_of_exactly_it(database: Database) -> None:
    acme, pending, joined, gone = [await add_workspace(database, name) for name in "abcd"]
    for workspace_id in (acme, joined, gone):
        await approve(database, workspace_id, "example.com")
    await approve(database, pending, "example.com", validated=False)
    await add_user(database, "bob@example.com", joined)
    await database.execute('update core.workspace set "deletedAt" = now() where id = $1', gone)
    async with database.transaction() as connection:
        assert await approved_workspaces(connection, "Bob@EXAMPLE.com") == [acme]
        for email in (
            "bob@sub.example.com", "bob@notexample.com", "bob@example.com.evil.example", "bob@evil.example@example.com",
            "@example.com", "example.com", *HOSTILE[:5],
        ):  # fmt: skip
            assert await approved_workspaces(connection, email) == [], email


async def test_a_member_who_was_removed_is_found_again_only_by_what_is_left(database: Database) -> None:
    acme = await add_workspace(database)
    user_id = await add_user(database, "bob@example.com", acme)
    await invite(database, acme)
    await database.execute('update core."userWorkspace" set "deletedAt" = now() where "userId" = $1', user_id)
    async with database.transaction() as connection:
        assert len(await workspaces_inviting(connection, "bob@example.com")) == 1
        await withdraw(connection, workspace_id=acme, email="bob@example.com")
        assert await workspaces_inviting(connection, "bob@example.com") == []
