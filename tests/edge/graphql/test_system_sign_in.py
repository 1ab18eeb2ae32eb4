"""Signing in through GraphQL, as seed 000 and the recorded examples do."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from graphql import OperationDefinitionNode, parse

from rapport.access.request import RequestContext
from rapport.accounts.authenticator import Authenticator
from rapport.accounts.credential import UserCredential
from rapport.accounts.passwords import Passwords
from rapport.accounts.resolvers import resolvers
from rapport.accounts.service import AccountService
from rapport.accounts.tokens import TokenSigner
from rapport.base.ids import new_id
from rapport.edge.graphql.system import SystemOperations, SystemResult
from rapport.store.database import Database
from rapport.system.area import read_sdl

SECRET = "a secret for tests only"
SEED = """
mutation SignIn {
  signIn(input: {
    email: "ines@example.com"
    password: "correct horse"
  }) {
    tokens {
      accessToken
      refreshToken
    }
    user {
      id
      email
      firstName
      lastName
    }
  }
}
"""
FLAT = """
mutation($email: String!, $password: String!) {
  signIn(email: $email, password: $password) {
    availableWorkspaces {
      availableWorkspacesForSignIn {
        id displayName loginToken logo inviteHash workspaceUrls { subdomainUrl customUrl } sso { id }
      }
      availableWorkspacesForSignUp { id }
    }
    tokens { accessOrWorkspaceAgnosticToken { token expiresAt } refreshToken { token expiresAt } }
  }
}
"""
CREDENTIALS = {"email": "ines@example.com", "password": "correct horse"}


class Server:
    """The system operations of a server with one account in one workspace."""

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self.database = database
        signer = TokenSigner(SECRET)
        self.accounts = AccountService(database, signer, passwords)
        self.authenticator = Authenticator([UserCredential(database, signer)])
        self.operations = SystemOperations(
            [read_sdl("rapport.accounts")], resolvers(self.accounts, server_url="http://127.0.0.1:3000")
        )
        self.workspace_id, self.user_id = new_id(), new_id()

    async def fill(self) -> None:
        await self.database.execute(
            """insert into core.workspace (id, "displayName", "schema") values ($1, 'Acme', 'workspace_a')""",
            self.workspace_id,
        )
        async with self.database.transaction() as connection:
            self.user_id = await self.accounts.create_user(
                connection, **CREDENTIALS, first_name="Inès", last_name="Ollier"
            )
            await self.accounts.add_member(
                connection, user_id=self.user_id, workspace_id=self.workspace_id, workspace_member_id=new_id()
            )

    async def run(
        self, text: str, variables: Mapping[str, object] | None = None, *, token: str | None = None
    ) -> SystemResult:
        document = parse(text)
        (operation,) = [item for item in document.definitions if isinstance(item, OperationDefinitionNode)]
        prepared = self.operations.prepare(document, operation)
        assert prepared.is_public
        result = await self.operations.run(prepared, variables or {}, RequestContext(principal=None, token=token))
        json.dumps([result.data, result.errors])
        return result

    async def tokens(
        self, text: str, variables: Mapping[str, object] | None = None, *, token: str | None = None
    ) -> list[str]:
        """The tokens that an operation gives, when they are selected without fields."""
        result = await self.run(text, variables, token=token)
        assert result.errors == ()
        assert result.data is not None
        (answer,) = result.data.values()
        assert isinstance(answer, dict)
        return list(answer["tokens"].values())

    async def error(
        self, text: str, variables: Mapping[str, object] | None = None, *, token: str | None = None
    ) -> tuple[object, ...]:
        result = await self.run(text, variables, token=token)
        assert result.data is None
        (error,) = result.errors
        extensions = error["extensions"]
        assert isinstance(extensions, dict)
        return error["message"], extensions["code"], extensions.get("subCode"), extensions["userFriendlyMessage"]


@pytest.fixture
async def server(database: Database) -> AsyncIterator[Server]:
    passwords = Passwords(memory_kib=64, passes=1)
    server = Server(database, passwords)
    await server.fill()
    yield server
    passwords.close()


async def test_the_form_of_seed_000_gives_tokens_that_can_be_used_at_once(server: Server) -> None:
    result = await server.run(SEED)

    assert result.errors == ()
    assert result.data is not None
    answer = result.data["signIn"]
    assert isinstance(answer, dict)
    assert list(answer) == ["tokens", "user"]
    assert answer["user"] == {
        "id": str(server.user_id),
        "email": "ines@example.com",
        "firstName": "Inès",
        "lastName": "Ollier",
    }
    assert list(answer["tokens"]) == ["accessToken", "refreshToken"]
    principal = await server.authenticator.authenticate(answer["tokens"]["accessToken"])
    assert (principal.workspace_id, principal.schema, principal.name) == (
        server.workspace_id,
        "workspace_a",
        "Inès Ollier",
    )


async def test_the_flat_form_gives_tokens_for_no_workspace_and_the_workspaces(server: Server) -> None:
    result = await server.run(FLAT, CREDENTIALS)

    assert result.errors == ()
    assert result.data is not None
    answer = result.data["signIn"]
    assert isinstance(answer, dict)
    assert answer["availableWorkspaces"] == {
        "availableWorkspacesForSignIn": [
            {
                "id": str(server.workspace_id),
                "displayName": "Acme",
                "loginToken": None,
                "logo": None,
                "inviteHash": None,
                "workspaceUrls": {"subdomainUrl": "http://127.0.0.1:3000", "customUrl": None},
                "sso": [],
            }
        ],
        "availableWorkspacesForSignUp": [],
    }
    access, refresh = answer["tokens"].values()
    for token, lifetime in ((access, timedelta(minutes=30)), (refresh, timedelta(days=60))):
        left = datetime.fromisoformat(token["expiresAt"]) - datetime.now(UTC)
        assert token["expiresAt"].endswith("Z")
        assert lifetime - timedelta(seconds=30) < left <= lifetime
    assert (await server.authenticator.authenticate(access["token"])).workspace_id is None


@pytest.mark.parametrize(
    "text",
    [
        "mutation($t: String!) { refreshToken(input: {refreshToken: $t}) { tokens { accessToken refreshToken } } }",
        "mutation($t: ID!) { renewToken(appToken: $t) { tokens { accessToken refreshToken } } }",
        (
            "mutation($t: String) {"
            " renewToken(appToken: $t, input: {refreshToken: $t}) { tokens { accessToken refreshToken } } }"
        ),
    ],
)
async def test_every_spelling_of_renewing_works(server: Server, text: str) -> None:
    _, refresh = await server.tokens(
        SEED.replace("user {\n      id\n      email\n      firstName\n      lastName\n    }", "")
    )

    access, renewed = await server.tokens(text, {"t": refresh})
    assert (await server.authenticator.authenticate(access)).workspace_id == server.workspace_id
    assert renewed != refresh


async def test_without_an_argument_the_bearer_is_renewed(server: Server) -> None:
    _, refresh = await server.tokens(
        "mutation($input: SignInInput!) { signIn(input: $input) { tokens { accessToken refreshToken } } }",
        {"input": CREDENTIALS},
    )
    text = "mutation { renewToken { tokens { accessToken refreshToken } } }"

    access, _ = await server.tokens(text, token=refresh)
    assert (await server.authenticator.authenticate(access)).user_id == server.user_id
    assert (await server.error(text))[1] == "BAD_USER_INPUT"
    assert (await server.error(text, token=access))[1:3] == ("FORBIDDEN", "INVALID_JWT_TOKEN_TYPE")


async def test_failures_are_those_of_the_contract(server: Server) -> None:
    wrong = CREDENTIALS | {"password": "nope-nope-1"}
    assert await server.error(FLAT, wrong) == ("Wrong password", "FORBIDDEN", "FORBIDDEN_EXCEPTION", "Wrong password")
    unknown = CREDENTIALS | {"email": "nobody@example.com"}
    assert (await server.error(FLAT, unknown))[1:3] == ("UNAUTHENTICATED", "USER_NOT_FOUND")
    for odd in ("\x00", "\ud800", "' or true --", "x" * 1_000_000):
        assert (await server.error(FLAT, CREDENTIALS | {"email": odd}))[1:3] == ("UNAUTHENTICATED", "USER_NOT_FOUND")
        assert (await server.error(FLAT, CREDENTIALS | {"password": odd}))[1] == "FORBIDDEN"


@pytest.mark.parametrize(
    "arguments",
    [
        'email: "ines@example.com"',
        'input: {email: "ines@example.com"}',
        'email: "tom@example.com", input: {email: "ines@example.com", password: "correct horse"}',
    ],
)
async def test_incomplete_and_contradictory_forms_are_refused(server: Server, arguments: str) -> None:
    error = await server.error(f"mutation {{ signIn({arguments}) {{ user {{ id }} }} }}")

    assert error[1] == "BAD_USER_INPUT"


async def test_both_forms_at_once_may_agree(server: Server) -> None:
    text = """
      mutation { signIn(email: "ines@example.com", input: {email: "ines@example.com", password: "correct horse"}) {
        user { id } } }
    """

    assert (await server.run(text)).data == {"signIn": {"user": {"id": str(server.user_id)}}}
