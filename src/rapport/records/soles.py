"""Records of which there must not be two, where no index of the database forbids it."""

from collections.abc import Sequence

from rapport.engine import plan
from rapport.engine.sql import Parameters, Value
from rapport.engine.twins import write_twins
from rapport.metadata.catalog import Catalog, Object
from rapport.records.restrictions import Restriction
from rapport.records.rows import Rows
from rapport.store.database import Connection

_LOCK = "select pg_advisory_xact_lock(hashtextextended($1, 0))"


async def one_at_a_time(connection: Connection, schema: str, item: Object) -> None:
    """Until the transaction ends nobody else makes or looks for two records of the object."""
    await connection.execute(_LOCK, f"{schema}.{item.table}")


async def find_twins(
    connection: Connection,
    schema: str,
    item: Object,
    groups: tuple[tuple[str, ...], ...],
    among: plan.Predicate,
    ids: Sequence[object] | None = None,
) -> list[object]:
    """The ids of live records that are there twice: of these, or else of all that are not the oldest."""
    await one_at_a_time(connection, schema, item)
    parameters = Parameters()
    wanted = None if ids is None else Value(sql_type="uuid[]", constant=list(ids))
    sql = write_twins(schema, item, groups, among, parameters, ids=wanted)
    found = await connection.value(sql, *(value.constant for value in parameters.values))
    return found if isinstance(found, list) else []


async def demand_sole(
    connection: Connection,
    catalog: Catalog,
    limits: Restriction,
    change: plan.Change,
    rows: Rows | None,
    ids: Sequence[object],
) -> None:
    """For records that were just written: raises the restriction's error if one of them must not be there."""
    item, sole = change.object, limits.sole
    columns = frozenset(column.name for column in rows.columns) if rows is not None else frozenset()
    if sole is None or not sole.concerns(item, change.verb, columns):
        return
    if await find_twins(connection, catalog.schema, item, sole.groups(item), sole.among(catalog, item), ids):
        raise sole.error
