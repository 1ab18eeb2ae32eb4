"""Signing in with a second factor, over HTTP; and that there is no way around it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from rapport.access.changes import AccessChange
from rapport.accounts import mailed_tokens
from rapport.accounts.tokens import AgnosticClaims, LoginClaims, TokenSigner
from rapport.accounts.two_factor import TRIES
from rapport.audit.reading import entries
from rapport.base.ids import new_id
from tests.accounts.people import (
    CONFIRM,
    ENROL,
    PASSWORD,
    PEOPLE,
    REMOVE,
    RENEW,
    Authenticator,
    Person,
    anybody,
    change,
    person,
    refusal,
    tokens_of,
    trade,
    trade_with_code,
    with_token,
)
from tests.serving import SECRET, Client, make_tenant

VERIFY = ("FORBIDDEN", "TWO_FACTOR_AUTHENTICATION_VERIFICATION_REQUIRED")
PROVISION = ("FORBIDDEN", "TWO_FACTOR_AUTHENTICATION_PROVISION_REQUIRED")
BEGIN = """mutation($loginToken: String!, $origin: String!) {
    initiateOTPProvisioning(loginToken: $loginToken, origin: $origin) { uri }
}"""


@pytest.fixture
async def ines(client: Client) -> Person:
    return await person(client, "ines@example.com")


async def enforce(client: Client) -> None:
    workspace_id = client.tenant.workspace_id
    await change(
        client,
        'update core.workspace set "isTwoFactorAuthenticationEnforced" = true where id = $1',
        workspace_id,
        about=AccessChange(workspace_id=workspace_id),
    )


async def begin(client: Client, login_token: str) -> Mapping[str, object]:
    return await anybody(client).ask(BEGIN, {"loginToken": login_token, "origin": client.url})


async def enrol_at_the_door(who: Person) -> Authenticator:
    """By what a newcomer to an enforcing workspace does."""
    login_token = await who.login_token()
    answer = await begin(who.client, login_token)
    assert "errors" not in answer
    app = Authenticator(answer["data"]["initiateOTPProvisioning"]["uri"])  # type: ignore[index]
    tokens_of(await trade_with_code(who.client, login_token, app.code()))
    return app


async def test_without_a_second_factor_nothing_is_asked(ines: Person) -> None:
    access, _ = tokens_of(await trade(ines.client, await ines.login_token()))
    assert await with_token(ines.client, access).data(PEOPLE) == {"people": {"totalCount": 0}}


async def test_who_has_one_signs_in_with_a_code(ines: Person) -> None:
    app = await ines.enrol()
    login_token = await ines.login_token()
    answer = await trade(ines.client, login_token)
    assert refusal(answer) == VERIFY
    assert answer["data"] is None
    access, refresh = tokens_of(await trade_with_code(ines.client, login_token, app.code()))
    assert await with_token(ines.client, access).data(PEOPLE) == {"people": {"totalCount": 0}}
    await anybody(ines.client).data(RENEW, {"token": refresh})


async def test_its_owner_sees_it_without_its_secret(ines: Person) -> None:
    app = await ines.enrol()
    query = """{ currentUser { currentUserWorkspace { twoFactorAuthenticationMethodSummary {
        twoFactorAuthenticationMethodId status strategy
    } } } }"""
    found = await ines.client.data(query)
    [method] = found["currentUser"]["currentUserWorkspace"]["twoFactorAuthenticationMethodSummary"]
    assert (method["status"], method["strategy"]) == ("VERIFIED", "TOTP")
    assert app.secret not in str(found)
    await ines.client.data(REMOVE, {"id": method["twoFactorAuthenticationMethodId"]})


async def test_one_that_is_only_begun_is_not_asked_for(ines: Person) -> None:
    await ines.client.data(ENROL)
    tokens_of(await trade(ines.client, await ines.login_token()))


async def test_where_it_is_enforced_the_first_sign_in_sets_it_up_and_the_next_asks_for_it(ines: Person) -> None:
    await enforce(ines.client)
    login_token = await ines.login_token()
    assert refusal(await trade(ines.client, login_token)) == PROVISION
    app = await enrol_at_the_door(ines)
    assert refusal(await trade(ines.client, login_token)) == VERIFY
    tokens_of(await trade_with_code(ines.client, login_token, app.code()))


async def test_a_code_signs_in_once(ines: Person) -> None:
    app, login_token = await ines.enrol(), await ines.login_token()
    code = app.code()
    tokens_of(await trade_with_code(ines.client, login_token, code))
    assert refusal(await trade_with_code(ines.client, login_token, code)) == ("FORBIDDEN", "INVALID_OTP")


async def test_the_code_of_somebody_else_does_not_sign_in(client: Client, ines: Person) -> None:
    await ines.enrol()
    other = await (await person(client, "otto@example.com")).enrol()
    answer = await trade_with_code(client, await ines.login_token(), other.code())
    assert refusal(answer) == ("FORBIDDEN", "INVALID_OTP")


async def test_a_code_without_a_method_does_not_sign_in(ines: Person) -> None:
    answer = await trade_with_code(ines.client, await ines.login_token(), "123456")
    assert refusal(answer) == ("BAD_USER_INPUT", "TWO_FACTOR_AUTHENTICATION_METHOD_NOT_FOUND")


async def test_the_password_alone_does_not_replace_a_second_factor(ines: Person) -> None:
    app = await ines.enrol()
    answer = await begin(ines.client, await ines.login_token())
    assert refusal(answer) == ("BAD_USER_INPUT", "TWO_FACTOR_AUTHENTICATION_METHOD_ALREADY_VERIFIED")
    assert app.secret not in str(answer)


async def test_guessing_is_stopped(ines: Person) -> None:
    app, login_token = await ines.enrol(), await ines.login_token()
    for _ in range(TRIES):
        assert refusal(await trade_with_code(ines.client, login_token, "no code")) == ("FORBIDDEN", "INVALID_OTP")
    # Neither the right code, nor another login token, nor the other operation helps.
    for token in (login_token, await ines.login_token()):
        answer = await trade_with_code(ines.client, token, app.code())
        assert refusal(answer) == ("FORBIDDEN", "TOO_MANY_ATTEMPTS")
    assert refusal(await ines.client.ask(CONFIRM, {"otp": app.code()})) == ("FORBIDDEN", "TOO_MANY_ATTEMPTS")


async def test_the_shorter_way_of_signing_in_asks_for_it_too(ines: Person) -> None:
    await ines.enrol()
    sign_in = "mutation($i: SignInInput!) { signIn(input: $i) { tokens { accessToken } } }"
    answer = await anybody(ines.client).ask(sign_in, {"i": {"email": ines.email, "password": PASSWORD}})
    assert refusal(answer) == VERIFY


async def test_the_login_tokens_of_a_choice_of_workspaces_ask_for_it_too(ines: Person) -> None:
    await ines.enrol()
    sign_in = """mutation($email: String!, $password: String!) { signIn(email: $email, password: $password) {
        availableWorkspaces { availableWorkspacesForSignIn { loginToken } } tokens { accessToken }
    } }"""
    found = (await anybody(ines.client).data(sign_in, {"email": ines.email, "password": PASSWORD}))["signIn"]
    [workspace] = found["availableWorkspaces"]["availableWorkspacesForSignIn"]
    assert refusal(await trade(ines.client, workspace["loginToken"])) == VERIFY
    # The other tokens of that answer are for no workspace.
    answer = await with_token(ines.client, found["tokens"]["accessToken"]).ask(PEOPLE)
    assert "errors" in answer


async def test_a_verified_address_asks_for_it_too(ines: Person) -> None:
    await ines.enrol()
    async with ines.client.database.transaction() as connection:
        token = await mailed_tokens.make(
            connection, "EMAIL_VERIFICATION_TOKEN", user_id=ines.user_id, expires_in=timedelta(hours=1)
        )
    verify = """mutation($token: String!, $email: String!, $origin: String!) {
        verifyEmailAndGetLoginToken(emailVerificationToken: $token, email: $email, origin: $origin) {
            loginToken { token }
        }
    }"""
    found = await anybody(ines.client).data(verify, {"token": token, "email": ines.email, "origin": ines.client.url})
    login_token = found["verifyEmailAndGetLoginToken"]["loginToken"]["token"]
    assert refusal(await trade(ines.client, login_token)) == VERIFY


async def test_a_new_password_asks_for_it_too(ines: Person) -> None:
    await ines.enrol()
    async with ines.client.database.transaction() as connection:
        token = await mailed_tokens.make(
            connection, "PASSWORD_RESET_TOKEN", user_id=ines.user_id, expires_in=timedelta(minutes=5)
        )
    reset = """mutation($token: String!, $password: String!) {
        updatePasswordViaResetToken(passwordResetToken: $token, newPassword: $password) { success }
    }"""
    await anybody(ines.client).data(reset, {"token": token, "password": PASSWORD})
    assert refusal(await trade(ines.client, await ines.login_token())) == VERIFY
    assert refusal(await ines.client.ask(PEOPLE)) == ("UNAUTHENTICATED", "UNAUTHENTICATED")


async def test_a_session_from_before_ends_where_it_is_enforced(client: Client, ines: Person) -> None:
    otto = await person(client, "otto@example.com")
    await otto.enrol()
    await enforce(client)
    assert refusal(await anybody(client).ask(RENEW, {"token": ines.refresh_token})) == PROVISION
    await anybody(client).data(RENEW, {"token": otto.refresh_token})


async def test_tokens_of_other_kinds_are_not_login_tokens(ines: Person) -> None:
    app = await ines.enrol()
    transient = await ines.client.data("mutation { generateTransientToken { transientToken { token } } }")
    signer = TokenSigner(SECRET)
    old = TokenSigner(SECRET, now=lambda: datetime.now(UTC) - timedelta(minutes=16))
    forged = TokenSigner("another secret of the tests")
    claims = LoginClaims(email=ines.email, workspace_id=ines.workspace_id)
    tokens = [
        ines.client.tenant.key,
        ines.refresh_token,
        transient["generateTransientToken"]["transientToken"]["token"],
        signer.sign(AgnosticClaims(user_id=ines.user_id)).token,
        old.sign(claims).token,
        forged.sign(claims).token,
        signer.sign(claims).token[:-2],
        "",
        "..",
        "x" * 100_000,
    ]
    for token in tokens:
        for answer in (
            await trade(ines.client, token),
            await trade_with_code(ines.client, token, app.code() if token == tokens[0] else "123456"),
            await begin(ines.client, token),
        ):
            assert refusal(answer)[0] in ("UNAUTHENTICATED", "FORBIDDEN")
            assert refusal(answer) not in (VERIFY, PROVISION)


async def test_a_login_token_is_good_in_its_workspace_only(client: Client, ines: Person) -> None:
    other = await make_tenant(client.database, "Other")
    token = TokenSigner(SECRET).sign(LoginClaims(email=ines.email, workspace_id=other.workspace_id)).token
    for answer in (
        await trade(client, token),
        await trade_with_code(client, token, "123456"),
        await begin(client, token),
    ):
        assert refusal(answer) == ("UNAUTHENTICATED", "USER_WORKSPACE_NOT_FOUND")


async def test_only_ones_own_method_is_removed(client: Client, ines: Person) -> None:
    app = await ines.enrol()
    method_id = await client.database.value('select id from core."twoFactorAuthenticationMethod"')
    colleague = await person(client, "otto@example.com", is_admin=True)
    stranger = await person(client.as_tenant(await make_tenant(client.database, "Other")), "eva@example.com")
    missing = ("NOT_FOUND", "TWO_FACTOR_AUTHENTICATION_METHOD_NOT_FOUND")
    for other in (colleague, stranger):
        assert refusal(await other.client.ask(REMOVE, {"id": str(method_id)})) == missing
    assert refusal(await ines.client.ask(REMOVE, {"id": str(new_id())})) == missing
    assert refusal(await trade(client, await ines.login_token())) == VERIFY
    await ines.client.data(REMOVE, {"id": str(method_id)})
    tokens_of(await trade(client, await ines.login_token()))
    assert refusal(await trade_with_code(client, await ines.login_token(), app.code()))[0] == "BAD_USER_INPUT"


async def test_only_people_in_a_workspace_have_second_factors(client: Client, ines: Person) -> None:
    agnostic = with_token(client, TokenSigner(SECRET).sign(AgnosticClaims(user_id=ines.user_id)).token)
    for caller in (client, agnostic, anybody(client)):  # an API key, a user in no workspace, nobody
        for query, variables in (
            (ENROL, {}),
            (CONFIRM, {"otp": "123456"}),
            (REMOVE, {"id": str(new_id())}),
        ):
            assert refusal(await caller.ask(query, variables))[0] in ("FORBIDDEN", "UNAUTHENTICATED")


@pytest.mark.parametrize("otp", [None, 123456, ["123456"], {"otp": "123456"}, True])
async def test_a_code_is_a_text(ines: Person, otp: object) -> None:
    await ines.enrol()
    code, _ = refusal(await ines.client.ask(CONFIRM, {"otp": otp}))
    assert code in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")


@pytest.mark.parametrize("otp", ["", "\u0000", "😀" * 6, "'; drop table core.user; --", "1" * 50_000])
async def test_a_hostile_code_is_a_wrong_one(ines: Person, otp: str) -> None:
    await ines.enrol()
    assert refusal(await ines.client.ask(CONFIRM, {"otp": otp})) == ("FORBIDDEN", "INVALID_OTP")


async def test_one_person_has_a_second_factor_in_each_workspace(client: Client, ines: Person) -> None:
    # A secret of one workspace opens no other one: neither can its administrators be of use to those of another.
    other = await make_tenant(client.database, "Other")
    there = new_id()
    await client.database.execute(
        'insert into core."userWorkspace" (id, "userId", "workspaceId") values ($1, $2, $3)',
        there,
        ines.user_id,
        other.workspace_id,
    )
    app = await ines.enrol()
    token = TokenSigner(SECRET).sign(LoginClaims(email=ines.email, workspace_id=other.workspace_id)).token
    answer = await trade_with_code(client, token, app.code())
    assert refusal(answer) == ("BAD_USER_INPUT", "TWO_FACTOR_AUTHENTICATION_METHOD_NOT_FOUND")


async def test_the_log_tells_of_all_that_and_of_no_secret(ines: Person) -> None:
    app = await ines.enrol()
    login_token = await ines.login_token()
    await trade_with_code(ines.client, login_token, "no code")
    access, _ = tokens_of(await trade_with_code(ines.client, login_token, app.code()))
    method_id = await ines.client.database.value('select id from core."twoFactorAuthenticationMethod"')
    assert isinstance(method_id, UUID)
    await with_token(ines.client, access).data(REMOVE, {"id": str(method_id)})
    found = [entry for entry in await entries(ines.client.database) if entry.user_id == ines.user_id]
    told = [entry.action for entry in found if entry.action != "signedIn"]
    assert told == ["twoFactorAdded", "twoFactorFailed", "twoFactorRemoved"]
    assert found[-2].action == "signedIn"
    assert {entry.address for entry in found if entry.action != "signedIn"} == {"127.0.0.1"}
    assert app.secret not in str(found)
    assert login_token not in str(found)
