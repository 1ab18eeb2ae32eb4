"""The records that the cases work on: 10,000 companies, 50,000 people, 20,000 opportunities."""

from collections.abc import Mapping
from contextlib import suppress

import asyncpg

from rapport.metadata.names import quote
from rapport.store.database import Database
from rapport.store.queries import load

COMPANIES, PEOPLE, OPPORTUNITIES = 10_000, 50_000, 20_000
TABLES = ("company", "person", "opportunity", "event")


def company_id(number: int | str) -> str:
    """The id of a company by its number from 1, or with a mark in the number's place."""
    return f"0197a000-0000-7001-8000-{number:>012}"


def person_id(number: int | str) -> str:
    return f"0197a000-0000-7002-8000-{number:>012}"


class Data:
    """The records in one workspace's schema. The database's statement timeout must be long."""

    def __init__(self, database: Database, schema: str) -> None:
        self.database = database
        self._schema = quote(schema)
        self._queries: Mapping[str, str] = load("bench", "data.sql")

    async def ensure(self) -> None:
        """Loads the records unless they are there, and lets PostgreSQL look at them."""
        await self.remove_created()
        if await self.database.value(self._sql("is_loaded")) is not True:
            for name in ("companies", "people", "opportunities"):
                await self.database.execute(self._sql(name))
        await self.tidy()

    async def last_event(self) -> int:
        found = await self.database.value(self._sql("last_event"))
        assert isinstance(found, int)
        return found

    async def restore(self, last_event: int) -> None:
        """Takes away what the cases that write have left."""
        await self.remove_created()
        await self.database.execute(self._sql("forget_events"), last_event)
        await self.tidy()

    async def remove_created(self) -> None:
        await self.database.execute(self._sql("remove_created"))

    async def tidy(self) -> None:
        """Vacuum and a checkpoint, so that they do not fall into a measurement."""
        for table in TABLES:
            await self.database.script(f"vacuum (analyze) {self._schema}.{quote(table)}")
        with suppress(asyncpg.InsufficientPrivilegeError):  # someone else's database: its owner decides
            await self.database.script("checkpoint")

    def _sql(self, name: str) -> str:
        return self._queries[name].replace("{schema}", self._schema)
