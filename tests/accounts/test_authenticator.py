"""From bearer to principal."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.access.changes import AccessChange
from rapport.access.flags import TOOL_FLAGS
from rapport.access.principal import Principal
from rapport.accounts.authenticator import Authenticator
from rapport.accounts.credential import UserCredential
from rapport.accounts.errors import (
    AccountDisabled,
    NotAMember,
    SessionEnded,
    UserNotFound,
    WorkspaceNotFound,
    WrongTokenKind,
)
from rapport.accounts.memberships import memberships
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import Lifetimes, LoginClaims, TokenSigner, TransientClaims
from rapport.base.errors import MissingToken, TokenExpired, Unauthenticated
from rapport.base.ids import new_id
from rapport.store.database import Database
from rapport.system.access_news import AccessNews
from tests.accounts.world import EMAIL, PASSWORD, SECRET, account_service, add_user, add_workspace


@pytest.fixture
def accounts(database: Database) -> Iterator[AccountService]:
    with account_service(database) as found:
        yield found


@pytest.fixture
def authenticator(database: Database) -> Authenticator:
    return Authenticator([UserCredential(database, TokenSigner(SECRET))])


@pytest.fixture
async def member(database: Database, accounts: AccountService) -> Principal:
    """Inès, member of a workspace; the principal that her tokens should give."""
    workspace_id = await add_workspace(database, "a")
    await database.execute('update core.workspace set "accessVersion" = 7')
    user_id = await add_user(database, accounts, workspace_id)
    (membership,) = await memberships(database, user_id)
    return Principal(
        workspace_id=workspace_id,
        schema="workspace_a",
        role_id=await database.value("select id from core.role where label = 'Member'"),  # type: ignore[arg-type]
        flags=TOOL_FLAGS,
        user_id=user_id,
        user_workspace_id=membership.user_workspace_id,
        workspace_member_id=membership.workspace_member_id,
        name="Inès Ollier",
        source="MANUAL",
        access_version=7,
    )


async def access_token(accounts: AccountService) -> tuple[str, float]:
    access = (await accounts.sign_in(EMAIL, PASSWORD, enter_only_workspace=True)).tokens.access
    return access.token, float(int(access.expires_at.timestamp()))


async def test_a_member_is_known_in_the_workspace_of_the_token(
    accounts: AccountService, authenticator: Authenticator, member: Principal
) -> None:
    token, end = await access_token(accounts)
    principal = await authenticator.authenticate(token)

    assert principal == Principal(**{**vars(member), "expires_at": end})
    assert authenticator.cached(token) is principal


async def test_a_token_without_workspace_gives_the_user_only(
    accounts: AccountService, authenticator: Authenticator, member: Principal
) -> None:
    access = (await accounts.sign_in(EMAIL, PASSWORD)).tokens.access
    principal = await authenticator.authenticate(access.token)

    assert (principal.user_id, principal.workspace_id, principal.schema) == (member.user_id, None, None)


async def test_a_refresh_token_is_no_bearer(
    accounts: AccountService, authenticator: Authenticator, member: Principal
) -> None:
    refresh = (await accounts.sign_in(EMAIL, PASSWORD)).tokens.refresh

    with pytest.raises(WrongTokenKind) as refused:
        await authenticator.authenticate(refresh.token)
    assert (refused.value.code, refused.value.sub_code) == ("FORBIDDEN", "INVALID_JWT_TOKEN_TYPE")


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ('update core."userWorkspace" set "deletedAt" = now()', NotAMember),
        ('update core.workspace set "deletedAt" = now()', WorkspaceNotFound),
        ('update core."user" set "deletedAt" = now()', UserNotFound),
        ('update core."user" set disabled = true', AccountDisabled),
        ('update core."user" set "sessionsEndedAt" = now()', SessionEnded),
        ('delete from core."user"', UserNotFound),
        ("delete from core.workspace", WorkspaceNotFound),
    ],
)
async def test_who_is_gone_is_refused_once_the_change_is_heard_of(
    database: Database,
    accounts: AccountService,
    authenticator: Authenticator,
    member: Principal,
    statement: str,
    error: type[Exception],
) -> None:
    token, _ = await access_token(accounts)
    await authenticator.authenticate(token)
    await database.execute(statement)
    authenticator.forget(AccessChange(user_id=member.user_id))

    assert authenticator.cached(token) is None
    with pytest.raises(error):
        await authenticator.authenticate(token)


async def test_a_token_without_workspace_ends_with_its_user(
    database: Database, accounts: AccountService, authenticator: Authenticator, member: Principal
) -> None:
    token = (await accounts.sign_in(EMAIL, PASSWORD)).tokens.access.token
    for statement, error in (
        ('update core."user" set "sessionsEndedAt" = now()', SessionEnded),
        ('update core."user" set disabled = true', AccountDisabled),
        ('update core."user" set "deletedAt" = now()', UserNotFound),
    ):
        await database.execute(statement)
        with pytest.raises(error):
            await authenticator.authenticate(token)


async def test_a_membership_that_ends_takes_its_tokens_with_it_at_once(
    database: Database, accounts: AccountService, authenticator: Authenticator, member: Principal
) -> None:
    token, _ = await access_token(accounts)
    await authenticator.authenticate(token)
    async with AccessNews(database, authenticator.forget).changing(AccessChange(user_id=member.user_id)) as connection:
        await connection.execute('update core."userWorkspace" set "deletedAt" = now()')

    with pytest.raises(NotAMember):
        await authenticator.authenticate(token)


async def test_login_tokens_and_transient_ones_are_no_bearers(
    accounts: AccountService, authenticator: Authenticator, member: Principal
) -> None:
    assert member.workspace_id is not None
    assert member.user_id is not None
    login = LoginClaims(email=EMAIL, workspace_id=member.workspace_id)
    transient = TransientClaims(user_id=member.user_id, workspace_id=member.workspace_id, workspace_member_id=new_id())
    for claims in (login, transient):
        with pytest.raises(WrongTokenKind):
            await authenticator.authenticate(accounts.signer.sign(claims).token)


async def test_only_the_tokens_concerned_are_forgotten(
    accounts: AccountService, authenticator: Authenticator, member: Principal
) -> None:
    token, _ = await access_token(accounts)
    for change in (AccessChange(user_id=new_id()), AccessChange(workspace_id=new_id()), AccessChange()):
        await authenticator.authenticate(token)
        authenticator.forget(change)
        assert authenticator.cached(token) is not None
    for payload in ({"workspaceId": str(member.workspace_id)}, {"userId": str(member.user_id)}, {"userId": "?"}):
        await authenticator.authenticate(token)
        authenticator.hear(payload)
        assert authenticator.cached(token) is None
    await authenticator.authenticate(token)
    authenticator.forget_all()
    assert authenticator.cached(token) is None


class SlowCredential:
    """Answers when told to."""

    def __init__(self) -> None:
        self.release = asyncio.Event()
        self.calls = 0

    def recognises(self, token: str) -> bool:
        return True

    async def principal(self, token: str) -> Principal:
        self.calls += 1
        await self.release.wait()
        return Principal(workspace_id=UUID(int=1), schema="s", api_key_id=UUID(int=2))


async def test_an_answer_from_before_a_revocation_is_not_remembered() -> None:
    credential = SlowCredential()
    authenticator = Authenticator([credential])
    under_way = asyncio.create_task(authenticator.authenticate("token"))
    await asyncio.sleep(0)
    authenticator.forget(AccessChange(api_key_id=UUID(int=2)))
    credential.release.set()
    await under_way

    assert authenticator.cached("token") is None


async def test_answers_are_trusted_for_a_while_and_the_least_used_go_first() -> None:
    credential = SlowCredential()
    credential.release.set()
    now = 1000.0
    authenticator = Authenticator([credential], size=2, recheck_after=60, clock=lambda: now)
    for token in ("a", "b"):
        await authenticator.authenticate(token)
    assert authenticator.cached("a") is not None
    await authenticator.authenticate("c")

    assert [authenticator.cached(token) is not None for token in "abc"] == [True, False, True]
    now += 60
    assert [authenticator.cached(token) is not None for token in "abc"] == [False, False, False]


async def test_a_remembered_token_expires_on_time(database: Database, accounts: AccountService) -> None:
    now = datetime.now(UTC)
    lifetimes = Lifetimes(agnostic=timedelta(seconds=30))
    signer = TokenSigner(SECRET, lifetimes=lifetimes, now=lambda: now)
    authenticator = Authenticator([UserCredential(database, signer)], clock=lambda: now.timestamp())
    await add_user(database, accounts)
    with account_service(database, signer) as service:
        token = (await service.sign_in(EMAIL, PASSWORD)).tokens.access.token
    await authenticator.authenticate(token)
    now += timedelta(seconds=31)

    assert authenticator.cached(token) is None
    with pytest.raises(TokenExpired):
        await authenticator.authenticate(token)


@pytest.mark.parametrize("token", [None, ""])
async def test_no_token_is_said_to_be_missing(authenticator: Authenticator, token: str | None) -> None:
    with pytest.raises(MissingToken, match=r"^Missing authentication token$"):
        await authenticator.authenticate(token)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.text(min_size=1), st.sampled_from(["a.b.c", "\x00", "x" * 9000, "e30.e30.", "..", "é.é.é"])))
def test_any_other_text_is_an_invalid_token(text: str) -> None:
    authenticator = Authenticator([NoDatabase()])

    with pytest.raises((Unauthenticated, WrongTokenKind)):
        asyncio.run(authenticator.authenticate(text))


class NoDatabase:
    """The tokens of users, of which none gets as far as the database."""

    def recognises(self, token: str) -> bool:
        return token.count(".") == 2

    async def principal(self, token: str) -> Principal:
        TokenSigner(SECRET).read(token)
        raise AssertionError("a token that nobody signed was accepted")
