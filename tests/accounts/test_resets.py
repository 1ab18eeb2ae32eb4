"""A new password by the link in the mail, over HTTP."""

import asyncio

import pytest

from tests.accounts.guest import ENTER, LOGIN, PASSWORD, RENEW, SIGN_IN, WHO, Guest
from tests.mail.reading import mails_of, only_mail
from tests.records.member import member
from tests.serving import Client, serving

INES = "ines@example.com"
NEW = "another horse"
ASK = """mutation ($email: String!, $workspaceId: UUID) {
  emailPasswordResetLink(email: $email, workspaceId: $workspaceId) { success }
}"""
WHOSE = "query ($token: String) { validatePasswordResetToken(passwordResetToken: $token) { id email hasPassword } }"
SET = """mutation ($token: String, $password: String!) {
  updatePasswordViaResetToken(passwordResetToken: $token, newPassword: $password) { success }
}"""
INVALID = ("FORBIDDEN", "INVALID_TOKEN")


@pytest.fixture
async def guest(client: Client) -> Guest:
    await member(client, email=INES)
    return Guest(client=client)


async def mailed(guest: Guest) -> str:
    """The token of the newest link."""
    mail = (await mails_of(guest.client.database, template="password-reset"))[-1]
    return mail.link.rsplit("/", 1)[1]


async def test_a_forgotten_password_is_replaced_and_every_session_ends(guest: Guest) -> None:
    access, refresh = await guest.log_in(INES)
    login_token = (await guest.data(LOGIN, {"email": INES, "password": PASSWORD, "origin": guest.origin}))["loginToken"]
    assert await guest.data(ASK, {"email": " INES@example.com"}) == {"success": True}
    mail = await only_mail(guest.client.database)
    assert (mail.to, mail.template) == (INES, "password-reset")
    assert mail.link.startswith(f"{guest.origin}/reset-password/")
    assert "5 minutes" in mail.text
    token = await mailed(guest)
    found = await guest.data(WHOSE, {"token": token})
    assert (found["email"], found["hasPassword"]) == (INES, True)

    assert await guest.data(SET, {"token": token, "password": NEW}) == {"success": True}
    assert (await guest.error(SIGN_IN, {"email": INES, "password": PASSWORD}))[0] == "FORBIDDEN"
    await guest.log_in(INES, password=NEW)
    assert (await guest.error(WHO, token=access))[0] == "UNAUTHENTICATED"
    assert (await guest.error(RENEW, {"token": refresh}))[0] == "UNAUTHENTICATED"
    assert (await guest.error(ENTER, {"token": login_token, "origin": guest.origin}))[0] == "UNAUTHENTICATED"
    assert (await only_mail(guest.client.database, template="password-changed")).to == INES
    for text, values in ((WHOSE, {"token": token}), (SET, {"token": token, "password": "a third horse"})):
        assert await guest.error(text, values) == INVALID
    actions = await guest.client.database.rows('select action from core."auditEntry"')
    assert {"passwordResetRequested", "passwordChanged"} <= {row["action"] for row in actions}


async def test_the_token_is_not_kept(guest: Guest) -> None:
    await guest.data(ASK, {"email": INES})
    token = await mailed(guest)

    rows = await guest.client.database.rows("""select to_jsonb(t)::text as text from core."appToken" t""")
    assert all(token not in row["text"] for row in rows)


async def test_while_a_link_is_live_no_other_is_mailed(guest: Guest) -> None:
    await guest.data(ASK, {"email": INES})
    answer = await guest.ask(ASK, {"email": INES.upper()})
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] in [f"Too many attempts. Please try again in {left} minutes." for left in (3, 4, 5)]

    await guest.data(SET, {"token": await mailed(guest), "password": NEW})
    await guest.data(ASK, {"email": INES})  # the first was used
    assert len(await mails_of(guest.client.database, template="password-reset")) == 2


async def test_an_address_without_account_is_answered_like_one_with(guest: Guest) -> None:
    for email in ("nobody@example.com", "", "\x00", "x" * 90_000):
        assert await guest.data(ASK, {"email": email}) == {"success": True}
        assert (await guest.error(ASK, {"email": email}))[0] == "BAD_USER_INPUT"
    assert await mails_of(guest.client.database) == []


async def test_a_bad_password_leaves_the_link_as_it_is(guest: Guest) -> None:
    await guest.data(ASK, {"email": INES})
    token = await mailed(guest)

    for password in ("", "1234567"):
        assert (await guest.error(SET, {"token": token, "password": password}))[0] == "BAD_USER_INPUT"
    await guest.data(SET, {"token": token, "password": "12345678"})


async def test_a_link_is_good_once_also_for_two_at_the_same_moment(guest: Guest) -> None:
    await guest.data(ASK, {"email": INES})
    values = {"token": await mailed(guest), "password": NEW}
    answers = await asyncio.gather(*(guest.ask(SET, values) for _ in range(4)))

    assert sum("errors" not in answer for answer in answers) == 1


async def test_expired_and_made_up_links_set_nothing(guest: Guest) -> None:
    await guest.data(ASK, {"email": INES})
    token = await mailed(guest)
    for odd in ("", "0" * 64, token.upper(), f"{token} ", "\x00", "x" * 90_000):
        assert await guest.error(WHOSE, {"token": odd}) == INVALID
        assert await guest.error(SET, {"token": odd, "password": NEW}) == INVALID
    await guest.client.database.execute("""update core."appToken" set "expiresAt" = now() - interval '1 s'""")
    assert await guest.error(SET, {"token": token, "password": NEW}) == INVALID


async def test_both_names_of_the_token_mean_the_same(guest: Guest) -> None:
    await guest.data(ASK, {"email": INES})
    token = await mailed(guest)
    assert (await guest.data(WHOSE.replace("passwordResetToken:", "token:"), {"token": token}))["email"] == INES
    both = "query ($a: String, $b: String) { validatePasswordResetToken(passwordResetToken: $a, token: $b) { email } }"
    assert (await guest.data(both, {"a": token, "b": token}))["email"] == INES

    assert (await guest.error(both, {"a": token, "b": "0" * 64}))[0] == "BAD_USER_INPUT"
    assert (await guest.error(both, {}))[0] == "BAD_USER_INPUT"
    either = SET.replace("passwordResetToken:", "token:")
    assert await guest.data(either, {"token": token, "password": NEW}) == {"success": True}


async def test_an_account_without_password_gets_one(guest: Guest) -> None:
    await guest.client.database.execute("""update core."user" set "passwordHash" = null""")
    assert (await guest.error(SIGN_IN, {"email": INES, "password": PASSWORD}))[0] == "BAD_USER_INPUT"
    await guest.data(ASK, {"email": INES})
    token = await mailed(guest)

    assert (await guest.data(WHOSE, {"token": token}))["hasPassword"] is False
    await guest.data(SET, {"token": token, "password": NEW})
    await guest.log_in(INES, password=NEW)


async def test_disabled_accounts_get_no_link(guest: Guest) -> None:
    await guest.data(ASK, {"email": INES})
    token = await mailed(guest)
    await guest.client.database.execute('update core."user" set disabled = true')

    assert await guest.error(SET, {"token": token, "password": NEW}) == INVALID
    await guest.client.database.execute("truncate core.attempt")
    assert await guest.data(ASK, {"email": INES}) == {"success": True}
    assert len(await mails_of(guest.client.database)) == 1


async def test_the_link_leads_to_a_workspace_of_the_users_own(client: Client) -> None:
    await member(client, email=INES)
    await client.database.execute("update core.workspace set subdomain = 'acme'")
    await client.database.execute(
        """insert into core.workspace (id, subdomain, "schema") values (gen_random_uuid(), 'evil', 'workspace_evil')"""
    )
    evil = await client.database.value("select id from core.workspace where subdomain = 'evil'")
    async with serving(client.database, client.tenant, server_url="http://127.0.0.1:1") as served:
        assert served.url  # links are made of the server's address, not of the one that was asked
        guest = Guest(client=served)
        await guest.data(ASK, {"email": INES, "workspaceId": str(evil)})
        mail = await only_mail(client.database)
        assert "evil" not in mail.text
    assert await client.database.value('select "workspaceId" from core."appToken" where value is not null') == (
        client.tenant.workspace_id
    )


async def test_headers_do_not_make_links(guest: Guest) -> None:
    headers = {"Host": "evil.example", "Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}
    body = {"query": ASK, "variables": {"email": INES}}
    await guest.client.http.post(f"{guest.origin}/graphql", json=body, headers=headers)

    mail = await only_mail(guest.client.database)
    assert "evil" not in mail.text
    assert "evil" not in mail.html


async def test_the_many_mails_of_one_address_are_too_many(client: Client) -> None:
    async with serving(client.database, client.tenant, mails_per_address=3) as served:
        guest = Guest(client=served)
        for number in range(3):
            await guest.data(ASK, {"email": f"user{number}@example.com"})
        assert await guest.error(ASK, {"email": INES}) == ("FORBIDDEN", "TOO_MANY_ATTEMPTS")
