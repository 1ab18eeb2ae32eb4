"""Creating many records at once, for those who have no use for an answer."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, cast

import asyncpg
import orjson

from rapport.access.principal import Principal
from rapport.base.errors import InvalidValue
from rapport.engine import plan
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import write_change
from rapport.metadata.catalog import Catalog, Object
from rapport.records.actor import ACTOR, actor_values
from rapport.records.failures import refused
from rapport.records.refusals import Given
from rapport.records.restrictions import check_verb, restriction_of
from rapport.records.rows import RowBuilder, Rows
from rapport.store.database import Connection, Database

DATA = "@data"


async def create_records(
    connection: Connection | Database,
    catalog: Catalog,
    object_name: str,
    data: Sequence[object],
    principal: Principal,
) -> None:
    """Creates records of one object, with their events, by one statement, from data in the form of the API's inputs.

    There is no limit to their number here. Raises what the API raises: values that do not fit, duplicates, links to
    records that do not exist.
    """
    if not data:
        return
    item = catalog.by_name[object_name]
    rows = RowBuilder(catalog, item).creation(list(data))
    if rows.is_linked:
        raise InvalidValue("Records created in bulk can be linked by ids only.")
    limits = restriction_of(item, principal)
    if limits is not None:
        check_verb(item, "create")
        limits.check(Given(verb="create", rows=rows.values, principal=principal))
    statement = _statement(catalog.schema, item, rows)
    bound = statement.bind({**actor_values(principal), DATA: encode_rows(rows)})
    try:
        await connection.value(statement.sql, *bound)
    except asyncpg.PostgresError as error:
        refusal = refused(error, item)
        if refusal is None:
            raise
        raise refusal from None


def encode_rows(rows: Rows) -> str:
    """The rows as the text of one jsonb parameter."""
    try:
        return orjson.dumps(rows.values).decode()
    except TypeError:  # an integer beyond 64 bits inside a JSON value
        return json.dumps(rows.values, ensure_ascii=False, allow_nan=False)


def with_rows(change: plan.Change, rows: Rows) -> plan.Change:
    """The change for rows of these columns."""
    return replace(
        change,
        columns=rows.columns,
        partial=rows.partial,
        position=cast(Literal["given", "first", "last", "mixed", "keep"], rows.position),
        data=Value(sql_type="jsonb", path=(DATA,)),
    )


def _statement(schema: str, item: Object, rows: Rows) -> Statement:
    change = plan.Change(schema=schema, verb="create", object=item, many=True, items=(), actor=ACTOR)
    parameters = Parameters()
    return Statement.of(write_change(with_rows(change, rows), parameters, ids_only=True), parameters)
