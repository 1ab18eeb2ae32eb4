"""Signing up, over HTTP: an account, a workspace for it, other people's workspaces."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from rapport.store.database import Database
from tests.accounts.guest import NEW_WORKSPACE, PASSWORD, SIGN_IN, SIGN_UP, WHO, Guest
from tests.invitations.people import person
from tests.mail.reading import mails_of, only_mail
from tests.serving import Client, Tenant, serving

EXISTS = """query ($email: String!) {
  checkUserExists(email: $email, captchaToken: "ignored") { exists availableWorkspacesCount isEmailVerified }
}"""
JOIN = """mutation ($input: SignUpInWorkspaceInput) {
  signUpInWorkspace(input: $input) { loginToken workspace { id workspaceUrls { subdomainUrl } } }
}"""
VERIFY = """mutation ($token: String!, $email: String!) {
  verifyEmailAndGetWorkspaceAgnosticToken(emailVerificationToken: $token, email: $email) { tokens { accessToken } }
}"""
ANN = "ann@example.com"


@pytest.fixture
async def guest(client: Client) -> Guest:
    return Guest(client=client)


@pytest.fixture
async def empty(database: Database) -> AsyncIterator[Guest]:
    """A server without any workspace, that may have one only."""
    nobody = Tenant(workspace_id=UUID(int=0), schema="", key="")
    async with serving(database, nobody, multiworkspace=False) as client:
        yield Guest(client=client)


async def invite_hash(client: Client) -> str:
    found = await client.database.value(
        'select "inviteHash" from core.workspace where id = $1', client.tenant.workspace_id
    )
    assert isinstance(found, str)
    return found


async def approve(client: Client, domain: str) -> None:
    await client.database.execute(
        """insert into core."approvedAccessDomain" (id, "workspaceId", domain, "isValidated")
        values (gen_random_uuid(), $1, $2, true)""",
        client.tenant.workspace_id,
        domain,
    )


async def verify_by_hand(client: Client, email: str) -> None:
    await client.database.execute('update core."user" set "isEmailVerified" = true where email = $1', email)


async def test_a_new_account_is_signed_in_to_no_workspace_and_asked_to_verify_its_address(guest: Guest) -> None:
    found = await guest.data(SIGN_UP, {"email": " Ann@Example.com ", "password": PASSWORD, "path": "/a?b=c"})

    assert found["availableWorkspaces"] == {"availableWorkspacesForSignIn": [], "availableWorkspacesForSignUp": []}
    assert found["user"] == {"id": found["user"]["id"], "email": ANN, "firstName": "", "lastName": ""}
    mail = await only_mail(guest.client.database)
    assert (mail.to, mail.template) == (ANN, "verify-email")
    assert mail.link.startswith(f"{guest.origin}/verify-email?")
    assert (mail.parameter("email"), mail.parameter("nextPath")) == (ANN, "/a?b=c")
    token = mail.parameter("emailVerificationToken")
    assert len(token) == 64
    kept = await guest.client.database.rows('select value from core."appToken" where value is not null')
    assert all(token not in row["value"] for row in kept)
    assert await guest.data(EXISTS, {"email": ANN.upper()}) == {
        "exists": True,
        "availableWorkspacesCount": 0,
        "isEmailVerified": False,
    }


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example/x", "/\\evil", "evil", "/a\nb", "", "/" * 5000]
)
async def test_links_lead_to_nobody_elses_pages(guest: Guest, path: str) -> None:
    await guest.data(SIGN_UP, {"email": ANN, "password": PASSWORD, "path": path})

    assert "nextPath" not in (await only_mail(guest.client.database)).text


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", PASSWORD),
        ("nobody", PASSWORD),
        ("a@b@example.com", PASSWORD),
        ("a@example.com\nBcc: b@example.com", PASSWORD),
        ("a\x00@example.com", PASSWORD),
        ("x" * 90_000 + "@example.com", PASSWORD),
        ("<a@example.com>", PASSWORD),
        (ANN, "1234567"),
        (ANN, ""),
    ],
)
async def test_what_is_no_address_or_too_short_a_password_makes_no_account(
    guest: Guest, email: str, password: str
) -> None:
    assert (await guest.error(SIGN_UP, {"email": email, "password": password}))[0] == "BAD_USER_INPUT"
    assert await guest.client.database.value('select count(*) from core."user"') == 0
    assert await mails_of(guest.client.database) == []


async def test_an_address_has_one_account_also_when_two_come_at_once(guest: Guest) -> None:
    answers = await asyncio.gather(
        *(guest.ask(SIGN_UP, {"email": email, "password": PASSWORD}) for email in (ANN, "ANN@example.com", ANN))
    )

    refused = [answer["errors"][0] for answer in answers if "errors" in answer]
    assert [(each["extensions"]["code"], each["extensions"]["subCode"]) for each in refused] == [
        ("FORBIDDEN", "USER_ALREADY_EXISTS")
    ] * 2
    assert len(await mails_of(guest.client.database)) == 1


async def test_from_nothing_to_a_team_at_work(guest: Guest) -> None:
    database = guest.client.database
    await guest.sign_up(ANN)
    token = (await only_mail(database)).parameter("emailVerificationToken")
    verified = await guest.data(VERIFY, {"token": token, "email": ANN})
    made = await guest.data(
        NEW_WORKSPACE, {"input": {"displayName": "Anvil & Sons"}}, token=verified["tokens"]["accessToken"]
    )
    urls = made["workspace"]["workspaceUrls"]
    assert urls == {"subdomainUrl": guest.origin, "customUrl": None}  # 127.0.0.1 has no subdomains

    access, _ = await guest.enter(made["loginToken"])
    activated = await guest.data(
        'mutation { activateWorkspace(data: {displayName: "Anvil"}) { id displayName activationStatus } }',
        token=access,
    )
    assert activated == {"id": made["workspace"]["id"], "displayName": "Anvil", "activationStatus": "ACTIVE"}
    access, _ = await guest.enter(made["loginToken"])
    assert await guest.data(WHO, token=access) == {"edges": [{"node": {"userEmail": ANN}}]}
    found = await guest.data(SIGN_IN, {"email": ANN, "password": PASSWORD})
    (workspace,) = found["availableWorkspaces"]["availableWorkspacesForSignIn"]
    assert workspace["displayName"] == "Anvil"
    access, _ = await guest.enter(workspace["loginToken"])

    sent = await guest.data(
        'mutation { sendInvitations(emails: ["bob@example.com"]) { success errors } }', token=access
    )
    assert sent == {"success": True, "errors": []}
    invitation = (await only_mail(database, to="bob@example.com")).parameter("inviteToken")
    form = {"email": "bob@example.com", "password": PASSWORD, "workspacePersonalInviteToken": invitation}
    joined = await guest.data(JOIN, {"input": form})
    assert joined["workspace"]["id"] == made["workspace"]["id"]
    bob, _ = await guest.enter(joined["loginToken"])
    members = [edge["node"]["userEmail"] for edge in (await guest.data(WHO, token=bob))["edges"]]
    assert sorted(members) == [ANN, "bob@example.com"]
    schema = await database.value("select schema from core.workspace where id = $1::uuid", made["workspace"]["id"])
    told = await database.rows(
        f"select action, after ->> 'userEmail' as email, actor ->> 'source' as source from \"{schema}\".event "
        "where object = 'workspaceMember' order by seq"
    )
    assert [tuple(each) for each in told] == [("created", ANN, "SYSTEM"), ("created", "bob@example.com", "SYSTEM")]
    assert (await guest.data(EXISTS, {"email": "bob@example.com"}))["isEmailVerified"] is True  # had the mail
    again = {**form, "email": "eve@example.com"}
    assert (await guest.error(JOIN, {"input": again}))[0] == "FORBIDDEN"
    actions = await database.rows('select action from core."auditEntry" order by "createdAt", id')
    assert [row["action"] for row in actions][:5] == [
        "signedUp",
        "emailVerified",
        "signedIn",
        "workspaceCreated",
        "signedIn",
    ]


async def test_the_token_of_an_invitation_is_for_the_invited_address(guest: Guest) -> None:
    admin = await person(guest.client, admin=True)
    await admin.data('mutation { sendInvitations(emails: ["bob@example.com"]) { success } }')
    token = (await only_mail(guest.client.database, to="bob@example.com")).parameter("inviteToken")
    form = {"email": "eve@example.com", "password": PASSWORD, "workspacePersonalInviteToken": token}

    assert await guest.error(JOIN, {"input": form}) == ("FORBIDDEN", "INVALID_INVITATION")
    await guest.sign_up("eve@example.com")
    assert await guest.error(JOIN, {"input": form}) == ("FORBIDDEN", "INVALID_INVITATION")
    await guest.data(JOIN, {"input": {**form, "email": "Bob@example.com"}})


async def test_an_account_and_its_workspace_can_be_made_at_once(guest: Guest) -> None:
    form = {"email": ANN, "password": PASSWORD, "displayName": "Anvil"}
    made = await guest.data(NEW_WORKSPACE, {"input": form})
    again = await guest.data(NEW_WORKSPACE, {"input": form})  # the account is there: its password is right

    assert made["workspace"]["id"] != again["workspace"]["id"]
    assert await guest.data(EXISTS, {"email": ANN}) == {
        "exists": True,
        "availableWorkspacesCount": 2,
        "isEmailVerified": False,
    }
    assert (await guest.error(NEW_WORKSPACE, {"input": {**form, "password": "nope-nope-1"}}))[0] == "FORBIDDEN"
    assert (await guest.error(NEW_WORKSPACE, {"input": {"email": "b@example.com"}}))[0] == "BAD_USER_INPUT"


async def test_who_is_signed_in_makes_the_workspace_whatever_the_input_says(guest: Guest) -> None:
    access = await guest.sign_up(ANN)
    await guest.data(NEW_WORKSPACE, {"input": {"email": "b@example.com", "password": PASSWORD}}, token=access)

    rows = await guest.client.database.rows(
        'select u.email from core."userWorkspace" m join core."user" u on u.id = m."userId"'
    )
    assert [row["email"] for row in rows] == [ANN]


async def test_nobody_and_keys_make_no_workspace(guest: Guest) -> None:
    assert await guest.error(NEW_WORKSPACE) == ("UNAUTHENTICATED", "UNAUTHENTICATED")
    assert (await guest.error(NEW_WORKSPACE, token="not.a.token"))[0] == "UNAUTHENTICATED"
    assert (await guest.error(NEW_WORKSPACE, token=guest.client.tenant.key))[0] == "FORBIDDEN"


async def test_with_one_workspace_to_a_server_its_founder_administrates_it_and_no_other_is_made(empty: Guest) -> None:
    tokens = [await empty.sign_up(f"founder{number}@example.com") for number in range(3)]
    answers = await asyncio.gather(*(empty.ask(NEW_WORKSPACE, token=token) for token in tokens))

    refused = [answer["errors"][0]["extensions"] for answer in answers if "errors" in answer]
    assert [(each["code"], each["subCode"]) for each in refused] == [("FORBIDDEN", "SIGNUP_DISABLED")] * 2
    rows = await empty.client.database.rows(
        """select u."canImpersonate" and u."canAccessFullAdminPanel" as admin, m.id is not null as founder
        from core."user" u left join core."userWorkspace" m on m."userId" = u.id"""
    )
    assert sorted((row["admin"], row["founder"]) for row in rows) == [(False, False), (False, False), (True, True)]


async def test_where_only_admins_make_workspaces_everybody_may_have_their_first(database: Database) -> None:
    nobody = Tenant(workspace_id=UUID(int=0), schema="", key="")
    async with serving(database, nobody, workspaces_by_admins_only=True) as client:
        guest = Guest(client=client)
        access = await guest.sign_up(ANN)
        await guest.data(NEW_WORKSPACE, token=access)
        assert await guest.error(NEW_WORKSPACE, token=access) == ("FORBIDDEN", "SIGNUP_DISABLED")
        await database.execute('update core."user" set "canAccessFullAdminPanel" = true')
        await guest.data(NEW_WORKSPACE, token=access)


async def test_by_the_public_link_one_joins_while_it_is_on(guest: Guest) -> None:
    client = guest.client
    form = {"email": ANN, "password": PASSWORD, "workspaceInviteHash": await invite_hash(client)}
    await client.database.execute('update core.workspace set "isPublicInviteLinkEnabled" = false')
    assert (await guest.error(JOIN, {"input": form}))[0] == "FORBIDDEN"
    assert await client.database.value('select count(*) from core."user"') == 0

    await client.database.execute('update core.workspace set "isPublicInviteLinkEnabled" = true')
    joined = await guest.data(JOIN, {"input": form})
    assert joined["workspace"]["id"] == str(client.tenant.workspace_id)
    access, _ = await guest.enter(joined["loginToken"])
    assert await guest.data(WHO, token=access) == {"edges": [{"node": {"userEmail": ANN}}]}
    assert (await only_mail(client.database)).template == "verify-email"
    again = await guest.data(JOIN, {"input": form})  # a member already: signed in
    await guest.enter(again["loginToken"])
    assert await guest.data(WHO, token=access) == {"edges": [{"node": {"userEmail": ANN}}]}
    assert (await guest.error(JOIN, {"input": {**form, "password": "nope-nope-1"}}))[0] == "FORBIDDEN"


async def test_of_two_who_join_with_one_account_at_once_one_member_comes(guest: Guest) -> None:
    await guest.sign_up(ANN)
    form = {"email": ANN, "password": PASSWORD, "workspaceInviteHash": await invite_hash(guest.client)}
    answers = await asyncio.gather(*(guest.ask(JOIN, {"input": form}) for _ in range(4)))

    assert all("errors" not in answer for answer in answers), answers
    access, _ = await guest.log_in(ANN)
    assert await guest.data(WHO, token=access) == {"edges": [{"node": {"userEmail": ANN}}]}


async def test_the_domain_of_an_address_counts_once_the_address_is_verified(guest: Guest) -> None:
    client = guest.client
    await approve(client, "example.com")
    form = {"email": ANN, "password": PASSWORD, "workspaceId": str(client.tenant.workspace_id)}
    assert (await guest.data(EXISTS, {"email": ANN}))["availableWorkspacesCount"] == 1

    for _ in range(2):  # a new account, then the same one
        assert await guest.error(JOIN, {"input": form}) == ("FORBIDDEN", "EMAIL_NOT_VERIFIED")
    signed_in = await guest.data(SIGN_IN, {"email": ANN, "password": PASSWORD})
    assert signed_in["availableWorkspaces"]["availableWorkspacesForSignUp"] == []
    mail = await only_mail(client.database)
    verified = await guest.data(
        """mutation ($token: String!, $email: String!, $origin: String!) {
          verifyEmailAndGetLoginToken(emailVerificationToken: $token, email: $email, origin: $origin) { loginToken }
        }""",
        {"token": mail.parameter("emailVerificationToken"), "email": ANN, "origin": guest.origin},
    )
    access, _ = await guest.enter(verified["loginToken"])
    assert await guest.data(WHO, token=access) == {"edges": [{"node": {"userEmail": ANN}}]}


async def test_a_verified_address_of_an_approved_domain_is_shown_the_way_in(guest: Guest) -> None:
    client = guest.client
    await guest.sign_up(ANN)
    await approve(client, "example.com")
    await verify_by_hand(client, ANN)
    found = await guest.data(SIGN_IN, {"email": ANN, "password": PASSWORD})

    assert found["availableWorkspaces"] == {
        "availableWorkspacesForSignIn": [],
        "availableWorkspacesForSignUp": [
            {
                "id": str(client.tenant.workspace_id),
                "displayName": "Tests",
                "loginToken": None,
                "inviteHash": await invite_hash(client),
                "personalInviteToken": None,
            }
        ],
    }
    access, _ = await guest.log_in(ANN)  # joins by it
    assert await guest.data(WHO, token=access) == {"edges": [{"node": {"userEmail": ANN}}]}


async def test_who_is_not_invited_does_not_join(guest: Guest) -> None:
    client = guest.client
    form = {"email": ANN, "password": PASSWORD, "workspaceId": str(client.tenant.workspace_id)}
    await approve(client, "ample.com")
    assert (await guest.error(JOIN, {"input": form}))[0] == "FORBIDDEN"
    await guest.sign_up(ANN)
    assert (await guest.error(JOIN, {"input": form}))[0] == "FORBIDDEN"
    for target in (
        {"workspaceInviteHash": "x"},
        {"workspaceInviteHash": "\x00"},
        {"workspaceInviteHash": "' or true --"},
        {"workspaceInviteHash": "x" * 90_000},
        {"workspaceId": "01890000-0000-7000-8000-000000000000"},
        {"workspacePersonalInviteToken": "a" * 64},
        {"workspacePersonalInviteToken": "\x00"},
    ):
        code, _ = await guest.error(JOIN, {"input": {"email": ANN, "password": PASSWORD, **target}})
        assert code in ("FORBIDDEN", "UNAUTHENTICATED"), target
    assert await client.database.value('select count(*) from core."userWorkspace"') == 0


async def test_a_workspace_that_is_being_made_takes_no_members(guest: Guest) -> None:
    access = await guest.sign_up(ANN)
    made = await guest.data(NEW_WORKSPACE, token=access)
    link = await guest.client.database.value(
        'select "inviteHash" from core.workspace where id = $1', UUID(made["workspace"]["id"])
    )
    form = {"email": "b@example.com", "password": PASSWORD, "workspaceInviteHash": link}

    assert await guest.error(JOIN, {"input": form}) == ("FORBIDDEN", "WORKSPACE_NOT_ACTIVE")
    assert await guest.data(EXISTS, {"email": "b@example.com"}) == {
        "exists": False,
        "availableWorkspacesCount": 0,
        "isEmailVerified": False,
    }


async def test_an_invitation_for_one_workspace_does_not_open_another(guest: Guest) -> None:
    access = await guest.sign_up("b@example.com")
    made = await guest.data(NEW_WORKSPACE, token=access)
    form = {
        "email": ANN,
        "password": PASSWORD,
        "workspaceId": made["workspace"]["id"],
        "workspaceInviteHash": await invite_hash(guest.client),
    }

    assert (await guest.error(JOIN, {"input": form}))[0] == "BAD_USER_INPUT"


async def test_without_a_target_a_new_workspace_is_made(guest: Guest) -> None:
    made = await guest.data(JOIN, {"input": {"email": ANN, "password": PASSWORD}})
    access, _ = await guest.enter(made["loginToken"])

    status = await guest.client.database.value(
        'select "activationStatus" from core.workspace where id = $1', UUID(made["workspace"]["id"])
    )
    assert status == "PENDING_CREATION"
    assert access


@pytest.mark.parametrize(
    "arguments",
    [
        'email: "a@example.com"',
        'password: "correct horse"',
        'email: "a@example.com", password: "correct horse", input: {email: "b@example.com"}',
        'email: "a@example.com", password: "correct horse", locale: "fr", input: {email: "a@example.com", locale: "e"}',
    ],
)
async def test_forms_that_lack_something_or_contradict_themselves_are_refused(guest: Guest, arguments: str) -> None:
    for operation in ("signUp", "signIn", "signUpInWorkspace"):
        selection = "{ loginToken }" if operation == "signUpInWorkspace" else "{ user { id } }"
        if operation == "signIn" and "locale" in arguments:
            continue
        assert (await guest.error(f"mutation {{ {operation}({arguments}) {selection} }}"))[0] == "BAD_USER_INPUT"


async def test_many_accounts_from_one_address_are_too_many(database: Database) -> None:
    nobody = Tenant(workspace_id=UUID(int=0), schema="", key="")
    async with serving(database, nobody, sign_ups_per_address=2) as client:
        guest = Guest(client=client)
        for number in range(2):
            await guest.sign_up(f"user{number}@example.com")
        refused = await guest.error(SIGN_UP, {"email": ANN, "password": PASSWORD})
        assert refused == ("FORBIDDEN", "TOO_MANY_ATTEMPTS")


@pytest.mark.parametrize("email", ["", "\x00", "' or 1=1 --", "x" * 90_000, "%"])
async def test_odd_addresses_do_not_exist(guest: Guest, email: str) -> None:
    assert await guest.data(EXISTS, {"email": email}) == {
        "exists": False,
        "availableWorkspacesCount": 0,
        "isEmailVerified": False,
    }
