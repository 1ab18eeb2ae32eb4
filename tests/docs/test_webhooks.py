"""The examples of the guide to webhooks."""

import asyncio
import json
import re
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from rapport.base.networks import read_network
from rapport.webhooks.operations import ACTIONS, MOST_OPERATIONS
from rapport.webhooks.secrets import LONGEST_SECRET
from rapport.webhooks.service import LONGEST_OVERLAP, MOST_WEBHOOKS, OVERLAP
from rapport.webhooks.targets import LONGEST_TARGET
from tests.conftest import Inhabited
from tests.docs.markdown import ROOT
from tests.edge.rest.asking import send
from tests.serving import Client, serving
from tests.webhooks.asking import add_delivery
from tests.webhooks.receiving import Received, Receiver, receiving

TEXT = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
HERE = (read_network("127.0.0.1"),)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


EXAMPLES = {re.split(r"\W", text.split(maxsplit=1)[1])[0]: text for text in blocks("graphql")}


class Reader:
    """Follows the guide. Notes which of its examples were sent."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.read: set[str] = set()

    async def data(self, name: str, **variables: object) -> Any:  # noqa: ANN401  # whatever the example asks for
        """What the one operation of an example gives."""
        self.read.add(name)
        (found,) = (await self.client.data(EXAMPLES[name], variables)).values()
        return found


async def sent_as_a_test(reader: Reader, receiver: Receiver, webhook_id: str) -> Received:
    """What the endpoint was sent as a test."""
    assert (await reader.data("TestWebhook", id=webhook_id))["state"] == "DELIVERED"
    return receiver.received[-1]


async def test_every_example_is_answered_in_the_order_of_a_story(inhabited: Inhabited) -> None:
    async with (
        receiving() as receiver,
        serving(inhabited.database, inhabited.tenant, outgoing_private_networks=HERE) as client,
    ):
        reader = Reader(client)
        webhook = await reader.data("CreateWebhook", targetUrl=receiver.url)
        webhook_id = webhook["id"]
        assert webhook["operations"] == ["person.created", "company.*"]
        assert [each["secret"] for each in await reader.data("Webhooks")] == [webhook["secret"]]
        assert (await reader.data("UpdateWebhook", id=webhook_id))["operations"] == ["*.*"]
        assert (await reader.data("RotateWebhookSecret", id=webhook_id))["previousSecretExpiresAt"] is not None
        assert (await sent_as_a_test(reader, receiver, webhook_id)).told["eventName"] == "webhook.test"
        assert (await reader.data("WebhookStatus", id=webhook_id))["waitingCount"] == 0
        dead = [await add_delivery(client, webhook_id, at=f"2026-01-0{day}T00:00:00Z", state="dead") for day in (1, 2)]
        found = await reader.data("WebhookDeliveries", id=webhook_id)
        assert [edge["node"]["id"] for edge in found["edges"]] == dead[::-1]
        assert await reader.data("RedeliverOne", id=dead[0]) == {"id": dead[0], "state": "WAITING"}
        assert await reader.data("RedeliverSince", id=webhook_id, since="2026-01-01T00:00:00Z") == 1
        assert await reader.data("DeleteWebhook", id=webhook_id) is True
    assert reader.read == EXAMPLES.keys()


async def test_the_programs_of_the_guide_know_what_is_genuine(inhabited: Inhabited, tmp_path: Path) -> None:
    programs: dict[str, Callable[[str, Mapping[str, str], bytes], bool]] = {}
    for program in blocks("python")[1:]:
        exec(program, programs)  # noqa: S102  # it is our own guide
    is_genuine, by_contract = programs["is_genuine"], programs["is_genuine_by_contract"]
    async with (
        receiving() as receiver,
        serving(inhabited.database, inhabited.tenant, outgoing_private_networks=HERE) as client,
    ):
        reader = Reader(client)
        webhook = await reader.data("CreateWebhook", targetUrl=receiver.url)
        old, before = webhook["secret"], await sent_as_a_test(reader, receiver, webhook["id"])
        new = (await reader.data("RotateWebhookSecret", id=webhook["id"]))["secret"]
        between = await sent_as_a_test(reader, receiver, webhook["id"])
        own = 'mutation ($id: UUID!) { updateWebhook(input: { id: $id, secret: "Über uns" }) { id } }'
        await client.data(own, {"id": webhook["id"]})
        after = await sent_as_a_test(reader, receiver, webhook["id"])

    late = {**before.headers, "webhook-timestamp": "1700000000", "x-twenty-webhook-timestamp": "1700000000000"}
    other_id = {**before.headers, "webhook-id": after.headers["webhook-id"]}
    cases: list[tuple[str, Mapping[str, str], bytes, bool, bool]] = [
        (old, before.headers, before.body, True, True),
        (new, before.headers, before.body, False, False),
        (old, before.headers, before.body + b" ", False, False),
        (old, late, before.body, False, False),
        (old, other_id, before.body, False, True),
        (old, between.headers, between.body, True, False),
        (new, between.headers, between.body, True, True),
        (new, after.headers, after.body, False, False),
        ("Über uns", after.headers, after.body, True, True),
        *((old, headers, before.body, False, False) for headers in hostile(before.headers)),
        ("whsec_a", before.headers, before.body, False, False),
    ]
    assert [is_genuine(*case[:3]) for case in cases] == [case[3] for case in cases]
    assert [by_contract(*case[:3]) for case in cases] == [case[4] for case in cases]
    (script,) = blocks("js")
    assert await in_node(tmp_path, script, cases) == [case[3] for case in cases]


def hostile(headers: Mapping[str, str]) -> list[Mapping[str, str]]:
    """What somebody may send who knows no secret, for each way of signing at once."""
    pairs = (
        ("webhook-id", "x-twenty-webhook-signature"),
        ("webhook-timestamp", "x-twenty-webhook-timestamp"),
        ("webhook-signature", "x-twenty-webhook-signature"),
    )
    found: list[Mapping[str, str]] = [{}]
    for pair in pairs:
        found.append({name: value for name, value in headers.items() if name not in pair})
        values = ("", " ", "soon", "ü", "\udcff", "9" * 400, "9" * 5_000)
        found += ({**headers, **dict.fromkeys(pair, value)} for value in values)
    return found


async def test_the_receiver_of_the_guide_receives(inhabited: Inhabited) -> None:
    program = blocks("python")[0].replace("9000", "0").replace("HTTPServer((", "server = HTTPServer((")
    program = program.replace(".serve_forever()", "\nprint(server.server_port, flush=True)\nserver.serve_forever()")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        network = (read_network("127.0.0.1/32"),)
        async with serving(inhabited.database, inhabited.tenant, outgoing_private_networks=network) as client:
            reader = Reader(client)
            webhook = await reader.data("CreateWebhook", targetUrl=f"http://127.0.0.1:{port}/")
            assert (await reader.data("TestWebhook", id=webhook["id"]))["state"] == "DELIVERED"
        assert json.loads(await process.stdout.readuntil(b"}"))["webhookId"] == webhook["id"]
    finally:
        process.kill()
        await process.wait()
    assert all(
        each in TEXT for each in ('("127.0.0.1", 9000)', "http://127.0.0.1:9000/", "PRIVATE_NETWORKS=127.0.0.1/32`")
    )


async def in_node(folder: Path, script: str, cases: list[tuple[str, Mapping[str, str], bytes, bool, bool]]) -> object:
    """What the program in JavaScript says of each case."""
    (folder / "genuine.mjs").write_text(script, encoding="utf-8")
    given = [[secret, dict(headers), body.decode()] for secret, headers, body, *_ in cases]
    (folder / "run.mjs").write_text(
        'import { isGenuine } from "./genuine.mjs";\n'
        f"const said = {json.dumps(given)}.map(([secret, headers, body]) =>"
        " isGenuine(secret, headers, Buffer.from(body)));\n"
        "console.log(JSON.stringify(said));\n"
    )
    process = await asyncio.create_subprocess_shell(
        f"node {shlex.quote(str(folder / 'run.mjs'))}", stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(printed)


async def test_every_address_of_the_guide_is_there(client: Client) -> None:
    rows = re.findall(r"^\| `([A-Z]+)(?:`, `([A-Z]+))? (/rest/\S+)` \|", TEXT, re.MULTILINE)
    addresses = {(method, path) for *methods, path in rows for method in methods if method}
    assert len(addresses) == 14
    unknown = "018f0000-0000-7000-8000-0000000000ff"
    for method, path in addresses:
        answer = await send(client, method, path.removeprefix("/rest").replace("{id}", unknown))
        assert answer.status_code != 405, path
        assert "nothing at this address" not in answer.text


@pytest.mark.parametrize(
    "said",
    [
        f"at most {LONGEST_TARGET:,} characters",
        f"up to {MOST_OPERATIONS} of the form",
        f"at most {LONGEST_SECRET} characters",
        f"up to {MOST_WEBHOOKS} webhooks",
        f"a day unless said otherwise, {LONGEST_OVERLAP.days} days at most",
        *(f"`{action}`" for action in ACTIONS),
    ],
)
def test_the_numbers_and_words_of_the_guide_are_those_of_the_program(said: str) -> None:
    assert said in TEXT.replace("\n  ", " ").replace("\n", " ")
    assert OVERLAP.days == 1
