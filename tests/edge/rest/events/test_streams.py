"""The change feed as a stream: what comes when, how it goes on, and how it ends."""

import asyncio
import socket
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from rapport.access.changes import AccessChange
from rapport.app import compose
from rapport.keys.service import create_key
from rapport.store.database import Connection
from rapport.system.access_news import AccessNews
from tests.access.acting import Role, acting
from tests.edge.rest.asking import error, send
from tests.edge.rest.events.feed import ENOUGH_SECONDS, now, short, streaming, walk
from tests.edge.rest.records import ACME, ADA, BEN, ask, fill
from tests.serving import DEFAULTS, SECRET, Client, answering, serving
from tests.waiting import until

REVOKE = "mutation($id: UUID!) { revokeApiKey(input: {id: $id}) { id } }"
MODEL = "{ objects(paging: {first: 100}) { edges { node { id nameSingular } } } }"
FIELD = "mutation($input: CreateOneFieldMetadataInput!) { createOneField(input: $input) { id } }"
CANNOT_READ = 'update core.role set "canReadAllObjectRecords" = false where label like $1'


def changing(client: Client) -> AbstractAsyncContextManager[Connection]:
    """A transaction that changes what somebody may do."""
    return AccessNews(client.database).changing(AccessChange(workspace_id=client.tenant.workspace_id))


async def change(client: Client, city: str, person: str = ADA) -> None:
    await ask(client, "PATCH", f"/people/{person}", {"city": city})


def cities(events: list[dict[str, dict[str, str]]]) -> list[str]:
    return [each["record"]["city"] for each in events]


async def test_a_stream_tells_what_there_is_and_then_what_happens(client: Client) -> None:
    await fill(client)
    async with streaming(client, "objects=person&limit=2") as stream:
        assert short(await stream.has(3)) == [("created", "person", name) for name in ("Ada", "Ben", "Cid")]
        await change(client, "Rome")
        await ask(client, "PATCH", f"/companies/{ACME}", {"employees": 1})
        await ask(client, "PATCH", "/batch/people", [{"id": ADA, "city": "Bonn"}, {"id": BEN, "city": "Bonn"}])
        events = await stream.has(6)

        assert short(events[3:]) == [("updated", "person", name) for name in ("Ada", "Ada", "Ben")]
        assert stream.retry == 2000
        assert stream.response.headers["X-Accel-Buffering"] == "no"
        assert stream.response.headers["Cache-Control"] == "no-store"
        assert [each.id for each in stream.frames] == [each["cursor"] for each in events]
    listed = await walk(client, query="objects=person")
    assert [{**each, "cursor": ""} for each in events] == [{**each, "cursor": ""} for each in listed]


async def test_a_stream_from_now_says_where_that_is(client: Client) -> None:
    await fill(client)
    async with streaming(client, "after=now") as stream:
        (first,) = await stream.has_frames(1)
        assert (first.event, first.json) == ("cursor", {"cursor": first.id})
        assert first.id == await now(client)
        await change(client, "Rome")
        assert short(await stream.has(1)) == [("updated", "person", "Ada")]


async def test_a_stream_goes_on_behind_the_last_event_that_was_seen(client: Client) -> None:
    await fill(client)
    after = await now(client)
    for city in ("Rome", "Bonn", "Bern"):
        await change(client, city)
    ids = [each["cursor"] for each in await walk(client, after)]

    async with streaming(client, f"after={after}") as stream:
        assert cities(await stream.has(3)) == ["Rome", "Bonn", "Bern"]
    for at in (1, 2, 3):  # a browser asks the same address again
        async with streaming(client, f"after={after}", **{"Last-Event-ID": ids[at - 1]}) as stream:
            await change(client, "Oslo")
            await change(client, "Graz")
            assert cities(await stream.has(5 - at + 2 * (at - 1)))[: 3 - at] == ["Rome", "Bonn", "Bern"][at:]
    async with streaming(client, "after=now", **{"Last-Event-ID": ids[2]}) as stream:
        assert cities(await stream.has(6)) == ["Oslo", "Graz"] * 3


async def test_a_token_may_be_in_the_address(client: Client) -> None:
    await fill(client)
    async with streaming(client, f"token={client.tenant.key}", Authorization="") as stream:
        assert len(await stream.has(5)) == 5


async def test_what_is_written_elsewhere_is_told_when_it_rings(client: Client) -> None:
    """Another process with the same database."""
    await fill(client)
    async with serving(client.database, client.tenant) as other, streaming(other, "after=now") as stream:
        await stream.has_frames(1)
        await change(client, "Rome")
        assert cities(await stream.has(1)) == ["Rome"]


async def test_a_stream_hears_of_what_nobody_rang_for(client: Client) -> None:
    await fill(client)
    log = f"{client.tenant.schema}.event"
    async with streaming(client, "after=now") as stream:
        await stream.has_frames(1)
        await client.database.execute(
            f'insert into {log} (action, object, "recordId", before) '
            f'select \'destroyed\', object, "recordId", after from {log} where "recordId" = $1',
            ADA,
        )
        assert short(await stream.has(1)) == [("destroyed", "person", "-")]


async def test_silence_is_broken_by_comments(client: Client) -> None:
    async with (
        serving(client.database, client.tenant, live_keep_alive=timedelta(milliseconds=20)) as server,
        streaming(server) as stream,
    ):
        await stream.is_silent(3)
        assert [each.event for each in stream.frames] == ["cursor"]


async def test_a_stream_ends_when_its_key_is_revoked(client: Client) -> None:
    await fill(client)
    async with client.database.transaction() as connection:
        key = await create_key(connection, workspace_id=client.tenant.workspace_id, name="short")
    limited = client.as_tenant(replace(client.tenant, key=key.token))
    async with streaming(limited) as stream:
        await stream.has(5)
        await client.data(REVOKE, {"id": str(await _key(client))})
        await change(client, "Rome")
        *_, last = await stream.ends()

    assert last.event == "end"
    assert (last.json["statusCode"], last.json["messages"]) == (403, ["This API Key is revoked"])
    assert len(stream.events) == 5
    assert (await send(limited, "GET", "/events")).status_code == 403


async def _key(client: Client) -> UUID:
    found = await client.database.value("select id from core.\"apiKey\" where name = 'short'")
    assert isinstance(found, UUID)
    return found


async def test_a_stream_ends_when_its_address_is_allowed_no_more(client: Client) -> None:
    key = await acting(client, Role())
    async with streaming(key) as stream:
        await stream.has_frames(1)
        async with changing(client) as connection:
            await connection.execute("update core.\"apiKey\" set \"allowedIps\" = '{10.0.0.0/8}' where name = 'acting'")
        *_, last = await stream.ends()
    assert (last.event, last.json["statusCode"]) == ("end", 403)


async def test_a_stream_ends_when_its_token_does(client: Client) -> None:
    key = await acting(client, Role())
    await client.database.execute(
        'update core."apiKeyToken" set "expiresAt" = now() + interval \'1.5 seconds\' '
        'where "apiKeyId" = (select id from core."apiKey" where name = \'acting\')'
    )
    async with streaming(key) as stream:
        *_, last = await stream.ends()
    assert (last.event, last.json["messages"]) == ("end", ["Token has expired."])


async def test_a_stream_ends_when_its_objects_may_be_read_no_more(client: Client) -> None:
    await fill(client)
    key = await acting(client, Role())
    async with streaming(key, "objects=person") as stream:
        await stream.has(3)
        async with changing(client) as connection:
            await connection.execute(CANNOT_READ, "Role %")
        await change(client, "Rome")
        *_, last = await stream.ends()
    assert (last.event, last.json["statusCode"]) == ("end", 403)
    assert len(stream.events) == 3


async def test_all_streams_end_when_the_server_does(client: Client, tmp_path: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = replace(client, url=f"http://127.0.0.1:{listening.getsockname()[1]}")
        settings = replace(DEFAULTS, data_dir=tmp_path)
        parts = await compose(settings, client.database, SECRET, url=server.url)
        running = AsyncExitStack()
        await running.enter_async_context(answering(listening, parts.app, settings, live=parts))
        async with streaming(server) as stream, streaming(server, "after=now") as other:
            await stream.has_frames(1)
            await other.has_frames(1)
            waiting = asyncio.create_task(send(server, "GET", f"/events?wait=30&after={stream.cursor}"))

            async def all_are_there() -> bool:
                return len(parts.live.audience) == 3

            await until(all_are_there)
            stopping = asyncio.create_task(running.aclose())
            for each in (stream, other):
                assert [frame.event for frame in await each.ends()] == ["cursor"]  # nothing is wrong: come again
            async with asyncio.timeout(ENOUGH_SECONDS):
                assert (await waiting).json()["pageInfo"] == {"hasNextPage": False, "endCursor": stream.cursor}
                await stopping
        await parts.close()


async def test_only_so_many_may_be_open(client: Client) -> None:
    async with serving(
        client.database, client.tenant, max_live_connections=3, max_live_connections_per_caller=2
    ) as server:
        async with streaming(server) as one, streaming(server) as two:
            await one.has_frames(1)
            await two.has_frames(1)
            for query, headers in (("", {"Accept": "text/event-stream"}), ("wait=5&after=now", {})):
                refused = await send(server, "GET", f"/events?{query}", headers=headers)
                assert (refused.status_code, refused.json()["error"]["code"]) == (429, "RATE_LIMIT_EXCEEDED")
                assert refused.headers["Retry-After"] == "10"
            assert (await send(server, "GET", "/events")).status_code == 200
            other = server.as_tenant((await acting(client, Role())).tenant)
            async with streaming(other) as three:
                await three.has_frames(1)
                yet_another = server.as_tenant((await acting(client, Role())).tenant)
                full = await send(yet_another, "GET", "/events", headers={"Accept": "text/event-stream"})
                assert full.status_code == 429
        async with streaming(server) as again:  # their places are free
            await again.has_frames(1)
        assert error(await send(server, "GET", "/events?objects=x", headers={"Accept": "text/event-stream"}))[0] == 400
        for _ in range(4):  # what was refused, or asked by HEAD, has no place
            await send(server, "HEAD", "/events", headers={"Accept": "text/event-stream"})
            await send(server, "GET", "/events?after=x", headers={"Accept": "text/event-stream"})
        async with streaming(server) as last:
            await last.has_frames(1)


async def test_streams_have_no_turns_of_their_caller(client: Client) -> None:
    """Who waits for events keeps none of their own requests out."""
    async with (
        serving(client.database, client.tenant, max_concurrency_per_caller=1) as server,
        streaming(server) as one,
        streaming(server) as two,
    ):
        waiting = asyncio.create_task(send(server, "GET", "/events?wait=30&after=now"))
        await fill(server)
        assert len(await one.has(5)) == len(await two.has(5)) == 5
        await change(server, "Rome")
        assert (await waiting).status_code == 200


async def test_a_client_that_hangs_up_is_forgotten(client: Client) -> None:
    async with serving(client.database, client.tenant, max_live_connections_per_caller=1) as server:
        for _ in range(3):
            async with streaming(server) as stream:
                await stream.has_frames(1)
            waiting = asyncio.create_task(send(server, "GET", "/events?wait=30&after=now"))
            await asyncio.wait((waiting,), timeout=0.05)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        async with asyncio.timeout(ENOUGH_SECONDS):
            while (await send(server, "GET", "/events?wait=1&after=now")).status_code == 429:  # noqa: ASYNC110
                await asyncio.sleep(0.01)  # nobody is told when the server has noticed


async def test_who_reads_slowly_misses_nothing(client: Client) -> None:
    """More happens than is kept in memory for one who does not take it off: then the log is read again."""
    await fill(client)
    log, count, parts = f"{client.tenant.schema}.event", 3_000, 20
    wide = "after || jsonb_build_object('city', repeat('x', 20000))"
    events = (
        f'insert into {log} (action, object, "recordId", before, after, "updatedFields") '
        f"select 'updated', object, \"recordId\", after, {wide}, '{{city}}' "
        f"from {log}, generate_series(1, {count // parts}) where \"recordId\" = $1 and action = 'created'"
    )
    headers = {"Authorization": f"Bearer {client.tenant.key}", "Accept": "text/event-stream"}
    async with client.http.stream("GET", f"{client.url}/rest/events?after=now", headers=headers) as response:
        lines = response.aiter_lines()
        assert await anext(lines) == "retry: 2000"
        for number in range(parts):  # told one by one, and nobody takes them off
            await client.database.execute(events, ADA)
            await change(client, str(number), BEN)
        seen: list[str] = []
        async with asyncio.timeout(ENOUGH_SECONDS * 3):
            async for line in lines:
                if line.startswith("data: ") and '"action"' in line[:200]:
                    seen.append(line[line.index('"id":"') + 6 :][:36])
                    if len(seen) == count + parts:
                        break
    assert len(seen) == len(set(seen)) == count + parts


async def test_the_data_model_may_be_changed_by_a_server_that_is_not_heard(client: Client) -> None:
    await fill(client)
    field = {"name": "shoeSize", "label": "Shoe size", "type": "NUMBER"}
    async with (
        serving(client.database, client.tenant, deaf=True) as deaf,
        streaming(deaf, "after=now&objects=person") as stream,
    ):
        await stream.has_frames(1)
        await change(deaf, "Rome")
        assert "shoeSize" not in (await stream.has(1))[0]["record"]
        waiting = asyncio.create_task(send(deaf, "GET", f"/events?wait=30&after={stream.cursor}"))
        await asyncio.wait((waiting,), timeout=0.05)
        made = await client.data(MODEL)
        people = next(each["node"] for each in made["objects"]["edges"] if each["node"]["nameSingular"] == "person")
        await client.data(FIELD, {"input": {"field": {**field, "objectMetadataId": people["id"]}}})
        await ask(client, "PATCH", f"/people/{ADA}", {"shoeSize": 44})
        assert (await stream.has(2))[1]["record"]["shoeSize"] == 44
        async with asyncio.timeout(ENOUGH_SECONDS):
            answer = await waiting
        assert [each["record"]["shoeSize"] for each in answer.json()["data"]["events"]] == [44]
