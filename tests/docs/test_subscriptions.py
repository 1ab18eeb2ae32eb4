"""The examples of the guide to subscriptions tell of what happens, and its codes are those of the server."""

import asyncio
import os
import re
import shlex
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from rapport.edge.graphql.live import conversation, websocket
from tests.docs.markdown import ROOT
from tests.edge.graphql.live.test_node import FLAGS, UI
from tests.serving import Client

TEXT = (ROOT / "docs" / "subscriptions.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(js|python)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
CREATE = 'mutation { createPerson(data: { name: { firstName: "Ada" } }) { id } }'


def test_there_are_examples() -> None:
    assert [language for language, _ in EXAMPLES] == ["js", "python", "js", "js", "js"]


def test_every_code_is_explained() -> None:
    shown = set(re.findall(r"^\| (\d{4}) \|", TEXT, re.MULTILINE))
    own = {str(code) for module in (conversation, websocket) for code in vars(module).values() if type(code) is int}
    assert shown - {"1009"} == {code for code in own if 1000 < int(code) < 5000}  # 1009 is the library's


@pytest.mark.parametrize("number", range(5))
async def test_an_example_tells_of_what_happens(client: Client, tmp_path: Path, number: int) -> None:
    language, text = EXAMPLES[number]
    file = tmp_path / ("example.mjs" if language == "js" else "example.py")
    text = text.replace("//127.0.0.1:3000", client.url.removeprefix("http:")).replace("sk_live_…", client.tenant.key)
    file.write_text(text, encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(UI / "node_modules")
    path = shlex.quote(str(file))
    command = f"exec {shlex.quote(sys.executable)} {path}"
    if language == "js":
        command = f"exec {UI}/npm exec --no -c {shlex.quote(f'exec node {FLAGS} {path}')}"
    process = await asyncio.create_subprocess_shell(
        command, env=dict(os.environ), stdout=PIPE, stderr=STDOUT, start_new_session=True
    )
    assert process.stdout is not None
    made: set[str] = set()

    async def creating() -> None:
        while True:  # until the example listens
            made.add((await client.data(CREATE))["createPerson"]["id"])

    work = asyncio.create_task(creating())
    try:
        said: list[str] = []
        async with asyncio.timeout(60):
            while not made.intersection(said):
                line = await process.stdout.readline()
                assert line, said
                said.append(line.decode().strip())
    finally:
        work.cancel()
        os.killpg(process.pid, 9)
        await process.communicate()
