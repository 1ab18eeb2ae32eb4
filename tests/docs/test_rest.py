"""The examples of the guide to REST are what the server takes and answers."""

import json
import re
import shlex

from tests.docs.markdown import ROOT
from tests.edge.rest.asking import send
from tests.serving import Client, serving

TEXT = (ROOT / "docs" / "rest.md").read_text(encoding="utf-8")


async def test_errors_look_as_shown(client: Client) -> None:
    nested, flat = (json.loads(each) for each in re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))

    assert (await send(client, "GET", "/nope")).json() == nested
    async with serving(client.database, client.tenant, rest_error_shape="flat") as server:
        assert (await send(server, "GET", "/nope")).json() == flat


async def test_the_request_that_is_shown_is_answered(client: Client) -> None:
    (command,) = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    words = shlex.split(command.replace("\\\n", " "))
    path = next(word for word in words if word.startswith("http")).partition("/rest")[2]

    answer = await send(client, words[words.index("-X") + 1], path, json.loads(words[words.index("-d") + 1]))

    assert answer.status_code == 201
