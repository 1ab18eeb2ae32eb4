"""Verifying an address by the link in the mail, over HTTP."""

import asyncio
from uuid import UUID

import pytest

from tests.accounts.guest import NEW_WORKSPACE, PASSWORD, SIGN_IN, SIGN_UP, WHO, Guest
from tests.mail.reading import mails_of, only_mail
from tests.records.events import events
from tests.records.member import member
from tests.serving import Client

ANN, INES = "ann@example.com", "ines@example.com"
VERIFY = """mutation ($token: String!, $email: String!) {
  verifyEmailAndGetWorkspaceAgnosticToken(emailVerificationToken: $token, email: $email, captchaToken: "x") {
    tokens { accessToken refreshToken } user { email }
  }
}"""
VERIFY_HERE = """mutation ($token: String!, $email: String!, $origin: String!) {
  verifyEmailAndGetLoginToken(emailVerificationToken: $token, email: $email, origin: $origin) {
    loginToken workspaceUrls { subdomainUrl customUrl }
  }
}"""
RESEND = """mutation ($email: String!, $origin: String!) {
  resendEmailVerificationToken(email: $email, origin: $origin) { success }
}"""
CHANGE = "mutation ($to: String!) { updateUserEmail(newEmail: $to) }"
INVALID = ("FORBIDDEN", "INVALID_TOKEN")


@pytest.fixture
async def guest(client: Client) -> Guest:
    return Guest(client=client)


async def mailed(guest: Guest, **which: str) -> str:
    return (await mails_of(guest.client.database, **which))[-1].parameter("emailVerificationToken")


async def is_verified(guest: Guest, email: str) -> object:
    return await guest.client.database.value('select "isEmailVerified" from core."user" where email = $1', email)


async def test_the_link_verifies_the_address_once(guest: Guest) -> None:
    await guest.sign_up(ANN)
    token = await mailed(guest)
    found = await guest.data(VERIFY, {"token": token, "email": "Ann@example.com"})

    assert found["user"] == {"email": ANN}
    assert await is_verified(guest, ANN) is True
    await guest.data(NEW_WORKSPACE, token=found["tokens"]["accessToken"])
    assert await guest.error(VERIFY, {"token": token, "email": ANN}) == INVALID


async def test_of_two_who_come_by_one_link_at_once_one_gets_in(guest: Guest) -> None:
    await guest.sign_up(ANN)
    values = {"token": await mailed(guest), "email": ANN}
    answers = await asyncio.gather(*(guest.ask(VERIFY, values) for _ in range(4)))

    assert sum("errors" not in answer for answer in answers) == 1


async def test_a_link_is_for_its_own_address_and_its_own_hour(guest: Guest) -> None:
    await guest.sign_up(ANN)
    await guest.sign_up("tom@example.com")
    token = await mailed(guest, to=ANN)
    for values in (
        {"token": token, "email": "tom@example.com"},
        {"token": token, "email": ""},
        {"token": "0" * 64, "email": ANN},
        {"token": token.upper(), "email": ANN},
        {"token": "", "email": ANN},
        {"token": "\x00", "email": ANN},
        {"token": token + "\n", "email": ANN},
        {"token": "x" * 90_000, "email": ANN},
    ):
        assert await guest.error(VERIFY, values) == INVALID
        assert await guest.error(VERIFY_HERE, {**values, "origin": guest.origin}) == INVALID
    await guest.client.database.execute(
        """update core."appToken" set "expiresAt" = now() - interval '1 s' where value is not null"""
    )
    assert await guest.error(VERIFY, {"token": token, "email": ANN}) == INVALID
    assert await is_verified(guest, ANN) is False


async def test_a_link_of_one_kind_is_none_of_another(guest: Guest) -> None:
    await guest.sign_up(ANN)
    await guest.data('mutation { emailPasswordResetLink(email: "ann@example.com") { success } }')
    reset = (await only_mail(guest.client.database, template="password-reset")).link.rsplit("/", 1)[1]

    assert await guest.error(VERIFY, {"token": reset, "email": ANN}) == INVALID
    verify = await mailed(guest, template="verify-email")
    text = f'{{ validatePasswordResetToken(token: "{verify}") {{ id }} }}'
    assert (await guest.error(text))[0] == "FORBIDDEN"


async def test_by_the_link_a_member_enters_the_workspace_of_the_address(guest: Guest) -> None:
    link = await guest.client.database.value('select "inviteHash" from core.workspace')
    form = {"email": ANN, "password": PASSWORD, "workspaceInviteHash": link}
    await guest.data(
        "mutation ($input: SignUpInWorkspaceInput) { signUpInWorkspace(input: $input) { loginToken } }", {"input": form}
    )
    values = {"token": await mailed(guest), "email": ANN, "origin": guest.origin}
    found = await guest.data(VERIFY_HERE, values)

    assert found["workspaceUrls"] == {"subdomainUrl": guest.origin, "customUrl": None}
    access, _ = await guest.enter(found["loginToken"])
    assert await guest.data(WHO, token=access) == {"edges": [{"node": {"userEmail": ANN}}]}


async def test_who_is_in_no_workspace_still_has_the_link_for_elsewhere(guest: Guest) -> None:
    await guest.sign_up(ANN)
    values = {"token": await mailed(guest), "email": ANN}

    assert await guest.error(VERIFY_HERE, {**values, "origin": guest.origin}) == (
        "UNAUTHENTICATED",
        "USER_WORKSPACE_NOT_FOUND",
    )
    assert await is_verified(guest, ANN) is False
    await guest.data(VERIFY, values)


async def test_a_disabled_account_is_not_opened_by_a_link(guest: Guest) -> None:
    await guest.sign_up(ANN)
    token = await mailed(guest)
    await guest.client.database.execute('update core."user" set disabled = true')

    assert await guest.error(VERIFY, {"token": token, "email": ANN}) == ("UNAUTHENTICATED", "USER_DISABLED")


async def test_the_link_is_mailed_again_once_a_minute_and_the_newest_counts(guest: Guest) -> None:
    await guest.sign_up(ANN)
    first = await mailed(guest)
    again = {"email": "ANN@example.com", "origin": guest.origin}
    assert await guest.data(RESEND, again) == {"success": True}
    answer = await guest.ask(RESEND, again)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == "Too many attempts. Please try again in 1 minute."
    assert 0 < error["extensions"]["retryAfter"] <= 60

    second = await mailed(guest)
    assert await guest.error(VERIFY, {"token": first, "email": ANN}) == INVALID
    await guest.data(VERIFY, {"token": second, "email": ANN})


async def test_for_an_address_without_account_it_seems_the_same(guest: Guest) -> None:
    for expected in ("success", "BAD_USER_INPUT"):
        answer = await guest.ask(RESEND, {"email": "nobody@example.com", "origin": guest.origin})
        if expected == "success":
            assert answer == {"data": {"resendEmailVerificationToken": {"success": True}}}
        else:
            assert answer["errors"][0]["extensions"]["code"] == expected
    assert await mails_of(guest.client.database) == []


async def test_a_verified_address_needs_no_link(guest: Guest) -> None:
    await guest.sign_up(ANN)
    await guest.data(VERIFY, {"token": await mailed(guest), "email": ANN})

    assert await guest.error(RESEND, {"email": ANN, "origin": guest.origin}) == (
        "BAD_USER_INPUT",
        "EMAIL_ALREADY_VERIFIED",
    )


@pytest.mark.parametrize("origin", ["https://evil.example", "evil.example", "javascript:alert(1)", "\x00", "x" * 9000])
async def test_no_origin_makes_a_link_lead_elsewhere(guest: Guest, origin: str) -> None:
    await guest.sign_up(ANN)
    await guest.data(RESEND, {"email": ANN, "origin": origin})

    for mail in await mails_of(guest.client.database):
        assert mail.link.startswith(f"{guest.origin}/verify-email?")


async def test_an_address_changes_when_the_new_one_is_verified(guest: Guest) -> None:
    client, member_id = await member(guest.client, email=INES)
    access = client.tenant.key
    answer = await guest.ask(CHANGE, {"to": " New@Example.com"}, token=access)
    assert answer == {"data": {"updateUserEmail": True}}
    mail = await only_mail(guest.client.database)
    assert (mail.to, mail.template, mail.parameter("email")) == (
        "new@example.com",
        "verify-new-email",
        "new@example.com",
    )
    assert await guest.error(VERIFY, {"token": mail.parameter("emailVerificationToken"), "email": INES}) == INVALID
    await guest.data(SIGN_IN, {"email": INES, "password": PASSWORD})  # nothing has changed yet

    values = {"token": mail.parameter("emailVerificationToken"), "email": "new@example.com", "origin": guest.origin}
    found = await guest.data(VERIFY_HERE, values)
    access, _ = await guest.enter(found["loginToken"])
    assert await guest.data(WHO, token=access) == {"edges": [{"node": {"userEmail": "new@example.com"}}]}
    assert await is_verified(guest, "new@example.com") is True
    await guest.log_in("new@example.com")
    assert (await guest.error(SIGN_IN, {"email": INES, "password": PASSWORD}))[1] == "USER_NOT_FOUND"
    notice = await only_mail(guest.client.database, template="email-changed")
    assert notice.to == INES
    assert "new@example.com" in notice.text
    assert isinstance(member_id, UUID)
    *_, told = await events(client, object_name="workspaceMember")
    assert (told.action, told.record_id, told.updated_fields) == ("updated", str(member_id), ("userEmail",))
    assert told.before is not None
    assert told.after is not None
    assert (told.before["userEmail"], told.after["userEmail"]) == (INES, "new@example.com")
    assert told.actor["workspaceMemberId"] == str(member_id)


async def test_nobody_gets_an_address_that_somebody_has(guest: Guest) -> None:
    client, _ = await member(guest.client, email=INES)
    await guest.sign_up(ANN)
    answer = await guest.ask(CHANGE, {"to": ANN}, token=client.tenant.key)
    assert answer["errors"][0]["extensions"]["subCode"] == "USER_ALREADY_EXISTS"

    await guest.client.database.execute("truncate core.attempt")
    await guest.ask(CHANGE, {"to": "free@example.com"}, token=client.tenant.key)
    token = await mailed(guest, to="free@example.com")
    await guest.sign_up("free@example.com")  # somebody was faster
    assert await guest.error(VERIFY, {"token": token, "email": "free@example.com"}) == (
        "FORBIDDEN",
        "USER_ALREADY_EXISTS",
    )
    await guest.data(SIGN_IN, {"email": INES, "password": PASSWORD})


async def test_who_may_not_change_their_address(guest: Guest) -> None:
    client, _ = await member(guest.client, email=INES)
    agnostic = (await guest.data(SIGN_UP.replace("signUp", "signIn"), {"email": INES, "password": PASSWORD}))["tokens"]
    for token in (guest.client.tenant.key, agnostic["accessToken"]):
        answer = await guest.ask(CHANGE, {"to": ANN}, token=token)
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    for odd in ("", "nobody", "a@example.com\nBcc: b@example.com", "\x00", "x" * 90_000):
        answer = await guest.ask(CHANGE, {"to": odd}, token=client.tenant.key)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    await guest.client.database.execute("""update core.workspace set "editableProfileFields" = '{firstName}'""")
    answer = await guest.ask(CHANGE, {"to": ANN}, token=client.tenant.key)
    assert answer["errors"][0]["extensions"]["subCode"] == "PERMISSION_DENIED"
    assert await mails_of(guest.client.database) == []
