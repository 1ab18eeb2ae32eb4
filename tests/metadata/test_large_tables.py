"""Changes of the model of a large table, which is written to and read meanwhile.

LARGE_ROWS=200000 is the full size; LARGE_REPORT=1 prints how long requests had to wait.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.evolution.custom_indexes import create_index
from rapport.metadata.evolution.fields import create_field, delete_field, update_field
from rapport.metadata.evolution.objects import create_object
from rapport.metadata.evolving import Evolving
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.store import load_catalog
from rapport.store.database import Database
from rapport.workspaces.create import create_workspace
from tests.metadata.yardstick import differences

ROWS = int(os.environ.get("LARGE_ROWS", "20000"))
LONGEST_PAUSE_SECONDS = 2.0  # of requests meanwhile, on a machine that may be busy; the full size is for measuring
OPTIONS: list[Json] = [
    {"value": "A", "label": "A", "color": "red", "position": 0},
    {"value": "B", "label": "B", "color": "blue", "position": 1},
]


@dataclass(kw_only=True)
class Pauses:
    """How long writes and reads took while something else went on."""

    writes: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)

    @property
    def longest(self) -> float:
        return max(*self.writes, *self.reads)


class Large:
    """An object with many records."""

    def __init__(self, db: Database, others: Database, workspace_id: UUID) -> None:
        self.db, self._others, self.id = db, others, workspace_id
        self._evolving = Evolving(db, forget=lambda _id: None, large_table_bytes=1)

    async def catalog(self) -> Catalog:
        return await load_catalog(self.db, self.id)

    async def object(self, name: str = "rocket") -> Object:
        return next(item for item in (await self.catalog()).objects if item.name == name)

    async def change(self, edit: Callable[[Catalog], Catalog], label: str = "") -> Pauses:
        """Applies the edit while records are written and read."""
        catalog = await self.catalog()
        begun = time.monotonic()
        async with self._busy(f'"{catalog.schema}"._rocket') as pauses:
            await self._evolving.change(self.id, edit)
        took = time.monotonic() - begun
        assert [str(each) for each in await differences(self.db, await self.catalog())] == []
        if "LARGE_REPORT" in os.environ:
            waits = ", ".join(
                f"{len(times):6} {what}, the longest {max(times) * 1000:5.0f} ms"
                for what, times in (("writes", pauses.writes), ("reads", pauses.reads))
            )
            sys.stdout.write(f"{label:32} {took:7.2f} s, {waits}\n")
        return pauses

    async def make(self, type_name: str, name: str, **given: Json) -> tuple[UUID, Pauses]:
        made: list[UUID] = []
        item = await self.object()

        def edit(catalog: Catalog) -> Catalog:
            changed, field_id = create_field(
                catalog, item.id, {"type": type_name, "name": name, "label": name.capitalize(), **given}
            )
            made.append(field_id)
            return changed

        pauses = await self.change(edit, f"new field {type_name} {name}")
        return made[-1], pauses

    @asynccontextmanager
    async def _busy(self, table: str) -> AsyncIterator[Pauses]:
        pauses, stopped = Pauses(), asyncio.Event()

        async def repeat(statement: str, times: list[float]) -> None:
            while not stopped.is_set():
                begun = time.monotonic()
                await self._others.value(statement)
                times.append(time.monotonic() - begun)

        write = f"insert into {table} (name) values ('written') returning id"
        update = f"update {table} set name = 'changed' where id = (select id from {table} limit 1) returning id"
        read = f"select name from {table} order by position, id limit 1"
        tasks = [
            asyncio.create_task(repeat(statement, times))
            for statement, times in ((write, pauses.writes), (update, pauses.writes), (read, pauses.reads))
        ]
        await asyncio.sleep(0.05)
        try:
            yield pauses
        finally:
            stopped.set()
            await asyncio.gather(*tasks)


@pytest.fixture
async def large(database: Database, database_dsn: str) -> AsyncIterator[Large]:
    async with database.transaction() as connection:
        workspace_id, schema = await create_workspace(connection, name="Large")
    others = await Database.connect(database_dsn, size=3)
    try:
        found = Large(database, others, workspace_id)
        names: dict[str, Json] = {
            "nameSingular": "rocket",
            "namePlural": "rockets",
            "labelSingular": "Rocket",
            "labelPlural": "Rockets",
        }
        await Evolving(database, forget=lambda _id: None).change(
            workspace_id, lambda catalog: create_object(catalog, names)[0]
        )
        item = await found.object()
        for type_name, name in (("TEXT", "code"), ("NUMBER", "weight")):
            given: dict[str, Json] = {"type": type_name, "name": name, "label": name.capitalize()}
            await Evolving(database, forget=lambda _id: None).change(
                workspace_id,
                lambda catalog, given=given: create_field(catalog, item.id, given)[0],  # type: ignore[misc]
            )
        await database.script(
            "set statement_timeout = 0; "
            f'insert into "{schema}"._rocket (name, code, weight, position) '
            f"select 'rocket ' || n, 'code ' || n, n, n from generate_series(1, {ROWS}) n; "
            f'analyze "{schema}"._rocket'
        )
        yield found
    finally:
        await others.close()


async def test_an_index_is_made_while_the_table_is_in_use(large: Large) -> None:
    item = await large.object()
    given: dict[str, Json] = {
        "objectMetadataId": str(item.id),
        "fields": [{"fieldMetadataId": str(item.field["weight"].id)}],
    }
    pauses = await large.change(lambda catalog: create_index(catalog, given)[0], "new index")
    assert pauses.longest < LONGEST_PAUSE_SECONDS


async def test_a_field_becomes_unique_while_the_table_is_in_use(large: Large) -> None:
    code = (await large.object()).field["code"].id
    pauses = await large.change(lambda catalog: update_field(catalog, code, {"isUnique": True}), "unique")
    assert pauses.longest < LONGEST_PAUSE_SECONDS
    pauses = await large.change(lambda catalog: update_field(catalog, code, {"isUnique": False}), "not unique")
    assert pauses.longest < LONGEST_PAUSE_SECONDS


async def test_relations_and_fields_come_and_go_while_the_table_is_in_use(large: Large) -> None:
    company = await large.object("company")
    payload: Json = {
        "type": "MANY_TO_ONE",
        "targetObjectMetadataId": str(company.id),
        "targetFieldLabel": "Fleet",
        "targetFieldIcon": "IconRocket",
    }
    relation, pauses = await large.make("RELATION", "maker", relationCreationPayload=payload)
    assert pauses.longest < LONGEST_PAUSE_SECONDS
    stage, pauses = await large.make("SELECT", "stage", options=OPTIONS)
    assert pauses.longest < LONGEST_PAUSE_SECONDS
    _, pauses = await large.make("NUMBER", "crew", isNullable=False, defaultValue=1)
    assert pauses.longest < LONGEST_PAUSE_SECONDS
    pauses = await large.change(lambda catalog: update_field(catalog, stage, {"name": "state"}), "rename field")
    assert pauses.longest < LONGEST_PAUSE_SECONDS
    for field_id in (relation, stage):
        pauses = await large.change(lambda catalog, gone=field_id: delete_field(catalog, gone), "delete field")  # type: ignore[misc]
        assert pauses.longest < LONGEST_PAUSE_SECONDS


@pytest.mark.skipif("LARGE_REPORT" not in os.environ, reason="writes every row, for which writers have to wait")
async def test_how_long_changes_of_every_row_take(large: Large) -> None:
    stage, _ = await large.make("SELECT", "stage", options=OPTIONS, defaultValue="'A'")
    fewer: dict[str, Json] = {"options": OPTIONS[1:], "defaultValue": None}
    await large.change(lambda catalog: update_field(catalog, stage, fewer), "an option of every row goes")
    weight = (await large.object()).field["weight"].id
    await large.change(lambda catalog: update_field(catalog, weight, {"isNullable": False}), "required")
