"""Entering a workspace with a password, a login token and the web address, over HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from rapport.accounts.tokens import AccessClaims, LoginClaims, TokenSigner, TransientClaims
from rapport.base.ids import new_id
from tests.accounts.guest import ENTER, LOGIN, NEW_WORKSPACE, PASSWORD, RENEW, SIGN_IN, WHO, Guest
from tests.records.member import member
from tests.serving import SECRET, Client, serving

INES = "ines@example.com"
LOCAL = "http://{}.localhost:3000"


@pytest.fixture
async def guest(client: Client) -> Guest:
    await member(client, email=INES)
    await client.database.execute("update core.workspace set subdomain = 'acme'")
    return Guest(client=client)


def signer() -> TokenSigner:
    return TokenSigner(SECRET)


def credentials(guest: Guest, **more: object) -> dict[str, object]:
    return {"email": INES, "password": PASSWORD, "origin": guest.origin, **more}


async def second_workspace(guest: Guest) -> str:
    """A workspace of Tom's, at the subdomain `other`; its id."""
    made = await guest.data(
        NEW_WORKSPACE, {"input": {"email": "tom@example.com", "password": PASSWORD, "displayName": "Other"}}
    )
    await guest.client.database.execute(
        "update core.workspace set subdomain = 'other' where id = $1", UUID(made["workspace"]["id"])
    )
    return str(made["workspace"]["id"])


async def test_a_password_gives_a_login_token_and_that_gives_a_session(guest: Guest) -> None:
    login_token = (await guest.data(LOGIN, credentials(guest)))["loginToken"]
    read = signer().read(login_token)
    assert read.claims == LoginClaims(email=INES, workspace_id=guest.client.tenant.workspace_id)
    assert 800 < read.expires_at - datetime.now(UTC).timestamp() <= 900

    access, refresh = await guest.enter(login_token)
    assert await guest.data(WHO, token=access) == {"edges": [{"node": {"userEmail": INES}}]}
    claims = signer().read(access).claims
    assert isinstance(claims, AccessClaims)
    assert claims.workspace_member_id is not None
    renewed = await guest.data(RENEW, {"token": refresh})
    assert await guest.data(WHO, token=renewed["tokens"]["accessToken"])
    assert (await guest.error(WHO, token=login_token)) == ("FORBIDDEN", "INVALID_JWT_TOKEN_TYPE")


async def test_failures_are_those_of_the_contract_and_tell_no_more(guest: Guest) -> None:
    assert await guest.error(LOGIN, credentials(guest, password="nope-nope-1")) == ("FORBIDDEN", "FORBIDDEN_EXCEPTION")
    assert await guest.error(LOGIN, credentials(guest, email="nobody@example.com")) == (
        "UNAUTHENTICATED",
        "USER_NOT_FOUND",
    )
    # Who is no member learns so with the right password only.
    await guest.sign_up("tom@example.com")
    tom = credentials(guest, email="tom@example.com")
    assert await guest.error(LOGIN, tom) == ("UNAUTHENTICATED", "USER_WORKSPACE_NOT_FOUND")
    assert (await guest.error(LOGIN, {**tom, "password": "nope-nope-1"}))[0] == "FORBIDDEN"


@pytest.mark.parametrize("odd", ["\x00", "' or true --", "x" * 90_000, ""])
async def test_odd_values_are_wrong_ones(guest: Guest, odd: str) -> None:
    assert (await guest.error(LOGIN, credentials(guest, email=odd)))[1] == "USER_NOT_FOUND"
    assert (await guest.error(LOGIN, credentials(guest, password=odd)))[0] == "FORBIDDEN"
    login_token = (await guest.data(LOGIN, credentials(guest, origin=odd)))["loginToken"]  # there is one workspace only
    await guest.enter(login_token, origin=odd)
    assert (await guest.error(ENTER, {"token": odd, "origin": guest.origin}))[0] == "UNAUTHENTICATED"


async def test_a_web_address_names_the_workspace(guest: Guest) -> None:
    other = await second_workspace(guest)
    here = (await guest.data(LOGIN, credentials(guest, origin=LOCAL.format("acme"))))["loginToken"]
    await guest.enter(here, origin=LOCAL.format("acme"))
    await guest.enter(here)  # the server's own address names none: it is for all

    assert await guest.error(ENTER, {"token": here, "origin": LOCAL.format("other")}) == ("FORBIDDEN", "INVALID_ORIGIN")
    assert (await guest.error(ENTER, {"token": here, "origin": LOCAL.format("nowhere")}))[0] == "FORBIDDEN"
    assert (await guest.error(LOGIN, credentials(guest, origin=LOCAL.format("other")))) == (
        "UNAUTHENTICATED",
        "USER_WORKSPACE_NOT_FOUND",
    )
    assert await guest.error(LOGIN, credentials(guest, origin=LOCAL.format("nowhere"))) == (
        "UNAUTHENTICATED",
        "WORKSPACE_NOT_FOUND",
    )
    # Where an address names none of several, it is the one that the user is in.
    found = (await guest.data(LOGIN, credentials(guest)))["loginToken"]
    claims = signer().read(found).claims
    assert isinstance(claims, LoginClaims)
    assert claims.workspace_id == guest.client.tenant.workspace_id
    tom = (await guest.data(LOGIN, credentials(guest, email="tom@example.com")))["loginToken"]
    claims = signer().read(tom).claims
    assert isinstance(claims, LoginClaims)
    assert str(claims.workspace_id) == other


async def test_signing_in_gives_a_login_token_for_each_workspace(guest: Guest) -> None:
    access = (await guest.data(SIGN_IN, {"email": INES, "password": PASSWORD}))["tokens"]["accessToken"]
    await guest.data(NEW_WORKSPACE, {"input": {"displayName": "Mine"}}, token=access)
    found = await guest.data(SIGN_IN, {"email": INES, "password": PASSWORD})

    shown = found["availableWorkspaces"]["availableWorkspacesForSignIn"]
    assert [each["displayName"] for each in shown] == ["Tests", "Mine"]
    for each in shown:
        access, _ = await guest.enter(each["loginToken"])
        claims = signer().read(access).claims
        assert isinstance(claims, AccessClaims)
        assert str(claims.workspace_id) == each["id"]


async def test_where_passwords_are_switched_off_there_is_no_way_in_with_one(guest: Guest) -> None:
    before = (await guest.data(LOGIN, credentials(guest)))["loginToken"]
    await guest.client.database.execute('update core.workspace set "isPasswordAuthEnabled" = false')

    assert await guest.error(LOGIN, credentials(guest)) == ("FORBIDDEN", "PASSWORD_AUTH_DISABLED")
    assert await guest.error(ENTER, {"token": before, "origin": guest.origin}) == (
        "FORBIDDEN",
        "PASSWORD_AUTH_DISABLED",
    )
    found = await guest.data(SIGN_IN, {"email": INES, "password": PASSWORD})
    (workspace,) = found["availableWorkspaces"]["availableWorkspacesForSignIn"]
    assert workspace["loginToken"] is None


@pytest.mark.parametrize(
    ("statement", "sub_code"),
    [
        ('update core."user" set disabled = true', "USER_DISABLED"),
        ('update core."user" set "deletedAt" = now()', "USER_NOT_FOUND"),
        ('update core."userWorkspace" set "deletedAt" = now()', "USER_WORKSPACE_NOT_FOUND"),
        ("""update core."user" set "sessionsEndedAt" = now()""", "UNAUTHENTICATED"),
        ('update core.workspace set "deletedAt" = now()', "USER_WORKSPACE_NOT_FOUND"),
    ],
)
async def test_a_login_token_is_looked_at_anew_when_it_is_traded(guest: Guest, statement: str, sub_code: str) -> None:
    login_token = (await guest.data(LOGIN, credentials(guest)))["loginToken"]
    await guest.client.database.execute(statement)

    assert await guest.error(ENTER, {"token": login_token, "origin": guest.origin}) == ("UNAUTHENTICATED", sub_code)


async def test_only_a_login_token_is_one(guest: Guest) -> None:
    access, refresh = await guest.log_in(INES)
    tenant = guest.client.tenant
    transient = await guest.data("mutation { generateTransientToken { transientToken } }", token=access)
    claims = signer().read(transient["transientToken"]).claims
    assert isinstance(claims, TransientClaims)
    assert claims.workspace_id == tenant.workspace_id
    for token in (access, refresh, transient["transientToken"]):
        assert await guest.error(ENTER, {"token": token, "origin": guest.origin}) == (
            "FORBIDDEN",
            "INVALID_JWT_TOKEN_TYPE",
        )
    login = LoginClaims(email=INES, workspace_id=tenant.workspace_id)
    old = TokenSigner(SECRET, now=lambda: datetime.now(UTC) - timedelta(minutes=16)).sign(login).token
    foreign = TokenSigner("the secret of another server").sign(login).token
    elsewhere = signer().sign(LoginClaims(email=INES, workspace_id=new_id())).token
    somebody = signer().sign(LoginClaims(email="nobody@example.com", workspace_id=tenant.workspace_id)).token
    for token, code in (
        (old, "UNAUTHENTICATED"),
        (foreign, "UNAUTHENTICATED"),
        (tenant.key, "UNAUTHENTICATED"),
        (elsewhere, "FORBIDDEN"),
        (somebody, "UNAUTHENTICATED"),
    ):
        assert (await guest.error(ENTER, {"token": token, "origin": guest.origin}))[0] == code


async def test_transient_tokens_are_for_members(guest: Guest) -> None:
    text = "mutation { generateTransientToken { transientToken { token expiresAt } } }"
    agnostic = (await guest.data(SIGN_IN, {"email": INES, "password": PASSWORD}))["tokens"]["accessToken"]

    assert (await guest.error(text, token=agnostic))[0] == "FORBIDDEN"
    assert (await guest.error(text, token=guest.client.tenant.key))[0] == "FORBIDDEN"
    assert (await guest.error(text))[0] == "UNAUTHENTICATED"


async def test_rows_of_app_tokens_are_ones_own_and_open_nothing(guest: Guest) -> None:
    text = """mutation ($at: DateTime!) {
      createOneAppToken(input: {appToken: {expiresAt: $at}}) { id type expiresAt createdAt updatedAt }
    }"""
    access, _ = await guest.log_in(INES)
    soon = (datetime.now(UTC) + timedelta(days=3)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    row = await guest.data(text, {"at": soon}, token=access)

    assert (row["type"], row["expiresAt"]) == ("REFRESH_TOKEN", soon)
    stored = await guest.client.database.row('select * from core."appToken" where id = $1', UUID(row["id"]))
    assert stored is not None
    assert stored["revokedAt"] is not None
    assert stored["value"] is None
    for odd in ("2001-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "never", ""):
        answer = await guest.ask(text, {"at": odd}, token=access)
        assert answer.get("data") is None
    assert (await guest.error(text, {"at": soon}, token=guest.client.tenant.key))[0] == "FORBIDDEN"
    assert (await guest.error(text, {"at": soon}))[0] == "UNAUTHENTICATED"


@pytest.fixture
async def strict(client: Client) -> AsyncIterator[Guest]:
    """A server where addresses must be verified, and few sign-ins may fail."""
    await member(client, email=INES)
    async with serving(client.database, client.tenant, email_verification_required=True, sign_in_failures=2) as served:
        yield Guest(client=served)


async def test_where_addresses_must_be_verified_nobody_else_enters(strict: Guest) -> None:
    refused = ("FORBIDDEN", "EMAIL_NOT_VERIFIED")
    assert await strict.error(LOGIN, credentials(strict)) == refused
    assert await strict.error(SIGN_IN, {"email": INES, "password": PASSWORD}) == refused
    claims = LoginClaims(email=INES, workspace_id=strict.client.tenant.workspace_id)
    token = signer().sign(claims).token
    assert await strict.error(ENTER, {"token": token, "origin": strict.origin}) == refused

    await strict.client.database.execute('update core."user" set "isEmailVerified" = true')
    await strict.log_in(INES)


async def test_guesses_are_counted_whichever_operation_they_come_by(strict: Guest) -> None:
    await strict.client.database.execute('update core."user" set "isEmailVerified" = true')
    wrong = {"email": INES, "password": "nope-nope-1"}
    link = await strict.client.database.value('select "inviteHash" from core.workspace')
    join = """mutation ($input: SignUpInWorkspaceInput) { signUpInWorkspace(input: $input) { loginToken } }"""
    assert (await strict.error(SIGN_IN, wrong))[0] == "FORBIDDEN"
    assert (await strict.error(join, {"input": {**wrong, "workspaceInviteHash": link}}))[0] == "FORBIDDEN"

    answer = await strict.ask(LOGIN, credentials(strict))
    (error,) = answer["errors"]
    assert error["message"].startswith("Too many attempts. Please try again in 1")
    assert error["extensions"]["subCode"] == "TOO_MANY_ATTEMPTS"
    assert 600 < error["extensions"]["retryAfter"] <= 900


async def test_aliases_do_not_multiply_guesses(guest: Guest) -> None:
    guesses = " ".join(
        f'g{number}: signIn(email: "{INES}", password: "guess {number}") {{ user {{ id }} }}' for number in range(50)
    )

    assert (await guest.error(f"mutation {{ {guesses} }}"))[0] == "BAD_USER_INPUT"
    assert await guest.client.database.value("select count(*) from core.attempt") == 0


async def test_who_acts_as_somebody_else_is_shown_no_way_into_their_other_workspaces(guest: Guest) -> None:
    access, _ = await guest.log_in(INES)
    await guest.data(NEW_WORKSPACE, {"input": {"displayName": "Private"}}, token=access)
    client = guest.client
    admin, _ = await member(client, email="root@example.com")
    await client.database.execute(
        """update core."roleTarget" set "roleId" = (
            select id from core.role where label = 'Admin' and "workspaceId" = $1
        ) where "userWorkspaceId" = (
            select m.id from core."userWorkspace" m join core."user" u on u.id = m."userId"
            where u.email = 'root@example.com'
        )""",
        client.tenant.workspace_id,
    )
    ines = await client.database.value("""select id from core."user" where email = 'ines@example.com'""")
    begun = await guest.data(
        "mutation ($user: UUID!, $in: UUID!) { impersonate(userId: $user, workspaceId: $in) { loginToken } }",
        {"user": str(ines), "in": str(client.tenant.workspace_id)},
        token=admin.tenant.key,
    )
    acting, refresh = await guest.enter(begun["loginToken"])
    text = """{ currentUser { email availableWorkspaces {
      availableWorkspacesForSignIn { id loginToken } availableWorkspacesForSignUp { id }
    } } }"""

    for _ in range(2):  # and no more so after renewing
        assert await guest.data(text, token=acting) == {
            "email": INES,
            "availableWorkspaces": {"availableWorkspacesForSignIn": [], "availableWorkspacesForSignUp": []},
        }
        assert (await guest.error(NEW_WORKSPACE, token=acting))[0] == "FORBIDDEN"
        acting = (await guest.data(RENEW, {"token": refresh}))["tokens"]["accessToken"]
    own = await guest.data(text, token=access)
    assert len(own["availableWorkspaces"]["availableWorkspacesForSignIn"]) == 2


@pytest.mark.parametrize("provider", ["impersonation", "", "nobody", "Password"])
async def test_a_login_by_what_is_no_provider_is_none(guest: Guest, provider: str) -> None:
    claims = LoginClaims(email=INES, workspace_id=guest.client.tenant.workspace_id, auth_provider=provider)
    token = signer().sign(claims).token

    assert (await guest.error(ENTER, {"token": token, "origin": guest.origin}))[0] == "FORBIDDEN"


async def test_without_an_origin_the_host_that_was_asked_counts(guest: Guest) -> None:
    login = f'mutation {{ getLoginTokenFromCredentials(email: "{INES}", password: "{PASSWORD}") {{ loginToken }} }}'
    token = (await guest.data(login))["loginToken"]
    trade = "mutation ($token: String!) { getAuthTokensFromLoginToken(loginToken: $token) { tokens { accessToken } } }"
    entered = await guest.data(trade, {"token": token})
    assert await guest.data(WHO, token=entered["tokens"]["accessToken"]) == {"edges": [{"node": {"userEmail": INES}}]}
