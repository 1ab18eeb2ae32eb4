"""The operations about webhooks, over HTTP."""

import asyncio
import base64
from typing import Any
from uuid import UUID

import pytest

from rapport.base.encryption import CannotOpen
from rapport.base.ids import new_id
from rapport.webhooks.secrets import WebhookVault
from rapport.webhooks.service import MOST_WEBHOOKS, disable
from tests.access.acting import Role, acting
from tests.recording import recording
from tests.serving import SECRET, Client
from tests.webhooks.asking import CREATE, HOOK, UNKNOWN, add_delivery, make_webhook, other_tenant, problem

UPDATE = """mutation ($input: UpdateWebhookInput!) {
    updateWebhook(input: $input) { id targetUrl operations description secret createdAt updatedAt deletedAt }
}"""
DELETE = "mutation ($id: UUID) { deleteWebhook(id: $id) }"
ONE = """query ($id: UUID) {
    webhook(id: $id) { id targetUrl operations description secret createdAt updatedAt deletedAt }
}"""
STATUS = """query ($id: UUID) { webhook(id: $id) {
    disabledAt disabledReason failingSince pausedUntil previousSecretExpiresAt waitingCount
} }"""
ROTATE = """mutation ($id: UUID!, $validFor: Int) {
    rotateWebhookSecret(id: $id, validFor: $validFor) { secret previousSecretExpiresAt }
}"""
ENABLE = "mutation ($id: UUID!) { enableWebhook(id: $id) { id disabledAt } }"
DELIVERIES = """query ($id: UUID!, $first: Int, $after: ConnectionCursor, $state: WebhookDeliveryState) {
    webhookDeliveries(webhookId: $id, first: $first, after: $after, state: $state) {
        edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}"""
DELIVERY = """query ($id: UUID!) { webhookDelivery(id: $id) {
    id webhookId eventId recordId eventName body state attemptsCount dueAt createdAt deliveredAt error
    attempts { deliveryId attemptedAt status durationMs response error }
} }"""
REDELIVER = "mutation ($id: UUID!) { redeliverWebhookDelivery(id: $id) { id state } }"
REDELIVER_ALL = """mutation ($id: UUID!, $since: DateTime!) {
    redeliverWebhookDeliveries(webhookId: $id, since: $since)
}"""
TEST = "mutation ($id: UUID!) { testWebhook(id: $id) { id } }"
AT_WORK = {
    "disabledAt": None,
    "disabledReason": None,
    "failingSince": None,
    "pausedUntil": None,
    "previousSecretExpiresAt": None,
    "waitingCount": 0,
}


def key_of_bytes(count: int) -> str:
    return "whsec_" + base64.b64encode(bytes(count)).decode()


async def status(client: Client, webhook_id: str) -> Any:  # noqa: ANN401  # JSON
    return (await client.data(STATUS, {"id": webhook_id}))["webhook"]


async def sealed(client: Client, webhook_id: str) -> dict[str, bytes | None]:
    row = await client.database.row('select secret, "previousSecret" from core.webhook where id = $1', UUID(webhook_id))
    assert row is not None
    return dict(row)


# -- making, reading, changing, ending -----------------------------------------------------------------------------


async def test_a_webhook_from_its_beginning_to_its_end(client: Client) -> None:
    made = await make_webhook(
        client, targetUrl="https://a.b", operations=["person.created"], description="Ours", secret="s3"
    )
    webhook = {
        "id": made["id"],
        "targetUrl": "https://a.b/",
        "operations": ["person.created"],
        "description": "Ours",
        "secret": "s3",
        "createdAt": made["createdAt"],
        "updatedAt": made["createdAt"],
        "deletedAt": None,
    }
    assert made == webhook
    assert await client.data(ONE, {"id": made["id"]}) == {"webhook": webhook}

    changes: dict[str, Any] = {"targetUrl": "http://c.d?x", "operations": ["*.*", "*.*"], "description": None}
    changed = (await client.data(UPDATE, {"input": {"id": made["id"], **changes}}))["updateWebhook"]
    expected = {"targetUrl": "http://c.d/?x", "operations": ["*.*"], "description": None}
    assert changed == webhook | expected | {"updatedAt": changed["updatedAt"]}
    assert changed["updatedAt"] > made["updatedAt"]
    listed = await client.data("{ webhooks { id workspaceId workspace { displayName } __typename } }")
    workspace_id = str(client.tenant.workspace_id)
    assert listed == {
        "webhooks": [
            {
                "id": made["id"],
                "workspaceId": workspace_id,
                "workspace": {"displayName": "Tests"},
                "__typename": "Webhook",
            }
        ]
    }

    assert await client.data(DELETE, {"id": made["id"]}) == {"deleteWebhook": True}
    assert await client.data(DELETE, {"id": made["id"]}) == {"deleteWebhook": False}
    assert await client.data(ONE, {"id": made["id"]}) == {"webhook": None}
    assert await client.data("{ webhooks { id } }") == {"webhooks": []}
    gone = {"code": "NOT_FOUND", "subCode": "WEBHOOK_NOT_FOUND", "message": "Webhook not found"}
    assert await problem(client, UPDATE, {"input": {"id": made["id"], "description": "x"}}) == gone
    assert await client.database.value('select "deletedAt" is not null from core.webhook') is True


async def test_both_endpoints_answer(client: Client) -> None:
    response = await client.http.post(
        f"{client.url}/metadata",
        json={"query": "{ webhooks { id applicationId } }"},
        headers={"Authorization": f"Bearer {client.tenant.key}"},
    )
    assert response.json() == {"data": {"webhooks": []}}


async def test_all_webhooks_are_read_with_one_statement(client: Client) -> None:
    for _ in range(3):
        await make_webhook(client)
    async with recording(client) as recorder:
        answer, log = await recorder.ask("{ webhooks { id secret waitingCount workspace { id } } }")
    assert str(answer).count("whsec_") == 3
    assert len(log) == 1


async def test_the_id_may_be_the_clients_own(client: Client) -> None:
    assert (await make_webhook(client, id=UNKNOWN))["id"] == UNKNOWN
    refused = await problem(client, CREATE, {"input": {"targetUrl": HOOK, "operations": ["*.*"], "id": UNKNOWN}})
    assert refused["subCode"] == "DUPLICATE_ENTRY_DETECTED"


async def test_arguments_have_both_spellings_but_one_meaning(client: Client) -> None:
    webhook_id = (await make_webhook(client))["id"]
    by_input = "query ($input: GetWebhookInput) { webhook(input: $input) { id } }"
    assert await client.data(by_input, {"input": {"id": webhook_id}}) == {"webhook": {"id": webhook_id}}
    both = "query ($id: UUID, $input: GetWebhookInput) { webhook(id: $id, input: $input) { id } }"
    assert (await client.data(both, {"id": webhook_id, "input": {"id": webhook_id}}))["webhook"] is not None
    assert (await problem(client, both, {"id": webhook_id, "input": {"id": UNKNOWN}}))["code"] == "BAD_USER_INPUT"
    assert (await problem(client, "{ webhook { id } }", {}))["code"] == "BAD_USER_INPUT"

    wrapped = {"id": webhook_id, "update": {"description": "wrapped"}}
    assert (await client.data(UPDATE, {"input": wrapped}))["updateWebhook"]["description"] == "wrapped"
    same = {**wrapped, "description": "wrapped"}
    assert (await client.data(UPDATE, {"input": same}))["updateWebhook"]["description"] == "wrapped"
    assert await problem(client, UPDATE, {"input": {**wrapped, "description": "flat"}}) == {
        "code": "BAD_USER_INPUT",
        "subCode": "ARGS_CONFLICT",
        "message": 'Only one of "input.description" or "input.update.description" may be given',
    }

    end = "mutation ($id: UUID, $input: DeleteWebhookInput) { deleteWebhook(id: $id, input: $input) }"
    assert (await problem(client, end, {"id": webhook_id, "input": {"id": UNKNOWN}}))["code"] == "BAD_USER_INPUT"
    assert (await problem(client, end, {}))["code"] == "BAD_USER_INPUT"
    assert await client.data(end, {"input": {"id": webhook_id}}) == {"deleteWebhook": True}


async def test_what_an_update_does_not_name_stays(client: Client) -> None:
    made = await make_webhook(client, description="Ours", secret="s3")
    nothing = dict.fromkeys(("targetUrl", "operations", "secret"))
    for changes in ({}, nothing, {"update": nothing}, {"update": None}):
        changed = (await client.data(UPDATE, {"input": {"id": made["id"], **changes}}))["updateWebhook"]
        assert changed == made | {"updatedAt": changed["updatedAt"]}


# -- secrets -------------------------------------------------------------------------------------------------------


async def test_a_webhook_without_a_secret_gets_one(client: Client) -> None:
    first, second = await make_webhook(client), await make_webhook(client, secret=None)

    assert first["secret"].startswith("whsec_")
    assert len(first["secret"]) == 50
    assert first["secret"] != second["secret"]
    assert (await client.data(ONE, {"id": first["id"]}))["webhook"]["secret"] == first["secret"]


async def test_an_empty_secret_is_none(client: Client) -> None:
    made = await make_webhook(client, secret="")
    assert made["secret"] == ""
    assert await sealed(client, made["id"]) == {"secret": None, "previousSecret": None}

    for secret in ("one", ""):
        changed = await client.data(UPDATE, {"input": {"id": made["id"], "secret": secret}})
        assert changed["updateWebhook"]["secret"] == secret


async def test_secrets_are_kept_encrypted_and_open_in_their_own_row_only(client: Client) -> None:
    webhook_id = UUID((await make_webhook(client, secret="easily recognised"))["id"])
    kept = (await sealed(client, str(webhook_id)))["secret"]

    assert kept is not None
    assert b"recognised" not in kept
    assert WebhookVault(SECRET).open(kept, webhook_id) == "easily recognised"
    for vault, row in ((WebhookVault(SECRET), new_id()), (WebhookVault("another app secret"), webhook_id)):
        with pytest.raises(CannotOpen):
            vault.open(kept, row)


async def test_a_secret_that_cannot_be_read_any_more_can_be_replaced(client: Client) -> None:
    webhook_id = (await make_webhook(client))["id"]
    await client.database.execute(
        "update core.webhook set secret = $1", WebhookVault("another app secret").seal("s3", UUID(webhook_id))
    )

    assert await problem(client, ONE, {"id": webhook_id}) == {
        "code": "BAD_USER_INPUT",
        "subCode": "WEBHOOK_SECRET_UNREADABLE",
        "message": "The secret of this webhook cannot be read: the server's app secret is not the one it was sealed"
        " with.",
    }
    assert await client.data("{ webhooks { id } }") == {"webhooks": [{"id": webhook_id}]}
    rotated = (await client.data(ROTATE, {"id": webhook_id}))["rotateWebhookSecret"]
    assert rotated["secret"].startswith("whsec_")
    assert rotated["previousSecretExpiresAt"] is None


async def test_a_secret_goes_on_for_a_while_when_there_is_a_new_one(client: Client) -> None:
    webhook_id = (await make_webhook(client, secret="old"))["id"]
    rotated = (await client.data(ROTATE, {"id": webhook_id, "validFor": 60}))["rotateWebhookSecret"]

    assert rotated["secret"].startswith("whsec_")
    assert (await client.data(ONE, {"id": webhook_id}))["webhook"]["secret"] == rotated["secret"]
    assert await status(client, webhook_id) == AT_WORK | {"previousSecretExpiresAt": rotated["previousSecretExpiresAt"]}
    kept = await sealed(client, webhook_id)
    vault = WebhookVault(SECRET)
    assert {name: vault.open(each, UUID(webhook_id)) for name, each in kept.items()} == {
        "secret": rotated["secret"],
        "previousSecret": "old",
    }
    left = """select extract(epoch from "previousSecretExpiresAt" - "updatedAt") from core.webhook"""
    assert await client.database.value(left) == 60

    again = (await client.data(ROTATE, {"id": webhook_id}))["rotateWebhookSecret"]  # for a day
    assert await client.database.value(left) == 86_400
    previous = (await sealed(client, webhook_id))["previousSecret"]
    assert vault.open(previous, UUID(webhook_id)) == rotated["secret"]

    await client.database.execute("""update core.webhook set "previousSecretExpiresAt" = now() - interval '1 s'""")
    assert await status(client, webhook_id) == AT_WORK
    assert again["secret"] != rotated["secret"]


async def test_a_secret_ends_at_once_when_it_is_said_so(client: Client) -> None:
    for end in ({"validFor": 0}, None):
        webhook_id = (await make_webhook(client, secret="old"))["id"]
        await client.data(ROTATE, {"id": webhook_id})
        if end is not None:
            await client.data(ROTATE, {"id": webhook_id, **end})
        else:
            await client.data(UPDATE, {"input": {"id": webhook_id, "secret": "known to nobody"}})
        assert (await sealed(client, webhook_id))["previousSecret"] is None
        assert await status(client, webhook_id) == AT_WORK


@pytest.mark.parametrize("seconds", [-1, 30 * 86_400 + 1, 2**31 - 1, 2**31, "1", 1.5])
async def test_a_secret_goes_on_for_a_month_at_most(client: Client, seconds: object) -> None:
    webhook_id = (await make_webhook(client))["id"]
    refused = await problem(client, ROTATE, {"id": webhook_id, "validFor": seconds})
    assert refused["code"] == "BAD_USER_INPUT"


async def test_where_nothing_was_signed_no_secret_goes_on(client: Client) -> None:
    webhook_id = (await make_webhook(client, secret=""))["id"]
    rotated = (await client.data(ROTATE, {"id": webhook_id}))["rotateWebhookSecret"]
    assert rotated["secret"].startswith("whsec_")
    assert rotated["previousSecretExpiresAt"] is None


async def test_a_secret_with_the_prefix_has_a_key_of_24_to_64_bytes(client: Client) -> None:
    webhook_id = (await make_webhook(client, secret=key_of_bytes(24)))["id"]
    for secret in (key_of_bytes(64), "whsec", "Whsec_?"):
        changed = await client.data(UPDATE, {"input": {"id": webhook_id, "secret": secret}})
        assert changed["updateWebhook"]["secret"] == secret


async def test_a_plural_is_fine_where_an_object_has_it_for_its_name_or_none_has_it(client: Client) -> None:
    assert (await make_webhook(client, operations=["sheep.created"]))["operations"] == ["sheep.created"]
    await client.database.execute(
        """update core."objectMetadata" set "namePlural" = 'company' where "nameSingular" = 'person'"""
    )
    assert (await make_webhook(client, operations=["company.*"]))["operations"] == ["company.*"]
    assert (await make_webhook(client, operations=["people.*"]))["operations"] == ["people.*"]


# -- bad input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"targetUrl": "ftp://example.com"}, "The targetUrl of a webhook is an address"),
        ({"targetUrl": "https://user:pw@example.com"}, "The targetUrl of a webhook is an address"),
        ({"targetUrl": "https://example.com/" + "x" * 3_000}, "has at most 2048 characters"),
        ({"targetUrl": "http://a\0b/"}, "The targetUrl of a webhook is an address"),
        ({"operations": []}, "A webhook without operations would be told of nothing"),
        ({"operations": ["person.eaten"]}, '"person.eaten" is no operation of a webhook'),
        ({"operations": ["x" * 100_000]}, " is no operation of a webhook"),
        ({"operations": [f"o{number}.*" for number in range(201)]}, "has at most 200 operations"),
        ({"description": "x" * 2_001}, "has at most 2000 characters"),
        ({"description": "a\0b"}, ""),
        ({"secret": "x" * 501}, "has at most 500 characters"),
        ({"secret": "a\0b"}, "consists of printable characters"),
        ({"secret": "whsec_"}, "goes on with 24 to 64 bytes in base64"),
        ({"secret": "whsec_not base64, though long enough"}, "goes on with 24 to 64 bytes in base64"),
        ({"secret": "whsec_" + "ü" * 32}, "goes on with 24 to 64 bytes in base64"),
        ({"secret": key_of_bytes(24).rstrip("A")}, "goes on with 24 to 64 bytes in base64"),
        ({"secret": key_of_bytes(23)}, "goes on with 24 to 64 bytes in base64"),
        ({"secret": key_of_bytes(65)}, "goes on with 24 to 64 bytes in base64"),
        ({"operations": ["*.*", "people.created"]}, '"people" is the plural of "person"'),
        ({"operations": ["person.*", "companies.*"]}, "name objects in the singular, as in company.created."),
        ({"targetUrl": 7}, ""),
        ({"operations": "person.created "}, " is no operation"),
        ({"operations": [None]}, ""),
        ({"operations": {"a": 1}}, ""),
        ({"secret": ["s3"]}, ""),
        ({"id": "nonsense"}, ""),
        ({"disabledAt": None}, ""),
    ],
)
async def test_what_cannot_be_is_refused(client: Client, given: dict[str, Any], message: str) -> None:
    made = await make_webhook(client)
    inputs: list[tuple[str, dict[str, Any]]] = [(CREATE, {"targetUrl": HOOK, "operations": ["*.*"], **given})]
    if "id" not in given:
        inputs += [(UPDATE, {"id": made["id"], **given}), (UPDATE, {"id": made["id"], "update": given})]
    for query, form in inputs:
        refused = await problem(client, query, {"input": form})
        assert refused["code"] == "BAD_USER_INPUT", refused
        assert message in str(refused["message"])
        assert len(str(refused["message"])) < 1_000
    assert (await client.data("{ webhooks { id targetUrl operations description secret } }"))["webhooks"] == [
        {name: made[name] for name in ("id", "targetUrl", "operations", "description", "secret")}
    ]


async def test_a_workspace_has_so_many_webhooks_and_no_more(client: Client) -> None:
    await client.database.execute(
        """insert into core.webhook (id, "workspaceId", "targetUrl")
        select gen_random_uuid(), $1, 'https://example.com/' from generate_series(2, $2)""",
        client.tenant.workspace_id, MOST_WEBHOOKS,
    )  # fmt: skip
    form = {"input": {"targetUrl": HOOK, "operations": ["*.*"]}}
    answers = await asyncio.gather(*(client.ask(CREATE, form) for _ in range(5)))
    (last,) = (answer["data"]["createWebhook"] for answer in answers if "errors" not in answer)  # type: ignore[index]
    refused = {"code": "BAD_USER_INPUT", "subCode": "TOO_MANY_WEBHOOKS",
               "message": "A workspace has at most 100 webhooks."}  # fmt: skip
    assert await problem(client, CREATE, form) == refused
    await client.data(DELETE, {"id": last["id"]})
    await make_webhook(client)
    await make_webhook(await other_tenant(client))


# -- disabled and back at work -------------------------------------------------------------------------------------


async def disabled(client: Client) -> str:
    """The id of a webhook that is disabled, and of an endpoint that was down before."""
    webhook_id: str = (await make_webhook(client))["id"]
    async with client.database.transaction() as connection:
        assert await disable(connection, UUID(webhook_id), reason="It is gone.") is True
        assert await disable(connection, UUID(webhook_id), reason="Again.") is False
    await client.database.execute(
        """update core.webhook set "failingSince" = "createdAt", "pausedUntil" = now() + interval '1 hour'"""
    )
    found = await status(client, webhook_id)
    assert found["disabledReason"] == "It is gone."
    assert None not in {found[name] for name in ("disabledAt", "failingSince", "pausedUntil")}
    return webhook_id


async def test_a_disabled_webhook_is_put_back_to_work(client: Client) -> None:
    webhook_id = await disabled(client)
    assert await client.data(ENABLE, {"id": webhook_id}) == {"enableWebhook": {"id": webhook_id, "disabledAt": None}}
    assert await status(client, webhook_id) == AT_WORK


async def test_another_address_puts_a_disabled_webhook_back_to_work(client: Client) -> None:
    webhook_id = await disabled(client)
    for changes in ({"description": "x"}, {"targetUrl": HOOK}):
        await client.data(UPDATE, {"input": {"id": webhook_id, **changes}})
        assert (await status(client, webhook_id))["disabledReason"] == "It is gone."
    await client.data(UPDATE, {"input": {"id": webhook_id, "targetUrl": "https://example.com/other"}})
    assert await status(client, webhook_id) == AT_WORK


# -- deliveries ----------------------------------------------------------------------------------------------------


async def test_deliveries_are_read_page_by_page_while_others_are_made(client: Client) -> None:
    webhook_id = (await make_webhook(client))["id"]
    assert await client.data(DELIVERIES, {"id": webhook_id}) == {
        "webhookDeliveries": {
            "edges": [],
            "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
        }
    }
    made = [await add_delivery(client, webhook_id, at=f"2026-01-0{1 + number // 2}T00:00:00Z") for number in range(5)]
    await add_delivery(client, (await make_webhook(client))["id"])

    walked: list[str] = []
    after, pages = None, []
    while True:
        found = (await client.data(DELIVERIES, {"id": webhook_id, "first": 2, "after": after}))["webhookDeliveries"]
        walked += [edge["node"]["id"] for edge in found["edges"]]
        pages.append(found["pageInfo"])
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
        await add_delivery(client, webhook_id, at="2026-02-01T00:00:00Z")  # comes before the first page
    assert walked == made[::-1]
    assert pages == [
        {
            "hasNextPage": place < 2,
            "hasPreviousPage": place > 0,
            "startCursor": walked[2 * place],
            "endCursor": walked[min(2 * place + 1, 4)],
        }
        for place in range(3)
    ]


async def test_deliveries_are_found_by_their_state(client: Client) -> None:
    webhook_id = (await make_webhook(client))["id"]
    made = {state: await add_delivery(client, webhook_id, state=state) for state in ("waiting", "delivered", "dead")}
    for state, delivery_id in made.items():
        found = await client.data(DELIVERIES, {"id": webhook_id, "state": state.upper()})
        assert [edge["node"]["id"] for edge in found["webhookDeliveries"]["edges"]] == [delivery_id]
    assert await status(client, webhook_id) == AT_WORK | {"waitingCount": 1}


async def test_a_delivery_tells_what_was_sent_and_what_was_answered(client: Client) -> None:
    webhook_id = (await make_webhook(client))["id"]
    delivery_id, at = await add_delivery(client, webhook_id), "2026-01-01T00:00:00.000Z"
    attempt = {
        "deliveryId": delivery_id,
        "attemptedAt": at,
        "status": 200,
        "durationMs": 12,
        "response": "thanks",
        "error": None,
    }
    assert await client.data(DELIVERY, {"id": delivery_id}) == {
        "webhookDelivery": {
            "id": delivery_id,
            "webhookId": webhook_id,
            "eventId": UNKNOWN,
            "recordId": UNKNOWN,
            "eventName": "person.created",
            "body": '{"a":1}',
            "state": "DELIVERED",
            "attemptsCount": 1,
            "dueAt": at,
            "createdAt": at,
            "deliveredAt": at,
            "error": None,
            "attempts": [attempt],
        }
    }
    assert await client.data(DELIVERY, {"id": UNKNOWN}) == {"webhookDelivery": None}


@pytest.mark.parametrize(
    "paging", [{"first": -1}, {"first": 201}, {"first": "x"}, {"after": "nonsense"}, {"state": "LOST"}, {"state": 1}]
)
async def test_a_page_of_deliveries_that_makes_no_sense_is_refused(client: Client, paging: dict[str, object]) -> None:
    webhook_id = (await make_webhook(client))["id"]
    assert (await problem(client, DELIVERIES, {"id": webhook_id, **paging}))["code"] == "BAD_USER_INPUT"


async def test_after_a_delivery_of_another_webhook_there_are_none(client: Client) -> None:
    webhook_id, other = [(await make_webhook(client))["id"] for _ in range(2)]
    await add_delivery(client, webhook_id)
    foreign = await add_delivery(client, other, at="2026-02-01T00:00:00Z")
    found = await client.data(DELIVERIES, {"id": webhook_id, "after": foreign})
    assert found["webhookDeliveries"]["edges"] == []


# -- who may -------------------------------------------------------------------------------------------------------

OPERATIONS: list[tuple[str, dict[str, Any]]] = [
    ("{ webhooks { id } }", {}),
    (ONE, {"id": UNKNOWN}),
    (CREATE, {"input": {"targetUrl": HOOK, "operations": ["*.*"]}}),
    (UPDATE, {"input": {"id": UNKNOWN, "description": "x"}}),
    (DELETE, {"id": UNKNOWN}),
    (ROTATE, {"id": UNKNOWN}),
    (ENABLE, {"id": UNKNOWN}),
    (TEST, {"id": UNKNOWN}),
    (DELIVERIES, {"id": UNKNOWN}),
    (DELIVERY, {"id": UNKNOWN}),
    (REDELIVER, {"id": UNKNOWN}),
    (REDELIVER_ALL, {"id": UNKNOWN, "since": "2026-01-01T00:00:00Z"}),
]


async def test_the_permission_is_needed(client: Client) -> None:
    flags = frozenset({"DATA_MODEL", "ROLES", "WORKSPACE", "WORKSPACE_MEMBERS", "SECURITY"})
    stranger = await acting(client, Role(flags=flags))
    holder = await acting(client, Role(rights=frozenset(), flags=frozenset({"API_KEYS_AND_WEBHOOKS"})))
    for query, variables in OPERATIONS:
        assert await problem(stranger, query, variables) == {
            "code": "FORBIDDEN",
            "subCode": "PERMISSION_DENIED",
            "message": "Entity performing the request does not have permission",
        }
        nobody = await client.http.post(f"{client.url}/graphql", json={"query": query, "variables": variables})
        assert nobody.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert "PERMISSION_DENIED" not in str(await holder.ask(query, variables))


async def test_another_workspace_has_nothing_to_do_with_ours(client: Client) -> None:
    webhook_id = (await make_webhook(client, secret="ours"))["id"]
    delivery_id = await add_delivery(client, webhook_id, state="dead")
    before = await client.database.value("select json_agg(w)::text from core.webhook w")
    other = await other_tenant(client)

    assert await other.data("{ webhooks { id } }") == {"webhooks": []}
    assert await other.data(ONE, {"id": webhook_id}) == {"webhook": None}
    assert await other.data(DELETE, {"id": webhook_id}) == {"deleteWebhook": False}
    assert await other.data(DELIVERY, {"id": delivery_id}) == {"webhookDelivery": None}
    for query, variables in (
        (UPDATE, {"input": {"id": webhook_id, "secret": "theirs", "targetUrl": "https://theirs.example"}}),
        (ROTATE, {"id": webhook_id}),
        (ENABLE, {"id": webhook_id}),
        (TEST, {"id": webhook_id}),
        (DELIVERIES, {"id": webhook_id}),
        (REDELIVER, {"id": delivery_id}),
        (REDELIVER_ALL, {"id": webhook_id, "since": "2020-01-01T00:00:00Z"}),
    ):
        assert (await problem(other, query, variables))["code"] == "NOT_FOUND", query
    own = (await make_webhook(other))["id"]
    found = await other.data(DELIVERIES, {"id": own, "after": delivery_id})
    assert found["webhookDeliveries"]["edges"] == []

    kept = await client.database.value(
        'select json_agg(w)::text from core.webhook w where "workspaceId" = $1', client.tenant.workspace_id
    )
    assert kept == before
    assert await client.database.value('select state from core."webhookDelivery"') == "dead"


async def test_deliveries_of_a_deleted_webhook_are_not_shown(client: Client) -> None:
    webhook_id = (await make_webhook(client))["id"]
    delivery_id = await add_delivery(client, webhook_id, state="dead")
    await client.data(DELETE, {"id": webhook_id})
    assert await client.data(DELIVERY, {"id": delivery_id}) == {"webhookDelivery": None}
    assert (await problem(client, REDELIVER, {"id": delivery_id}))["code"] == "NOT_FOUND"
    assert (await problem(client, DELIVERIES, {"id": webhook_id}))["code"] == "NOT_FOUND"


async def test_what_is_done_to_webhooks_is_recorded_without_what_lets_somebody_in(client: Client) -> None:
    webhook_id = (await make_webhook(client, targetUrl="https://hooks.example/T0/path-key", secret="s3cret"))["id"]
    rotated = (await client.data(ROTATE, {"id": webhook_id, "validFor": 9}))["rotateWebhookSecret"]
    changes = {"secret": "other-s3cret", "operations": ["person.*"], "targetUrl": "https://hooks.example/T1/path-key"}
    await client.data(UPDATE, {"input": {"id": webhook_id, **changes}})
    async with client.database.transaction() as connection:
        await disable(connection, UUID(webhook_id), reason="It is gone.")
    await client.data(ENABLE, {"id": webhook_id})
    await client.data(DELETE, {"id": webhook_id})

    rows = await client.database.rows(
        'select action, details::jsonb - \'webhookId\' as details, address, "apiKeyId" is not null as "hasKey", '
        'details->>\'webhookId\' as "webhookId" from core."auditEntry" order by id'
    )
    host = '"target": "https://hooks.example"'
    assert [(row["action"], row["details"]) for row in rows] == [
        ("webhookCreated", '{"given": ["targetUrl", "operations", "secret"], ' + host + ', "operations": ["*.*"]}'),
        ("webhookSecretRotated", '{"validFor": 9}'),
        (
            "webhookUpdated",
            '{"given": ["targetUrl", "operations", "secret"], ' + host + ', "operations": ["person.*"]}',
        ),
        ("webhookDisabled", '{"reason": "It is gone.", ' + host + "}"),
        ("webhookEnabled", "{}"),
        ("webhookDeleted", "{}"),
    ]
    assert {row["webhookId"] for row in rows} == {webhook_id}
    assert [row["hasKey"] for row in rows] == [True, True, True, False, True, True]
    assert [row["address"] for row in rows] == ["127.0.0.1"] * 3 + [None] + ["127.0.0.1"] * 2
    told = str([dict(row) for row in rows])
    assert not [each for each in ("s3cret", "path-key", rotated["secret"]) if each in told]
