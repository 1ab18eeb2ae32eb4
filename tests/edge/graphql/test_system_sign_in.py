"""Signing in through GraphQL, in every spelling that clients use."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.accounts.guest import PASSWORD, WHO, Guest
from tests.records.member import member
from tests.serving import Client

INES = "ines@example.com"
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
        id displayName logo inviteHash personalInviteToken workspaceUrls { subdomainUrl customUrl } sso { id }
      }
      availableWorkspacesForSignUp { id }
    }
    tokens { accessOrWorkspaceAgnosticToken { token expiresAt } refreshToken { token expiresAt } }
  }
}
"""
CREDENTIALS = {"email": INES, "password": PASSWORD}


@pytest.fixture
async def guest(client: Client) -> Guest:
    """Somebody at a server with one account, Inès, in one workspace."""
    await member(client, email=INES)
    return Guest(client=client)


async def user_id(guest: Guest) -> str:
    return str(await guest.client.database.value('select id from core."user"'))


async def is_inside(guest: Guest, token: str) -> bool:
    """Whether the token is for the workspace."""
    answer = await guest.ask(WHO, token=token)
    return "errors" not in answer


async def test_the_form_of_seed_000_gives_tokens_that_can_be_used_at_once(guest: Guest) -> None:
    answer = await guest.data(SEED)

    assert list(answer) == ["tokens", "user"]
    assert answer["user"] == {
        "id": await user_id(guest),
        "email": INES,
        "firstName": "Inès",
        "lastName": "Ollier",
    }
    assert list(answer["tokens"]) == ["accessToken", "refreshToken"]
    assert await guest.data(WHO, token=answer["tokens"]["accessToken"]) == {"edges": [{"node": {"userEmail": INES}}]}


async def test_the_flat_form_gives_tokens_for_no_workspace_and_the_workspaces(guest: Guest) -> None:
    answer = await guest.data(FLAT, CREDENTIALS)

    assert answer["availableWorkspaces"] == {
        "availableWorkspacesForSignIn": [
            {
                "id": str(guest.client.tenant.workspace_id),
                "displayName": "Tests",
                "logo": None,
                "inviteHash": None,
                "personalInviteToken": None,
                "workspaceUrls": {"subdomainUrl": guest.origin, "customUrl": None},
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
    assert not await is_inside(guest, access["token"])


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
async def test_every_spelling_of_renewing_works(guest: Guest, text: str) -> None:
    refresh = (await guest.data(SEED))["tokens"]["refreshToken"]

    tokens = (await guest.data(text, {"t": refresh}))["tokens"]
    assert await is_inside(guest, tokens["accessToken"])
    assert tokens["refreshToken"] != refresh


async def test_without_an_argument_the_bearer_is_renewed(guest: Guest) -> None:
    tokens = (await guest.data(SEED))["tokens"]
    text = "mutation { renewToken { tokens { accessToken refreshToken } } }"

    renewed = (await guest.data(text, token=tokens["refreshToken"]))["tokens"]
    assert await is_inside(guest, renewed["accessToken"])
    assert (await guest.error(text))[0] == "BAD_USER_INPUT"
    assert await guest.error(text, token=tokens["accessToken"]) == ("FORBIDDEN", "INVALID_JWT_TOKEN_TYPE")


async def test_a_reused_refresh_token_ends_what_it_gave(guest: Guest) -> None:
    text = "mutation($t: String!) { renewToken(appToken: $t) { tokens { accessToken refreshToken } } }"
    stolen = (await guest.data(SEED))["tokens"]["refreshToken"]
    current = (await guest.data(text, {"t": stolen}))["tokens"]
    assert await is_inside(guest, current["accessToken"])
    await guest.client.database.execute("""update core."appToken" set "revokedAt" = "revokedAt" - interval '61 s'""")

    assert (await guest.error(text, {"t": stolen}))[0] == "FORBIDDEN"
    assert not await is_inside(guest, current["accessToken"])
    assert (await guest.error(text, {"t": current["refreshToken"]}))[0] == "UNAUTHENTICATED"
    assert await is_inside(guest, (await guest.data(SEED))["tokens"]["accessToken"])


async def test_failures_are_those_of_the_contract(guest: Guest) -> None:
    answer = await guest.ask(FLAT, CREDENTIALS | {"password": "nope-nope-1"})
    (error,) = answer["errors"]
    assert answer["data"] is None
    assert error["message"] == "Wrong password"
    assert {name: error["extensions"][name] for name in ("code", "subCode", "userFriendlyMessage")} == {
        "code": "FORBIDDEN",
        "subCode": "FORBIDDEN_EXCEPTION",
        "userFriendlyMessage": "Wrong password",
    }
    unknown = CREDENTIALS | {"email": "nobody@example.com"}
    assert await guest.error(FLAT, unknown) == ("UNAUTHENTICATED", "USER_NOT_FOUND")
    for odd in ("\x00", "' or true --", "x" * 90_000):
        assert await guest.error(FLAT, CREDENTIALS | {"email": odd}) == ("UNAUTHENTICATED", "USER_NOT_FOUND")
        assert (await guest.error(FLAT, CREDENTIALS | {"password": odd}))[0] == "FORBIDDEN"


@pytest.mark.parametrize(
    "arguments",
    [
        'email: "ines@example.com"',
        'input: {email: "ines@example.com"}',
        'email: "tom@example.com", input: {email: "ines@example.com", password: "correct horse"}',
    ],
)
async def test_incomplete_and_contradictory_forms_are_refused(guest: Guest, arguments: str) -> None:
    assert (await guest.error(f"mutation {{ signIn({arguments}) {{ user {{ id }} }} }}"))[0] == "BAD_USER_INPUT"


async def test_both_forms_at_once_may_agree(guest: Guest) -> None:
    text = """
      mutation { signIn(email: "ines@example.com", input: {email: "ines@example.com", password: "correct horse"}) {
        user { id } } }
    """

    assert await guest.data(text) == {"user": {"id": await user_id(guest)}}
