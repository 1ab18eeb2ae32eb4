"""Proves that the metadata of a workspace and its tables agree, and mends what can be mended without a loss."""

from rapport.metadata.catalog import Catalog
from rapport.metadata.doctor.difference import Difference
from rapport.metadata.doctor.examining import differences_of_tables
from rapport.metadata.doctor.mending import Mended, look, mend
from rapport.metadata.doctor.reference import Reference
from rapport.metadata.doctor.rows import row_mending
from rapport.store.database import Connection, Database

__all__ = ["Difference", "Mended", "Reference", "differences", "look", "mend", "row_mending"]


async def differences(db: Database | Connection, catalog: Catalog) -> list[Difference]:
    """All differences between a catalog and the tables in its schema; none when they agree."""
    if isinstance(db, Database):
        async with db.transaction() as connection:
            return await differences(connection, catalog)
    found = await differences_of_tables(db, catalog, Reference())
    return sorted((each for each in found if each.table not in _OWN_TABLES), key=lambda each: (each.table, each.what))


_OWN_TABLES = frozenset({"event"})  # which the metadata do not speak of
