"""A client that only listens has the same records as one that asks, whatever happens."""

import random
from typing import Any

from tests.live.streams import Stream, opened
from tests.live.test_streams import create
from tests.serving import Client

IDS = [f"b0000001-0000-4000-8000-0000000000{number:02}" for number in range(8)]
CITIES = ["Oslo", "Rome", "Bergen", ""]
FILTERS: dict[str, Any] = {
    "all": {},
    "oslo": {"city": {"eq": "Oslo"}},
    "elsewhere": {"not": {"city": {"eq": "Oslo"}}},
    "empty": {"or": [{"city": {"is": "NULL"}}, {"jobTitle": {"is": "NULL"}}]},
    "some": {"id": {"in": IDS[:3]}},
    "some there": {"and": [{"id": {"in": IDS[:5]}}, {"city": {"in": ["Rome", "Oslo"]}}]},
    "names": {"name": {"lastName": {"ilike": "%o%"}}},
    "gone": {"deletedAt": {"is": "NOT_NULL"}},
    "any": {"or": [{"deletedAt": {"is": "NULL"}}, {"deletedAt": {"is": "NOT_NULL"}}]},
}
LAST = "b0000001-0000-4000-8000-0000000000ff"


async def test_a_mirror_of_queries_is_what_they_find(client: Client) -> None:
    """It takes the queries that an event names, and leaves those that it says the record has left."""
    luck = random.Random(26)
    mirrors: dict[str, dict[str, Any]] = {name: {} for name in FILTERS}
    async with opened(client) as stream:
        for name, filter_ in FILTERS.items():
            await stream.add(name, "person", filter_)
        alive: dict[str, bool] = {}  # and whether it is not deleted
        for _ in range(120):
            await change(client, luck, alive)
        await create(client, LAST)
        await mirror(stream, mirrors)
    for name, filter_ in FILTERS.items():
        found = await client.data(
            "query($f: PersonFilterInput) { people(filter: $f) { edges { node { id city jobTitle updatedAt } } } }",
            {"f": filter_},
        )
        expected = {edge["node"]["id"]: edge["node"] for edge in found["people"]["edges"]}
        had = {
            each: {key: record[key] for key in ("id", "city", "jobTitle", "updatedAt")}
            for each, record in mirrors[name].items()
        }
        assert had == expected, name


async def change(client: Client, luck: random.Random, alive: dict[str, bool]) -> None:
    """Does something at random that can be done."""
    record_id = luck.choice(IDS)
    if record_id not in alive:
        await create(client, record_id, city=luck.choice(CITIES), name={"lastName": luck.choice(["Moe", "Dahl"])})
        alive[record_id] = True
        return
    verb = luck.choice(
        ["update"] * 6 + (["delete", "destroy"] if alive[record_id] else ["restore", "restore", "destroy"])
    )
    if verb == "update":
        data = luck.choice(
            [{"city": luck.choice(CITIES)}, {"jobTitle": luck.choice(["Cook", ""])}, {"name": {"lastName": "Foss"}}]
        )
        await client.data(
            "mutation($f: PersonFilterInput!, $d: PersonUpdateInput!) { updatePeople(filter: $f, data: $d) { id } }",
            {"f": {"id": {"eq": record_id}, **FILTERS["any"]}, "d": data},
        )
        return
    await client.data(f'mutation {{ {verb}Person(id: "{record_id}") {{ id }} }}')
    alive[record_id] = verb == "restore"
    if verb == "destroy":
        del alive[record_id]


async def mirror(stream: Stream, mirrors: dict[str, dict[str, Any]]) -> None:
    """Up to the last of what has happened."""
    while True:
        element = await stream.element()
        event = element["event"]
        for name in element["queryIds"]:
            if name in element["leftQueryIds"]:
                mirrors[name].pop(event["recordId"], None)
            else:
                mirrors[name][event["recordId"]] = event["properties"]["after"]
        if event["recordId"] == LAST:
            return
