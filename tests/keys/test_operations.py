"""The operations about API keys, over HTTP."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest

from rapport.base.ids import new_id
from tests.recording import recording
from tests.serving import Client, make_tenant, serving

SOON = "2126-01-01T00:00:00.000Z"
UNKNOWN = "018f0000-0000-7000-8000-0000000000ff"
CREATE = """mutation ($input: CreateApiKeyInput!) {
    createApiKey(input: $input) { id name expiresAt revokedAt lastUsedAt allowedIps role { id label } }
}"""
UPDATE = (
    "mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { id name expiresAt revokedAt allowedIps } }"
)
GENERATE = """mutation ($apiKeyId: UUID!, $expiresAt: String!) {
    generateApiKeyToken(apiKeyId: $apiKeyId, expiresAt: $expiresAt) { token }
}"""
REVOKE = "mutation ($id: UUID) { revokeApiKey(id: $id) { id revokedAt } }"
ONE = "query ($id: UUID!) { apiKey(input: { id: $id }) { id name } }"


async def role(client: Client, label: str = "Admin") -> str:
    found = await client.data("{ getRoles { id label } }")
    return next(str(each["id"]) for each in found["getRoles"] if each["label"] == label)


async def make_key(client: Client, **values: object) -> dict[str, Any]:
    given = {"name": "golden", "expiresAt": SOON, "roleId": await role(client), **values}
    found: dict[str, Any] = (await client.data(CREATE, {"input": given}))["createApiKey"]
    return found


async def token_of(client: Client, key_id: object, expires_at: str = SOON) -> str:
    answer = await client.data(GENERATE, {"apiKeyId": key_id, "expiresAt": expires_at})
    return str(answer["generateApiKeyToken"]["token"])


def with_key(client: Client, token: str) -> Client:
    return client.as_tenant(replace(client.tenant, key=token))


async def other_tenant(client: Client) -> Client:
    return client.as_tenant(await make_tenant(client.database, "Other"))


async def problem(client: Client, query: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Code, subCode and message of the only error."""
    answer: dict[str, Any] = await client.ask(query, variables)
    (error,) = answer["errors"]
    named = {"code": error["extensions"]["code"], "message": error["message"]}
    if "subCode" in error["extensions"]:
        named["subCode"] = error["extensions"]["subCode"]
    return named


# -- making, reading, changing, ending -----------------------------------------------------------------------------


async def test_a_key_is_made_with_its_role(client: Client) -> None:
    admin = await role(client)
    made = await make_key(client)

    key = {
        "id": made["id"],
        "name": "golden",
        "expiresAt": SOON,
        "revokedAt": None,
        "lastUsedAt": None,
        "allowedIps": None,
        "role": {"id": admin, "label": "Admin"},
    }
    assert made == key
    listed = await client.data("{ apiKeys { id name role { label } } }")
    assert [(each["name"], each["role"]) for each in listed["apiKeys"]] == [
        ("tests", {"label": "Admin"}),
        ("golden", {"label": "Admin"}),
    ]
    assert await client.data(ONE, {"id": made["id"]}) == {"apiKey": {"id": made["id"], "name": "golden"}}


async def test_both_endpoints_answer(client: Client) -> None:
    response = await client.http.post(
        f"{client.url}/metadata",
        json={"query": "{ apiKeys { name __typename } }"},
        headers={"Authorization": f"Bearer {client.tenant.key}"},
    )
    assert response.json() == {"data": {"apiKeys": [{"name": "tests", "__typename": "ApiKey"}]}}


async def test_a_token_is_shown_once_and_opens_the_workspace(client: Client) -> None:
    key = await make_key(client, roleId=await role(client, "Member"))
    first, second = await token_of(client, key["id"]), await token_of(client, key["id"])

    assert first != second
    assert first.startswith("sk_live_")
    for token in (first, second):
        assert await with_key(client, token).data("{ people { totalCount } }") == {"people": {"totalCount": 0}}
    stored = await client.database.value('select json_agg(t)::text from core."apiKeyToken" t')
    assert first not in str(stored)


async def test_when_a_key_was_used_is_known_soon(client: Client) -> None:
    key = await make_key(client)
    read = "query ($id: UUID!) { apiKey(input: { id: $id }) { lastUsedAt } }"
    assert await client.data(read, {"id": key["id"]}) == {"apiKey": {"lastUsedAt": None}}
    await with_key(client, await token_of(client, key["id"])).data("{ people { totalCount } }")
    async with asyncio.timeout(5):
        while (await client.data(read, {"id": key["id"]}))["apiKey"]["lastUsedAt"] is None:  # noqa: ASYNC110  # PostgreSQL tells nobody
            await asyncio.sleep(0.01)


async def test_what_a_key_writes_is_in_its_name(client: Client) -> None:
    key = await make_key(client)
    writer = with_key(client, await token_of(client, key["id"]))
    made = await writer.data('mutation { createPerson(data: { city: "Rome" }) { createdBy { source name } } }')
    assert made == {"createPerson": {"createdBy": {"source": "API", "name": "golden"}}}


async def test_a_revoked_key_stays_revoked_and_its_tokens_end_at_once(client: Client) -> None:
    key = await make_key(client)
    holder = with_key(client, await token_of(client, key["id"]))
    await holder.data("{ people { totalCount } }")  # it is in the authenticator's cache now
    revoked = await client.data(REVOKE, {"id": key["id"]})

    assert revoked["revokeApiKey"]["revokedAt"] is not None
    refused = await problem(holder, "{ people { totalCount } }")
    assert (refused["code"], refused["message"]) == ("FORBIDDEN", "This API Key is revoked")
    assert (await problem(client, GENERATE, {"apiKeyId": key["id"], "expiresAt": SOON}))["code"] == "FORBIDDEN"
    again = await client.data(REVOKE, {"id": key["id"]})
    assert again == revoked
    changed = await client.data(UPDATE, {"input": {"id": key["id"], "revokedAt": None, "name": "late"}})
    assert changed["updateApiKey"]["revokedAt"] == revoked["revokeApiKey"]["revokedAt"]


async def test_revoking_by_an_update_counts_at_once_too(client: Client) -> None:
    key = await make_key(client)
    holder = with_key(client, await token_of(client, key["id"]))
    await holder.data("{ people { totalCount } }")
    await client.data(UPDATE, {"input": {"id": key["id"], "revokedAt": "2026-01-01T00:00:00Z"}})
    assert (await problem(holder, "{ people { totalCount } }"))["message"] == "This API Key is revoked"


async def test_an_update_changes_what_it_names(client: Client) -> None:
    key = await make_key(client, allowedIps=["10.0.0.0/8"])
    changed = await client.data(UPDATE, {"input": {"id": key["id"], "name": "renamed"}})
    expected = {
        "id": key["id"],
        "name": "renamed",
        "expiresAt": SOON,
        "revokedAt": None,
        "allowedIps": ["10.0.0.0/8"],
    }
    assert changed == {"updateApiKey": expected}
    changed = await client.data(
        UPDATE, {"input": {"id": key["id"], "expiresAt": "2030-05-01T10:00:00+02:00", "allowedIps": None}}
    )
    assert changed == {"updateApiKey": {**expected, "expiresAt": "2030-05-01T08:00:00.000Z", "allowedIps": None}}


async def test_tokens_keep_their_own_ends(client: Client) -> None:
    key = await make_key(client)
    holder = with_key(client, await token_of(client, key["id"]))
    past = with_key(client, await token_of(client, key["id"], "2020-01-01"))
    await client.data(UPDATE, {"input": {"id": key["id"], "expiresAt": "2020-01-01T00:00:00Z"}})

    await holder.data("{ people { totalCount } }")
    assert (await problem(past, "{ people { totalCount } }"))["message"] == "Token has expired."
    refused = await problem(client, GENERATE, {"apiKeyId": key["id"], "expiresAt": SOON})
    assert (refused["code"], refused["message"]) == ("FORBIDDEN", "This API Key has expired")


async def test_arguments_are_spelled_in_several_ways(client: Client) -> None:
    key_id = (await make_key(client))["id"]
    other = str(new_id())
    generate = (
        'mutation ($a: UUID, $b: UUID) { generateApiKeyToken(apiKeyId: $a, id: $b, expiresAt: "2126-01-01") { token } }'
    )
    revoke = "mutation ($a: UUID, $b: RevokeApiKeyInput) { revokeApiKey(id: $a, input: $b) { id } }"
    for given in ({"a": key_id}, {"b": key_id}, {"a": key_id, "b": key_id}):
        assert (await client.data(generate, given))["generateApiKeyToken"]["token"]
    for query, wrong in (
        (generate, {}),
        (generate, {"a": key_id, "b": other}),
        (revoke, {}),
        (revoke, {"a": key_id, "b": {"id": other}}),
    ):
        assert (await problem(client, query, wrong))["code"] == "BAD_USER_INPUT"
    for given in ({"a": key_id}, {"b": {"id": key_id}}, {"a": key_id, "b": {"id": key_id}}):
        assert await client.data(revoke, given) == {"revokeApiKey": {"id": key_id}}


async def test_a_selection_of_any_depth_is_one_statement(client: Client) -> None:
    inner = "label apiKeys { name } permissionFlags { flag } workspaceMembers { roles { label } }"
    query = f"{{ apiKeys {{ name role {{ {inner} }} workspace {{ displayName defaultRole {{ label }} }} }} }}"
    async with recording(client) as recorder:
        answer, log = await recorder.ask(query)
    role = {"label": "Admin", "apiKeys": [{"name": "tests"}], "permissionFlags": [], "workspaceMembers": []}
    workspace = {"displayName": "Tests", "defaultRole": {"label": "Member"}}
    assert answer == {"data": {"apiKeys": [{"name": "tests", "role": role, "workspace": workspace}]}}
    assert len(log) == 1


async def test_what_is_done_to_keys_is_recorded(client: Client) -> None:
    key = await make_key(client)
    token = await token_of(client, key["id"])
    await client.data(UPDATE, {"input": {"id": key["id"], "name": "renamed"}})
    await client.data(REVOKE, {"id": key["id"]})
    rows = await client.database.rows('select action, details::text, address from core."auditEntry" order by id')
    assert [row["action"] for row in rows] == [
        "apiKeyCreated",
        "apiKeyTokenGenerated",
        "apiKeyUpdated",
        "apiKeyRevoked",
    ]
    assert all(key["id"] in row["details"] and token not in row["details"] for row in rows)
    assert {row["address"] for row in rows} == {"127.0.0.1"}


# -- who may -------------------------------------------------------------------------------------------------------

OPERATIONS = [
    ("{ apiKeys { id } }", {}),
    (ONE, {"id": UNKNOWN}),
    (CREATE, {"input": {"name": "x", "expiresAt": SOON, "roleId": UNKNOWN}}),
    (UPDATE, {"input": {"id": UNKNOWN, "name": "x"}}),
    (GENERATE, {"apiKeyId": UNKNOWN, "expiresAt": SOON}),
    (REVOKE, {"id": UNKNOWN}),
]


@pytest.mark.parametrize(("query", "variables"), OPERATIONS)
async def test_the_permission_is_needed(client: Client, query: str, variables: Mapping[str, object]) -> None:
    key = await make_key(client, roleId=await role(client, "Member"))
    stranger = with_key(client, await token_of(client, key["id"]))
    assert await problem(stranger, query, variables) == {
        "code": "FORBIDDEN",
        "subCode": "PERMISSION_DENIED",
        "message": "Entity performing the request does not have permission",
    }
    nobody = await client.http.post(f"{client.url}/graphql", json={"query": query, "variables": variables})
    assert nobody.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_keys_of_other_workspaces_do_not_exist(client: Client) -> None:
    theirs = await other_tenant(client)
    key = await make_key(theirs)
    missing = {"code": "NOT_FOUND", "subCode": "API_KEY_NOT_FOUND", "message": "API key not found"}

    assert await client.data(ONE, {"id": key["id"]}) == {"apiKey": None}
    assert [each["name"] for each in (await client.data("{ apiKeys { name } }"))["apiKeys"]] == ["tests"]
    assert await problem(client, UPDATE, {"input": {"id": key["id"], "name": "mine"}}) == missing
    assert await problem(client, GENERATE, {"apiKeyId": key["id"], "expiresAt": SOON}) == missing
    assert await problem(client, REVOKE, {"id": key["id"]}) == missing
    assert await theirs.data(ONE, {"id": key["id"]}) == {"apiKey": {"id": key["id"], "name": "golden"}}


async def test_roles_of_other_workspaces_cannot_be_given(client: Client) -> None:
    foreign = await role(await other_tenant(client))
    for role_id in (foreign, str(new_id())):
        given = {"name": "x", "expiresAt": SOON, "roleId": role_id}
        assert await problem(client, CREATE, {"input": given}) == {
            "code": "NOT_FOUND",
            "subCode": "ROLE_NOT_FOUND",
            "message": "Role not found",
        }
    assert len((await client.data("{ apiKeys { id } }"))["apiKeys"]) == 1


async def test_a_role_that_is_not_for_keys_cannot_be_given(client: Client) -> None:
    await client.database.execute("update core.role set \"canBeAssignedToApiKeys\" = false where label = 'Member'")
    given = {"name": "x", "expiresAt": SOON, "roleId": await role(client, "Member")}
    refused = await problem(client, CREATE, {"input": given})
    assert (refused["code"], refused["subCode"]) == ("BAD_USER_INPUT", "ROLE_CANNOT_BE_ASSIGNED_TO_API_KEYS")


# -- hostile input -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": " \t"},
        {"name": "nul\x00"},
        {"name": "a" * 100_000},
        {"name": None},
        {"name": 7},
        {"name": {"$ne": None}},
        {"expiresAt": ""},
        {"expiresAt": "tomorrow"},
        {"expiresAt": "2026-02-30"},
        {"expiresAt": "99999-01-01T00:00:00Z"},
        {"expiresAt": "' or now() --"},
        {"expiresAt": None},
        {"expiresAt": 1_900_000_000},
        {"revokedAt": "never"},
        {"roleId": "admin"},
        {"roleId": None},
        {"allowedIps": []},
        {"allowedIps": ["localhost"]},
        {"allowedIps": ["10.0.0.1/8"]},
        {"allowedIps": ["10.0.0.0/33"]},
        {"allowedIps": [""]},
        {"allowedIps": [None]},
        {"allowedIps": ["1.2.3.4"] * 101},
        {"allowedIps": "\x00"},
        {"allowedIps": {"ip": "10.0.0.1"}},
        {"workspaceId": UNKNOWN},
        {"id": UNKNOWN},
        {"keyHash": "00"},
    ],
    ids=str,
)
async def test_what_makes_no_key_is_refused(client: Client, wrong: Mapping[str, object]) -> None:
    given = {"name": "x", "expiresAt": SOON, "roleId": await role(client), **wrong}
    answer = await client.ask(CREATE, {"input": given})
    assert answer.get("data") is None
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"  # type: ignore[index]
    assert await client.database.value('select count(*) from core."apiKey"') == 1


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (ONE, {"id": "x"}),
        (ONE, {"id": "' or true --"}),
        (UPDATE, {"input": {"id": 7}}),
        (UPDATE, {"input": {"name": "x"}}),
        (UPDATE, {"input": None}),
        (REVOKE, {"id": ["a"]}),
        (GENERATE, {"apiKeyId": "\x00", "expiresAt": SOON}),
    ],
)
async def test_what_is_no_id_is_refused(client: Client, query: str, variables: Mapping[str, object]) -> None:
    assert (await problem(client, query, variables))["code"] == "BAD_USER_INPUT"


async def test_an_update_of_nothing_is_none(client: Client) -> None:
    key = await make_key(client)
    changed = await client.data(UPDATE, {"input": {"id": key["id"]}})
    assert changed["updateApiKey"]["name"] == "golden"


async def test_selections_that_multiply_are_refused(client: Client) -> None:
    deep = "{ label }"
    for _ in range(3):
        deep = f"{{ workspaceMembers {{ roles {deep} }} }}"
    refused = await problem(client, f"{{ apiKeys {{ role {deep} }} }}")
    assert refused["subCode"] == "TOO_COMPLEX_QUERY"


# -- where from ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["127.0.0.1"], ["127.0.0.1/32"]),
        (["192.0.2.0/24", " 127.0.0.0/8 "], ["192.0.2.0/24", "127.0.0.0/8"]),
        (["::ffff:127.0.0.1"], ["127.0.0.1/32"]),
        (["0.0.0.0/0", "::/0"], ["0.0.0.0/0", "::/0"]),
    ],
)
async def test_a_key_is_accepted_from_its_addresses(client: Client, given: list[str], kept: list[str]) -> None:
    key = await make_key(client, allowedIps=given)
    assert key["allowedIps"] == kept
    assert all(ip_network(each) for each in kept)
    await with_key(client, await token_of(client, key["id"])).data("{ people { totalCount } }")


@pytest.mark.parametrize("forwarded", [None, "192.0.2.7"])
async def test_a_key_is_refused_from_elsewhere(client: Client, forwarded: str | None) -> None:
    """Whatever the caller says of itself."""
    key = await make_key(client, allowedIps=["192.0.2.0/24", "2001:db8::/32"])
    holder = with_key(client, await token_of(client, key["id"]))
    holder.headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    for _ in range(2):
        assert await problem(holder, "{ people { totalCount } }") == {
            "code": "FORBIDDEN",
            "subCode": "API_KEY_ADDRESS_REFUSED",
            "message": "This API key may not be used from this address.",
        }


async def test_new_addresses_count_at_once_for_keys_that_are_in_use(client: Client) -> None:
    key = await make_key(client)
    holder = with_key(client, await token_of(client, key["id"]))
    await holder.data("{ people { totalCount } }")
    await client.data(UPDATE, {"input": {"id": key["id"], "allowedIps": ["192.0.2.0/24"]}})
    assert (await problem(holder, "{ people { totalCount } }"))["subCode"] == "API_KEY_ADDRESS_REFUSED"
    await client.data(UPDATE, {"input": {"id": key["id"], "allowedIps": None}})
    await holder.data("{ people { totalCount } }")


@pytest.mark.parametrize(
    ("forwarded", "is_accepted"),
    [
        ("192.0.2.7", True),
        ("203.0.113.9, 192.0.2.7", True),
        ("192.0.2.7, 127.0.0.1", True),
        ("192.0.2.7, 203.0.113.9", False),
        ("203.0.113.9", False),
        ("192.0.2.7, garbage", False),
        ("", False),
    ],
)
async def test_a_trusted_proxy_says_where_a_request_comes_from(
    client: Client, forwarded: str, is_accepted: bool
) -> None:
    key = await make_key(client, allowedIps=["192.0.2.0/24"])
    token = await token_of(client, key["id"])
    async with serving(client.database, client.tenant, trusted_proxies=(ip_network("127.0.0.1"),)) as behind:
        holder = with_key(behind, token)
        holder.headers = {"X-Forwarded-For": forwarded}
        answer = await holder.ask("{ people { totalCount } }")
    assert ("errors" not in answer) == is_accepted
