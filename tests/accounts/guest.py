"""Somebody at the server who has no token yet, over HTTP; and the operations that most tests begin with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tests.serving import Client

PASSWORD = "correct horse"

SIGN_UP = """mutation ($email: String!, $password: String!, $path: String) {
  signUp(email: $email, password: $password, verifyEmailRedirectPath: $path) {
    availableWorkspaces {
      availableWorkspacesForSignIn { id displayName loginToken inviteHash personalInviteToken }
      availableWorkspacesForSignUp { id displayName loginToken inviteHash personalInviteToken }
    }
    tokens { accessToken refreshToken } user { id email firstName lastName }
  }
}"""
SIGN_IN = SIGN_UP.replace("signUp(", "signIn(")
LOGIN = """mutation ($email: String!, $password: String!, $origin: String!) {
  getLoginTokenFromCredentials(email: $email, password: $password, origin: $origin) { loginToken }
}"""
ENTER = """mutation ($token: String!, $origin: String!) {
  getAuthTokensFromLoginToken(loginToken: $token, origin: $origin) { tokens { accessToken refreshToken } }
}"""
RENEW = "mutation ($token: String!) { renewToken(appToken: $token) { tokens { accessToken refreshToken } } }"
NEW_WORKSPACE = """mutation ($input: SignUpInNewWorkspaceInput) {
  signUpInNewWorkspace(input: $input) { loginToken workspace { id workspaceUrls { subdomainUrl customUrl } } }
}"""
WHO = "{ workspaceMembers(first: 10) { edges { node { userEmail } } } }"


@dataclass(kw_only=True)
class Guest:
    """Asks without a token, or with one that is given."""

    client: Client

    @property
    def origin(self) -> str:
        return self.client.url

    async def ask(
        self, query: str, variables: Mapping[str, object] | None = None, *, token: str | None = None, path: str = ""
    ) -> dict:  # type: ignore[type-arg]
        """The whole answer."""
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        body = json.dumps({"query": query, "variables": dict(variables or {})})
        url = f"{self.client.url}/{path or 'graphql'}"
        found: dict = (await self.client.http.post(url, content=body, headers=headers)).json()  # type: ignore[type-arg]
        return found

    async def data(
        self, query: str, variables: Mapping[str, object] | None = None, *, token: str | None = None
    ) -> dict:  # type: ignore[type-arg]
        """What the one operation of the document gives, which must be without errors."""
        answer = await self.ask(query, variables, token=token)
        assert "errors" not in answer, answer
        (found,) = answer["data"].values()
        assert isinstance(found, dict)
        return found

    async def error(
        self, query: str, variables: Mapping[str, object] | None = None, *, token: str | None = None
    ) -> tuple[object, object]:
        """The code and the sub-code of the one error; nothing else is answered."""
        answer = await self.ask(query, variables, token=token)
        assert answer.get("data") is None, answer
        (error,) = answer["errors"]
        return error["extensions"]["code"], error["extensions"].get("subCode")

    async def sign_up(self, email: str, *, password: str = PASSWORD) -> str:
        """The access token of a new account."""
        found = await self.data(SIGN_UP, {"email": email, "password": password})
        return str(found["tokens"]["accessToken"])

    async def enter(self, login_token: str, *, origin: str | None = None) -> tuple[str, str]:
        """The access token and the refresh token of a session."""
        found = await self.data(ENTER, {"token": login_token, "origin": origin or self.origin})
        return found["tokens"]["accessToken"], found["tokens"]["refreshToken"]

    async def log_in(self, email: str, *, password: str = PASSWORD, origin: str | None = None) -> tuple[str, str]:
        """The tokens of a member who comes with a password."""
        values = {"email": email, "password": password, "origin": origin or self.origin}
        found = await self.data(LOGIN, values)
        return await self.enter(found["loginToken"], origin=origin)
