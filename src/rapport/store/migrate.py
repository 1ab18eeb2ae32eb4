"""Brings the tables of `core` to the state that this release needs.

A migration is a *pre* file, applied before the new code runs (the last release still works with it), and at will a
*post* file, applied after the last process of the old release is gone. They are `migrations/0007_name.pre.sql` and
`.post.sql`; an applied file is never changed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from rapport.base.errors import ConfigurationError
from rapport.store.database import Database
from rapport.store.queries import load

Phase = Literal["pre", "post"]
_FILE = re.compile(r"(?P<name>(?P<number>\d{4})_[a-z0-9_]+)\.(?P<phase>pre|post)\.sql", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One file of a migration: `0001_core.pre`."""

    name: str
    phase: Phase
    sql: str


def migrations() -> tuple[Migration, ...]:
    """All migrations of this release, in the order in which they are applied."""
    found = []
    for entry in files("rapport.store").joinpath("migrations").iterdir():
        if not entry.name.endswith(".sql"):
            continue
        match = _FILE.fullmatch(entry.name)
        if match is None:
            raise ValueError(f"{entry.name} is not the name of a migration, such as 0001_core.pre.sql")
        phase: Phase = "pre" if match["phase"] == "pre" else "post"
        name = f"{match['name']}.{phase}"
        found.append((match["name"], phase == "post", Migration(name=name, phase=phase, sql=entry.read_text("utf-8"))))
    found.sort(key=lambda item: item[:2])
    return tuple(migration for _, _, migration in found)


async def pending(db: Database) -> tuple[Migration, ...]:
    """The migrations that this database lacks."""
    return _lacking(migrations(), await _applied(db))


async def unknown(db: Database) -> tuple[str, ...]:
    """Migrations that this database has and this release does not know: it has been used by a later one."""
    known = {migration.name for migration in migrations()}
    return tuple(name for name in await _applied(db) if name not in known)


async def migrate(db: Database, *, phases: Sequence[Phase] = ("pre", "post")) -> tuple[Migration, ...]:
    """Applies what is pending, each file in a transaction of its own; gives those that it applied.

    Several processes may do so at once: a lock makes them take turns, and each looks again before it applies a file.
    Raises ConfigurationError as ``refuse_later`` does.
    """
    await refuse_later(db)
    sql = load("rapport.store", "migrate.sql")
    done = []
    for migration in await pending(db):
        if migration.phase not in phases:
            continue
        async with db.transaction() as connection:
            await connection.script("set local statement_timeout = 0")
            await connection.value(sql["lock"])
            await connection.script(sql["found"])
            if await connection.value(sql["is_applied"], migration.name):
                continue
            await connection.script(migration.sql)
            await connection.execute(sql["record"], migration.name)
        done.append(migration)
    return tuple(done)


async def require_migrated(db: Database) -> None:
    """Raises ConfigurationError when migrations that the code relies on are pending, or as ``refuse_later`` does."""
    await refuse_later(db)
    names = [migration.name for migration in await pending(db) if migration.phase == "pre"]
    if names:
        raise ConfigurationError(f"The database lacks migrations ({', '.join(names)}). Run: rapport migrate")


async def refuse_later(db: Database) -> None:
    """Raises ConfigurationError for a database that a later release has migrated to the end.

    Its first phase leaves the database as the release before can use it: while servers are replaced one by one, those
    of both work.
    """
    names = [name for name in await unknown(db) if name.endswith(".post")]
    if names:
        raise ConfigurationError(
            f"The database has been migrated by a later release of Rapport ({', '.join(names)})."
            " Start that release, or restore a backup from before."
        )


async def _applied(db: Database) -> tuple[str, ...]:
    sql = load("rapport.store", "migrate.sql")
    if not await db.value(sql["is_founded"]):
        return ()
    return tuple(str(row["name"]) for row in await db.rows(sql["applied"]))


def _lacking(wanted: Sequence[Migration], applied: Sequence[str]) -> tuple[Migration, ...]:
    present = set(applied)
    return tuple(migration for migration in wanted if migration.name not in present)
