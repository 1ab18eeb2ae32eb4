"""Signing in and renewing tokens, on a real database."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from rapport.accounts.errors import (
    NoPassword,
    NotAMember,
    RefreshTokenReused,
    UserAlreadyExists,
    UserNotFound,
    WrongPassword,
    WrongTokenKind,
)
from rapport.accounts.passwords import Passwords
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import AccessClaims, AgnosticClaims, RefreshClaims, TokenSigner
from rapport.base.errors import InvalidValue, TokenExpired, Unauthenticated
from rapport.base.ids import new_id
from rapport.store.database import Database

SECRET = "a secret for tests only"
EMAIL, PASSWORD = "ines@example.com", "correct horse"


@pytest.fixture
def signer() -> TokenSigner:
    return TokenSigner(SECRET)


@pytest.fixture
def accounts(database: Database, signer: TokenSigner) -> Iterator[AccountService]:
    passwords = Passwords(memory_kib=64, passes=1)
    yield AccountService(database, signer, passwords)
    passwords.close()


async def add_workspace(database: Database, name: str) -> UUID:
    workspace_id = new_id()
    await database.execute(
        'insert into core.workspace (id, "displayName", subdomain, "schema") values ($1, $2, $2, $3)',
        workspace_id,
        name,
        f"workspace_{name}",
    )
    return workspace_id


async def add_user(database: Database, accounts: AccountService, *workspaces: UUID, email: str = EMAIL) -> UUID:
    async with database.transaction() as connection:
        user_id = await accounts.create_user(
            connection, email=email, password=PASSWORD, first_name="Inès", last_name="Ollier"
        )
        for workspace_id in workspaces:
            await accounts.add_member(
                connection, user_id=user_id, workspace_id=workspace_id, workspace_member_id=new_id()
            )
    return user_id


async def test_with_one_workspace_the_tokens_are_for_it_when_that_is_wished(
    database: Database, accounts: AccountService, signer: TokenSigner
) -> None:
    acme = await add_workspace(database, "acme")
    user_id = await add_user(database, accounts, acme)

    signed_in = await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=True)

    access, _ = signer.read(signed_in.tokens.access.token)
    refresh, _ = signer.read(signed_in.tokens.refresh.token)
    (membership,) = signed_in.memberships
    assert access == AccessClaims(
        user_id=user_id,
        workspace_id=acme,
        user_workspace_id=membership.user_workspace_id,
        workspace_member_id=membership.workspace_member_id,
    )
    assert isinstance(refresh, RefreshClaims)
    assert (refresh.user_id, refresh.workspace_id) == (user_id, acme)
    assert membership.display_name == "acme"
    assert (signed_in.user.email, signed_in.user.first_name, signed_in.user.last_name) == (EMAIL, "Inès", "Ollier")


@pytest.mark.parametrize(("workspaces", "wished"), [(1, False), (0, True), (2, True)])
async def test_otherwise_the_tokens_are_for_no_workspace(
    database: Database, accounts: AccountService, signer: TokenSigner, workspaces: int, wished: bool
) -> None:
    ids = [await add_workspace(database, f"w{number}") for number in range(workspaces)]
    user_id = await add_user(database, accounts, *ids)

    signed_in = await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=wished)

    assert signer.read(signed_in.tokens.access.token)[0] == AgnosticClaims(user_id=user_id)
    assert [membership.workspace_id for membership in signed_in.memberships] == ids


@pytest.mark.parametrize("email", [EMAIL, "INES@Example.COM", f"  {EMAIL} "])
async def test_an_address_is_the_same_in_capitals_and_with_spaces(
    database: Database, accounts: AccountService, email: str
) -> None:
    await add_user(database, accounts)

    assert (await accounts.sign_in(email, PASSWORD)).user.email == EMAIL


async def test_wrong_passwords_and_unknown_users_are_told_apart_as_the_contract_does(
    database: Database, accounts: AccountService
) -> None:
    await add_user(database, accounts)
    await database.execute("""insert into core."user" (id, email) values ($1, 'sso@example.com')""", new_id())

    with pytest.raises(WrongPassword, match=r"^Wrong password$") as wrong:
        await accounts.sign_in(EMAIL, "nope-nope-1")
    assert (wrong.value.code, wrong.value.sub_code, wrong.value.user_message) == (
        "FORBIDDEN",
        "FORBIDDEN_EXCEPTION",
        "Wrong password",
    )
    with pytest.raises(UserNotFound) as unknown:
        await accounts.sign_in("nobody@example.com", PASSWORD)
    assert (unknown.value.code, unknown.value.sub_code) == ("UNAUTHENTICATED", "USER_NOT_FOUND")
    with pytest.raises(NoPassword):
        await accounts.sign_in("sso@example.com", PASSWORD)


@pytest.mark.parametrize("email", ["", "\x00", f"{EMAIL}\x00", "\ud800@example.com", "x" * 100_000, "' or 1=1 --", "%"])
async def test_odd_addresses_are_unknown_users(database: Database, accounts: AccountService, email: str) -> None:
    await add_user(database, accounts)

    with pytest.raises(UserNotFound):
        await accounts.sign_in(email, PASSWORD)


async def test_deleted_users_and_workspaces_cannot_be_entered(database: Database, accounts: AccountService) -> None:
    acme = await add_workspace(database, "acme")
    user_id = await add_user(database, accounts, acme)

    await database.execute('update core.workspace set "deletedAt" = now() where id = $1', acme)
    assert (await accounts.sign_in(EMAIL, PASSWORD)).memberships == ()

    await database.execute('update core."user" set "deletedAt" = now() where id = $1', user_id)
    with pytest.raises(UserNotFound):
        await accounts.sign_in(EMAIL, PASSWORD)


async def test_an_address_belongs_to_one_account(database: Database, accounts: AccountService) -> None:
    await add_user(database, accounts)

    with pytest.raises(UserAlreadyExists):
        await add_user(database, accounts, email=EMAIL.upper())
    assert await database.value('select count(*) from core."user"') == 1


@pytest.mark.parametrize(
    ("email", "password"), [("no-address", PASSWORD), ("@", PASSWORD), ("a@b\x00", PASSWORD), (EMAIL, "1234567")]
)
async def test_accounts_need_an_address_and_a_password_of_eight_characters(
    database: Database, accounts: AccountService, email: str, password: str
) -> None:
    async with database.transaction() as connection:
        with pytest.raises(InvalidValue):
            await accounts.create_user(connection, email=email, password=password, first_name="", last_name="")


async def test_renewing_gives_a_pair_of_the_same_kind(
    database: Database, accounts: AccountService, signer: TokenSigner
) -> None:
    acme = await add_workspace(database, "acme")
    user_id = await add_user(database, accounts, acme)
    scoped = (await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=True)).tokens
    agnostic = (await accounts.sign_in(EMAIL, PASSWORD)).tokens

    renewed = await accounts.renew(scoped.refresh.token)
    assert signer.read(renewed.access.token)[0] == signer.read(scoped.access.token)[0]
    assert renewed.refresh.token != scoped.refresh.token

    renewed = await accounts.renew(agnostic.refresh.token)
    assert signer.read(renewed.access.token)[0] == AgnosticClaims(user_id=user_id)


async def test_a_refresh_token_may_be_used_again_for_a_minute(database: Database, accounts: AccountService) -> None:
    await add_user(database, accounts)
    first = (await accounts.sign_in(EMAIL, PASSWORD)).tokens.refresh.token

    pairs = await asyncio.gather(*(accounts.renew(first) for _ in range(5)))
    assert len({pair.refresh.token for pair in pairs}) == 5
    await database.execute("""update core."appToken" set "revokedAt" = "revokedAt" - interval '50 s'""")
    await accounts.renew(first)
    await database.execute("""update core."appToken" set "revokedAt" = "revokedAt" - interval '11 s'""")
    with pytest.raises(RefreshTokenReused):  # the minute runs from the first use, not from the last
        await accounts.renew(first)


async def test_a_stolen_refresh_token_ends_all_sessions_of_its_user_only(
    database: Database, accounts: AccountService
) -> None:
    await add_user(database, accounts)
    await add_user(database, accounts, email="tom@example.com")
    stolen = (await accounts.sign_in(EMAIL, PASSWORD)).tokens.refresh.token
    others = (await accounts.sign_in("tom@example.com", PASSWORD)).tokens.refresh.token
    current = (await accounts.renew(stolen)).refresh.token
    await database.execute("""update core."appToken" set "revokedAt" = "revokedAt" - interval '61 s'""")

    with pytest.raises(RefreshTokenReused) as reuse:
        await accounts.renew(stolen)
    assert reuse.value.code == "FORBIDDEN"
    for token in (stolen, current):
        with pytest.raises(Unauthenticated):
            await accounts.renew(token)
    await accounts.renew(others)
    await accounts.sign_in(EMAIL, PASSWORD)


async def test_what_is_no_living_refresh_token_renews_nothing(
    database: Database, accounts: AccountService, signer: TokenSigner
) -> None:
    acme = await add_workspace(database, "acme")
    user_id = await add_user(database, accounts, acme)
    tokens = (await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=True)).tokens

    with pytest.raises(WrongTokenKind):
        await accounts.renew(tokens.access.token)
    with pytest.raises(Unauthenticated):
        await accounts.renew("nonsense\x00")
    with pytest.raises(Unauthenticated):  # well signed, but never given out
        await accounts.renew(signer.sign(RefreshClaims(id=new_id(), user_id=user_id)).token)
    old = TokenSigner(SECRET, now=lambda: datetime.now(UTC) - timedelta(days=61))
    with pytest.raises(TokenExpired):
        await accounts.renew(old.sign(RefreshClaims(id=new_id(), user_id=user_id)).token)

    await database.execute('update core."userWorkspace" set "deletedAt" = now()')
    with pytest.raises(NotAMember):
        await accounts.renew(tokens.refresh.token)
    await database.execute('delete from core."user"')
    with pytest.raises(UserNotFound):
        await accounts.renew(tokens.refresh.token)
