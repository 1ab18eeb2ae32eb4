"""The guide to events: its program keeps a copy whatever happens, and what it shows is what the server says."""

import asyncio
import json
import random
import re
import signal
import sqlite3
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

from rapport.edge.rest.events.asked import ACTIONS
from rapport.events.retention import drop_old
from tests.docs.markdown import ROOT
from tests.edge.rest.asking import send
from tests.edge.rest.events.feed import page, streaming
from tests.edge.rest.events.mirror import on_server
from tests.edge.rest.events.test_concurrency import Writers
from tests.edge.rest.records import ADA, ask, fill
from tests.serving import Client

TEXT = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
ENOUGH_SECONDS = 60.0


def program() -> str:
    (found,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return str(found)


@asynccontextmanager
async def mirroring(client: Client, folder: Path) -> AsyncIterator[Callable[[], Awaitable[Process]]]:
    """Starts the program, again and again. It must never end by itself."""
    text = program().replace("http://127.0.0.1:3000", client.url).replace("sk_live_…", client.tenant.key)
    (folder / "program.py").write_text(text, encoding="utf-8")
    running: list[Process] = []

    async def start() -> Process:
        await stop()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "program.py", cwd=folder, stdout=DEVNULL, stderr=PIPE
        )
        running.append(process)
        return process

    async def stop() -> None:
        for process in running:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            _, errors = await process.communicate()
            assert process.returncode == -signal.SIGKILL, errors.decode()
        running.clear()

    try:
        yield start
    finally:
        await stop()


def copied(folder: Path) -> dict[str, dict[str, object]]:
    """The records of the copy by kind and id; nothing while there is none."""
    with closing(sqlite3.connect(folder / "mirror.db")) as db:
        try:
            rows = db.execute("select object, id, data from record").fetchall()
        except sqlite3.OperationalError:
            return {}
    found: dict[str, dict[str, object]] = {"person": {}, "company": {}, "opportunity": {}}
    for kind, record_id, data in rows:
        found[kind][record_id] = json.loads(data)
    return found


async def live(client: Client) -> dict[str, dict[str, object]]:
    kinds = ("person", "company", "opportunity")
    there = {kind: await on_server(client, kind) for kind in kinds}
    return {
        kind: {record_id: each for record_id, each in records.items() if not each["deletedAt"]}
        for kind, records in there.items()
    }


async def until_copied(client: Client, folder: Path) -> None:
    expected = await live(client)
    async with asyncio.timeout(ENOUGH_SECONDS):
        while copied(folder) != expected:  # noqa: ASYNC110  # another process writes the file
            await asyncio.sleep(0.05)


async def test_the_copy_is_right_however_often_its_program_is_killed(client: Client, tmp_path: Path) -> None:
    writers, chance = Writers(client, seed=5), random.Random(5)
    await writers.begin()
    async with mirroring(client, tmp_path) as start:
        writing = asyncio.gather(*(writers.write(60) for _ in range(3)), writers.write_long(40))
        while not writing.done():
            await start()
            await asyncio.wait((writing,), timeout=0.3 + chance.random())
        await writing
        await start()
        await until_copied(client, tmp_path)


async def test_the_program_takes_a_new_snapshot_when_its_place_has_expired(client: Client, tmp_path: Path) -> None:
    await fill(client)
    async with mirroring(client, tmp_path) as start:
        program = await start()
        await until_copied(client, tmp_path)
        program.kill()
        await ask(client, "PATCH", f"/people/{ADA}", {"city": "Rome"})
        long_ago = f"update {client.tenant.schema}.event set \"happenedAt\" = now() - interval '31 days'"
        await client.database.execute(long_ago)
        assert await drop_old(client.database, timedelta(days=30), frozenset()) == 6
        assert copied(tmp_path) != await live(client)
        await start()
        await until_copied(client, tmp_path)
        await ask(client, "DELETE", f"/people/{ADA}")
        await until_copied(client, tmp_path)


async def test_the_answer_that_is_shown_has_the_keys_of_one(client: Client) -> None:
    await fill(client)
    await ask(client, "PATCH", f"/people/{ADA}", {"city": "Rome"})
    (shown,) = (json.loads(each) for each in re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
    got = await page(client)
    event = got["data"]["events"][-1]

    assert {name: list(each) for name, each in shown.items()} == {name: list(each) for name, each in got.items()}
    (example,) = shown["data"]["events"]
    assert (list(example), list(example["actor"])) == (list(event), list(event["actor"]))
    assert set(example["record"]) < set(event["record"])


async def test_the_requests_that_are_shown_are_answered(client: Client) -> None:
    await fill(client)
    queries = re.findall(r'"http://127\.0\.0\.1:3000/rest/events\?([^"]*)"', TEXT)
    assert len(queries) == 3
    for query in queries[:2]:
        assert (await send(client, "GET", f"/events?{query}")).status_code == 200
    async with streaming(client, queries[2] + client.tenant.key, Authorization="") as stream:
        assert [each.event for each in await stream.has_frames(1)] == ["cursor"]


def test_the_table_names_all_actions() -> None:
    assert tuple(re.findall(r"^\| `(\w+)` \| .* \| .* \|$", TEXT.partition("| action |")[2], re.MULTILINE)) == ACTIONS
