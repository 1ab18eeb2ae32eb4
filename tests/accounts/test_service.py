"""Signing in with a password, on a real database."""

import asyncio
from collections.abc import Iterator

import pytest

from rapport.accounts.errors import (
    AccountDisabled,
    EmailNotVerified,
    NoPassword,
    PasswordSignInDisabled,
    UserAlreadyExists,
    UserNotFound,
    WrongPassword,
)
from rapport.accounts.memberships import memberships
from rapport.accounts.passwords import Passwords
from rapport.accounts.policy import Policy
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import AccessClaims, AgnosticClaims, RefreshClaims, TokenSigner
from rapport.base.errors import InvalidValue
from rapport.base.ids import new_id
from rapport.store.database import Database
from rapport.system.errors import TooManyAttempts
from tests.accounts.world import EMAIL, PASSWORD, SECRET, account_service, add_user, add_workspace


@pytest.fixture
def signer() -> TokenSigner:
    return TokenSigner(SECRET)


@pytest.fixture
def accounts(database: Database, signer: TokenSigner) -> Iterator[AccountService]:
    with account_service(database, signer) as found:
        yield found


async def test_with_one_workspace_the_tokens_are_for_it_when_that_is_wished(
    database: Database, accounts: AccountService, signer: TokenSigner
) -> None:
    acme = await add_workspace(database, "acme")
    user_id = await add_user(database, accounts, acme)

    signed_in = await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=True)

    access = signer.read(signed_in.tokens.access.token).claims
    refresh = signer.read(signed_in.tokens.refresh.token).claims
    (membership,) = await memberships(database, user_id)
    assert access == AccessClaims(
        user_id=user_id,
        workspace_id=acme,
        user_workspace_id=membership.user_workspace_id,
        workspace_member_id=membership.workspace_member_id,
    )
    assert isinstance(refresh, RefreshClaims)
    assert (refresh.user_id, refresh.workspace_id) == (user_id, acme)
    assert signed_in.entered == membership
    assert (signed_in.user.email, signed_in.user.first_name, signed_in.user.last_name) == (EMAIL, "Inès", "Ollier")


@pytest.mark.parametrize(("workspaces", "wished"), [(1, False), (0, True), (2, True)])
async def test_otherwise_the_tokens_are_for_no_workspace(
    database: Database, accounts: AccountService, signer: TokenSigner, workspaces: int, wished: bool
) -> None:
    ids = [await add_workspace(database, f"w{number}") for number in range(workspaces)]
    user_id = await add_user(database, accounts, *ids)

    signed_in = await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=wished)

    assert signer.read(signed_in.tokens.access.token)[0] == AgnosticClaims(user_id=user_id)
    assert [each.workspace_id for each in await memberships(database, user_id)] == ids


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
    assert (await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=True)).entered is None

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


async def test_disabled_users_are_told_so_when_the_password_is_right(
    database: Database, accounts: AccountService
) -> None:
    await add_user(database, accounts)
    await database.execute('update core."user" set disabled = true')

    with pytest.raises(WrongPassword):
        await accounts.sign_in(EMAIL, "nope-nope-1")
    with pytest.raises(AccountDisabled):
        await accounts.sign_in(EMAIL, PASSWORD)


async def test_where_addresses_must_be_verified_nobody_else_signs_in(database: Database) -> None:
    with account_service(database, policy=Policy(email_verification_required=True)) as accounts:
        await add_user(database, accounts)
        with pytest.raises(EmailNotVerified) as refusal:
            await accounts.sign_in(EMAIL, PASSWORD)
        assert (refusal.value.code, refusal.value.sub_code) == ("FORBIDDEN", "EMAIL_NOT_VERIFIED")
        await database.execute('update core."user" set "isEmailVerified" = true')
        await accounts.sign_in(EMAIL, PASSWORD)


async def test_passwords_do_not_open_a_workspace_that_has_switched_them_off(
    database: Database, accounts: AccountService
) -> None:
    acme = await add_workspace(database, "acme")
    await add_user(database, accounts, acme)
    await database.execute('update core.workspace set "isPasswordAuthEnabled" = false')

    with pytest.raises(PasswordSignInDisabled):
        await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=True)
    await database.execute('update core.workspace set "isPasswordAuthBypassEnabled" = true')
    with pytest.raises(PasswordSignInDisabled):
        await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=True)
    await database.execute(
        """insert into core."permissionFlag" (id, "workspaceId", "roleId", flag)
        select gen_random_uuid(), "workspaceId", id, 'SSO_BYPASS' from core.role where label = 'Member'"""
    )
    assert (await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=True)).entered is not None


async def test_guessing_is_stopped_for_known_and_unknown_accounts_alike(database: Database) -> None:
    with account_service(database, policy=Policy(sign_in_failures=3)) as accounts:
        await add_user(database, accounts)
        for email, failure in ((EMAIL, WrongPassword), ("nobody@example.com", UserNotFound)):
            for _ in range(3):
                with pytest.raises(failure):
                    await accounts.sign_in(email, "nope-nope-1")
            for password in ("nope-nope-1", PASSWORD):
                with pytest.raises(TooManyAttempts, match=r"try again in 1[0-5] minutes") as refusal:
                    await accounts.sign_in(f" {email.upper()}", password)
                assert (refusal.value.code, refusal.value.sub_code) == ("FORBIDDEN", "TOO_MANY_ATTEMPTS")
        await database.execute("""update core.attempt set "resetAt" = now() - interval '1 s'""")
        await accounts.sign_in(EMAIL, PASSWORD)


async def test_guesses_at_the_same_moment_count_as_many(database: Database) -> None:
    with account_service(database, policy=Policy(sign_in_failures=3)) as accounts:
        await add_user(database, accounts)
        tries = (accounts.sign_in(EMAIL, f"guess number {number}") for number in range(12))
        failures = await asyncio.gather(*tries, return_exceptions=True)

    assert sorted(type(each).__name__ for each in failures) == ["TooManyAttempts"] * 9 + ["WrongPassword"] * 3


async def test_a_right_password_forgives_the_wrong_ones(database: Database) -> None:
    with account_service(database, policy=Policy(sign_in_failures=2)) as accounts:
        await add_user(database, accounts)
        for _ in range(3):
            with pytest.raises(WrongPassword):
                await accounts.sign_in(EMAIL, "nope-nope-1")
            await accounts.sign_in(EMAIL, PASSWORD)


async def test_one_network_address_may_fail_so_often_whatever_accounts_it_tries(database: Database) -> None:
    with account_service(database, policy=Policy(sign_in_failures_per_address=3)) as accounts:
        await add_user(database, accounts)
        for _ in range(5):  # what is right does not count
            await accounts.sign_in(EMAIL, PASSWORD, address="2001:db8::1")
        for number in range(3):
            with pytest.raises(UserNotFound):
                await accounts.sign_in(f"user{number}@example.com", PASSWORD, address=f"2001:db8::{number}")
        with pytest.raises(TooManyAttempts):
            await accounts.sign_in(EMAIL, PASSWORD, address="2001:db8::99")
        await accounts.sign_in(EMAIL, PASSWORD, address="2001:db8:0:1::1")


async def test_sign_ins_and_failures_are_in_the_audit_log(database: Database, accounts: AccountService) -> None:
    user_id = await add_user(database, accounts)
    await accounts.sign_in(EMAIL, PASSWORD, address="192.0.2.7")
    with pytest.raises(WrongPassword):
        await accounts.sign_in(EMAIL, "nope-nope-1", address="192.0.2.7")
    with pytest.raises(UserNotFound):
        await accounts.sign_in("nobody@example.com", "nope-nope-1")

    rows = await database.rows(
        """select action, "userId", address, details ->> 'reason' as reason from core."auditEntry"
        order by "createdAt", id"""
    )
    assert [tuple(row) for row in rows] == [
        ("signedIn", user_id, "192.0.2.7", None),
        ("signInFailed", user_id, "192.0.2.7", "Wrong password"),
        ("signInFailed", None, None, "User not found"),
    ]


class CountingPasswords(Passwords):
    """Knows how often it was asked to check a password."""

    checks = 0

    async def matches(self, password: str, stored: str | None) -> bool:
        self.checks += 1
        return await super().matches(password, stored)


async def test_every_refusal_costs_one_hash(database: Database) -> None:
    """Together with the decoy of ``Passwords``, which costs as much as a real hash: time tells nothing."""
    passwords = CountingPasswords(memory_kib=64, passes=1)
    accounts = AccountService(database, TokenSigner(SECRET), passwords)
    await add_user(database, accounts)
    await database.execute("""insert into core."user" (id, email) values ($1, 'sso@example.com')""", new_id())
    try:
        for email in (EMAIL, "nobody@example.com", "sso@example.com", "\x00"):
            before = passwords.checks
            with pytest.raises((WrongPassword, UserNotFound, NoPassword)):
                await accounts.sign_in(email, "nope-nope-1")
            assert passwords.checks == before + 1
    finally:
        passwords.close()
