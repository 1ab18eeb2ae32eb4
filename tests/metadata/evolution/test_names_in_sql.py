"""Fields may be called by the words of SQL, and by whatever the engine calls the parts of its statements."""

import re
from collections.abc import Iterator
from pathlib import Path

from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, Field, WorkspaceId
from rapport.metadata.evolution.fields import create_field
from rapport.metadata.evolution.naming import field_issues
from rapport.metadata.evolution.objects import create_object
from rapport.metadata.evolving import Evolving
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.standard.model import standard_catalog
from rapport.store.database import Database
from tests.serving import Client, make_tenant, serving

GOLDEN = Path(__file__).parents[2] / "golden"
MOST = 60  # fields of one object: statements get long


async def words(database: Database) -> list[str]:
    """Keywords of PostgreSQL, and all identifiers of the engine's statements, as far as fields may be called so."""
    keywords = await database.rows("select word from pg_get_keywords()")
    found = {str(row["word"]).replace("_", "") for row in keywords}
    for file in GOLDEN.glob("*/statement.sql"):
        text = re.sub(r"'[^']*'", "", file.read_text(encoding="utf-8"))
        found |= set(re.findall(r"\b[a-z][a-z0-9]*\b", text))
    there = {name for field in of_every_object() for name in (field.name, *(column.name for column in field.columns))}
    return sorted(word for word in found - there if not field_issues(name=word, label="Label"))


def of_every_object() -> tuple[Field, ...]:
    catalog, object_id = create_object(standard_catalog(WorkspaceId(new_id())), probe(0))
    return next(item.fields for item in catalog.objects if item.id == object_id)


def probe(number: int) -> dict[str, Json]:
    return {
        "nameSingular": f"probe{number}",
        "namePlural": f"probes{number}",
        "labelSingular": f"Probe {number}",
        "labelPlural": f"Probes {number}",
    }


def parts(items: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(items), MOST):
        yield items[start : start + MOST]


def with_objects(catalog: Catalog, names: list[str]) -> Catalog:
    for number, part in enumerate(parts(names), start=1):
        catalog, object_id = create_object(catalog, probe(number))
        for name in part:
            catalog, _ = create_field(catalog, object_id, {"name": name, "label": name, "type": "TEXT"})
    return catalog


async def test_a_field_may_have_any_name_that_is_not_reserved(database: Database) -> None:
    tenant = await make_tenant(database, "Words")
    names = await words(database)
    assert {"select", "primary", "x", "o", "found", "differs"} <= set(names)
    await Evolving(database, forget=lambda _id: None).change(
        tenant.workspace_id, lambda catalog: with_objects(catalog, names)
    )
    async with serving(database, tenant) as client:
        for number, part in enumerate(parts(names), start=1):
            await _use(client, number, part)


async def _use(client: Client, number: int, names: list[str]) -> None:
    one, many = f"Probe{number}", f"probes{number}"
    ids = [f"{number:08}-0000-4000-8000-{place:012}" for place in range(4)]
    rows = [{"id": each, **{name: f"{name} {place}" for name in names}} for place, each in enumerate(ids)]
    shown = f"id {' '.join(names)}"
    plural = f"Probes{number}"

    create = f"mutation($data: [{one}CreateInput!]!) {{ create{plural}(data: $data) {{ {shown} }} }}"
    assert (await client.data(create, {"data": rows}))[f"create{plural}"] == rows
    upsert = create.replace("data: $data", "data: $data, upsert: true")
    assert (await client.data(upsert, {"data": rows}))[f"create{plural}"] == rows

    page = (
        f"query($last: Int, $before: String, $order: [{one}OrderByInput]) {{ {many}(last: $last, before: $before, "
        "orderBy: $order) { totalCount pageInfo { hasPreviousPage startCursor } "
        f"edges {{ cursor node {{ {shown} }} }} }} }}"
    )
    order = [{name: "AscNullsLast"} for name in names[:20]]
    last = (await client.data(page, {"last": 2, "order": order}))[many]
    assert [edge["node"] for edge in last["edges"]] == rows[2:]
    cursor = last["pageInfo"]["startCursor"]
    assert last["pageInfo"]["hasPreviousPage"]
    first = (await client.data(page, {"last": 2, "before": cursor, "order": order}))[many]
    assert [edge["node"] for edge in first["edges"]] == rows[:2]

    for name in names:
        groups = (
            f"{{ {many}GroupBy(groupBy: [{{{name}: true}}], orderBy: [{{{name}: AscNullsLast}}]) "
            f"{{ groupByDimensionValues totalCount countEmpty{name.capitalize()} edges {{ node {{ {name} }} }} }} }}"
        )
        found = (await client.data(groups))[f"{many}GroupBy"]
        assert [group["groupByDimensionValues"] for group in found] == [[f"{name} {place}"] for place in range(4)]
        where = f'{{ {many}(filter: {{{name}: {{eq: "{name} 1"}}}}) {{ edges {{ node {{ id }} }} }} }}'
        assert (await client.data(where))[many] == {"edges": [{"node": {"id": ids[1]}}]}

    changed = {name: f"changed {name}" for name in names}
    update = f'mutation($data: {one}UpdateInput!) {{ update{one}(id: "{ids[0]}", data: $data) {{ {shown} }} }}'
    assert (await client.data(update, {"data": changed}))[f"update{one}"] == {"id": ids[0], **changed}
    sources = ", ".join(f'"{each}"' for each in ids[2:])
    merge = (
        f"mutation($dry: Boolean) {{ merge{plural}(ids: [{sources}], conflictPriorityIndex: 1, dryRun: $dry) "
        f"{{ {shown} }} }}"
    )
    merged = (await client.data(merge, {"dry": True}))[f"merge{plural}"]
    assert {**merged, "id": ids[3]} == rows[3]
    merged = (await client.data(merge, {"dry": False}))[f"merge{plural}"]
    assert {**merged, "id": ids[3]} == rows[3]
    for verb in ("delete", "restore", "destroy"):
        done = f'mutation {{ {verb}{one}(id: "{ids[1]}") {{ {shown} }} }}'
        assert (await client.data(done))[f"{verb}{one}"] == rows[1]
