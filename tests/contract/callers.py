"""Those who send the requests of a recording: the owner of the workspace, API keys, and nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import httpx

EMAIL, PASSWORD = "owner@example.com", "a right password"

_SIGN_UP = """mutation ($email: String!, $password: String!) {
  signUp(email: $email, password: $password) { tokens { accessToken } }
}"""
_ENTER = """mutation ($token: String!, $origin: String!) {
  getAuthTokensFromLoginToken(loginToken: $token, origin: $origin) {
    tokens { accessOrWorkspaceAgnosticToken { token } refreshToken { token } }
  }
}"""
_NEW_ROLE = """mutation {
  createOneRole(createRoleInput: {
    label: "Viewer", canReadAllObjectRecords: true, canUpdateAllObjectRecords: false,
    canSoftDeleteAllObjectRecords: false, canDestroyAllObjectRecords: false
  }) { id }
}"""
_NEW_KEY = """mutation ($name: String!, $roleId: UUID!) {
  createApiKey(input: { name: $name, expiresAt: "2126-01-01T00:00:00.000Z", roleId: $roleId }) { id }
}"""
_KEY_TOKEN = """mutation ($id: UUID!) {
  generateApiKeyToken(apiKeyId: $id, expiresAt: "2126-01-01T00:00:00.000Z") { token }
}"""


@dataclass(kw_only=True)
class Callers:
    """Their tokens: taken from the answers of the recording's own requests, made here where a recording has none."""

    http: httpx.AsyncClient
    url: str
    tokens: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    is_active: bool = False

    async def token(self, auth: str, *, activates: bool = False) -> str | None:
        """The bearer for a request; ``activates``: the request itself makes the workspace's tables."""
        if auth == "none":
            return None
        if "agnostic" not in self.tokens:
            found = await self.data(_SIGN_UP, {"email": EMAIL, "password": PASSWORD})
            self.tokens["agnostic"] = cast(str, _at(found, "signUp", "tokens", "accessToken"))
        if auth == "agnostic":
            return self.tokens["agnostic"]
        if "user" not in self.tokens:
            await self._enter()
        if not self.is_active and not activates:
            await self.data('mutation { activateWorkspace(data: { displayName: "Acme" }) { id } }', auth="user")
            self.is_active = True
        if auth not in self.tokens:
            self.tokens[auth] = await self._key(auth)
        return self.tokens[auth]

    def learn(self, data: object) -> None:
        """Takes the tokens and roles out of an answer."""
        for name, value in data.items() if isinstance(data, dict) else ():
            if not isinstance(value, dict):
                continue
            access = _at(value, "tokens", "accessOrWorkspaceAgnosticToken", "token")
            refresh = _at(value, "tokens", "refreshToken", "token")
            if isinstance(access, str):
                self.tokens["agnostic" if name in ("signUp", "signIn") else "user"] = access
            if isinstance(refresh, str):
                self.tokens["refresh"] = refresh
            login = _at(value, "loginToken", "token")
            if isinstance(login, str):
                self.tokens["login"] = login
            if name == "generateApiKeyToken":
                self.tokens.setdefault("apiKey", cast(str, value["token"]))
            if name == "createOneRole" and value.get("label") == "Viewer":
                self.roles["Viewer"] = cast(str, value["id"])
            self.is_active = self.is_active or name == "activateWorkspace"

    async def data(
        self, query: str, variables: Mapping[str, object] | None = None, *, auth: str = "none"
    ) -> dict[str, object]:
        """What an operation of ours gives; raises where it fails."""
        headers = {} if auth == "none" else {"Authorization": f"Bearer {self.tokens[auth]}"}
        body = {"query": query, "variables": dict(variables or {})}
        answer = (await self.http.post(f"{self.url}/metadata", json=body, headers=headers)).json()
        if "errors" in answer:
            raise LookupError(f"{query}: {answer['errors']}")
        return cast(dict[str, object], answer["data"])

    async def _enter(self) -> None:
        made = await self.data("mutation { signUpInNewWorkspace { loginToken { token } } }", auth="agnostic")
        self.tokens["login"] = cast(str, _at(made, "signUpInNewWorkspace", "loginToken", "token"))
        self.learn(await self.data(_ENTER, {"token": self.tokens["login"], "origin": self.url}))

    async def _key(self, auth: str) -> str:
        found = await self.data("{ getRoles { id label } }", auth="user")
        roles = {each["label"]: each["id"] for each in cast(list[dict[str, str]], found["getRoles"])}
        role = roles["Admin"] if auth == "apiKey" else self.roles.get("Viewer") or roles.get("Viewer")
        if role is None:
            role = cast(str, _at(await self.data(_NEW_ROLE, auth="user"), "createOneRole", "id"))
        name = "golden" if auth == "apiKey" else auth
        key = await self.data(_NEW_KEY, {"name": name, "roleId": role}, auth="user")
        made = await self.data(_KEY_TOKEN, {"id": _at(key, "createApiKey", "id")}, auth="user")
        return cast(str, _at(made, "generateApiKeyToken", "token"))


def _at(value: object, *path: str) -> object:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
