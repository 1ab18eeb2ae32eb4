"""The examination of one workspace: the rows of its metadata, and its tables."""

from uuid import UUID

from rapport.metadata.catalog import Catalog
from rapport.metadata.doctor.comparing import compare_tables
from rapport.metadata.doctor.difference import Difference
from rapport.metadata.doctor.reference import Reference, Unmakeable
from rapport.metadata.doctor.rows import differing_rows, faults, model_of, read_rows
from rapport.metadata.doctor.tables import read_tables
from rapport.store.database import Connection

# What reading rows that are no model may end in.
_MISREAD = (AssertionError, AttributeError, KeyError, StopIteration, TypeError, ValueError)


async def examine(connection: Connection, workspace_id: UUID, reference: Reference) -> list[Difference]:
    """All that is not as it ought to be, in the order in which it can be mended. Raises WorkspaceNotFound.

    ``connection`` is in a transaction. Without a lock on the model, a change of it may show as differences.
    """
    schema, rows = await read_rows(connection, workspace_id)
    found = list(faults(rows))
    if any(each.stops or each.row is not None for each in found):
        return found
    try:
        catalog = model_of(workspace_id, schema, rows)
        found += differing_rows(rows, catalog)
    except _MISREAD as error:
        return [*found, Difference(what="the metadata", problem=f"cannot be read: {error!r}", stops=True)]
    return found + await differences_of_tables(connection, catalog, reference)


async def differences_of_tables(connection: Connection, catalog: Catalog, reference: Reference) -> list[Difference]:
    """Where the tables are not those of the model."""
    try:
        wanted = await reference.tables(connection, catalog)
    except Unmakeable as error:
        return [Difference(table=error.table, what="it", problem=f"cannot be made: {error.reason}", stops=True)]
    except _MISREAD as error:
        return [Difference(what="the metadata", problem=f"cannot be made into tables: {error!r}", stops=True)]
    return list(compare_tables(catalog.schema, wanted, await read_tables(connection, catalog.schema)))
