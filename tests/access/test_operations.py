"""Who may call which system operation, and with which permission (system-api.md §34): the whole table."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    build_ast_schema,
    get_named_type,
    is_leaf_type,
    parse,
)

import rapport
from rapport.access.flags import FLAGS
from rapport.edge.graphql.system.sources import Root, Sources, read_sources
from tests.access.acting import Role, acting
from tests.files.uploading import upload
from tests.serving import Client

TABLE: Mapping[tuple[str, str | None], str] = {
    ("MEMBER", None): (
        "addQueryToEventStream createObjectEvent currentWorkspace deleteUserFromWorkspace field fields index "
        "indexMetadatas object objects onEventSubscription removeQueryFromEventStream search"
    ),
    ("MEMBER", "DATA_MODEL"): (
        "createOneField createOneIndex createOneObject deleteOneField deleteOneIndex deleteOneObject updateOneField "
        "updateOneObject"
    ),
    ("MEMBER", "API_KEYS_AND_WEBHOOKS"): (
        "apiKey apiKeys assignRoleToApiKey createApiKey createWebhook deleteWebhook enableWebhook generateApiKeyToken "
        "redeliverWebhookDeliveries redeliverWebhookDelivery revokeApiKey rotateWebhookSecret testWebhook updateApiKey "
        "updateWebhook webhook webhookDeliveries webhookDelivery webhooks"
    ),
    ("MEMBER", "ROLES"): (
        "assignRoleToAgent createOneRole deleteOneRole explainAccess getRoles removeRoleFromAgent "
        "updateOneRole upsertFieldPermissions upsertObjectPermissions upsertPermissionFlags "
        "upsertRowLevelPermissionPredicates"
    ),
    ("MEMBER", "UPLOAD_FILE"): ("createFile deleteFile uploadFile uploadImage"),
    ("MEMBER", "WORKSPACE"): ("deleteCurrentWorkspace updateLabPublicFeatureFlag uploadWorkspaceLogo"),
    ("MEMBER", "WORKSPACE_MEMBERS"): (
        "createApprovedAccessDomain deleteApprovedAccessDomain deleteWorkspaceInvitation "
        "findWorkspaceInvitations getApprovedAccessDomains validateApprovedAccessDomain"
    ),
    ("PERSON", None): (
        "deleteTwoFactorAuthenticationMethod generateTransientToken impersonate "
        "initiateOTPProvisioningForAuthenticatedUser updateWorkspace uploadProfilePicture "
        "verifyTwoFactorAuthenticationMethodForAuthenticatedUser"
    ),
    ("PERSON", "PROFILE_INFORMATION"): ("updateUserEmail"),
    ("PERSON", "ROLES"): ("updateWorkspaceMemberRole"),
    ("PERSON", "WORKSPACE_MEMBERS"): ("resendWorkspaceInvitation sendInvitations"),
    ("PUBLIC", None): (
        "checkUserExists checkWorkspaceInviteHashIsValid emailPasswordResetLink findWorkspaceFromInviteHash "
        "getAuthTokensFromLoginToken getAuthTokensFromOTP getLoginTokenFromCredentials "
        "getPublicWorkspaceDataByDomain initiateOTPProvisioning refreshToken renewToken "
        "resendEmailVerificationToken signIn signUp signUpInNewWorkspace signUpInWorkspace "
        "updatePasswordViaResetToken validatePasswordResetToken verifyEmailAndGetLoginToken "
        "verifyEmailAndGetWorkspaceAgnosticToken"
    ),
    ("USER", None): (
        "activateWorkspace createOneAppToken currentUser deleteUser skipBookOnboardingStep skipSyncEmailOnboardingStep"
    ),
}
ID = "018f0000-0000-7000-8000-000000000000"
FILE = "$file"


def sources() -> Sources:
    folder = Path(rapport.__file__).parent
    return read_sources([each.read_text("utf-8") for each in sorted(folder.glob("*/*.graphql"))])


def schema() -> GraphQLSchema:
    return build_ast_schema(parse(sources().sdl), assume_valid=True, assume_valid_sdl=True)


def declared() -> dict[str, tuple[str, str | None]]:
    return {name: (each.who, each.flag) for rules in sources().access.values() for name, each in rules.items()}


def test_every_operation_has_the_permission_of_the_contract() -> None:
    expected = {name: needs for needs, names in TABLE.items() for name in names.split()}
    assert declared() == expected


def calls(made: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Every operation by name, with a document that calls it with what nobody has."""
    roots: tuple[tuple[Root, GraphQLObjectType | None], ...] = (
        ("Query", made.query_type),
        ("Mutation", made.mutation_type),
    )
    for root, kind in roots:
        assert kind is not None
        for name, field in kind.fields.items():
            file = f"({FILE}: Upload!)" if FILE in _arguments(field) else ""
            yield name, f"{root.lower()}{file} {{ {name}{_arguments(field)} {_selection(field)} }}"


def _arguments(field: GraphQLField) -> str:
    given = [
        f"{name}: {_value(each.type)}" for name, each in field.args.items() if isinstance(each.type, GraphQLNonNull)
    ]
    return f"({', '.join(given)})" if given else ""


def _value(kind: GraphQLInputType) -> str:
    if isinstance(kind, GraphQLNonNull):
        return _value(kind.of_type)
    if isinstance(kind, GraphQLList):
        return "[]"
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    if isinstance(kind, GraphQLInputObjectType):
        inner = [
            f"{name}: {_value(each.type)}"
            for name, each in kind.fields.items()
            if isinstance(each.type, GraphQLNonNull)
        ]
        return f"{{{', '.join(inner)}}}"
    return {
        "Upload": FILE,
        "UUID": f'"{ID}"',
        "Boolean": "false",
        "Int": "1",
        "Float": "1",
        "DateTime": '"2030-01-01"',
    }.get(kind.name, '"x"')


def _selection(field: GraphQLField) -> str:
    return "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"


async def ask(client: Client, text: str, *, path: str = "/graphql", token: str | None = None) -> Mapping[str, object]:
    """The answer to a call, with a file if it takes one."""
    if FILE in text:
        return await upload(client, text, ("x", b"x", "text/plain"), path=path, token=token)
    token = client.tenant.key if token is None else token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    found: Mapping[str, object] = (
        await client.http.post(f"{client.url}{path}", json={"query": text}, headers=headers)
    ).json()
    return found


def sub_codes(answer: Mapping[str, object]) -> set[tuple[str, str | None]]:
    errors = answer.get("errors", [])
    assert isinstance(errors, list)
    return {(each["extensions"]["code"], each["extensions"].get("subCode")) for each in errors}


async def test_who_lacks_the_permission_is_refused(client: Client) -> None:
    needs = declared()
    bare = await acting(client, Role())
    refused = ("FORBIDDEN", "PERMISSION_DENIED")
    for name, text in calls(schema()):
        who, flag = needs[name]
        found = sub_codes(await ask(bare, text))
        assert not any(code == "GRAPHQL_VALIDATION_FAILED" for code, _ in found), (name, found)
        if flag is not None and who == "MEMBER":
            assert found == {refused}, name
        if who in ("USER", "PERSON"):
            assert found == {("FORBIDDEN", "FORBIDDEN_EXCEPTION")}, name  # an API key is nobody's
        if who != "PUBLIC":
            answer = await ask(client, text, path="/metadata", token="")
            assert {code for code, _ in sub_codes(answer)} == {"UNAUTHENTICATED"}, name


async def test_the_permission_alone_is_enough(client: Client) -> None:
    """A role with the one flag and no other gets past the door. What is then said of the arguments varies."""
    needs = declared()
    texts = dict(calls(schema()))
    for flag in sorted(FLAGS):
        names = [name for name, (who, each) in needs.items() if each == flag and who == "MEMBER"]
        if not names:
            continue
        key = await acting(client, Role(flags=frozenset({flag})))
        for name in names:
            if name == "deleteCurrentWorkspace":
                continue  # it would
            found = sub_codes(await ask(key, texts[name]))
            assert ("FORBIDDEN", "PERMISSION_DENIED") not in found, (name, found)
