"""Clients that programs for browsers and Node.js use: graphql-ws, graphql-sse and Apollo Client, as npm has them."""

import asyncio
import os
import shlex
from pathlib import Path

from tests.serving import Client

HERE = Path(__file__).parent
UI = Path(__file__).parents[4] / "ui"
# Later versions of Node.js have both without asking.
FLAGS = "--experimental-websocket --experimental-eventsource --disable-warning=ExperimentalWarning"


async def test_clients_for_javascript_ask_and_listen_and_come_again(client: Client, tmp_path: Path) -> None:
    for name in ("clients.mjs", "seed.graphql"):
        (tmp_path / name).write_bytes((HERE / name).read_bytes())
    (tmp_path / "node_modules").symlink_to(UI / "node_modules")
    program = shlex.quote(str(tmp_path / "clients.mjs"))
    process = await asyncio.create_subprocess_exec(
        str(UI / "npm"),
        *("exec", "--no", "-c", f"node {FLAGS} {program} > {shlex.quote(str(tmp_path / 'printed'))}"),
        env={**os.environ, "SERVER": client.url, "KEY": client.tenant.key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert (tmp_path / "printed").read_text(encoding="utf-8") == "done\n"
