"""The timeline beside others who write: records that go while it is told of them, and how much it asks PostgreSQL."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from rapport.events.cursor import START, Cursor
from rapport.events.log import read
from rapport.metadata.catalogs import Catalogs
from rapport.store.database import Connection, Database
from rapport.timeline.reader import TimelineReader
from tests.jobs.working import until
from tests.recording import RecordingConnection
from tests.serving import Client
from tests.timeline.telling import Teller

ANN, BOB = "b0000001-0000-4000-8000-000000000001", "b0000001-0000-4000-8000-000000000002"
MANY = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"


async def waits(database: Database) -> None:
    """Until somebody waits for a lock."""
    sql = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"

    async def is_waiting() -> bool:
        return await database.value(sql) != 0

    await until(is_waiting)


@pytest.fixture
async def people(teller: Teller) -> Teller:
    await teller.client.data(f'mutation {{ createPeople(data: [{{ id: "{ANN}" }}, {{ id: "{BOB}" }}]) {{ id }} }}')
    return teller


async def test_a_record_that_is_being_destroyed_is_waited_for_and_passed_over(people: Teller) -> None:
    table = f'"{people.log.schema}".person'
    async with people.client.database.transaction() as other:
        await other.execute(f"delete from {table} where id = $1", ANN)
        telling = asyncio.create_task(people.tell())
        await waits(people.client.database)
    await telling
    assert await people.names("targetPersonId", ANN) == []
    assert await people.names("targetPersonId", BOB) == ["person.created"]


async def test_nobody_is_waited_for_so_long_that_postgresql_would_look_for_a_deadlock(people: Teller) -> None:
    table = f'"{people.log.schema}".person'
    async with people.client.database.transaction() as other:
        await other.execute(f"select from {table} where id = $1 for update", ANN)
        with pytest.raises(asyncpg.LockNotAvailableError):
            await people.tell()
    await people.tell()
    assert await people.names("targetPersonId", ANN) == ["person.created"]


async def test_what_is_told_cannot_be_destroyed_until_it_is_written(people: Teller) -> None:
    database = people.client.database
    catalogs = Catalogs()
    async with database.transaction() as connection:
        batch = await read(connection, people.log.schema, people.cursor, 1000)
        await TimelineReader(catalogs).read(connection, people.log, batch.events)
        destroying = asyncio.create_task(people.client.data(f'mutation {{ destroyPerson(id: "{ANN}") {{ id }} }}'))
        await waits(database)
    await destroying
    people.cursor = batch.cursor
    await people.tell()
    assert await people.names("targetPersonId", ANN) == []
    assert await people.names("targetPersonId", BOB) == ["person.created"]


async def test_changes_beside_the_reader_are_all_told_once(client: Client) -> None:
    """Writers, someone who destroys and merges, and the reader, at the same time; none of them fails."""
    teller = Teller(client)
    ids = [f"b0000001-0000-4000-8000-0000000001{number:02}" for number in range(24)]
    await client.data(MANY, {"data": [{"id": each} for each in ids]})
    is_over = False

    async def write(number: int) -> None:
        for step in range(12):
            chosen = ids[(number * 5 + step) % 12]
            update = f'updatePerson(id: "{chosen}", data: {{ city: "{number} {step}" }}) {{ id }}'
            await client.data(f"mutation {{ {update} }}")

    async def remove() -> None:
        for each in ids[12:18]:
            await client.data(f'mutation {{ destroyPerson(id: "{each}") {{ id }} }}')
        for one, other in zip(ids[18:21], ids[21:], strict=True):
            merge = f'mergePeople(ids: ["{one}", "{other}"], conflictPriorityIndex: 0) {{ id }}'
            await client.data(f"mutation {{ {merge} }}")

    async def tell() -> None:
        while not is_over:
            with suppress(asyncpg.LockNotAvailableError):  # on a slow machine: it is read again
                await teller.tell(at_once=7)

    telling = asyncio.create_task(tell())
    await asyncio.gather(*(write(number) for number in range(3)), remove())
    is_over = True
    await telling
    await teller.tell()
    found = await client.database.rows(
        f"""select t.name, p.city, t.properties -> 'diff' -> 'city' ->> 'after' as told
        from "{teller.log.schema}"."timelineActivity" t join "{teller.log.schema}".person p on p.id = t."targetPersonId"
        where p.id = any ($1) order by p.id, t."happensAt" """,
        ids[:12],
    )
    # One entry of the creation, and one of all changes by the same key.
    assert [row["name"] for row in found] == ["person.created", "person.updated"] * 12
    assert [row["told"] for row in found[1::2]] == [row["city"] for row in found[1::2]]
    assert [await teller.names("targetPersonId", each) for each in ids[12:18]] == [[]] * 6


async def statements(client: Client, cursor: Cursor) -> tuple[int, int, Cursor]:
    """How many are asked for one batch of how many events."""
    log: list[str] = []
    teller = Teller(client)
    async with client.database.transaction() as connection:
        batch = await read(connection, client.tenant.schema, cursor, 1000)
        recorded: Connection = RecordingConnection(connection, log)
        await teller.reader.read(recorded, teller.log, batch.events)
    return len(log), len(batch.events), batch.cursor


async def test_the_number_of_statements_does_not_depend_on_that_of_events(client: Client) -> None:
    """Two objects with a creation, changes and a removal each, one link; in tens and in hundreds."""
    cursor = START
    counts: list[int] = []
    for index, many in enumerate((2, 60)):
        ids = [f"b000000{index}-0000-4000-8000-0000000000{number:02}" for number in range(many)]
        note = f"e000000{index}-0000-4000-8000-000000000001"
        await client.data(MANY, {"data": [{"id": each} for each in ids]})
        await client.data(
            "mutation($ids: [UUID!]!, $targets: [NoteTargetCreateInput!]!) {"
            f'createNote(data: {{ id: "{note}", title: "A" }}) {{ id }}'
            "createNoteTargets(data: $targets) { id }"
            'updatePeople(filter: { id: { in: $ids } }, data: { city: "Oslo" }) { id }'
            "deletePeople(filter: { id: { in: $ids } }) { id }"
            f'updateNote(id: "{note}", data: {{ title: "B" }}) {{ id }} }}',
            {"ids": ids, "targets": [{"noteId": note, "targetPersonId": each} for each in ids]},
        )
        asked, events, cursor = await statements(client, cursor)
        assert events == 4 * many + 2
        counts.append(asked)
    # The model is loaded the first time.
    assert counts[1] <= counts[0] <= 20
