"""Which logs have something unread, and since when."""

from rapport.events.cursor import START
from rapport.events.log import read
from rapport.events.unread import unread
from tests.serving import Client, make_tenant

CREATE = 'mutation { createPerson(data: { city: "Oslo" }) { id } }'
SAVE = (
    'insert into core."eventReader" values ($1, $2, $3) on conflict ("workspaceId", reader) do update set cursor = $3'
)


async def test_logs_with_unread_events_are_found_with_their_age(client: Client) -> None:
    db, tenant = client.database, client.tenant
    other = await make_tenant(db, "Another")
    await db.execute(f'delete from "{other.schema}".event')
    await db.execute(f'delete from "{tenant.schema}".event')
    assert await unread(db, {"one", "two"}) == []
    await client.data(CREATE)
    await client.data(CREATE)
    first = await db.value(f'select min("happenedAt") from "{tenant.schema}".event')

    found = await unread(db, {"one", "two"})
    assert [(each.workspace_id, each.reader, each.since) for each in found] == [
        (tenant.workspace_id, "one", first),
        (tenant.workspace_id, "two", first),
    ]
    batch = await read(db, tenant.schema, START, 1)
    await db.execute(SAVE, tenant.workspace_id, "one", str(batch.cursor))
    assert [each.reader for each in await unread(db, {"one", "two"})] == ["one", "two"]  # it is in the midst of them
    batch = await read(db, tenant.schema, batch.cursor, 10)
    await db.execute(SAVE, tenant.workspace_id, "one", str(batch.cursor))
    assert [each.reader for each in await unread(db, {"one", "two"})] == ["two"]


async def test_an_event_of_a_transaction_that_was_open_is_found(client: Client) -> None:
    db, tenant = client.database, client.tenant
    insert = (
        f'insert into "{tenant.schema}".event (action, object, "recordId") '
        "values ('created', 'person', gen_random_uuid())"
    )
    async with db.transaction() as slow:
        await slow.execute(insert)
        await db.execute(insert)
        batch = await read(db, tenant.schema, START, 10_000)
        await db.execute(SAVE, tenant.workspace_id, "one", str(batch.cursor))
        assert await unread(db, {"one"}) == []
    assert [each.reader for each in await unread(db, {"one"})] == ["one"]


async def test_a_workspace_without_a_log_is_passed_over(client: Client) -> None:
    other = await make_tenant(client.database, "Another")
    await client.database.script(f'drop schema "{other.schema}" cascade')
    await client.data(CREATE)
    assert {each.workspace_id for each in await unread(client.database, {"one"})} == {client.tenant.workspace_id}
