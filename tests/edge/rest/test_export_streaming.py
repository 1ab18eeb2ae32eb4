"""Exports of many records: whole, though others write meanwhile, or else visibly broken; over when the client is."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.edge.rest.asking import send
from tests.edge.rest.records import ask
from tests.serving import Client, serving

COUNT = 4_000
WIDE = 8_000  # bytes of each record: all of them are more than sockets take without a reader
ENOUGH_SECONDS = 5.0
SESSIONS = (
    "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'rapport stream'"
)


@pytest.fixture(scope="module")
async def crowded(shared: Client) -> Client:
    """A server with many people, their cities numbered from 1."""
    await shared.database.execute(
        f'insert into "{shared.tenant.schema}".person (id, city, "avatarUrl", "nameFirstName", position) '
        "select gen_random_uuid(), n::text, repeat('x', $2::int), 'é\"', n from generate_series(1, $1::int) n",
        COUNT,
        WIDE,
    )
    return shared


@asynccontextmanager
async def exporting(client: Client, query: str = "format=ndjson") -> AsyncIterator[httpx.Response]:
    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    async with client.http.stream("GET", f"{client.url}/rest/people/export?{query}", headers=headers) as answer:
        assert answer.status_code == 200
        yield answer


async def becomes_quiet(client: Client) -> None:
    """Waits until PostgreSQL has no session of an export."""
    give_up = time.monotonic() + ENOUGH_SECONDS
    while await client.database.value(SESSIONS) != 0:
        assert time.monotonic() < give_up, "a session is still there"
        await asyncio.sleep(0.01)


async def test_nothing_is_lost_or_doubled_while_others_write(crowded: Client) -> None:
    table = f'"{crowded.tenant.schema}".person'
    pieces: list[bytes] = []
    async with exporting(crowded, "format=ndjson&order_by=position&fields=position,city,avatarUrl") as answer:
        async for piece in answer.aiter_raw():
            if not pieces:  # the end is moved to the front, the middle renamed, a part removed, others come
                await crowded.database.script(
                    f"update {table} set position = -position where position > {COUNT - 500};"
                    f"update {table} set city = 'moved' where position between 1000 and 3000;"
                    f"delete from {table} where position between 3001 and 3100;"
                    f"insert into {table} (id, city, position) select gen_random_uuid(), 'new', {COUNT} + n "
                    "from generate_series(1, 500) n"
                )
            pieces.append(piece)
    await crowded.database.script(
        f"delete from {table} where position > {COUNT};"
        f"update {table} set position = -position where position < 0;"
        f"update {table} set city = position::text;"
        f"insert into {table} (id, city, \"avatarUrl\", position) select gen_random_uuid(), n, repeat('x', {WIDE}), n "
        "from generate_series(3001, 3100) n"
    )

    found = [json.loads(line) for line in b"".join(pieces).split(b"\n")[:-1]]
    assert [(each["position"], each["city"]) for each in found] == [(n, str(n)) for n in range(1, COUNT + 1)]
    assert max(map(len, pieces)) < 3_000_000
    await becomes_quiet(crowded)


async def test_a_client_that_hangs_up_frees_everything(crowded: Client) -> None:
    for _ in range(3):  # more than there are places
        async with exporting(crowded) as answer:
            pieces = answer.aiter_raw()
            await anext(pieces)
            assert await crowded.database.value(SESSIONS) == 1
        await becomes_quiet(crowded)


async def test_a_client_that_hangs_up_before_the_first_row_frees_everything(crowded: Client) -> None:
    async with crowded.database.transaction() as connection:
        await connection.script(f'lock table "{crowded.tenant.schema}".person in access exclusive mode')
        asking = asyncio.create_task(send(crowded, "GET", "/people/export?format=csv"))
        give_up = time.monotonic() + ENOUGH_SECONDS
        while await crowded.database.value(SESSIONS) != 1:
            assert time.monotonic() < give_up
            await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await becomes_quiet(crowded)


async def test_an_answer_that_breaks_off_is_no_whole_one(crowded: Client) -> None:
    for query in ("format=ndjson", "format=csv"):
        async with exporting(crowded, query) as answer:
            pieces = answer.aiter_raw()
            await anext(pieces)
            await crowded.database.value(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where datname = current_database() and application_name = 'rapport stream'"
            )
            with pytest.raises(httpx.RemoteProtocolError):
                [piece async for piece in pieces]
    await becomes_quiet(crowded)


async def test_a_model_that_another_process_has_changed(crowded: Client) -> None:
    objects = (await ask(crowded, "GET", "/metadata/objects"))["data"]["objects"]
    (person,) = [each for each in objects if each["nameSingular"] == "person"]
    body = {"objectMetadataId": person["id"], "name": "shoes", "label": "Shoes", "type": "NUMBER"}
    shoes = (await ask(crowded, "POST", "/metadata/fields", body, 201))["data"]["createOneField"]
    path = "/people/export?format=csv&filter=city[eq]:1"

    async with serving(crowded.database, crowded.tenant, deaf=True) as deaf:
        assert "shoes" in (await send(deaf, "GET", path)).text.partition("\r\n")[0].split(",")
        await ask(crowded, "DELETE", f"/metadata/fields/{shoes['id']}")
        assert "shoes" not in (await send(deaf, "GET", path)).text.partition("\r\n")[0].split(",")


async def test_only_so_many_at_once(crowded: Client) -> None:
    async with (
        serving(crowded.database, crowded.tenant, max_exports=1) as server,
        exporting(server) as answer,
    ):
        pieces = answer.aiter_raw()  # the answer is closed when nothing refers to it
        await anext(pieces)
        refused = await send(server, "GET", "/people/export?format=csv")
        assert error_of(refused) == (429, "RATE_LIMIT_EXCEEDED")
        assert refused.headers["Retry-After"] == "10"
        assert (await send(server, "GET", "/people?limit=1&depth=0")).status_code == 200


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
