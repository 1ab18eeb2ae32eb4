"""Updating one record, for those who have no use for an answer."""

from collections.abc import Mapping
from uuid import UUID

from rapport.access.principal import Principal
from rapport.engine import plan
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import write_change
from rapport.metadata.catalog import Catalog
from rapport.metadata.fieldtypes.base import Json
from rapport.records.actor import ACTOR, actor_values
from rapport.records.create import DATA, encode_rows, with_rows
from rapport.records.rows import RowBuilder
from rapport.store.database import Connection

_ID = "@id"


async def update_record(
    connection: Connection,
    catalog: Catalog,
    object_name: str,
    record_id: UUID,
    data: Mapping[str, Json],
    principal: Principal,
) -> None:
    """Updates a record, with its event, from data in the form of the API's inputs; one that is not there, not."""
    item = catalog.by_name[object_name]
    rows = RowBuilder(catalog, item).update(dict(data))
    chosen = plan.Compare(column=item.field["id"].column, operator="eq", value=Value(sql_type="uuid", path=(_ID,)))
    change = plan.Change(
        schema=catalog.schema, verb="update", object=item, many=True, items=(), actor=ACTOR, filter=chosen
    )
    parameters = Parameters()
    statement = Statement.of(write_change(with_rows(change, rows), parameters, ids_only=True), parameters)
    values = {**actor_values(principal), DATA: encode_rows(rows), _ID: record_id}
    await connection.value(statement.sql, *statement.bind(values))
