"""The examples of the guide to subscriptions tell of what happens, and its codes are those of the server."""

import asyncio
import os
import re
import shlex
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

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


# Says that a connection could not be made, which examples keep to themselves.
REFUSED = """
globalThis.WebSocket = class extends globalThis.WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("error", () => console.log("refused"));
  }
};
"""


@pytest.mark.parametrize("number", range(5))
async def test_an_example_tells_of_what_happens(client: Client, tmp_path: Path, number: int) -> None:
    language, text = EXAMPLES[number]
    async with running(client, tmp_path, language, text.replace("//127.0.0.1:3000", client.url[5:])) as process:
        await hears(client, process)


@pytest.mark.parametrize("number", [0, 4])
async def test_an_example_comes_again_when_the_server_does(client: Client, tmp_path: Path, number: int) -> None:
    language, text = EXAMPLES[number]
    async with Door.of(client) as door:
        await door.open()
        text = text.replace("//127.0.0.1:3000", f"//127.0.0.1:{door.port}")
        async with running(client, tmp_path, language, REFUSED + text) as process:
            await hears(client, process)
            door.close()
            missed = (await client.data(CREATE))["createPerson"]["id"]
            await says(process, {"refused"})
            await door.open()
            if number == 4:  # which goes on where it was
                await says(process, {missed})
            await hears(client, process)


class Door:
    """A port that leads to the server, and that can be closed: as if the server was stopped and started again."""

    def __init__(self, server: str, port: int) -> None:
        self._there = urlsplit(server)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = port

    @classmethod
    @asynccontextmanager
    async def of(cls, client: Client) -> AsyncIterator["Door"]:
        door = cls(client.url, 0)
        try:
            yield door
        finally:
            door.close()
            await asyncio.gather(*door._tasks, return_exceptions=True)

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._enter, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(self._there.hostname, self._there.port)
        self._writers |= {writer, forth}
        for source, target in ((reader, forth), (back, writer)):
            task = asyncio.create_task(_pass_on(source, target))
            self._tasks.add(task)


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    except OSError:
        pass  # the door was closed
    finally:
        target.close()


@asynccontextmanager
async def running(client: Client, folder: Path, language: str, text: str) -> AsyncIterator[Process]:
    file = folder / ("example.mjs" if language == "js" else "example.py")
    file.write_text(text.replace("sk_live_…", client.tenant.key), encoding="utf-8")
    (folder / "node_modules").symlink_to(UI / "node_modules")
    path = shlex.quote(str(file))
    command = f"exec {shlex.quote(sys.executable)} {path}"
    if language == "js":
        command = f"exec {UI}/npm exec --no -c {shlex.quote(f'exec node {FLAGS} {path}')}"
    process = await asyncio.create_subprocess_shell(
        command, env=dict(os.environ), stdout=PIPE, stderr=STDOUT, start_new_session=True
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, 9)
        await process.communicate()


async def hears(client: Client, process: Process) -> None:
    """The example tells of what is created from now on."""
    made: set[str] = set()

    async def creating() -> None:
        while True:  # until the example listens
            made.add((await client.data(CREATE))["createPerson"]["id"])

    work = asyncio.create_task(creating())
    try:
        await says(process, made)
    finally:
        work.cancel()


async def says(process: Process, one_of: set[str]) -> None:
    """Waits until the example has printed one of these lines."""
    assert process.stdout is not None
    said: list[str] = []
    async with asyncio.timeout(60):
        while not one_of.intersection(said[-1:]):
            line = await process.stdout.readline()
            assert line, said
            said.append(line.decode().strip())
