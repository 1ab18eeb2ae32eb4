"""Records as events tell of them, read by the compiler like rows of tables."""

import json

from rapport.engine import plan
from rapport.engine.links import SIGNER
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.telling import write_told
from rapport.events.cursor import START
from rapport.events.log import read
from rapport.metadata.catalogs import Catalogs
from rapport.records.showing import own_items
from tests.records.events import forget_events
from tests.serving import Client

ID = "b0000001-0000-4000-8000-000000000001"
CREATE = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
CHANGE = f'mutation {{ updatePerson(id: "{ID}", data: {{ city: "Oslo" }}) {{ id }} deletePerson(id: "{ID}") {{ id }} }}'
DESTROY = f'mutation {{ destroyPerson(id: "{ID}") {{ id }} }}'
SEQS = Value(sql_type="bigint[]", path=("@seqs",))


async def told(client: Client, **more: object) -> list[tuple[str, dict]]:  # type: ignore[type-arg]
    """What all events in the log tell of people, with the whole of their own fields."""
    catalog = await Catalogs().of(client.database, client.tenant.workspace_id)
    item = catalog.by_name["person"]
    batch = await read(client.database, catalog.schema, START, 100)
    action = {event.seq: event.action for event in batch.events}
    parameters = Parameters()
    items = tuple(own_items(item, numbers_are_texts=True))
    told = plan.Told(schema=catalog.schema, object=item, items=items, seqs=SEQS, **more)  # type: ignore[arg-type]
    statement = Statement.of(write_told(told, parameters), parameters)
    rows = await client.database.rows(statement.sql, *statement.bind({"@seqs": list(action), SIGNER: None}))
    return [(action[row["seq"]], json.loads(row["record"])) for row in rows]


async def test_a_record_is_told_as_an_answer_shows_it(client: Client) -> None:
    await forget_events(client)
    data = {"id": ID, "name": {"firstName": "Ida", "lastName": "Moe"}, "emails": "ida@x.example", "city": "Bergen"}
    await client.data(CREATE, {"data": data})
    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    shown = (await client.http.get(f"{client.url}/rest/people/{ID}?depth=0", headers=headers)).json()["data"]["person"]
    await client.data(CHANGE)
    await client.data(DESTROY)

    found = await told(client)
    assert [(action, record["city"]) for action, record in found] == [
        ("created", "Bergen"),
        ("updated", "Oslo"),
        ("deleted", "Oslo"),
        ("destroyed", "Oslo"),
    ]
    assert found[0][1] == shown
    assert found[1][1]["deletedAt"] is None
    assert found[2][1]["deletedAt"] is not None
    before = await told(client, state="before")
    assert [(action, record["city"]) for action, record in before] == [
        ("updated", "Bergen"),
        ("deleted", "Oslo"),
        ("destroyed", "Oslo"),
    ]
