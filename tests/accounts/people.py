"""People who speak to a server, each in a workspace of theirs, and their authenticator apps."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pyotp

from rapport.access.changes import AccessChange
from rapport.accounts.passwords import Passwords
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import TokenSigner
from rapport.roles.assigning import admin_role
from rapport.system.access_news import AccessNews
from rapport.workspaces.members import add_member
from tests.serving import SECRET, Client

PASSWORD = "correct horse"
LOGIN = """mutation($email: String!, $password: String!, $origin: String!) {
    getLoginTokenFromCredentials(email: $email, password: $password, origin: $origin) { loginToken { token } }
}"""
TRADE = """mutation($loginToken: String!, $origin: String!) {
    getAuthTokensFromLoginToken(loginToken: $loginToken, origin: $origin) {
        tokens { accessOrWorkspaceAgnosticToken { token expiresAt } refreshToken { token expiresAt } }
    }
}"""
TRADE_WITH_CODE = """mutation($loginToken: String!, $origin: String!, $otp: String!) {
    getAuthTokensFromOTP(loginToken: $loginToken, origin: $origin, otp: $otp) {
        tokens { accessOrWorkspaceAgnosticToken { token expiresAt } refreshToken { token expiresAt } }
    }
}"""
RENEW = "mutation($token: String!) { renewToken(appToken: $token) { tokens { accessToken refreshToken } } }"
ENROL = "mutation { initiateOTPProvisioningForAuthenticatedUser { uri } }"
CONFIRM = "mutation($otp: String!) { verifyTwoFactorAuthenticationMethodForAuthenticatedUser(otp: $otp) { success } }"
REMOVE = """mutation($id: UUID!) {
    deleteTwoFactorAuthenticationMethod(twoFactorAuthenticationMethodId: $id) { success }
}"""
IMPERSONATE = """mutation($userId: UUID!, $workspaceId: UUID!) {
    impersonate(userId: $userId, workspaceId: $workspaceId) {
        loginToken { token expiresAt } workspace { id workspaceUrls { subdomainUrl customUrl } }
    }
}"""
PEOPLE = "{ people { totalCount } }"


class Authenticator:
    """An app that shows codes. Each is of a later step than the one before, from two steps ago to three ahead."""

    def __init__(self, uri: str) -> None:
        self.secret = parse_qs(urlsplit(uri).query)["secret"][0]
        self._step = int(time.time()) // 30 - 2

    def code(self) -> str:
        found = pyotp.TOTP(self.secret).generate_otp(self._step)
        self._step += 1
        return found


@dataclass(frozen=True, kw_only=True)
class Person:
    """A member of a workspace with a session in it."""

    client: Client
    email: str
    user_id: UUID
    user_workspace_id: UUID
    member_id: UUID
    refresh_token: str

    @property
    def workspace_id(self) -> UUID:
        return self.client.tenant.workspace_id

    async def login_token(self) -> str:
        """What this person's password gives."""
        found = await anybody(self.client).data(
            LOGIN, {"email": self.email, "password": PASSWORD, "origin": self.client.url}
        )
        return str(found["getLoginTokenFromCredentials"]["loginToken"]["token"])

    async def enrol(self) -> Authenticator:
        """Sets a second factor up."""
        uri = (await self.client.data(ENROL))["initiateOTPProvisioningForAuthenticatedUser"]["uri"]
        app = Authenticator(uri)
        await self.client.data(CONFIRM, {"otp": app.code()})
        return app


async def person(client: Client, email: str, *, is_admin: bool = False) -> Person:
    """A new member of the client's workspace, with its role Admin or its default one."""
    passwords = Passwords(memory_kib=64, passes=1)
    accounts = AccountService(client.database, TokenSigner(SECRET), passwords)
    workspace_id = client.tenant.workspace_id
    try:
        async with client.database.transaction() as connection:
            user_id = await accounts.create_user(
                connection, email=email, password=PASSWORD, first_name=email.partition("@")[0], last_name="Ollier"
            )
            member_id = await add_member(
                connection,
                workspace_id=workspace_id,
                schema=client.tenant.schema,
                user_id=user_id,
                email=email,
                first_name=email.partition("@")[0],
                last_name="Ollier",
                role_id=await admin_role(connection, workspace_id) if is_admin else None,
            )
        signed_in = await accounts.sign_in(email, PASSWORD, enter_only_workspace=True)
    finally:
        passwords.close()
    found = await client.database.value('select id from core."userWorkspace" where "userId" = $1', user_id)
    assert isinstance(found, UUID)
    return Person(
        client=with_token(client, signed_in.tokens.access.token),
        email=email,
        user_id=user_id,
        user_workspace_id=found,
        member_id=member_id,
        refresh_token=signed_in.tokens.refresh.token,
    )


def with_token(client: Client, token: str) -> Client:
    return client.as_tenant(replace(client.tenant, key=token))


def anybody(client: Client) -> Client:
    """Speaks without a token that would count for anything."""
    return with_token(client, "nobody")


async def trade(client: Client, login_token: str) -> Mapping[str, object]:
    """The answer to a login token, errors and all."""
    return await anybody(client).ask(TRADE, {"loginToken": login_token, "origin": client.url})


async def trade_with_code(client: Client, login_token: str, code: str) -> Mapping[str, object]:
    """The answer to a login token and a code, errors and all."""
    return await anybody(client).ask(TRADE_WITH_CODE, {"loginToken": login_token, "origin": client.url, "otp": code})


def tokens_of(answer: Mapping[str, object]) -> tuple[str, str]:
    """The access and the refresh token of an answer that must be without errors."""
    assert "errors" not in answer, answer["errors"]
    data = answer["data"]
    assert isinstance(data, Mapping)
    [result] = data.values()
    tokens = result["tokens"]
    return tokens["accessOrWorkspaceAgnosticToken"]["token"], tokens["refreshToken"]["token"]


def refusal(answer: Mapping[str, object]) -> tuple[object, object]:
    """Code and sub-code of the one error of an answer."""
    errors = answer["errors"]
    assert isinstance(errors, list)
    assert len(errors) == 1, errors
    return errors[0]["extensions"]["code"], errors[0]["extensions"].get("subCode")


async def change(client: Client, sql: str, *args: object, about: AccessChange) -> None:
    """A change of rights from another process: the server hears of it by a notification."""
    async with AccessNews(client.database).changing(about) as connection:
        await connection.execute(sql, *args)


async def refused(client: Client, query: str = PEOPLE) -> tuple[object, object]:
    """How the client is refused, once the news has arrived."""
    for _ in range(200):
        answer = await client.ask(query)
        if "errors" in answer:
            return refusal(answer)
        await asyncio.sleep(0.02)
    raise AssertionError("still let in")
