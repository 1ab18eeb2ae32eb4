"""However a model came about, its tables are those that a new workspace of this model would get."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import asyncpg
import pytest

from rapport.base.errors import RapportError
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.ddl import create_statements
from rapport.metadata.evolution.custom_indexes import create_index, delete_index
from rapport.metadata.evolution.fields import create_field, delete_field, update_field
from rapport.metadata.evolution.objects import create_object, delete_object, update_object
from rapport.metadata.evolution.problems import InvalidModel
from rapport.metadata.evolving import Evolving
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.names import quote
from rapport.metadata.store import load_catalog
from rapport.store.database import Database
from rapport.workspaces.create import create_workspace

SEEDS = range(4)
CHANGES = 8  # of a seed, each of several edits

_TYPES = (
    "TEXT", "NUMBER", "BOOLEAN", "DATE", "DATE_TIME", "SELECT", "MULTI_SELECT", "RATING", "CURRENCY", "LINKS", "EMAILS",
    "PHONES", "ADDRESS", "FULL_NAME", "RAW_JSON", "ARRAY", "UUID", "RICH_TEXT_V2", "POSITION",
)  # fmt: skip
_LETTERS = "abcdefgh"
_COLUMNS = (
    "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated::text, "
    "pg_get_expr(d.adbin, d.adrelid) from pg_attribute a join pg_class c on c.oid = a.attrelid "
    "left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum "
    "where c.relnamespace = $1::text::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped"
)
_INDEXES = (
    "select c.relname, i.relname, pg_get_indexdef(x.indexrelid), x.indisvalid from pg_index x "
    "join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid "
    "where c.relnamespace = $1::text::regnamespace"
)
_CONSTRAINTS = (
    "select c.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated from pg_constraint k "
    "join pg_class c on c.oid = k.conrelid where c.relnamespace = $1::text::regnamespace and k.contype <> 'n'"
)
Edit = Callable[[random.Random, Catalog], Catalog]


def word(rng: random.Random) -> str:
    return "".join(rng.choice(_LETTERS) for _ in range(rng.choice((2, 3, 3, 40))))


def custom(rng: random.Random, catalog: Catalog) -> Object:
    return rng.choice([item for item in catalog.objects if item.is_custom])


def any_field(rng: random.Random, item: Object) -> Field:
    return rng.choice([field for field in item.fields if field.is_custom])


def new_object(rng: random.Random, catalog: Catalog) -> Catalog:
    name = word(rng)
    given: dict[str, Json] = {
        "nameSingular": name, "namePlural": f"{name}s", "labelSingular": name, "labelPlural": f"{name}s"
    }  # fmt: skip
    return create_object(catalog, given)[0]


def new_field(rng: random.Random, catalog: Catalog) -> Catalog:
    name, type_name = word(rng), rng.choice(_TYPES)
    given: dict[str, Json] = {"type": type_name, "name": name, "label": name}
    if type_name in ("SELECT", "MULTI_SELECT"):
        given["options"] = ["One", "Two", "Three"]
        if rng.random() < 0.5:
            given["defaultValue"] = "'ONE'" if type_name == "SELECT" else ["'ONE'"]
    if rng.random() < 0.3:
        given["isUnique"] = True
    if rng.random() < 0.3:
        given["isNullable"] = False
    item = rng.choice([custom(rng, catalog), next(each for each in catalog.objects if each.name == "company")])
    return create_field(catalog, item.id, given)[0]


def payload(rng: random.Random, catalog: Catalog, kind: str) -> Json:
    target = rng.choice([custom(rng, catalog), next(each for each in catalog.objects if each.name == "person")])
    return {
        "type": kind, "targetObjectMetadataId": str(target.id), "targetFieldLabel": word(rng), "targetFieldIcon": "I"
    }  # fmt: skip


def new_relation(rng: random.Random, catalog: Catalog) -> Catalog:
    name = word(rng)
    given: dict[str, Json] = {"type": "RELATION", "name": name, "label": name}
    given["relationCreationPayload"] = payload(rng, catalog, rng.choice(("MANY_TO_ONE", "ONE_TO_MANY")))
    return create_field(catalog, custom(rng, catalog).id, given)[0]


def new_morph_relation(rng: random.Random, catalog: Catalog) -> Catalog:
    name = word(rng)
    given: dict[str, Json] = {"type": "MORPH_RELATION", "name": name, "label": name}
    given["morphRelationsCreationPayload"] = [payload(rng, catalog, "MANY_TO_ONE") for _ in range(2)]
    return create_field(catalog, custom(rng, catalog).id, given)[0]


def rename_object(rng: random.Random, catalog: Catalog) -> Catalog:
    name = word(rng)
    return update_object(catalog, custom(rng, catalog).id, {"nameSingular": name, "namePlural": f"{name}s"})


def rename_field(rng: random.Random, catalog: Catalog) -> Catalog:
    return update_field(catalog, any_field(rng, custom(rng, catalog)).id, {"name": word(rng)})


def exchange_names(rng: random.Random, catalog: Catalog) -> Catalog:
    item = custom(rng, catalog)
    one, other = any_field(rng, item), any_field(rng, item)
    catalog = update_field(catalog, one.id, {"name": "passing"})
    catalog = update_field(catalog, other.id, {"name": one.name})
    return update_field(catalog, one.id, {"name": other.name})


def change_field(rng: random.Random, catalog: Catalog) -> Catalog:
    field = any_field(rng, custom(rng, catalog))
    given: dict[str, Json] = rng.choice(
        [
            {"isUnique": not field.is_unique},
            {"isNullable": not field.is_nullable},
            {"isActive": not field.is_active},
            {"defaultValue": None},
            {"settings": {"dataType": rng.choice(("int", "float", "bigint"))}},
            {"options": ["Two", "Four", "One"]},
        ]
    )
    return update_field(catalog, field.id, given)


def change_label_field(rng: random.Random, catalog: Catalog) -> Catalog:
    item = custom(rng, catalog)
    return update_object(catalog, item.id, {"labelIdentifierFieldMetadataId": str(rng.choice(item.fields).id)})


def drop_field(rng: random.Random, catalog: Catalog) -> Catalog:
    return delete_field(catalog, any_field(rng, custom(rng, catalog)).id)


def drop_object(rng: random.Random, catalog: Catalog) -> Catalog:
    if rng.random() < 0.7:
        return new_object(rng, catalog)
    return delete_object(catalog, custom(rng, catalog).id)


def new_index(rng: random.Random, catalog: Catalog) -> Catalog:
    item = custom(rng, catalog)
    parts: list[Json] = [{"fieldMetadataId": str(any_field(rng, item).id)} for _ in range(rng.choice((1, 2)))]
    given: dict[str, Json] = {"objectMetadataId": str(item.id), "fields": parts, "isUnique": rng.random() < 0.5}
    return create_index(catalog, given)[0]


def drop_index(rng: random.Random, catalog: Catalog) -> Catalog:
    return delete_index(catalog, rng.choice([index for item in catalog.objects for index in item.custom_indexes]).id)


EDITS: tuple[Edit, ...] = (
    new_object, new_field, new_field, new_field, new_relation, new_morph_relation, rename_object, rename_field,
    exchange_names, change_field, change_field, change_label_field, drop_field, drop_object, new_index, drop_index,
)  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
async def test_tables_are_those_of_a_new_workspace(database: Database, seed: int) -> None:
    rng = random.Random(seed)
    async with database.transaction() as connection:
        workspace_id, _ = await create_workspace(connection, name="Space")
    evolving = Evolving(database, forget=lambda _id: None)
    done: set[str] = set()
    for _ in range(CHANGES):
        state = rng.getrandbits(64)

        def edit(catalog: Catalog, state: int = state) -> Catalog:
            chooser = random.Random(state)
            if not any(item.is_custom for item in catalog.objects):
                catalog = new_object(chooser, new_object(chooser, catalog))
            for _ in range(chooser.choice((3, 8, 16))):
                each = chooser.choice(EDITS)
                try:
                    catalog = each(chooser, catalog)
                except (RapportError, IndexError):
                    continue  # not possible with this model
                done.add(each.__name__)
            return catalog

        before = await load_catalog(database, workspace_id)
        try:
            after = (await evolving.change(workspace_id, edit)).after
        except InvalidModel:  # records stand in the way
            after = before
        found = await load_catalog(database, workspace_id)
        assert found == after
        await fill(rng, database, found)
        assert await shapes(database, found) == await new_shapes(database, found)
    assert len(done) > 9


async def fill(rng: random.Random, database: Database, catalog: Catalog) -> None:
    """A record of defaults in a few tables, so that the next change has rows to keep."""
    for item in catalog.objects:
        if item.is_custom and rng.random() < 0.7:
            with suppress(asyncpg.NotNullViolationError, asyncpg.UniqueViolationError):
                await database.execute(f"insert into {quote(catalog.schema)}.{quote(item.table)} default values")


async def new_shapes(database: Database, catalog: Catalog) -> list[tuple[object, ...]]:
    """As of a schema that is made of the catalog in one go."""
    fresh = replace(catalog, schema=f"fresh_{catalog.version}")
    await database.script(";\n".join(create_statements(fresh)))
    found = await shapes(database, fresh)
    await database.script(f"drop schema {quote(fresh.schema)} cascade")
    return found


async def shapes(database: Database, catalog: Catalog) -> list[tuple[object, ...]]:
    """Everything that PostgreSQL says of the tables of a schema, in its own words."""
    found: list[tuple[object, ...]] = []
    for sql in (_COLUMNS, _INDEXES, _CONSTRAINTS):
        rows = [row for row in await database.rows(sql, quote(catalog.schema)) if row[0] != "event"]
        found += [
            tuple(each.replace(catalog.schema, "w") if isinstance(each, str) else each for each in row) for row in rows
        ]
    return sorted(found, key=repr)
