"""`/rest/metadata/webhooks` and `/rest/webhooks` over HTTP."""

from typing import Any

import pytest

from rapport.base.networks import read_network
from tests.access.acting import Role, acting
from tests.edge.rest.asking import error, send
from tests.serving import Client, serving
from tests.webhooks.asking import HOOK, UNKNOWN, add_delivery, other_tenant
from tests.webhooks.receiving import receiving

KEYS = [
    "id", "targetUrl", "operations", "description", "secret", "workspaceId", "createdAt", "updatedAt", "deletedAt",
]  # fmt: skip
AT, ALIAS = "/metadata/webhooks", "/webhooks"
NOT_FOUND = (404, "NOT_FOUND", "Webhook not found")
HERE = (read_network("127.0.0.1"),)


async def ask(client: Client, method: str, path: str, body: object = None, status: int = 200) -> Any:  # noqa: ANN401  # JSON
    """The JSON of an answer that must have the status."""
    answer = await send(client, method, path, body)
    assert answer.status_code == status, answer.text[:1000]
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    return answer.json()


async def made(client: Client, **values: object) -> str:
    found = await ask(client, "POST", AT, {"targetUrl": HOOK, **values}, 201)
    return str(found["id"])


# -- as the contract has it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [AT, ALIAS])
async def test_a_webhook_from_its_beginning_to_its_end(client: Client, at: str) -> None:
    given = {
        "targetUrl": "http://127.0.0.1:9/hook",
        "operations": ["person.created"],
        "description": "d",
        "secret": "s3",
    }
    webhook = await ask(client, "POST", at, given, 201)

    assert list(webhook) == KEYS
    assert webhook == given | {
        "id": webhook["id"],
        "workspaceId": str(client.tenant.workspace_id),
        "createdAt": webhook["createdAt"],
        "updatedAt": webhook["createdAt"],
        "deletedAt": None,
    }
    one = f"{at}/{webhook['id']}"
    assert await ask(client, "GET", at) == [webhook]
    assert await ask(client, "GET", one) == webhook
    for method, description in (("PATCH", "patched"), ("PUT", "put")):
        changed = await ask(client, method, one, {"description": description})
        assert changed == webhook | {"description": description, "updatedAt": changed["updatedAt"]}
        assert await ask(client, "GET", one) == changed
    assert await ask(client, "DELETE", one) is True
    assert await ask(client, "DELETE", one) is False
    assert await ask(client, "GET", at) == []
    assert error(await send(client, "GET", one)) == NOT_FOUND
    assert error(await send(client, "PATCH", one, {"description": "x"})) == NOT_FOUND


@pytest.mark.parametrize("given", [{}, {"operations": None, "secret": None, "description": None}])
async def test_what_is_not_given_is_chosen(client: Client, given: dict[str, object]) -> None:
    webhook = await ask(client, "POST", AT, {"targetUrl": "https://a.b", **given}, 201)
    assert (webhook["targetUrl"], webhook["operations"], webhook["description"]) == ("https://a.b/", ["*.*"], None)
    assert webhook["secret"].startswith("whsec_")


async def test_a_webhook_is_made_once_for_an_idempotency_key(client: Client) -> None:
    headers = {"Idempotency-Key": "k"}
    answers = [await send(client, "POST", AT, {"targetUrl": HOOK}, headers=headers) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert len(await ask(client, "GET", AT)) == 1


async def test_posting_to_a_webhook_is_left_to_workflows(client: Client) -> None:
    found = await send(client, "POST", f"{ALIAS}/{await made(client)}", {})
    assert found.status_code == 405
    assert "POST" not in found.headers["Allow"]


# -- what cannot be ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "targetUrl"),
        ({"targetUrl": None}, "Expected non-nullable type 'String!' not to be null."),
        ({"targetUrl": 7}, "String cannot represent a non string value: 7"),
        ({"targetUrl": "file:///etc/passwd"}, "The targetUrl of a webhook is an address"),
        ({"targetUrl": HOOK, "operations": {"person": "created"}}, "String cannot represent a non string value"),
        ({"targetUrl": HOOK, "operations": []}, "told of nothing"),
        ({"targetUrl": HOOK, "operations": ["x"]}, '"x" is no operation'),
        ({"targetUrl": HOOK, "secret": 7}, "String cannot represent a non string value: 7"),
        ({"targetUrl": HOOK, "colour": "red"}, "colour"),
        ({"targetUrl": HOOK, "workspaceId": UNKNOWN}, "workspaceId"),
        ([], "The body must be a JSON object."),
        ("text", "The body must be a JSON object."),
        (b"{", "The body is not valid JSON."),
        (b"", "The body is not valid JSON."),
        (b'{"targetUrl": "\xff"}', "The body is not valid"),
        (b'{"targetUrl": "http://\\ud800.com/"}', ""),
    ],
)
async def test_a_body_that_cannot_be_is_refused(client: Client, body: object, message: str) -> None:
    for at in (AT, ALIAS):
        status, code, found = error(await send(client, "POST", at, body))
        assert (status, code) == (400, "BAD_USER_INPUT")
        assert message in found
    assert await ask(client, "GET", AT) == []


async def test_errors_have_the_shape_of_the_installation(client: Client) -> None:
    async with serving(client.database, client.tenant, rest_error_shape="flat") as flat:
        found = await send(flat, "GET", f"{AT}/{UNKNOWN}")
    assert (found.status_code, found.json()) == (
        404,
        {
            "statusCode": 404,
            "error": "NotFoundException",
            "messages": ["Webhook not found"],
            "code": "WEBHOOK_NOT_FOUND",
        },
    )


async def test_an_id_that_is_none_is_refused(client: Client) -> None:
    for method, path in (
        ("GET", f"{ALIAS}/nonsense"),
        ("DELETE", f"{ALIAS}/nonsense"),
        ("POST", f"{AT}/nonsense/test"),
        ("GET", "/metadata/webhook-deliveries/nonsense"),
    ):
        assert error(await send(client, method, path)) == (
            400, "BAD_USER_INPUT", "'nonsense' is not a valid UUID",
        )  # fmt: skip


# -- what goes beyond the contract ---------------------------------------------------------------------------------


async def test_a_secret_is_rotated(client: Client) -> None:
    webhook_id = await made(client, secret="old")
    rotate, status = f"{AT}/{webhook_id}/rotate-secret", f"{AT}/{webhook_id}/status"
    for body, goes_on in ((None, True), ({}, True), ({"validFor": 60}, True), ({"validFor": 0}, False)):
        rotated = await ask(client, "POST", rotate, body)
        assert list(rotated) == [*KEYS, "previousSecretExpiresAt"]
        assert await ask(client, "GET", f"{AT}/{webhook_id}") == {name: rotated[name] for name in KEYS}
        assert (rotated["previousSecretExpiresAt"] is not None) == goes_on
        assert await ask(client, "GET", status) == {
            "id": webhook_id,
            "disabledAt": None,
            "disabledReason": None,
            "failingSince": None,
            "pausedUntil": None,
            "previousSecretExpiresAt": rotated["previousSecretExpiresAt"],
            "waitingCount": 0,
        }
    mistakes: tuple[object, ...] = ({"validFor": -1}, {"validFor": "x"}, {"valid": 1}, {"id": UNKNOWN}, [], b"{")
    for wrong in mistakes:
        assert error(await send(client, "POST", rotate, wrong))[:2] == (400, "BAD_USER_INPUT")


async def test_deliveries_are_listed_a_page_at_a_time(client: Client) -> None:
    webhook_id = await made(client)
    first, second, third = [await add_delivery(client, webhook_id, at=f"2026-01-0{day}T00:00:00Z") for day in (1, 2, 3)]
    dead = await add_delivery(client, webhook_id, at="2026-01-04T00:00:00Z", state="dead")
    at = f"{AT}/{webhook_id}/deliveries"

    page = await ask(client, "GET", f"{at}?limit=2")
    assert [each["id"] for each in page["data"]["deliveries"]] == [dead, third]
    assert page["pageInfo"] == {"hasNextPage": True, "startCursor": dead, "endCursor": third}
    for spelling in ("starting_after", "startingAfter", "after"):
        rest = await ask(client, "GET", f"{at}?{spelling}={third}")
        assert [each["id"] for each in rest["data"]["deliveries"]] == [second, first]
    for state in ("dead", "DEAD"):
        found = await ask(client, "GET", f"{at}?state={state}")
        assert [each["id"] for each in found["data"]["deliveries"]] == [dead]
    for wrong in ("?limit=x", "?state=lost", "?after=nonsense"):
        assert error(await send(client, "GET", at + wrong))[:2] == (400, "BAD_USER_INPUT")

    attempt = {"attemptedAt": "2026-01-01T00:00:00.000Z", "status": 200, "durationMs": 12, "response": "thanks"}
    assert await ask(client, "GET", f"/metadata/webhook-deliveries/{first}") == {
        "id": first,
        "webhookId": webhook_id,
        "eventId": UNKNOWN,
        "recordId": UNKNOWN,
        "eventName": "person.created",
        "state": "DELIVERED",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "dueAt": "2026-01-01T00:00:00.000Z",
        "deliveredAt": "2026-01-01T00:00:00.000Z",
        "error": None,
        "attemptsCount": 1,
        "attempts": [{"id": first, **attempt, "error": None}],
        "body": '{"a":1}',
    }
    unknown = await send(client, "GET", f"/metadata/webhook-deliveries/{UNKNOWN}")
    assert error(unknown) == (404, "NOT_FOUND", "Delivery not found")


async def test_a_test_tells_what_the_endpoint_answered(client: Client) -> None:
    async with receiving() as receiver, serving(client.database, client.tenant, outgoing_private_networks=HERE) as near:
        webhook_id = await made(near, targetUrl=f"{receiver.url}hook")
        tested = await ask(near, "POST", f"{AT}/{webhook_id}/test")
        (received,) = receiver.received
    (attempt,) = tested["attempts"]
    assert (tested["eventName"], tested["state"], tested["eventId"]) == ("webhook.test", "DELIVERED", None)
    assert (attempt["status"], attempt["error"]) == (200, None)
    assert received.headers["webhook-id"] == tested["id"]
    shown = await ask(client, "GET", f"/metadata/webhook-deliveries/{tested['id']}")
    assert shown == tested | {"body": received.body.decode()}

    refused = await ask(client, "POST", f"{AT}/{webhook_id}/test")  # private networks are not reached unless allowed
    assert (refused["state"], refused["attempts"][0]["status"]) == ("DEAD", None)
    assert refused["attempts"][0]["error"] == refused["error"]
    assert "private network" in refused["error"]


async def test_deliveries_are_made_again(client: Client) -> None:
    webhook_id = await made(client)
    old, new = [await add_delivery(client, webhook_id, at=f"2026-01-0{day}T00:00:00Z") for day in (1, 3)]
    dead = await add_delivery(client, webhook_id, at="2026-01-04T00:00:00Z", state="dead")
    at = f"{AT}/{webhook_id}/redeliver"

    async def waiting() -> set[str]:
        found = await ask(client, "GET", f"{AT}/{webhook_id}/deliveries?state=waiting")
        return {each["id"] for each in found["data"]["deliveries"]}

    assert await ask(client, "POST", at, {"since": "2026-01-02T00:00:00Z", "onlyDead": True}) == {"count": 1}
    assert await waiting() == {dead}
    assert await ask(client, "POST", at, {"since": "2026-01-02T00:00:00Z"}) == {"count": 1}
    assert await waiting() == {new, dead}
    again = await ask(client, "POST", f"/metadata/webhook-deliveries/{old}/redeliver")
    assert (again["id"], again["state"]) == (old, "WAITING")
    assert (await ask(client, "GET", f"{AT}/{webhook_id}/status"))["waitingCount"] == 3
    assert await client.database.value("select count(*) from core.job") == 1
    for wrong in (None, {}, {"since": None}, {"since": "yesterday"}, {"since": 7}, {"until": "2026-01-02T00:00:00Z"}):
        assert error(await send(client, "POST", at, wrong))[:2] == (400, "BAD_USER_INPUT")


# -- who may -------------------------------------------------------------------------------------------------------

ROUTES: list[tuple[str, str, object]] = [
    ("GET", AT, None),
    ("POST", AT, {"targetUrl": HOOK}),
    ("GET", f"{AT}/{{webhook}}", None),
    ("PATCH", f"{AT}/{{webhook}}", {"description": "x"}),
    ("PUT", f"{AT}/{{webhook}}", {"description": "x"}),
    ("DELETE", f"{AT}/{{webhook}}", None),
    ("GET", ALIAS, None),
    ("POST", ALIAS, {"targetUrl": HOOK}),
    ("GET", f"{ALIAS}/{{webhook}}", None),
    ("PATCH", f"{ALIAS}/{{webhook}}", {"description": "x"}),
    ("PUT", f"{ALIAS}/{{webhook}}", {"description": "x"}),
    ("DELETE", f"{ALIAS}/{{webhook}}", None),
    ("GET", f"{AT}/{{webhook}}/status", None),
    ("POST", f"{AT}/{{webhook}}/rotate-secret", None),
    ("POST", f"{AT}/{{webhook}}/enable", None),
    ("POST", f"{AT}/{{webhook}}/test", None),
    ("GET", f"{AT}/{{webhook}}/deliveries", None),
    ("POST", f"{AT}/{{webhook}}/redeliver", {"since": "2026-01-01T00:00:00Z"}),
    ("GET", "/metadata/webhook-deliveries/{delivery}", None),
    ("POST", "/metadata/webhook-deliveries/{delivery}/redeliver", None),
]


async def test_nobody_without_the_permission_and_no_other_workspace_gets_at_a_webhook(client: Client) -> None:
    ids = {"webhook": await made(client)}
    ids["delivery"] = await add_delivery(client, ids["webhook"], state="dead")
    before = await client.database.value("select json_agg(w)::text from core.webhook w")
    stranger, other = await acting(client, Role(flags=frozenset({"DATA_MODEL"}))), await other_tenant(client)

    for method, path, body in ROUTES:
        at = path.format(**ids)
        refused = (403, "FORBIDDEN", "Entity performing the request does not have permission")
        assert error(await send(stranger, method, at, body)) == refused
        assert error(await send(client, method, at, body, token=None))[:2] == (401, "UNAUTHENTICATED")
        if "{" not in path:
            continue
        found = await send(other, method, at, body)
        if method == "DELETE":
            assert found.json() is False
        else:
            assert error(found)[:2] == (404, "NOT_FOUND")
    assert await client.database.value("select json_agg(w)::text from core.webhook w") == before
    assert await client.database.value('select state from core."webhookDelivery"') == "dead"
