"""From the admin's invitation to the new member at work, over HTTP: by mail, by the public link, by domain."""

import asyncio
from dataclasses import replace

import pytest

from tests.invitations.people import PASSWORD, error_of, person
from tests.invitations.test_approving import create as approve
from tests.invitations.test_approving import token_for as domain_token
from tests.invitations.test_sending import DENIED, PENDING, send
from tests.mail.reading import mails_of, only_mail
from tests.serving import Client, make_tenant

SIGN_UP = """mutation ($email: String!, $password: String!, $token: String, $hash: String, $id: UUID) {
  signUpInWorkspace(email: $email, password: $password, workspacePersonalInviteToken: $token,
    workspaceInviteHash: $hash, workspaceId: $id) { loginToken { token } workspace { id } }
}"""
ENTER = """mutation ($token: String!, $origin: String!) {
  getAuthTokensFromLoginToken(loginToken: $token, origin: $origin) {
    tokens { accessOrWorkspaceAgnosticToken { token } }
  }
}"""
LOG_IN = """mutation ($email: String!, $password: String!, $origin: String!) {
  getLoginTokenFromCredentials(email: $email, password: $password, origin: $origin) { loginToken { token } }
}"""
BOB = "bob@example.com"


@pytest.fixture
async def ada(client: Client) -> Client:
    """An admin."""
    return await person(client, admin=True)


async def as_nobody(client: Client, query: str, **variables: object) -> dict:  # type: ignore[type-arg]
    body = {"query": query, "variables": variables}
    found: dict = (await client.http.post(f"{client.url}/graphql", json=body)).json()  # type: ignore[type-arg]
    return found


async def sign_up(client: Client, email: str = BOB, **target: object) -> dict:  # type: ignore[type-arg]
    return await as_nobody(client, SIGN_UP, email=email, password=PASSWORD, **target)


async def entered(client: Client, login_token: str) -> Client:
    """A client with the tokens that a login token is good for."""
    answer = await as_nobody(client, ENTER, token=login_token, origin=client.url)
    assert "errors" not in answer, answer
    tokens = answer["data"]["getAuthTokensFromLoginToken"]["tokens"]
    return client.as_tenant(replace(client.tenant, key=tokens["accessOrWorkspaceAgnosticToken"]["token"]))


async def joined(client: Client, answer: dict) -> Client:  # type: ignore[type-arg]
    """The new member at work."""
    assert "errors" not in answer, answer
    signed_up = answer["data"]["signUpInWorkspace"]
    assert signed_up["workspace"]["id"] == str(client.tenant.workspace_id)
    return await entered(client, signed_up["loginToken"]["token"])


async def logged_in(client: Client, email: str = BOB) -> Client:
    answer = await as_nobody(client, LOG_IN, email=email, password=PASSWORD, origin=client.url)
    assert "errors" not in answer, answer
    return await entered(client, answer["data"]["getLoginTokenFromCredentials"]["loginToken"]["token"])


async def link_of(client: Client) -> str:
    found = await client.database.value(
        'select "inviteHash" from core.workspace where id = $1', client.tenant.workspace_id
    )
    assert isinstance(found, str)
    return found


async def members(client: Client) -> list[str]:
    data = await client.data("{ workspaceMembers { edges { node { userEmail } } } }")
    return sorted(edge["node"]["userEmail"] for edge in data["workspaceMembers"]["edges"])


async def role_of(client: Client, email: str) -> object:
    return await client.database.value(
        """select r.label from core.role r
           join core."roleTarget" t on t."roleId" = r.id
           join core."userWorkspace" m on m.id = t."userWorkspaceId"
           join core."user" u on u.id = m."userId"
           where u.email = $1 and m."workspaceId" = $2""",
        email, client.tenant.workspace_id,
    )  # fmt: skip


async def is_verified(client: Client, email: str = BOB) -> object:
    return await client.database.value('select "isEmailVerified" from core."user" where email = $1', email)


async def test_who_is_invited_joins_by_the_link_in_the_mail(ada: Client) -> None:
    await send(ada, BOB)
    mail = await only_mail(ada.database, to=BOB)

    bob = await joined(
        ada, await sign_up(ada, token=mail.parameter("inviteToken"), email=mail.parameter("email").upper())
    )

    assert await members(bob) == ["ada@acme.example", BOB]
    assert await role_of(ada, BOB) == "Member"
    assert error_of(await bob.ask(PENDING)) == DENIED
    assert await is_verified(ada) is True
    assert (await ada.data(PENDING))["findWorkspaceInvitations"] == []
    assert await mails_of(ada.database) == [mail]  # nothing is left to verify
    assert await members(await logged_in(ada)) == ["ada@acme.example", BOB]


async def test_an_invitation_lets_one_in_once(ada: Client) -> None:
    await send(ada, BOB)
    token = (await only_mail(ada.database)).parameter("inviteToken")
    await joined(ada, await sign_up(ada, token=token))
    assert error_of(await sign_up(ada, token=token, email="eve@example.com"))[0] == "FORBIDDEN"
    assert await members(ada) == ["ada@acme.example", BOB]


async def test_of_many_who_accept_one_invitation_at_once_one_member_is_made(ada: Client) -> None:
    await send(ada, BOB)
    token = (await only_mail(ada.database)).parameter("inviteToken")
    answers = await asyncio.gather(*(sign_up(ada, token=token) for _ in range(4)))
    assert sum("errors" not in answer for answer in answers) >= 1, answers
    for answer in answers:
        assert answer.get("errors") is None or error_of(answer)[0] in ("FORBIDDEN", "NOT_FOUND"), answer
    assert await members(ada) == ["ada@acme.example", BOB]
    count = 'select count(*) from core."userWorkspace" m join core."user" u on u.id = m."userId" where u.email = $1'
    assert await ada.database.value(count, BOB) == 1


async def test_an_invitation_in_the_hands_of_another_is_worth_nothing(ada: Client) -> None:
    await send(ada, BOB)
    token = (await only_mail(ada.database)).parameter("inviteToken")
    for email in ("eve@example.com", "bob@example.com.evil.example"):
        assert error_of(await sign_up(ada, token=token, email=email))[0] == "FORBIDDEN"
    assert await members(ada) == ["ada@acme.example"]
    assert len((await ada.data(PENDING))["findWorkspaceInvitations"]) == 1


async def test_a_withdrawn_an_expired_and_a_replaced_invitation_open_nothing(ada: Client) -> None:
    (invitation,) = (await send(ada, BOB))["result"]
    await ada.data("mutation ($id: UUID) { resendWorkspaceInvitation(id: $id) { success } }", {"id": invitation["id"]})
    first, second = [mail.parameter("inviteToken") for mail in await mails_of(ada.database)]
    assert error_of(await sign_up(ada, token=first))[0] == "FORBIDDEN"
    await ada.database.execute("""update core."appToken" set "expiresAt" = now() where type = 'INVITATION_TOKEN'""")
    assert error_of(await sign_up(ada, token=second))[0] == "FORBIDDEN"
    (invitation,) = (await send(ada, BOB))["result"]
    third = (await mails_of(ada.database))[-1].parameter("inviteToken")
    await ada.data("mutation ($id: UUID) { deleteWorkspaceInvitation(id: $id) }", {"id": invitation["id"]})
    assert error_of(await sign_up(ada, token=third))[0] == "FORBIDDEN"
    assert await members(ada) == ["ada@acme.example"]


@pytest.mark.parametrize("token", ["\x00", "'", "0" * 64, "x" * 90_000])
async def test_other_texts_are_no_invitations(ada: Client, token: str) -> None:
    await send(ada, BOB)
    assert error_of(await sign_up(ada, token=token))[0] in ("FORBIDDEN", "BAD_USER_INPUT", "UNAUTHENTICATED")
    assert await members(ada) == ["ada@acme.example"]


async def test_an_invitation_is_for_its_workspace(ada: Client) -> None:
    other = ada.as_tenant(await make_tenant(ada.database, "Other"))
    await send(ada, BOB)
    token = (await only_mail(ada.database)).parameter("inviteToken")
    for elsewhere in ({"id": str(other.tenant.workspace_id)}, {"hash": await link_of(other)}):
        assert error_of(await sign_up(ada, token=token, **elsewhere))[0] == "BAD_USER_INPUT"
    assert await members(other) == []
    # With its own link beside it, as in the address of the mail, it is good.
    await ada.database.execute('update core.workspace set "isPublicInviteLinkEnabled" = false')
    assert "errors" not in await sign_up(ada, token=token, hash=await link_of(ada))
    assert BOB in await members(ada)


async def test_who_has_an_account_already_joins_with_its_password(ada: Client) -> None:
    other = ada.as_tenant(await make_tenant(ada.database, "Other"))
    await person(other, email=BOB, admin=True)
    await send(ada, BOB)
    token = (await only_mail(ada.database)).parameter("inviteToken")
    wrong = await as_nobody(ada, SIGN_UP, email=BOB, password="not the password", token=token)
    assert error_of(wrong)[0] == "FORBIDDEN"
    assert await members(ada) == ["ada@acme.example"]
    assert "errors" not in await sign_up(ada, token=token)
    assert await members(ada) == ["ada@acme.example", BOB]
    assert await role_of(ada, BOB) == "Member"
    assert await role_of(other, BOB) == "Admin"


async def test_who_knows_the_public_link_joins_while_it_is_on(ada: Client) -> None:
    bob = await joined(ada, await sign_up(ada, hash=await link_of(ada)))
    assert await members(bob) == ["ada@acme.example", BOB]
    assert await role_of(ada, BOB) == "Member"
    assert await is_verified(ada) is False

    await ada.database.execute('update core.workspace set "isPublicInviteLinkEnabled" = false')
    assert error_of(await sign_up(ada, hash=await link_of(ada), email="eve@example.com"))[0] == "FORBIDDEN"
    assert await members(ada) == ["ada@acme.example", BOB]
    users = await ada.database.rows('select email from core."user" where email = $1', "eve@example.com")
    assert users == []


async def test_the_public_link_uses_up_a_personal_invitation(ada: Client) -> None:
    await send(ada, BOB)
    token = (await only_mail(ada.database)).parameter("inviteToken")
    await joined(ada, await sign_up(ada, hash=await link_of(ada)))
    assert (await ada.data(PENDING))["findWorkspaceInvitations"] == []
    # Removed, Bob is not let in again by what he was once sent.
    await ada.database.execute(
        """update core."userWorkspace" set "deletedAt" = now()
           where "userId" = (select id from core."user" where email = $1)""",
        BOB,
    )
    assert error_of(await sign_up(ada, token=token))[0] == "FORBIDDEN"


async def test_the_id_of_a_workspace_alone_opens_nothing(ada: Client) -> None:
    await send(ada, BOB)
    assert error_of(await sign_up(ada, id=str(ada.tenant.workspace_id)))[0] == "FORBIDDEN"
    assert error_of(await sign_up(ada, id=str(ada.tenant.workspace_id), hash="x"))[0] != "INTERNAL_SERVER_ERROR"
    assert await members(ada) == ["ada@acme.example"]


VERIFY = """mutation ($email: String!, $token: String!, $origin: String!) {
  verifyEmailAndGetLoginToken(email: $email, emailVerificationToken: $token, origin: $origin) { loginToken { token } }
}"""


async def test_an_address_of_an_approved_domain_joins_once_it_is_verified(ada: Client) -> None:
    dora = "dora@acme.example"
    approved = await approve(ada)
    target = {"id": str(ada.tenant.workspace_id), "email": dora}
    assert error_of(await sign_up(ada, **target))[0] == "FORBIDDEN"  # the domain is not validated yet
    await ada.data(
        """mutation ($id: UUID!, $token: String!) { validateApprovedAccessDomain(
             input: {approvedAccessDomainId: $id, validationToken: $token}) { id } }""",
        {"id": approved["id"], "token": await domain_token(ada)},
    )

    assert error_of(await sign_up(ada, **target))[1] == "EMAIL_NOT_VERIFIED"
    assert await members(ada) == ["ada@acme.example"]

    token = (await only_mail(ada.database, to=dora)).parameter("emailVerificationToken")
    assert "errors" not in await as_nobody(ada, VERIFY, email=dora, token=token, origin=ada.url)
    assert await members(await logged_in(ada, dora)) == ["ada@acme.example", dora]
    assert await role_of(ada, dora) == "Member"
    assert error_of(await sign_up(ada, id=str(ada.tenant.workspace_id), email=BOB))[0] == "FORBIDDEN"


async def test_a_removed_domain_lets_nobody_in(ada: Client) -> None:
    approved = await approve(ada)
    await ada.database.execute('update core."approvedAccessDomain" set "isValidated" = true')
    delete = "mutation ($id: UUID!) { deleteApprovedAccessDomain(input: {id: $id}) }"
    await ada.data(delete, {"id": approved["id"]})
    target = {"id": str(ada.tenant.workspace_id), "email": "dora@acme.example"}
    assert error_of(await sign_up(ada, **target))[0] == "FORBIDDEN"


async def test_sign_in_shows_where_one_is_invited(ada: Client) -> None:
    other = ada.as_tenant(await make_tenant(ada.database, "Other"))
    await person(other, email=BOB, admin=True)
    await send(ada, BOB)
    sign_in = """mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) {
      availableWorkspaces { availableWorkspacesForSignUp { id displayName personalInviteToken } } } }"""

    async def offered() -> list[dict[str, object]]:
        answer = await as_nobody(ada, sign_in, email=BOB, password=PASSWORD)
        found: list[dict[str, object]] = answer["data"]["signIn"]["availableWorkspaces"]["availableWorkspacesForSignUp"]
        return found

    (unverified,) = await offered()
    assert unverified == {
        "id": str(ada.tenant.workspace_id), "displayName": "Tests", "personalInviteToken": None
    }  # fmt: skip
    await ada.database.execute('update core."user" set "isEmailVerified" = true where email = $1', BOB)
    (verified,) = await offered()
    token = (await only_mail(ada.database)).parameter("inviteToken")
    assert verified["personalInviteToken"] == token
    exists = await as_nobody(
        ada, "query ($email: String!) { checkUserExists(email: $email) { availableWorkspacesCount } }", email=BOB
    )
    assert exists["data"]["checkUserExists"]["availableWorkspacesCount"] == 2
