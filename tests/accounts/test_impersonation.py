"""Acting as somebody else, over HTTP: who may, what it leaves behind, and when it ends."""

import base64
import json
import time
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import pytest

from rapport.access.changes import AccessChange
from rapport.accounts.tokens import AccessClaims, LoginClaims, RefreshClaims, TokenSigner
from rapport.audit.reading import Entry, entries
from rapport.base.ids import new_id
from rapport.roles.assigning import default_role
from tests.accounts.people import (
    CONFIRM,
    ENROL,
    IMPERSONATE,
    PEOPLE,
    REMOVE,
    RENEW,
    Person,
    anybody,
    change,
    person,
    refusal,
    refused,
    tokens_of,
    trade,
    trade_with_code,
    with_token,
)
from tests.serving import SECRET, Client, make_tenant

ENDED = ("UNAUTHENTICATED", "IMPERSONATION_ENDED")
DENIED = ("FORBIDDEN", "PERMISSION_DENIED")
VERIFY = ("FORBIDDEN", "TWO_FACTOR_AUTHENTICATION_VERIFICATION_REQUIRED")
PROVISION = ("FORBIDDEN", "TWO_FACTOR_AUTHENTICATION_PROVISION_REQUIRED")
CREATE = 'mutation { createPerson(data: { jobTitle: "x" }) { id createdBy { source name workspaceMemberId } } }'


@pytest.fixture
async def ada(client: Client) -> Person:
    """An admin of the workspace."""
    return await person(client, "ada@example.com", is_admin=True)


@pytest.fixture
async def ines(client: Client) -> Person:
    """An ordinary member."""
    return await person(client, "ines@example.com")


@pytest.fixture
async def root(client: Client) -> Person:
    """An admin of the server, and an ordinary member of a workspace of its own."""
    found = await person(client.as_tenant(await make_tenant(client.database, "Operators")), "root@example.com")
    await client.database.execute('update core."user" set "canImpersonate" = true where id = $1', found.user_id)
    return found


async def ask(caller: Client, user_id: UUID, workspace_id: UUID) -> Mapping[str, object]:
    return await caller.ask(IMPERSONATE, {"userId": str(user_id), "workspaceId": str(workspace_id)})


async def login_as(caller: Person, target: Person) -> str:
    """A login token as the target."""
    answer = await ask(caller.client, target.user_id, target.workspace_id)
    assert "errors" not in answer, answer["errors"]
    return str(answer["data"]["impersonate"]["loginToken"]["token"])  # type: ignore[index]


async def act_as(caller: Person, target: Person) -> tuple[Client, str]:
    """A client with the target's session, and its refresh token."""
    access, refresh = tokens_of(await trade(caller.client, await login_as(caller, target)))
    return with_token(target.client, access), refresh


def claims_of(token: str) -> dict[str, object]:
    body = token.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


async def log(client: Client, *actions: str) -> list[Entry]:
    return await entries(client.database, actions=actions)


async def demote(client: Client, who: Person) -> None:
    """Gives the default role, from another process."""
    async with client.database.transaction() as connection:
        role_id = await default_role(connection, who.workspace_id)
    await change(
        client,
        'update core."roleTarget" set "roleId" = $1 where "userWorkspaceId" = $2',
        role_id,
        who.user_workspace_id,
        about=AccessChange(workspace_id=who.workspace_id),
    )


async def test_an_admin_acts_as_a_member_of_the_workspace(ada: Person, ines: Person) -> None:
    answer = await ask(ada.client, ines.user_id, ines.workspace_id)
    assert "errors" not in answer
    found = answer["data"]["impersonate"]  # type: ignore[index]
    assert found["workspace"] == {
        "id": str(ines.workspace_id),
        "workspaceUrls": {"subdomainUrl": ada.client.url, "customUrl": None},
    }
    acting, _ = await act_as(ada, ines)
    made = (await acting.data(CREATE))["createPerson"]["createdBy"]
    assert made == {"source": "MANUAL", "name": "ines Ollier", "workspaceMemberId": str(ines.member_id)}


async def test_the_tokens_say_who_impersonates_whom(ada: Person, ines: Person) -> None:
    login_token = await login_as(ada, ines)
    acting, refresh = await act_as(ada, ines)
    login, access, renewal = claims_of(login_token), claims_of(acting.tenant.key), claims_of(refresh)
    assert (login["sub"], login["authProvider"]) == (ines.email, "impersonation")
    assert login["impersonatorUserWorkspaceId"] == str(ada.user_workspace_id)
    for claims in (access, renewal):
        assert claims["authProvider"] == "impersonation"
        assert claims["isImpersonating"] is True
        assert claims["impersonatorUserWorkspaceId"] == str(ada.user_workspace_id)
        assert claims["impersonatedUserWorkspaceId"] == str(ines.user_workspace_id)
    assert renewal["exp"] - renewal["iat"] == 24 * 3600  # type: ignore[operator]


async def test_somebody_with_the_flag_alone_may(client: Client, ines: Person) -> None:
    otto = await person(client, "otto@example.com")
    assert refusal(await ask(otto.client, ines.user_id, ines.workspace_id)) == DENIED
    await change(
        client,
        """insert into core."permissionFlag" (id, "workspaceId", "roleId", flag)
        select $1, "workspaceId", "roleId", 'IMPERSONATE' from core."roleTarget" where "userWorkspaceId" = $2""",
        new_id(),
        otto.user_workspace_id,
        about=AccessChange(workspace_id=otto.workspace_id),
    )
    await act_as(otto, ines)


async def test_an_admin_of_the_server_acts_in_other_workspaces(root: Person, ines: Person) -> None:
    acting, _ = await act_as(root, ines)
    assert await acting.data(PEOPLE) == {"people": {"totalCount": 0}}


async def test_an_admin_of_the_server_is_nobody_special_at_home(client: Client, root: Person) -> None:
    colleague = await person(root.client, "eva@example.com")
    assert refusal(await ask(root.client, colleague.user_id, colleague.workspace_id)) == DENIED


async def test_a_workspace_that_does_not_allow_it_is_closed_to_admins_of_the_server_only(
    client: Client, root: Person, ada: Person, ines: Person
) -> None:
    await client.database.execute(
        'update core.workspace set "allowImpersonation" = false where id = $1', ines.workspace_id
    )
    answer = await ask(root.client, ines.user_id, ines.workspace_id)
    assert refusal(answer) == ("FORBIDDEN", "IMPERSONATION_NOT_ALLOWED")
    await act_as(ada, ines)


async def test_an_admin_of_one_workspace_is_nobody_in_another(client: Client, ada: Person) -> None:
    stranger = await person(client.as_tenant(await make_tenant(client.database, "Other")), "eva@example.com")
    nowhere, nobody = new_id(), new_id()
    # Whether the workspace or the user exists makes no difference.
    for user_id, workspace_id in (
        (stranger.user_id, stranger.workspace_id),
        (nobody, stranger.workspace_id),
        (stranger.user_id, nowhere),
        (nobody, nowhere),
    ):
        assert refusal(await ask(ada.client, user_id, workspace_id)) == DENIED


async def test_nobody_impersonates_themself(ada: Person) -> None:
    answer = await ask(ada.client, ada.user_id, ada.workspace_id)
    assert refusal(answer) == ("BAD_USER_INPUT", "CANNOT_IMPERSONATE_SELF")


async def test_a_user_who_is_not_a_member_cannot_be_impersonated(client: Client, ada: Person, root: Person) -> None:
    for user_id in (root.user_id, new_id()):
        answer = await ask(ada.client, user_id, ada.workspace_id)
        assert refusal(answer) == ("NOT_FOUND", "USER_WORKSPACE_NOT_FOUND")


async def test_a_disabled_account_cannot_be_impersonated(client: Client, ada: Person, ines: Person) -> None:
    await client.database.execute('update core."user" set disabled = true where id = $1', ines.user_id)
    answer = await ask(ada.client, ines.user_id, ines.workspace_id)
    assert refusal(answer) == ("NOT_FOUND", "USER_WORKSPACE_NOT_FOUND")


async def test_an_impersonation_does_not_lead_to_another_one(client: Client, ada: Person, ines: Person) -> None:
    other_admin = await person(client, "otto@example.com", is_admin=True)
    acting, _ = await act_as(ada, other_admin)
    answer = await ask(acting, ines.user_id, ines.workspace_id)
    assert refusal(answer) == ("FORBIDDEN", "ALREADY_IMPERSONATING")


async def test_keys_and_strangers_impersonate_nobody(client: Client, ines: Person) -> None:
    for caller in (client, anybody(client)):
        answer = await ask(caller, ines.user_id, ines.workspace_id)
        assert refusal(answer)[0] in ("FORBIDDEN", "UNAUTHENTICATED")


@pytest.mark.parametrize("value", [None, 7, "", "x", "'; drop table core.user; --", ["a"], {"id": "a"}, "0" * 100_000])
async def test_ids_that_are_none_are_refused(ada: Person, value: object) -> None:
    for variables in (
        {"userId": value, "workspaceId": str(ada.workspace_id)},
        {"userId": str(ada.user_id), "workspaceId": value},
    ):
        code, _ = refusal(await ada.client.ask(IMPERSONATE, variables))
        assert code in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")


async def test_it_ends_at_once_when_the_impersonator_loses_the_role(client: Client, ada: Person, ines: Person) -> None:
    acting, refresh = await act_as(ada, ines)
    login_token = await login_as(ada, ines)
    await acting.data(PEOPLE)  # now the server remembers the token
    await demote(client, ada)
    assert await refused(acting) == ENDED
    assert refusal(await anybody(client).ask(RENEW, {"token": refresh})) == ENDED
    assert refusal(await trade(client, login_token)) == ENDED
    await ines.client.data(PEOPLE)


async def test_it_ends_at_once_when_the_impersonator_is_no_member_any_longer(
    client: Client, ada: Person, ines: Person
) -> None:
    acting, refresh = await act_as(ada, ines)
    await acting.data(PEOPLE)
    await change(
        client,
        'update core."userWorkspace" set "deletedAt" = now() where id = $1',
        ada.user_workspace_id,
        about=AccessChange(user_id=ada.user_id),  # news of the impersonator, not of the one whose name the token bears
    )
    assert await refused(acting) == ENDED
    assert refusal(await anybody(client).ask(RENEW, {"token": refresh})) == ENDED


@pytest.mark.parametrize(
    "loss",
    [
        'update core."user" set disabled = true where id = $1',
        'update core."user" set "deletedAt" = now() where id = $1',
        'update core."user" set "canImpersonate" = false where id = $1',
        'update core."user" set "sessionsEndedAt" = now() where id = $1',
        """update core.workspace w set "deletedAt" = now()
        from core."userWorkspace" m where m."workspaceId" = w.id and m."userId" = $1""",
    ],
    ids=["disabled", "deleted", "right", "sessions", "workspace"],
)
async def test_it_ends_at_once_when_the_admin_of_the_server_loses(
    client: Client, root: Person, ines: Person, loss: str
) -> None:
    acting, refresh = await act_as(root, ines)
    login_token = await login_as(root, ines)
    await acting.data(PEOPLE)
    await change(client, loss, root.user_id, about=AccessChange(user_id=root.user_id))
    assert await refused(acting) == ENDED
    assert refusal(await anybody(client).ask(RENEW, {"token": refresh})) == ENDED
    assert refusal(await trade(client, login_token)) == ENDED


async def test_it_ends_at_once_when_the_workspace_does_not_allow_it_any_longer(
    client: Client, root: Person, ines: Person
) -> None:
    acting, refresh = await act_as(root, ines)
    await acting.data(PEOPLE)
    await change(
        client,
        'update core.workspace set "allowImpersonation" = false where id = $1',
        ines.workspace_id,
        about=AccessChange(workspace_id=ines.workspace_id),
    )
    assert await refused(acting) == ENDED
    assert refusal(await anybody(client).ask(RENEW, {"token": refresh})) == ENDED
    await ines.client.data(PEOPLE)


async def test_it_ends_when_news_of_the_impersonators_workspace_arrive(
    client: Client, root: Person, ines: Person
) -> None:
    acting, _ = await act_as(root, ines)
    await acting.data(PEOPLE)
    await change(
        client,
        'update core.workspace set "deletedAt" = now() where id = $1',
        root.workspace_id,
        about=AccessChange(workspace_id=root.workspace_id),
    )
    assert await refused(acting) == ENDED


async def test_the_operations_that_take_the_right_away_end_it(client: Client, root: Person, ines: Person) -> None:
    boss = await person(client, "boss@example.com", is_admin=True)
    role_id = await client.database.value(
        """select id from core.role where "workspaceId" = $1 and label = 'Member'""", client.tenant.workspace_id
    )
    for number, (query, variables) in enumerate(
        (
            (
                """mutation($id: UUID!, $role: UUID!) {
                    updateWorkspaceMemberRole(workspaceMemberId: $id, roleId: $role) { id }
                }""",
                {"role": str(role_id)},
            ),
            ("mutation($id: String!) { deleteUserFromWorkspace(workspaceMemberIdToDelete: $id) { id } }", {}),
        )
    ):
        admin = await person(client, f"admin{number}@example.com", is_admin=True)
        acting, _ = await act_as(admin, ines)
        await acting.data(PEOPLE)
        await boss.client.data(query, {"id": str(admin.member_id), **variables})
        assert refusal(await acting.ask(PEOPLE)) == ENDED  # at once, in the process that made the change
    acting, _ = await act_as(root, ines)
    await acting.data(PEOPLE)
    await boss.client.data("mutation { updateWorkspace(data: {allowImpersonation: false}) { id } }")
    assert refusal(await acting.ask(PEOPLE)) == ENDED


async def test_it_ends_with_the_membership_of_the_impersonated(client: Client, ada: Person, ines: Person) -> None:
    acting, refresh = await act_as(ada, ines)
    await acting.data(PEOPLE)
    await change(
        client,
        'update core."userWorkspace" set "deletedAt" = now() where id = $1',
        ines.user_workspace_id,
        about=AccessChange(user_id=ines.user_id),
    )
    assert await refused(acting) == ("UNAUTHENTICATED", "USER_WORKSPACE_NOT_FOUND")
    assert refusal(await anybody(client).ask(RENEW, {"token": refresh}))[0] == "UNAUTHENTICATED"


async def test_a_renewed_session_is_still_an_impersonation(client: Client, ada: Person, ines: Person) -> None:
    _, refresh = await act_as(ada, ines)
    tokens = (await anybody(client).data(RENEW, {"token": refresh}))["renewToken"]["tokens"]
    for token in tokens.values():
        claims = claims_of(token)
        assert claims["isImpersonating"] is True
        assert claims["impersonatorUserWorkspaceId"] == str(ada.user_workspace_id)
    assert claims_of(tokens["refreshToken"])["exp"] <= time.time() + 24 * 3600 + 1  # type: ignore[operator]
    acting = with_token(client, tokens["accessToken"])
    assert refusal(await acting.ask(ENROL)) == DENIED


async def test_claims_that_were_written_by_somebody_else_count_for_nothing(
    client: Client, root: Person, ines: Person
) -> None:
    # Signed by the server's own secret, naming a membership that has no right: as if a right had ended.
    signer = TokenSigner(SECRET)
    otto = await person(client, "otto@example.com")
    for impersonator in (otto.user_workspace_id, ines.user_workspace_id, new_id()):
        access = signer.sign(
            AccessClaims(
                user_id=ines.user_id,
                workspace_id=ines.workspace_id,
                user_workspace_id=ines.user_workspace_id,
                workspace_member_id=ines.member_id,
                auth_provider="impersonation",
                impersonator_user_workspace_id=impersonator,
            )
        )
        assert refusal(await with_token(client, access.token).ask(PEOPLE)) == ENDED
        login = LoginClaims(
            email=ines.email,
            workspace_id=ines.workspace_id,
            auth_provider="impersonation",
            impersonator_user_workspace_id=impersonator,
        )
        assert refusal(await trade(client, signer.sign(login).token)) == ENDED


async def test_what_concerns_the_account_itself_is_left_to_its_owner(client: Client, ada: Person, ines: Person) -> None:
    app = await ines.enrol()
    await ada.enrol()
    method_id = await client.database.value(
        'select id from core."twoFactorAuthenticationMethod" where "userWorkspaceId" = $1', ines.user_workspace_id
    )
    login_token = await login_as(ada, ines)
    begin = """mutation($loginToken: String!, $origin: String!) {
        initiateOTPProvisioning(loginToken: $loginToken, origin: $origin) { uri }
    }"""
    answer = await anybody(client).ask(begin, {"loginToken": login_token, "origin": client.url})
    assert refusal(answer) == DENIED
    acting = with_token(
        client,
        TokenSigner(SECRET)
        .sign(
            AccessClaims(
                user_id=ines.user_id,
                workspace_id=ines.workspace_id,
                user_workspace_id=ines.user_workspace_id,
                workspace_member_id=ines.member_id,
                auth_provider="impersonation",
                impersonator_user_workspace_id=ada.user_workspace_id,
            )
        )
        .token,
    )
    await acting.data(PEOPLE)
    for query, variables in (
        (ENROL, {}),
        (CONFIRM, {"otp": app.code()}),
        (REMOVE, {"id": str(method_id)}),
        ("mutation { generateTransientToken { transientToken { token } } }", {}),
        ('mutation { updateUserEmail(newEmail: "ada@evil.example") }', {}),
        ("mutation { deleteUser { id } }", {}),
    ):
        assert refusal(await acting.ask(query, variables)) == DENIED
    new_workspace = 'mutation { signUpInNewWorkspace(input: {displayName: "X"}) { loginToken { token } } }'
    assert refusal(await acting.ask(new_workspace))[0] == "FORBIDDEN"


async def test_no_other_session_of_the_impersonated_is_within_reach(client: Client, ada: Person, ines: Person) -> None:
    acting, _ = await act_as(ada, ines)
    query = """{ currentUser { availableWorkspaces {
        availableWorkspacesForSignIn { loginToken } availableWorkspacesForSignUp { loginToken personalInviteToken }
    } } }"""
    found = await acting.data(query)
    nothing: dict[str, object] = {"availableWorkspacesForSignIn": [], "availableWorkspacesForSignUp": []}
    assert found["currentUser"]["availableWorkspaces"] == nothing
    assert (await ines.client.data(query))["currentUser"]["availableWorkspaces"] != nothing


async def test_an_impersonator_proves_a_second_factor_of_their_own_where_one_is_asked_for(
    client: Client, ada: Person, ines: Person
) -> None:
    hers = await ines.enrol()
    assert refusal(await ask(ada.client, ines.user_id, ines.workspace_id)) == PROVISION
    mine = await ada.enrol()
    login_token = await login_as(ada, ines)
    assert refusal(await trade(client, login_token)) == VERIFY
    # The code of the impersonated would do no good, not even if the impersonator had it.
    assert refusal(await trade_with_code(client, login_token, hers.code())) == ("FORBIDDEN", "INVALID_OTP")
    access, refresh = tokens_of(await trade_with_code(client, login_token, mine.code()))
    await with_token(client, access).data(PEOPLE)
    await anybody(client).data(RENEW, {"token": refresh})


async def test_where_a_second_factor_is_enforced_impersonators_have_one(
    client: Client, root: Person, ines: Person
) -> None:
    _, refresh = await act_as(root, ines)
    login_token = await login_as(root, ines)
    await change(
        client,
        'update core.workspace set "isTwoFactorAuthenticationEnforced" = true where id = $1',
        ines.workspace_id,
        about=AccessChange(workspace_id=ines.workspace_id),
    )
    assert refusal(await ask(root.client, ines.user_id, ines.workspace_id)) == PROVISION
    assert refusal(await trade(client, login_token)) == PROVISION
    assert refusal(await anybody(client).ask(RENEW, {"token": refresh})) == PROVISION
    answer = await trade_with_code(client, login_token, "123456")
    assert refusal(answer) == ("BAD_USER_INPUT", "TWO_FACTOR_AUTHENTICATION_METHOD_NOT_FOUND")
    app = await root.enrol()
    access, _ = tokens_of(await trade_with_code(client, await login_as(root, ines), app.code()))
    await with_token(client, access).data(PEOPLE)


async def test_a_begun_enrolment_of_the_impersonator_is_not_completed_by_impersonating(
    client: Client, ada: Person, ines: Person
) -> None:
    # Else a stolen session could choose the second factor that it then has to prove.
    await ines.enrol()
    await ada.client.data(ENROL)
    token = TokenSigner(SECRET).sign(
        LoginClaims(
            email=ines.email,
            workspace_id=ines.workspace_id,
            auth_provider="impersonation",
            impersonator_user_workspace_id=ada.user_workspace_id,
        )
    )
    assert refusal(await trade_with_code(client, token.token, "123456"))[0] == "BAD_USER_INPUT"


async def test_every_impersonation_is_in_the_log(client: Client, root: Person, ada: Person, ines: Person) -> None:
    acting, _ = await act_as(root, ines)
    await ask(ada.client, root.user_id, root.workspace_id)
    begun, entered, tried = (await log(client, "impersonated", "signedIn", "impersonationRefused"))[-3:]
    assert (begun.action, begun.user_id, begun.workspace_id, begun.address) == (
        "impersonated",
        root.user_id,
        ines.workspace_id,
        "127.0.0.1",
    )
    assert isinstance(begun.created_at, datetime)
    assert begun.details == {
        "userId": str(ines.user_id),
        "userWorkspaceId": str(ines.user_workspace_id),
        "level": "server",
        "fromWorkspaceId": str(root.workspace_id),
        "fromUserWorkspaceId": str(root.user_workspace_id),
    }
    assert (entered.action, entered.user_id, entered.impersonator_email) == ("signedIn", ines.user_id, root.email)
    assert (tried.action, tried.user_id, tried.details["reason"]) == (
        "impersonationRefused",
        ada.user_id,
        "PERMISSION_DENIED",
    )
    assert acting.tenant.key not in str(begun)


async def test_what_is_written_meanwhile_says_who_impersonated(client: Client, ada: Person, ines: Person) -> None:
    acting, _ = await act_as(ada, ines)
    await acting.data(CREATE)
    await ines.client.data(CREATE)
    rows = await client.database.rows(
        f"select actor::text from \"{client.tenant.schema}\".event where object <> 'workspaceMember' order by seq"
    )
    actors = [json.loads(row["actor"]) for row in rows]
    assert [actor["userId"] for actor in actors] == [str(ines.user_id)] * 2
    assert [actor.get("impersonatedBy") for actor in actors] == [str(ada.user_workspace_id), None]


async def test_a_refresh_token_without_the_claims_is_not_made_of_one_with_them(
    client: Client, ada: Person, ines: Person
) -> None:
    _, refresh = await act_as(ada, ines)
    claims = TokenSigner(SECRET).read(refresh).claims
    assert isinstance(claims, RefreshClaims)
    head, body, signature = refresh.split(".")
    said = claims_of(refresh)
    for name in ("impersonatorUserWorkspaceId", "impersonatedUserWorkspaceId", "isImpersonating"):
        said.pop(name)
    forged = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    assert body != forged
    answer = await anybody(client).ask(RENEW, {"token": f"{head}.{forged}.{signature}"})
    assert refusal(answer) == ("UNAUTHENTICATED", "UNAUTHENTICATED")
