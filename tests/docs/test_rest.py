"""The examples of the guide to REST are what the server takes and answers."""

import json
import re
import shlex

import pytest

from tests.docs.markdown import ROOT
from tests.edge.rest.asking import send
from tests.serving import Client, serving

TEXT = (ROOT / "docs" / "rest.md").read_text(encoding="utf-8")


MISSING = "/people/99999999-9999-4999-8999-999999999999"
COMMANDS = [
    shlex.split(each.replace("\\\n", " ")) for each in re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
]


async def test_errors_look_as_shown(client: Client) -> None:
    nested, flat = (json.loads(each) for each in re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))

    assert (await send(client, "GET", MISSING)).json() == nested
    async with serving(client.database, client.tenant, rest_error_shape="flat") as server:
        assert (await send(server, "GET", MISSING)).json() == flat


def _after(words: list[str], option: str) -> str | None:
    return words[words.index(option) + 1] if option in words else None


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: next(each for each in words if "://" in each)[:60])
async def test_the_requests_that_are_shown_are_answered(client: Client, words: list[str]) -> None:
    path = next(word for word in words if word.startswith("http")).partition("/rest")[2]
    body = _after(words, "-d")

    answer = await send(client, _after(words, "-X") or "GET", path, None if body is None else json.loads(body))

    assert answer.status_code == (200 if body is None else 201)


async def test_every_route_is_in_the_guide(client: Client) -> None:
    """Each row of the tables names a request that is not answered with "no such path" or "no such method"."""
    shown = re.findall(r"`(GET|POST|PATCH|PUT|DELETE)[^`]*? (/rest/[^`]*)`", TEXT)
    assert len(shown) > 20

    for method, path in shown:
        answer = await send(client, method, path.removeprefix("/rest").replace("{id}", MISSING[-36:]).partition("?")[0])
        messages = " ".join(answer.json()["messages"]) if answer.status_code >= 400 else ""
        assert answer.status_code != 405, (method, path)
        assert "nothing at this address" not in messages, (method, path)
        assert "Query path" not in messages, (method, path)
