"""What is left of imports goes away in time."""

from datetime import timedelta

from rapport.imports.service import clean_up
from tests.imports.asking import imported, importing, start
from tests.serving import Client

AGED = 'update core."import" set "finishedAt" = "finishedAt" - interval \'40 days\''


async def test_old_imports_and_files_that_never_arrived_are_dropped(client: Client) -> None:
    async with importing(client):
        old = await imported(client, "/people/import", "email\nnobody\n")
        await client.database.execute(AGED)
        await imported(client, "/people/import", "email\nnobody\n")
    waiting = await start(client, "/people/import", "firstName\nAda\n")
    half = await start(client, "/people/import", "firstName\nAda\n")
    await client.database.execute(
        "update core.\"import\" set state = 'receiving', \"updatedAt\" = now() - interval '2 hours'"
        " where id = $1::text::uuid",
        half["id"],
    )
    await clean_up(client.database, timedelta(days=30))
    rows = await client.database.rows('select id::text, state from core."import" order by "createdAt"')
    assert [row["state"] for row in rows] == ["done", "queued"]
    assert old["id"] not in {row["id"] for row in rows}
    assert await client.database.value('select count(*) from core."importChunk"') == 1
    assert await client.database.value('select count(*) from core."importError"') == 1
    assert waiting["id"] == rows[1]["id"]


async def test_an_import_whose_workers_died_is_ended(client: Client) -> None:
    lost = await start(client, "/people/import", "firstName\nAda\n")
    waiting = await start(client, "/people/import", "firstName\nAda\n")
    await client.database.execute(
        "update core.job set status = 'failed' where convert_from(payload, 'UTF8') like $1", f"%{lost['id']}%"
    )
    await client.database.execute('update core."import" set "updatedAt" = now() - interval \'20 minutes\'')
    await clean_up(client.database, timedelta(days=30))
    states = dict(await client.database.rows('select id::text, state from core."import"'))
    assert states == {lost["id"]: "failed", waiting["id"]: "queued"}
    assert await client.database.value('select count(*) from core."importChunk"') == 1
