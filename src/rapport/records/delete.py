"""Soft-deleting records by their ids, for those who have no use for an answer."""

from collections.abc import Sequence
from uuid import UUID

from rapport.access.principal import Principal
from rapport.engine import plan
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import write_change
from rapport.metadata.catalog import Catalog
from rapport.records.actor import ACTOR, actor_values
from rapport.records.followers import followers
from rapport.store.database import Connection

_IDS = "@ids"


async def delete_records(
    connection: Connection, catalog: Catalog, object_name: str, ids: Sequence[UUID], principal: Principal
) -> None:
    """Soft-deletes records of one object, with their events. Those that are not there are left out."""
    item = catalog.by_name[object_name]
    chosen = plan.Compare(column=item.field["id"].column, operator="in", value=Value(sql_type="uuid[]", path=(_IDS,)))
    change = plan.Change(
        schema=catalog.schema,
        verb="delete",
        object=item,
        many=True,
        items=(),
        actor=ACTOR,
        filter=chosen,
        followers=followers(catalog, item),
    )
    parameters = Parameters()
    statement = Statement.of(write_change(change, parameters, ids_only=True), parameters)
    await connection.value(statement.sql, *statement.bind({**actor_values(principal), _IDS: list(ids)}))
