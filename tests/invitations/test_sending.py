"""Inviting by mail, over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from rapport.base.ids import new_id
from rapport.invitations.service import token_hash
from tests.invitations.people import error_of, person
from tests.mail.reading import mails_of, only_mail
from tests.serving import Client, make_tenant

SEND = """mutation ($emails: [String!]!) {
  sendInvitations(emails: $emails) { success errors result { id email expiresAt } }
}"""
RESEND = "mutation ($id: String) { resendWorkspaceInvitation(appTokenId: $id) { success errors result { id email } } }"
DELETE = "mutation ($id: String) { deleteWorkspaceInvitation(appTokenId: $id) }"
PENDING = "{ findWorkspaceInvitations { id email expiresAt } }"
DENIED = ("FORBIDDEN", "PERMISSION_DENIED", "Entity performing the request does not have permission")


@pytest.fixture
async def ada(client: Client) -> Client:
    """An admin."""
    return await person(client, admin=True)


async def send(client: Client, *emails: str) -> dict:  # type: ignore[type-arg]
    found: dict = (await client.data(SEND, {"emails": list(emails)}))["sendInvitations"]  # type: ignore[type-arg]
    return found


async def test_an_invitation_is_mailed_with_a_link_for_the_address_alone(ada: Client) -> None:
    before = datetime.now(UTC)
    answer = await send(ada, " Bob@Example.com ")

    (invitation,) = answer.pop("result")
    assert answer == {"success": True, "errors": []}
    assert invitation["email"] == "bob@example.com"
    lasts = datetime.fromisoformat(invitation["expiresAt"]) - before
    assert timedelta(days=30) - timedelta(seconds=1) < lasts < timedelta(days=30, minutes=1)
    assert (await ada.data(PENDING))["findWorkspaceInvitations"] == [invitation]
    mail = await only_mail(ada.database, to="bob@example.com", template="invitation")
    assert mail.subject == "Ada Byron invites you to Tests"
    invite_hash = await ada.database.value('select "inviteHash" from core.workspace')
    link = urlsplit(mail.link)
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{ada.url}/invite/{invite_hash}"
    assert parse_qs(link.query)["email"] == ["bob@example.com"]
    token = mail.parameter("inviteToken")
    row = await ada.database.row("""select * from core."appToken" where type = 'INVITATION_TOKEN'""")
    assert row is not None
    assert len(bytes.fromhex(token)) == 32
    assert (row["id"], row["value"]) == (UUID(invitation["id"]), token_hash(token))
    assert token not in str(dict(row))


async def test_addresses_that_fail_do_not_keep_the_others_from_being_invited(ada: Client) -> None:
    await send(ada, "bob@example.com")

    answer = await send(
        ada,
        "ADA@acme.example",
        "carla@example.com",
        "bob@example.com",
        "nobody",
        "dora@example.com",
        "Carla@example.com",
    )

    assert [each["email"] for each in answer["result"]] == ["carla@example.com", "dora@example.com"]
    assert answer["success"] is False
    assert answer["errors"] == [
        "nobody is not a valid e-mail address",
        "ada@acme.example is already a member of this workspace",
        "bob@example.com is already invited",
    ]
    assert len(await mails_of(ada.database)) == 3


@pytest.mark.parametrize(
    "email",
    [
        "bob@example.com\r\nBcc: eve@example.com",
        "bob@example.com, eve@example.com",
        "'; drop table core.workspace; --@example.com",
        '"bob"@example.com',
        "bob\x00@example.com",
        "\u202ebob@example.com\u202c",
        "<b>bob</b>@example.com",
        "x" * 100_000,
        "",
    ],
)
async def test_hostile_addresses_are_refused_and_shown_on_one_short_line(ada: Client, email: str) -> None:
    answer = await send(ada, email)
    assert (answer["success"], answer["result"]) == (False, [])
    (error,) = answer["errors"]
    assert len(error) < 100
    assert error.isprintable()
    assert await mails_of(ada.database) == []


async def test_addresses_beyond_ascii_and_with_quotes_are_invited(ada: Client) -> None:
    answer = await send(ada, "o'neill@example.com", "zoë@bücher.example", "a&b=c?d#e%f@example.com")
    assert answer["success"] is True
    links = [mail.link for mail in await mails_of(ada.database)]
    assert [parse_qs(urlsplit(link).query)["email"] for link in links] == [
        ["o'neill@example.com"], ["zoë@bücher.example"], ["a&b=c?d#e%f@example.com"]
    ]  # fmt: skip


async def test_names_cannot_break_out_of_the_mail(client: Client) -> None:
    ada = await person(
        client, admin=True, first_name="<script>alert(1)</script>\r\nBcc: eve@example.com", last_name="{{ link }}"
    )
    await ada.database.execute("""update core.workspace set "displayName" = repeat('<b>W\n', 1000)""")

    assert (await send(ada, "bob@example.com"))["success"] is True

    mail = await only_mail(ada.database)
    assert "\n" not in mail.subject
    assert len(mail.subject) < 200
    assert "<script>" not in mail.html
    assert "<b>" not in mail.html
    assert mail.text.count("inviteToken") == 1


async def test_no_address_is_fine_and_ends_the_step_of_the_onboarding(ada: Client) -> None:
    await ada.database.execute(
        """insert into core."userVar" (id, "userId", "workspaceId", key, value)
           select gen_random_uuid(), u.id, w.id, key, 'true'
           from core."user" u, core.workspace w,
               unnest(array['ONBOARDING_INVITE_TEAM_PENDING', 'ONBOARDING_CONNECT_ACCOUNT_PENDING']) as key"""
    )
    assert await send(ada) == {"success": True, "errors": [], "result": []}
    left = await ada.database.rows('select key from core."userVar"')
    assert [row["key"] for row in left] == ["ONBOARDING_CONNECT_ACCOUNT_PENDING"]


async def test_the_onboarding_of_another_workspace_goes_on(ada: Client) -> None:
    other = await make_tenant(ada.database, "Other")
    await ada.database.execute(
        """insert into core."userVar" (id, "userId", "workspaceId", key, value)
           select gen_random_uuid(), u.id, $1, 'ONBOARDING_INVITE_TEAM_PENDING', 'true' from core."user" u""",
        other.workspace_id,
    )
    await send(ada, "bob@example.com")
    assert await ada.database.value('select count(*) from core."userVar"') == 1


async def test_at_most_a_hundred_addresses_at_once(ada: Client) -> None:
    answer = await ada.ask(SEND, {"emails": [f"u{n}@example.com" for n in range(101)]})
    assert error_of(answer) == (
        "BAD_USER_INPUT", "INVALID_ARGS_DATA", "At most 100 addresses can be invited at once."
    )  # fmt: skip
    assert await mails_of(ada.database) == []
    assert len((await send(ada, *(f"u{n}@example.com" for n in range(100))))["result"]) == 100


async def test_a_workspace_sends_so_many_mails_in_an_hour_and_no_more(ada: Client) -> None:
    for start in (0, 100, 200):
        assert (await send(ada, *(f"u{n}@example.com" for n in range(start, start + 100))))["success"] is True
    code, sub_code, _ = error_of(await ada.ask(SEND, {"emails": ["late@example.com"]}))
    assert (code, sub_code) == ("FORBIDDEN", "TOO_MANY_ATTEMPTS")
    assert len(await mails_of(ada.database)) == 300


async def test_one_address_is_not_flooded(ada: Client) -> None:
    (invitation,) = (await send(ada, "bob@example.com"))["result"]
    for _ in range(4):
        answer = (await ada.data(RESEND, {"id": invitation["id"]}))["resendWorkspaceInvitation"]
        (invitation,) = answer["result"]
    answer = (await ada.data(RESEND, {"id": invitation["id"]}))["resendWorkspaceInvitation"]
    assert answer == {"success": False, "errors": ["bob@example.com was invited too often of late"], "result": []}
    assert (await send(ada, "bob@example.com", "carla@example.com"))["errors"] == [
        "bob@example.com was invited too often of late"
    ]
    assert len(await mails_of(ada.database, to="bob@example.com")) == 5
    assert len((await ada.data(PENDING))["findWorkspaceInvitations"]) == 2


async def test_an_invitation_that_is_sent_anew_has_a_new_id_and_a_new_token(ada: Client) -> None:
    (old,) = (await send(ada, "bob@example.com"))["result"]
    answer = (await ada.data(RESEND, {"id": old["id"]}))["resendWorkspaceInvitation"]
    (new,) = answer["result"]
    assert (answer["success"], new["email"]) == (True, "bob@example.com")
    assert new["id"] != old["id"]
    assert [each["id"] for each in (await ada.data(PENDING))["findWorkspaceInvitations"]] == [new["id"]]
    first, second = await mails_of(ada.database, to="bob@example.com")
    assert first.parameter("inviteToken") != second.parameter("inviteToken")
    hashes = [row["value"] for row in await ada.database.rows("""select value from core."appToken"
        where type = 'INVITATION_TOKEN'""")]  # fmt: skip
    assert hashes == [token_hash(second.parameter("inviteToken"))]


async def test_an_expired_invitation_is_listed_and_can_be_sent_anew_or_replaced(ada: Client) -> None:
    await send(ada, "bob@example.com", "carla@example.com")
    await ada.database.execute("""update core."appToken" set "expiresAt" = now() where type = 'INVITATION_TOKEN'""")
    bob, _carla = (await ada.data(PENDING))["findWorkspaceInvitations"]
    assert (await ada.data(RESEND, {"id": bob["id"]}))["resendWorkspaceInvitation"]["success"] is True
    assert (await send(ada, "carla@example.com"))["success"] is True
    emails = [each["email"] for each in (await ada.data(PENDING))["findWorkspaceInvitations"]]
    assert emails == ["bob@example.com", "carla@example.com"]


async def test_who_has_joined_meanwhile_is_not_invited_anew(ada: Client, client: Client) -> None:
    (invitation,) = (await send(ada, "bob@example.com"))["result"]
    await person(client, email="bob@example.com", admin=False)
    answer = (await ada.data(RESEND, {"id": invitation["id"]}))["resendWorkspaceInvitation"]
    assert answer["errors"] == ["bob@example.com is already a member of this workspace"]
    assert (await ada.data(PENDING))["findWorkspaceInvitations"] == []


async def test_withdrawing_answers_success_or_error(ada: Client) -> None:
    (invitation,) = (await send(ada, "bob@example.com"))["result"]
    for wrong in (str(new_id()), "no id", "", "\x00", "x" * 100_000):
        assert await ada.data(DELETE, {"id": wrong}) == {"deleteWorkspaceInvitation": "error"}
    assert await ada.data(DELETE, {"id": invitation["id"].upper()}) == {"deleteWorkspaceInvitation": "success"}
    assert await ada.data(DELETE, {"id": invitation["id"]}) == {"deleteWorkspaceInvitation": "error"}
    assert (await ada.data(PENDING))["findWorkspaceInvitations"] == []
    assert (await send(ada, "bob@example.com"))["success"] is True


@pytest.mark.parametrize("operation", ["deleteWorkspaceInvitation", "resendWorkspaceInvitation"])
async def test_the_id_has_two_spellings_of_which_one_is_given(ada: Client, operation: str) -> None:
    (invitation,) = (await send(ada, "bob@example.com"))["result"]
    fields = "" if operation.startswith("delete") else "{ success }"

    async def call(arguments: str) -> dict[str, object]:
        return await ada.ask(f"mutation {{ {operation}{arguments} {fields} }}")

    code, _, message = error_of(await call(""))
    assert (code, message) == ("BAD_USER_INPUT", '"appTokenId" or "id" is required')
    code, sub_code, _ = error_of(await call(f'(appTokenId: "{invitation["id"]}", id: "{new_id()}")'))
    assert (code, sub_code) == ("BAD_USER_INPUT", "ARGS_CONFLICT")
    assert "errors" not in await call(f'(appTokenId: "{invitation["id"].upper()}", id: "{invitation["id"]}")')
    assert len((await ada.data(PENDING))["findWorkspaceInvitations"]) == (0 if fields == "" else 1)


async def test_sending_anew_what_there_is_not_is_not_found(ada: Client) -> None:
    for wrong in (str(new_id()), "no id", "\x00"):
        found = error_of(await ada.ask(RESEND, {"id": wrong}))
        assert found == ("NOT_FOUND", "INVITATION_NOT_FOUND", "Invitation not found")


async def test_other_rows_of_the_table_are_no_invitations(ada: Client) -> None:
    refresh = await ada.database.value("""select id from core."appToken" where type = 'REFRESH_TOKEN'""")
    assert await ada.data(DELETE, {"id": str(refresh)}) == {"deleteWorkspaceInvitation": "error"}
    assert error_of(await ada.ask(RESEND, {"id": str(refresh)}))[0] == "NOT_FOUND"
    assert await ada.database.value("""select count(*) from core."appToken" where type = 'REFRESH_TOKEN'""") == 1


async def test_another_tenant_sees_and_changes_nothing(ada: Client) -> None:
    (invitation,) = (await send(ada, "bob@example.com"))["result"]
    other = ada.as_tenant(await make_tenant(ada.database, "Other"))
    eve = await person(other, email="eve@other.example", admin=True)
    for stranger in (other, eve):
        assert (await stranger.data(PENDING))["findWorkspaceInvitations"] == []
        assert await stranger.data(DELETE, {"id": invitation["id"]}) == {"deleteWorkspaceInvitation": "error"}
    assert error_of(await eve.ask(RESEND, {"id": invitation["id"]}))[0] == "NOT_FOUND"
    assert (await ada.data(PENDING))["findWorkspaceInvitations"] == [invitation]
    # The same address can be invited to both.
    assert (await send(eve, "bob@example.com"))["success"] is True


async def test_only_who_may_manage_members_invites(client: Client, ada: Client) -> None:
    (invitation,) = (await send(ada, "bob@example.com"))["result"]
    plain = await person(client, email="paul@acme.example", admin=False)
    for query, variables in (
        (SEND, {"emails": ["eve@example.com"]}), (RESEND, {"id": invitation["id"]}),
        (DELETE, {"id": invitation["id"]}), (PENDING, {}),
    ):  # fmt: skip
        assert error_of(await plain.ask(query, variables)) == DENIED
    # An API key with the permission may look and withdraw, but invites nobody.
    for query, variables in ((SEND, {"emails": ["eve@example.com"]}), (RESEND, {"id": invitation["id"]})):
        assert error_of(await client.ask(query, variables))[0] == "FORBIDDEN"
    assert (await client.data(PENDING))["findWorkspaceInvitations"] == [invitation]
    assert await client.data(DELETE, {"id": invitation["id"]}) == {"deleteWorkspaceInvitation": "success"}


async def test_nobody_invites_without_a_token(ada: Client) -> None:
    answer = await ada.http.post(f"{ada.url}/graphql", json={"query": SEND, "variables": {"emails": []}})
    assert error_of(answer.json())[0] == "UNAUTHENTICATED"


async def test_of_requests_at_once_one_invites(ada: Client) -> None:
    addresses = [f"u{n}@example.com" for n in range(5)]
    await send(ada, *addresses)
    await ada.database.execute("""update core."appToken" set "expiresAt" = now() where type = 'INVITATION_TOKEN'""")

    answers = await asyncio.gather(*(send(ada, *addresses[n:], *addresses[:n]) for n in range(4)))

    invited = [each["email"] for answer in answers for each in answer["result"]]
    assert sorted(invited) == addresses
    assert len((await ada.data(PENDING))["findWorkspaceInvitations"]) == 5


async def test_of_two_who_send_one_anew_at_once_one_is_told_that_it_is_gone(ada: Client) -> None:
    (invitation,) = (await send(ada, "bob@example.com"))["result"]
    answers = await asyncio.gather(*(ada.ask(RESEND, {"id": invitation["id"]}) for _ in range(2)))
    assert sorted("errors" in answer for answer in answers) == [False, True]
    assert len((await ada.data(PENDING))["findWorkspaceInvitations"]) == 1
    assert len(await mails_of(ada.database)) == 2


async def test_invitations_are_in_the_audit_log(ada: Client) -> None:
    (invitation,) = (await send(ada, "bob@example.com"))["result"]
    row = await ada.database.row("""select * from core."auditEntry" where action = 'memberInvited'""")
    assert row is not None
    assert (row["workspaceId"], "bob@example.com" in row["details"], invitation["id"] in row["details"]) == (
        ada.tenant.workspace_id, True, True
    )  # fmt: skip
    token = (await only_mail(ada.database)).parameter("inviteToken")
    assert token not in row["details"]
