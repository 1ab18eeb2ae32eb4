"""`connect`: finding the one record that a relation is to point to, by its id or by a unique field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapport.base.errors import BadUserInput
from rapport.engine.connecting import write_lookup
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Column, Json
from rapport.store.database import Connection


class ConnectTargetNotFound(BadUserInput):
    """The record to connect to was not found."""

    sub_code = "CONNECT_RECORD_NOT_FOUND"


@dataclass(frozen=True, kw_only=True)
class Connect:
    """Row ``row`` is to point, by ``column``, to the record of ``target`` that has these values."""

    row: int
    field: str
    column: str
    target: Object
    conditions: tuple[tuple[Column, Json], ...]

    @property
    def key(self) -> tuple[object, ...]:
        """Connects of one relation by the same columns are looked up together."""
        return (self.column, tuple(column.name for column, _ in self.conditions))

    def shown(self) -> str:
        """`domainNamePrimaryLinkUrl = acme.com`"""
        return " and ".join(f"{column.name} = {value}" for column, value in self.conditions)


async def resolve_connects(
    connection: Connection,
    schema: str,
    connects: Sequence[Connect],
    rows: list[dict[str, Json]],
    values: Mapping[str, object],
) -> None:
    """Puts the ids of the records found into the rows, and keeps the records from going away until the commit.

    One statement for each relation and kind of condition. ``values`` are those of the request, with the actor's.
    Raises ConnectTargetNotFound.
    """
    groups: dict[tuple[object, ...], list[Connect]] = {}
    for connect in connects:
        groups.setdefault(connect.key, []).append(connect)
    for group in groups.values():
        found = await _look_up(connection, schema, group, values)
        for connect, ids in zip(group, found, strict=True):
            if len(ids) != 1:
                raise ConnectTargetNotFound(
                    f"Expected 1 record to connect to {connect.field}, but found {len(ids)} for {connect.shown()}",
                    user_message=f"Can't connect to {connect.field}. No unique record found with condition: "
                    f"{connect.shown()}",
                )
            rows[connect.row][connect.column] = ids[0]


async def _look_up(
    connection: Connection, schema: str, group: list[Connect], values: Mapping[str, object]
) -> list[list[str]]:
    """The ids that each of the group's conditions finds."""
    parameters = Parameters()
    wanted = [
        (
            column,
            Value(sql_type=f"{column.leaf.sql_type}[]", constant=[_param(each.conditions[index]) for each in group]),
        )
        for index, (column, _) in enumerate(group[0].conditions)
    ]
    lookup = Statement.of(write_lookup(schema, group[0].target, wanted, parameters), parameters)
    found: list[list[str]] = [[] for _ in group]
    for row in await connection.rows(lookup.sql, *lookup.bind(values)):
        found[row[0] - 1].append(row[1])
    return found


def _param(condition: tuple[Column, Json]) -> object:
    column, value = condition
    return None if value is None else column.leaf.param(value, column.name)
