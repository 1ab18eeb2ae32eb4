"""Migrations of `core`."""

import asyncio
from importlib.resources import files

import asyncpg
import pytest

from rapport.base.errors import ConfigurationError
from rapport.store.database import Database
from rapport.store.migrate import migrate, migrations, pending, require_migrated, unknown
from tests.databases import fresh_name, new_database

# Everything that a table consists of, as text that does not depend on the order in which things were made.
CATALOG = """
select format('column %s.%I %s %s %s %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod),
              a.attnotnull, pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum))
from pg_attribute a
join pg_class c on c.oid = a.attrelid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where c.relnamespace = 'core'::regnamespace and c.relkind in ('r', 'v', 'm', 'p') and a.attnum > 0
  and not a.attisdropped
union all
select format('constraint %s %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
from pg_constraint where connamespace = 'core'::regnamespace
union all
select 'index ' || pg_get_indexdef(indexrelid)
from pg_index join pg_class c on c.oid = indexrelid where c.relnamespace = 'core'::regnamespace
union all
select format('relation %s %s %s', oid::regclass, relkind, obj_description(oid))
from pg_class where relnamespace = 'core'::regnamespace
union all
select format('routine %s', pg_get_functiondef(oid))
from pg_proc where pronamespace = 'core'::regnamespace and prokind in ('f', 'p')
union all
select format('type %s', typname) from pg_type where typnamespace = 'core'::regnamespace and typtype in ('e', 'd')
order by 1
"""
POSITIONS = """
select attrelid::regclass::text as table, array_agg(attname::text order by attnum) as columns
from pg_attribute join pg_class c on c.oid = attrelid
where c.relnamespace = 'core'::regnamespace and c.relkind = 'r' and attnum > 0 and not attisdropped
group by 1 order by 1
"""


async def test_the_schema_file_equals_all_migrations_applied(server_dsn: str, database_dsn: str) -> None:
    async with new_database(server_dsn, fresh_name()) as other_dsn:
        migrated, written = await asyncpg.connect(database_dsn), await asyncpg.connect(other_dsn)
        await written.execute(files("rapport.store").joinpath("schema.sql").read_text("utf-8"))
        for query in (CATALOG, POSITIONS):
            assert await written.fetch(query) == await migrated.fetch(query)
        await migrated.close()
        await written.close()


async def test_migrations_are_applied_once_and_recorded(empty_database_dsn: str) -> None:
    db = await Database.connect(empty_database_dsn)
    assert await pending(db) == migrations()
    assert await migrate(db) == migrations()
    assert await pending(db) == ()
    assert await migrate(db) == ()
    names = [row["name"] for row in await db.rows("select name from core.migration order by name")]
    assert names == sorted(migration.name for migration in migrations())
    await db.close()


async def test_asking_what_is_pending_changes_nothing(empty_database_dsn: str) -> None:
    db = await Database.connect(empty_database_dsn)
    await pending(db)
    assert await db.value("select to_regnamespace('core')") is None
    await db.close()


async def test_processes_that_migrate_at_once_take_turns(empty_database_dsn: str) -> None:
    dbs = [await Database.connect(empty_database_dsn, size=2) for _ in range(4)]
    applied = await asyncio.gather(*(migrate(db) for db in dbs))
    assert sum(len(done) for done in applied) == len(migrations())
    for db in dbs:
        await db.close()


async def test_the_phases_can_be_applied_one_by_one(empty_database_dsn: str) -> None:
    db = await Database.connect(empty_database_dsn)
    assert await migrate(db, phases=("pre",)) == tuple(item for item in migrations() if item.phase == "pre")
    assert await migrate(db, phases=("post",)) == tuple(item for item in migrations() if item.phase == "post")
    assert await pending(db) == ()
    await db.close()


async def test_a_start_without_the_needed_migrations_is_refused(empty_database_dsn: str) -> None:
    db = await Database.connect(empty_database_dsn)
    with pytest.raises(ConfigurationError, match="rapport migrate"):
        await require_migrated(db)
    await migrate(db)
    await require_migrated(db)
    await db.close()


async def test_migrations_of_a_later_release_are_noticed(database: Database) -> None:
    assert await unknown(database) == ()
    await database.execute("insert into core.migration (name) values ('9999_later.pre')")
    assert await unknown(database) == ("9999_later.pre",)
    assert await pending(database) == ()
    await migrate(database)  # servers are replaced one after the other: those of before may still start
    await require_migrated(database)
    await database.execute("insert into core.migration (name) values ('9999_later.post')")
    for start in (migrate, require_migrated):
        with pytest.raises(ConfigurationError, match=r"by a later release of Rapport \(9999_later.post\)"):
            await start(database)


def test_files_are_in_order_and_every_post_has_its_pre() -> None:
    names = [migration.name for migration in migrations()]
    assert names == sorted(names, key=lambda name: (name.split(".")[0], name.endswith(".post")))
    assert {name.removesuffix(".post") for name in names if name.endswith(".post")} <= {
        name.removesuffix(".pre") for name in names
    }
