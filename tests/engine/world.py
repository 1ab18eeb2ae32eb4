"""Rows for the tests of reading: nasty ones, in a workspace behind HTTP and in the slow twin."""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from random import Random
from uuid import UUID

from rapport.access.principal import Principal
from rapport.metadata.store import load_catalog
from rapport.records.create import create_records
from tests.engine.shape import ENTITIES, STAGES, STATUSES, Entity, Leaf, Link
from tests.engine.twin import Json, Row, Twin
from tests.serving import Client

BATCH = 60

TEXTS = (
    None, "", "", " ", "a", "A", "b", "B", "ab", "aB", "a ", " a", "Z", "z", "é", "É", "E\u0301", "ß", "SS", "straße",
    "İ", "ı", "i", "\u212a", "k", "Ωmega", "ωMEGA", "ς", "Σ", "日本", "日", "😀", "😀a", "\U0010fffd", "\ue000",
    "\ufffd", "'", '"', "''", "\\", "\\\\", "%", "_", "a%b", "a_b", "\\%", "--", ";", "$1", "${x}", "{}", "[]",
    "null", "NULL", "\x01", "\x1f", "\x7f", "\t", "\n", "\r\n", "\u2028", "\u00a0", "0", "9", "10", "\u202eabc",
    "a" * 200, "'); drop table person; --",
)  # fmt: skip
NUMBERS = (
    None, 0.0, -0.0, 1.0, -1.0, 0.1, 0.30000000000000004, 1e-7, 1e21, -1e21, 5e-324, 1.7976931348623157e308,
    -1.7976931348623157e308, 2.0**53, 2.0**53 + 2, 1e100, 2.5,
)  # fmt: skip
PLACES = tuple(each for each in NUMBERS if each is None or abs(each) <= 2.0**52)
INTEGERS = (None, 0, 1, -1, 7, 2**31 - 1, -(2**31))
NUMERICS = tuple(
    None if each is None else Decimal(each)
    for each in (
        None, "0", "1", "-1", "0.000001", "-0.5", "9007199254740993", "9007199254740992", "-9007199254740993",
        "9223372036854775808", "1" + "0" * 40, "1.0000000000000000000000000000000000000001", "12000000000",
    )
)  # fmt: skip
MOMENTS = (
    None, "2024-02-29T12:00:00.000Z", "2024-02-29T12:00:00.001Z", "2024-02-29T11:59:59.999Z",
    "1970-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z",
    "9999-12-31T23:59:59.999Z", "2038-01-19T03:14:08.000Z", "1900-01-01T00:00:00.123Z",
)  # fmt: skip
MAILS = (None, None, ["a@x.example.com"], ["a@x.example.com", "b@y.example.com"], ["é@x.example.com"])

POOLS: Mapping[str, Sequence[Json]] = {
    "text": TEXTS,
    "number": NUMBERS,
    "integer": INTEGERS,
    "numeric": NUMERICS,
    "moment": MOMENTS,
    "boolean": (True, False),
    "json": MAILS,
    "choice": STAGES,
    "choices": (None, [], *([each] for each in STATUSES), ["DRAFT", "ACTIVE"], ["ACTIVE", "DRAFT"], list(STATUSES)),
}


class World:
    """A workspace with rows, and the same rows in Python. No dataclass, for hypothesis would print all the rows."""

    def __init__(self, client: Client, twin: Twin) -> None:
        self.client = client
        self.twin = twin


async def make_world(client: Client, rows: Mapping[str, Sequence[Row]]) -> World:
    """Stores rows and soft-deletes those that say so."""
    for name, given in rows.items():
        entity = ENTITIES[name]
        plural = entity.plural[0].upper() + entity.plural[1:]
        create = f"mutation($data: [{entity.type_name}CreateInput!]!) {{ create{plural}(data: $data) {{ id }} }}"
        if name == "workflow":  # callers may not write statuses
            await make_as_server(client, entity, given)
            continue
        for start in range(0, len(given), BATCH):
            batch = [_written(entity, row) for row in given[start : start + BATCH]]
            await client.data(create, {"data": batch})
    return World(client, Twin({name: await _deleted(client, name, given) for name, given in rows.items()}))


async def make_as_server(client: Client, entity: Entity, rows: Sequence[Row]) -> None:
    """Stores rows that callers may not write."""
    tenant = client.tenant
    catalog = await load_catalog(client.database, tenant.workspace_id)
    server = Principal(workspace_id=tenant.workspace_id, schema=tenant.schema, name="System", source="SYSTEM")
    await create_records(client.database, catalog, entity.name, [_written(entity, row) for row in rows], server)


async def _deleted(client: Client, name: str, rows: Sequence[Row]) -> list[Row]:
    """Soft-deletes the rows that are to be; the rows with the moment at which that happened."""
    plural = ENTITIES[name].plural
    gone = [row["id"] for row in rows if row["deletedAt"]]
    if not gone:
        return list(rows)
    type_name = ENTITIES[name].type_name
    verb = f"delete{plural[0].upper()}{plural[1:]}"
    text = f"mutation($filter: {type_name}FilterInput!) {{ {verb}(filter: $filter) {{ id deletedAt }} }}"
    answer = await client.data(text, {"filter": {"id": {"in": gone}}})
    moment = {each["id"]: each["deletedAt"] for each in answer[verb]}
    return [{**row, "deletedAt": moment.get(row["id"])} for row in rows]


def _written(entity: Entity, row: Row) -> dict[str, Json]:
    """A row as the input of its creation; exact decimals travel as texts."""
    links = {shape.column for shape in entity.fields.values() if isinstance(shape, Link)}
    found: dict[str, Json] = {}
    for name, value in row.items():
        if name == "deletedAt" or (name in links and value is None):
            continue
        found[name] = {sub: _plain(each) for sub, each in value.items()} if isinstance(value, dict) else _plain(value)
    return found


def _plain(value: Json) -> Json:
    return str(value) if isinstance(value, Decimal) else value


def random_rows(
    random: Random, *, companies: int, people: int, opportunities: int, workflows: int
) -> dict[str, list[Row]]:
    """Rows of all objects; some are soft-deleted, some links lead nowhere and some to soft-deleted companies."""
    firms = [_row(random, "company", ()) for _ in range(companies)]
    ids = [row["id"] for row in firms]
    return {
        "company": firms,
        "person": [_row(random, "person", ids) for _ in range(people)],
        "opportunity": [_row(random, "opportunity", ids) for _ in range(opportunities)],
        "workflow": [_row(random, "workflow", ()) for _ in range(workflows)],
    }


def _row(random: Random, name: str, companies: Sequence[str]) -> Row:
    row: dict[str, Json] = {}
    for key, shape in ENTITIES[name].fields.items():
        if key == "id":
            row[key] = random_id(random)
        elif key == "deletedAt":
            row[key] = "soon" if random.random() < 0.15 else None
        elif key == "companyId":
            row[key] = random.choice(companies) if companies and random.random() < 0.75 else None
        elif key == "emails":
            address = None if random.random() < 0.3 else f"{random.getrandbits(60):x}@example.com"
            row[key] = {"primaryEmail": address, "additionalEmails": random.choice(MAILS)}
        elif isinstance(shape, Leaf):
            value = random.choice(PLACES if key == "position" else POOLS[shape.kind])
            must = key in ("position", "createdAt")
            row[key] = (0.5 if key == "position" else MOMENTS[1]) if must and value is None else value
        elif not isinstance(shape, Link):
            row[key] = {sub: random.choice(POOLS[leaf.kind]) for sub, leaf in shape.items()}
    return row


def random_id(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


async def ask_exactly(client: Client, query: str, variables: Mapping[str, Json]) -> Json:
    """As ``Client.data``, with all digits of the numbers."""
    answer = json.loads((await client.post(query, variables)).content, parse_float=Decimal)
    assert "errors" not in answer, (query, variables, answer["errors"])
    return answer["data"]


def ids_of(rows: Iterable[Row]) -> list[str]:
    return [row["id"] for row in rows]
