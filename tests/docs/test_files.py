"""The examples of the guide to files, run with curl against a server."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest

from rapport.base.settings import Settings
from rapport.files.stores import storage_of
from tests.docs.markdown import ROOT
from tests.serving import Client

TEXT = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("curl ")]


async def run(client: Client, command: str, folder: Path, file_id: str) -> str:
    """What curl says, with the address, the key and the id of this test."""
    written = command.replace("http://127.0.0.1:3000", client.url)
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", f"{written} --silent --show-error --fail --noproxy '*'",
        cwd=folder, env={"KEY": client.tenant.key, "ID": file_id, "PATH": "/usr/bin:/bin"},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0, command
    return out.decode()


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
async def test_the_commands_do_what_the_guide_says(client: Client, tmp_path: Path) -> None:
    data = b"%PDF-1.7\n" + bytes(range(256)) * 10
    (tmp_path / "report.pdf").write_bytes(data)
    upload, download, beginning, delete, by_graphql = COMMANDS

    made = json.loads(await run(client, upload, tmp_path, ""))
    (shown,) = (json.loads(each) for each in re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
    assert list(made) == list(shown)
    assert {**made, "id": "", "url": "", "size": 0} == {**shown, "id": "", "url": "", "size": 0}
    steps = [re.sub(r"[0-9a-f-]{36}|eyJ.*", "…", step) for step in shown["url"].split("/")[3:]]
    assert [re.sub(r"[0-9a-f-]{36}|eyJ.*", "…", step) for step in made["url"].split("/")[3:]] == steps

    (tmp_path / "report.pdf").unlink()
    await run(client, download, tmp_path, made["id"])
    assert (tmp_path / "report.pdf").read_bytes() == data
    await run(client, beginning, tmp_path, made["id"])
    assert (tmp_path / "beginning").read_bytes() == data[:1024]
    assert json.loads(await run(client, delete, tmp_path, made["id"])) == {"id": made["id"]}
    signed = json.loads(await run(client, by_graphql, tmp_path, ""))["data"]["uploadFile"]
    assert re.fullmatch(r"attachment/[0-9a-f-]{36}\.pdf", signed["path"])


def test_the_settings_of_a_bucket_are_settings() -> None:
    (block,) = [each for each in BLOCKS if each.startswith("RAPPORT_")]
    given = {line.partition("=")[0]: line.partition("=")[2].partition("#")[0].strip() for line in block.splitlines()}

    assert Settings.unknown_variables(given) == ()
    storage_of(Settings.from_environment(given))
