"""Compares the tables of a workspace with its metadata, by a yardstick that all tests of a process share.

To make the tables of a model takes ten times as long as to look at them; the yardstick makes each table once.
"""

from rapport.metadata.catalog import Catalog
from rapport.metadata.doctor import Difference, Reference
from rapport.metadata.doctor.examining import differences_of_tables
from rapport.store.database import Connection, Database

YARDSTICK = Reference()
_OWN_TABLES = frozenset({"event"})  # which the metadata do not speak of


async def differences(db: Database | Connection, catalog: Catalog) -> list[Difference]:
    """All differences between a catalog and the tables in its schema; none when they agree."""
    if isinstance(db, Database):
        async with db.transaction() as connection:
            return await differences(connection, catalog)
    found = await differences_of_tables(db, catalog, YARDSTICK)
    return sorted((each for each in found if each.table not in _OWN_TABLES), key=lambda each: (each.table, each.what))
