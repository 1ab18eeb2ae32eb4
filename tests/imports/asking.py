"""Imports over REST, and workers that do them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias

import httpx

from rapport.imports.running import RUN, run_handler
from rapport.imports.undoing import UNDO, undo_handler
from rapport.jobs.worker import Worker
from rapport.records.attachments import Loss
from tests.edge.rest.asking import send
from tests.jobs.working import until, working
from tests.serving import Client

Found: TypeAlias = Any  # JSON
CSV = "text/csv"
NDJSON = "application/x-ndjson"
ENDED = ("done", "failed", "cancelled", "undone")


@asynccontextmanager
async def importing(client: Client, loss: Loss | None = None) -> AsyncIterator[Worker]:
    """A worker for imports, for as long as the block lasts. What fails is tried again at once."""
    run, undo = run_handler(client.database), undo_handler(client.database, loss)
    soon = (timedelta(seconds=0.2),) * 6
    handlers = {RUN: replace(run, delays=soon), UNDO: replace(undo, delays=soon)}
    async with working(client.database, **handlers) as worker:
        yield worker


async def post(client: Client, path: str, body: str | bytes, kind: str = CSV) -> httpx.Response:
    data = body if isinstance(body, bytes) else body.encode()
    return await send(client, "POST", path, data, headers={"Content-Type": kind})


async def start(client: Client, path: str, body: str | bytes, kind: str = CSV) -> Found:
    """The import that a file has begun."""
    answer = await post(client, path, body, kind)
    assert answer.status_code == 202, answer.text
    found = answer.json()["data"]["import"]
    assert answer.headers["Location"] == f"/rest/imports/{found['id']}"
    return found


async def state(client: Client, import_id: str) -> Found:
    answer = await send(client, "GET", f"/imports/{import_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["import"]


async def ended(client: Client, import_id: str, seconds: float = 30) -> Found:
    """The import once it is over."""

    async def is_over() -> bool:
        return (await state(client, import_id))["state"] in ENDED

    await until(is_over, seconds)
    return await state(client, import_id)


async def imported(client: Client, path: str, body: str | bytes, kind: str = CSV) -> Found:
    """The import of a file once it is over. There must be a worker."""
    return await ended(client, (await start(client, path, body, kind))["id"])


async def undone(client: Client, import_id: str) -> Found:
    answer = await send(client, "POST", f"/imports/{import_id}/undo")
    assert answer.status_code == 202, answer.text
    assert answer.json()["data"]["import"]["state"] == "undoing"
    return await ended(client, import_id)


def counts(found: Mapping[str, object]) -> tuple[object, ...]:
    """State, rows, created, updated, failed. The rows are those, and the unchanged ones."""
    done = sum(int(str(found[name])) for name in ("created", "updated", "unchanged", "failed"))
    assert done == found["rows"] or found["state"] == "failed"
    return tuple(found[name] for name in ("state", "rows", "created", "updated", "failed"))


async def people(client: Client, query: str = "") -> list[Found]:
    answer = await send(client, "GET", f"/people?depth=0&limit=200&order_by=position&{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"]["people"])


async def companies(client: Client) -> list[Found]:
    answer = await send(client, "GET", "/companies?depth=0&limit=200&order_by=name")
    return list(answer.json()["data"]["companies"])
