"""The examples of the guide to accounts, in the order of its story, and what its tables say."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from rapport.accounts.errors import PasswordSignInDisabled
from rapport.accounts.policy import Policy
from rapport.accounts.two_factor import TRIES
from rapport.base.settings import Settings
from rapport.edge.graphql.system.operations import MOST_PUBLIC_FIELDS
from rapport.invitations.approving import MOST_MAILS as MOST_PROOFS
from rapport.invitations.sending import MOST_ADDRESSES, MOST_MAILS, MOST_MAILS_TO_ONE
from tests.accounts.guest import PASSWORD
from tests.accounts.people import Authenticator
from tests.docs.markdown import ROOT
from tests.mail.reading import Mail, mails_of
from tests.records.member import member
from tests.serving import Client

TEXT = (ROOT / "docs" / "accounts.md").read_text(encoding="utf-8")
EXAMPLES = {
    re.split(r"\W", text.split(maxsplit=1)[1])[0]: text
    for text in re.findall(r"^```graphql\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
}
PROGRAM = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
SOURCES = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "src").rglob("*.py"))

ANN, BEN = "ann@anvil.example", "ben@example.com"
WHO = "{ currentUser { email currentWorkspace { id } } }"


@dataclass
class Reader:
    """Follows the guide. Notes which of its examples were sent."""

    client: Client
    read: set[str] = field(default_factory=set)

    async def ask(self, name: str, bearer: str | None = None, /, **variables: object) -> dict[str, Any]:
        """The whole answer to an example."""
        self.read.add(name)
        return await self.send(EXAMPLES[name], bearer, **variables)

    async def send(self, query: str, bearer: str | None = None, /, **variables: object) -> dict[str, Any]:
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        body = {"query": query, "variables": variables}
        answer: dict[str, Any] = (
            await self.client.http.post(f"{self.client.url}/graphql", json=body, headers=headers)
        ).json()
        return answer

    async def data(self, name: str, bearer: str | None = None, /, **variables: object) -> Any:  # noqa: ANN401  # whatever the example asks for
        """What the one operation of an example gives."""
        answer = await self.ask(name, bearer, **variables)
        assert "errors" not in answer, (name, answer["errors"])
        (found,) = answer["data"].values()
        return found

    async def refusal(self, name: str, bearer: str | None = None, /, **variables: object) -> tuple[str, str]:
        answer = await self.ask(name, bearer, **variables)
        (error,) = answer["errors"]
        return error["extensions"]["code"], error["extensions"]["subCode"]

    async def trade(self, login_token: str) -> tuple[str, str]:
        """The access token and the refresh token."""
        pair = (await self.data("Trade", loginToken=login_token, origin=self.client.url))["tokens"]
        return pair["accessOrWorkspaceAgnosticToken"]["token"], pair["refreshToken"]["token"]

    async def login(self, email: str, password: str = PASSWORD) -> str:
        """A login token."""
        found = await self.data("Login", email=email, password=password, origin=self.client.url)
        return str(found["loginToken"]["token"])

    async def mail(self, to: str, page: str) -> Mail:
        """The newest mail to somebody, whose link leads to a page of the guide's list."""
        found = (await mails_of(self.client.database, to=to))[-1]
        assert found.link.startswith(self.client.url + page), found.link
        assert shape(found.link) in PAGES
        return found


def shape(link: str) -> str:
    """`http://…/verify-email?email=a` → `/verify-email?email=…`, with `<…>` for what follows a second slash."""
    parts = urlsplit(link)
    first, *rest = parts.path.strip("/").split("/")
    named = {"invite": "<inviteHash>", "reset-password": "<token>"}.get(first)
    path = "/" + "/".join([first, *([named] if rest and named else rest)])
    query = "&".join(f"{each.partition('=')[0]}=…" for each in parts.query.split("&") if each)
    return f"{path}?{query}" if query else path


def tables() -> list[list[list[str]]]:
    """The rows of each table, without its heading."""
    found = []
    for block in re.findall(r"(?:^\|.*\|\n)+", TEXT, re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in block.splitlines()]
        found.append([[cell.strip(" |") for cell in row] for row in rows[2:]])
    return found


def rows_with(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading."""
    return tables()[len(re.findall(r"(?:^\|.*\|\n)+", TEXT.split(heading)[0], re.MULTILINE))]


PAGES = {
    page.replace("&nextPath=…", "") for row in rows_with("## Links in mails") for page in re.findall("`(/.*?)`", row[0])
}


@pytest.fixture
async def reader(client: Client) -> Reader:
    await client.database.execute("update core.workspace set \"displayName\" = 'Elsewhere'")
    return Reader(client)


async def test_every_example_is_answered_in_the_order_of_a_story(reader: Reader) -> None:
    origin = reader.client.url

    # Ann signs up, proves her address and makes a workspace.
    signed_up = await reader.data("SignUp", email=ANN, password=PASSWORD)
    mail = await reader.mail(ANN, "/verify-email?")
    token = mail.parameter("emailVerificationToken")
    verified = await reader.data("Verify", token=token, email=ANN)
    assert await reader.refusal("Verify", token=token, email=ANN) == ("FORBIDDEN", "INVALID_TOKEN")
    made = await reader.data("NewWorkspace", verified["tokens"]["accessToken"], displayName="Anvil")
    ann, refresh = await reader.trade(made["loginToken"]["token"])
    activated = await reader.data("Activate", ann, displayName="Anvil")
    assert (activated["activationStatus"], activated["id"]) == ("ACTIVE", made["workspace"]["id"])
    people = await reader.send("{ people { totalCount } }", ann)  # the token from before the activation goes on
    assert "errors" not in people

    # She invites Ben, and everybody of her company.
    invited = await reader.data("Invite", ann, emails=[BEN, "no address"])
    assert (invited["success"], len(invited["errors"]), invited["result"][0]["email"]) == (False, 1, BEN)
    invitation = (await reader.mail(BEN, "/invite/")).parameter("inviteToken")
    joined = await reader.data("Join", email=BEN, password=PASSWORD, invitation=invitation)
    assert joined["workspace"]["id"] == made["workspace"]["id"]
    ben, _ = await reader.trade(joined["loginToken"]["token"])
    domain = await reader.data("Approve", ann, domain="anvil.example", email=ANN)
    proof = (await reader.mail(ANN, "/settings/domains?")).parameter("validationToken")
    validated = await reader.data("ValidateDomain", ann, id=domain["id"], token=proof)
    assert validated == {"domain": "anvil.example", "isValidated": True}

    # They sign in: there are two workspaces by now, and the server's address names none.
    assert await reader.refusal("Where", origin=origin) == ("NOT_FOUND", "WORKSPACE_NOT_FOUND")
    ann, refresh = await reader.trade(await reader.login(ANN))
    (choice,) = (await reader.data("SignIn", email=ANN, password=PASSWORD))["availableWorkspaces"][
        "availableWorkspacesForSignIn"
    ]
    await reader.trade(choice["loginToken"])
    at_once = await reader.data("SignInWithInput", email=BEN, password=PASSWORD)
    assert (await reader.send(WHO, at_once["tokens"]["accessToken"]))["data"]["currentUser"] == {
        "email": BEN,
        "currentWorkspace": {"id": made["workspace"]["id"]},
    }
    twice = [await reader.data("Renew", refreshToken=refresh) for _ in range(2)]  # within the cool-down
    assert twice[0] != twice[1]

    # Ann acts as Ben, and makes a key.
    ben_id = at_once["user"]["id"]
    acting = await reader.data("Impersonate", ann, userId=ben_id, workspaceId=made["workspace"]["id"])
    access, _ = await reader.trade(acting["loginToken"]["token"])
    assert (await reader.send(WHO, access))["data"]["currentUser"]["email"] == BEN
    assert await reader.refusal("Impersonate", ben, userId=signed_up["user"]["id"], workspaceId=choice["id"]) == (
        "FORBIDDEN",
        "PERMISSION_DENIED",
    )
    roles = (await reader.send("{ getRoles { id label } }", ann))["data"]["getRoles"]
    role = next(each["id"] for each in roles if each["label"] == "Member")
    soon = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    key = await reader.data("CreateKey", ann, role=role, expiresAt=soon, allowedIps=["127.0.0.0/8"])
    secret = (await reader.data("GenerateToken", ann, key=key["id"], expiresAt=soon))["token"]
    assert secret.startswith("sk_live_")
    assert "errors" not in await reader.send("{ people { totalCount } }", secret)
    assert (await reader.data("Keys", ann))[0]["allowedIps"] == ["127.0.0.0/8"]
    assert await reader.refusal("Invite", secret, emails=[]) == ("FORBIDDEN", "FORBIDDEN_EXCEPTION")

    # She takes a second factor, and forgets her password.
    app = Authenticator((await reader.data("SetUp", ann))["uri"])
    assert await reader.data("Confirm", ann, otp=app.code()) == {"success": True}
    methods = (await reader.data("Methods", ann))["currentUserWorkspace"]["twoFactorAuthenticationMethodSummary"]
    assert [(each["status"], each["strategy"]) for each in methods] == [("VERIFIED", "TOTP")]
    login_token = await reader.login(ANN)
    needs_code = ("FORBIDDEN", "TWO_FACTOR_AUTHENTICATION_VERIFICATION_REQUIRED")
    assert await reader.refusal("Trade", loginToken=login_token, origin=origin) == needs_code
    assert await reader.refusal("SignInWithInput", email=ANN, password=PASSWORD) == needs_code
    entered = await reader.data("TradeWithCode", loginToken=login_token, origin=origin, otp=app.code())
    assert await reader.data("Forgot", email=ANN) == {"success": True}
    token = (await reader.mail(ANN, "/reset-password/")).link.rsplit("/", 1)[1]
    assert await reader.data("SetPassword", token=token, password="another horse") == {"success": True}
    ended = await reader.send(WHO, entered["tokens"]["accessToken"])
    assert ended["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    await reader.login(ANN, "another horse")

    assert reader.read == set(EXAMPLES)


async def test_the_page_of_the_only_workspace_is_shown_at_any_address(reader: Reader) -> None:
    found = await reader.data("Where", origin=reader.client.url)
    assert (found["displayName"], found["authProviders"]) == ("Elsewhere", {"password": True})


async def test_the_program_signs_in_and_renews(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    await member(reader.client, email=BEN)
    (program,) = PROGRAM
    assert len(program.splitlines()) < 50
    for name, value in (
        ("CRM_URL", reader.client.url), ("CRM_EMAIL", BEN), ("CRM_PASSWORD", PASSWORD), ("NO_PROXY", "127.0.0.1"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)

    def run() -> tuple[list[object], dict[str, str], dict[str, str]]:
        shown: list[object] = []
        names: dict[str, Any] = {"print": shown.append}
        exec(compile(program, "docs/accounts.md", "exec"), names)  # noqa: S102  # the project's own
        session, first = names["session"], dict(names["session"].tokens)
        session.tokens["accessToken"] += "x"  # as good as expired
        shown.append(session.ask("{ currentUser { email } people { totalCount } }"))
        session.http.close()
        return shown, first, session.tokens

    shown, first, second = await asyncio.to_thread(run)
    assert shown == [{"currentUser": {"email": BEN}, "people": {"totalCount": 0}}] * 2
    assert first["accessToken"] != second["accessToken"]
    assert first["refreshToken"] != second["refreshToken"]


def test_lifetimes_and_limits_are_those_of_the_code() -> None:
    defaults = {setting.variable: setting.default for setting in Settings.declared().values()}
    lifetimes = {row[3].strip("`"): row[2] for row in rows_with("## Tokens") if len(row) > 3 and row[3]}
    assert len(lifetimes) == 7
    assert lifetimes == {name: defaults[name] for name in lifetimes}

    limits = [(row[1], row[2].split(",")[0].strip("`") if len(row) > 2 else "") for row in rows_with("## Limits")]
    named = {setting: most for most, setting in limits if setting}
    assert len(named) == 5
    assert named == {name: defaults[name] for name in named}
    assert [most for most, setting in limits if not setting] == [
        "one a minute", str(TRIES), str(MOST_ADDRESSES), f"{MOST_MAILS}; {MOST_MAILS_TO_ONE}", str(MOST_PROOFS),
        str(MOST_PUBLIC_FIELDS),
    ]  # fmt: skip
    assert "(1m)" in TEXT
    assert Policy().refresh_token_cool_down == timedelta(minutes=1)


def test_the_errors_are_those_of_the_code() -> None:
    rows = rows_with("## Errors")
    assert len(rows) > 20
    known = set(re.findall(r'(?:sub_)?code = "(\w+)"', SOURCES))
    assert {cell.strip("`") for row in rows for cell in row[:2]} - known == set()
    assert PasswordSignInDisabled.sub_code in {row[1].strip("`") for row in rows}


def test_settings_and_operations_named_exist() -> None:
    named = set(re.findall(r"`(RAPPORT_\w+)`", TEXT))
    assert named - {setting.variable for setting in Settings.declared().values()} == set()
    sdl = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "src").rglob("*.graphql"))
    words = set(re.findall(r"`([a-z]+[A-Z]\w*)`", TEXT)) - {"createdBy", "retryAfter"}
    missing = {word for word in words if not re.search(rf"\b{word}\b", sdl)}
    assert missing == {"nextPath"}  # of a link
