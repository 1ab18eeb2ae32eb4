"""Renewing tokens, on a real database."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from rapport.accounts.errors import AccountDisabled, NotAMember, RefreshTokenReused, UserNotFound, WrongTokenKind
from rapport.accounts.policy import Policy
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import AgnosticClaims, RefreshClaims, TokenSigner
from rapport.base.errors import TokenExpired, Unauthenticated
from rapport.base.ids import new_id
from rapport.store.database import Database
from tests.accounts.world import EMAIL, PASSWORD, SECRET, account_service, add_user, add_workspace


@pytest.fixture
def signer() -> TokenSigner:
    return TokenSigner(SECRET)


@pytest.fixture
def accounts(database: Database, signer: TokenSigner) -> Iterator[AccountService]:
    with account_service(database, signer) as found:
        yield found


async def test_renewing_gives_a_pair_of_the_same_kind(
    database: Database, accounts: AccountService, signer: TokenSigner
) -> None:
    acme = await add_workspace(database, "acme")
    user_id = await add_user(database, accounts, acme)
    scoped = (await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=True)).tokens
    agnostic = (await accounts.sign_in(EMAIL, PASSWORD)).tokens

    renewed = await accounts.sessions.renew(scoped.refresh.token)
    assert signer.read(renewed.access.token).claims == signer.read(scoped.access.token).claims
    assert renewed.refresh.token != scoped.refresh.token

    renewed = await accounts.sessions.renew(agnostic.refresh.token)
    assert signer.read(renewed.access.token).claims == AgnosticClaims(user_id=user_id)


async def test_a_refresh_token_may_be_used_again_for_a_minute(database: Database, accounts: AccountService) -> None:
    await add_user(database, accounts)
    first = (await accounts.sign_in(EMAIL, PASSWORD)).tokens.refresh.token

    pairs = await asyncio.gather(*(accounts.sessions.renew(first) for _ in range(5)))
    assert len({pair.refresh.token for pair in pairs}) == 5
    await database.execute("""update core."appToken" set "revokedAt" = "revokedAt" - interval '50 s'""")
    await accounts.sessions.renew(first)
    await database.execute("""update core."appToken" set "revokedAt" = "revokedAt" - interval '11 s'""")
    with pytest.raises(RefreshTokenReused):  # the minute runs from the first use, not from the last
        await accounts.sessions.renew(first)


async def test_a_stolen_refresh_token_ends_all_sessions_of_its_user_only(
    database: Database, accounts: AccountService
) -> None:
    await add_user(database, accounts)
    await add_user(database, accounts, email="tom@example.com")
    stolen = (await accounts.sign_in(EMAIL, PASSWORD)).tokens.refresh.token
    others = (await accounts.sign_in("tom@example.com", PASSWORD)).tokens.refresh.token
    current = (await accounts.sessions.renew(stolen)).refresh.token
    await database.execute("""update core."appToken" set "revokedAt" = "revokedAt" - interval '61 s'""")

    with pytest.raises(RefreshTokenReused) as reuse:
        await accounts.sessions.renew(stolen)
    assert reuse.value.code == "FORBIDDEN"
    for token in (stolen, current):
        with pytest.raises(Unauthenticated):
            await accounts.sessions.renew(token)
    await accounts.sessions.renew(others)
    await accounts.sign_in(EMAIL, PASSWORD)


async def test_what_is_no_living_refresh_token_renews_nothing(
    database: Database, accounts: AccountService, signer: TokenSigner
) -> None:
    acme = await add_workspace(database, "acme")
    user_id = await add_user(database, accounts, acme)
    tokens = (await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=True)).tokens

    with pytest.raises(WrongTokenKind):
        await accounts.sessions.renew(tokens.access.token)
    with pytest.raises(Unauthenticated):
        await accounts.sessions.renew("nonsense\x00")
    with pytest.raises(Unauthenticated):  # well signed, but never given out
        await accounts.sessions.renew(signer.sign(RefreshClaims(id=new_id(), user_id=user_id)).token)
    old = TokenSigner(SECRET, now=lambda: datetime.now(UTC) - timedelta(days=61))
    with pytest.raises(TokenExpired):
        await accounts.sessions.renew(old.sign(RefreshClaims(id=new_id(), user_id=user_id)).token)

    await database.execute('update core."user" set disabled = true')
    with pytest.raises(AccountDisabled):
        await accounts.sessions.renew(tokens.refresh.token)
    await database.execute('update core."user" set disabled = false')
    await database.execute('update core."userWorkspace" set "deletedAt" = now()')
    with pytest.raises(NotAMember):
        await accounts.sessions.renew(tokens.refresh.token)
    await database.execute('delete from core."user"')
    with pytest.raises(UserNotFound):
        await accounts.sessions.renew(tokens.refresh.token)


async def test_renewals_at_once_work_within_the_cool_down_and_not_after(database: Database) -> None:
    with account_service(database, policy=Policy(refresh_token_cool_down=timedelta(seconds=1))) as accounts:
        await add_user(database, accounts)
        token = (await accounts.sign_in(EMAIL, PASSWORD)).tokens.refresh.token
        first, second = await asyncio.gather(accounts.sessions.renew(token), accounts.sessions.renew(token))
        await accounts.sessions.renew(first.refresh.token)
        await asyncio.sleep(1.1)
        again = await asyncio.gather(*(accounts.sessions.renew(token) for _ in range(4)), return_exceptions=True)

        # The first of them finds the token reused and ends it: for the others it is none any longer.
        assert sorted(type(each).__name__ for each in again) == ["RefreshTokenReused"] + ["Unauthenticated"] * 3
        with pytest.raises(Unauthenticated):
            await accounts.sessions.renew(second.refresh.token)


async def test_expired_tokens_are_cleared_away(database: Database, accounts: AccountService) -> None:
    await add_user(database, accounts)
    await accounts.sign_in(EMAIL, PASSWORD)
    await database.execute("""update core."appToken" set "expiresAt" = now() - interval '1 s'""")
    await accounts.sign_in(EMAIL, PASSWORD)

    assert await database.value('select count(*) from core."appToken"') == 1


async def test_reuse_is_in_the_audit_log(database: Database, accounts: AccountService) -> None:
    user_id = await add_user(database, accounts)
    token = (await accounts.sign_in(EMAIL, PASSWORD)).tokens.refresh.token
    await accounts.sessions.renew(token)
    await database.execute("""update core."appToken" set "revokedAt" = "revokedAt" - interval '61 s'""")
    with pytest.raises(RefreshTokenReused):
        await accounts.sessions.renew(token, address="192.0.2.7")

    row = await database.row("""select * from core."auditEntry" where action = 'refreshTokenReused'""")
    assert row is not None
    assert (row["userId"], row["address"]) == (user_id, "192.0.2.7")
