"""What the tables of a model ought to be, told by PostgreSQL itself: they are made in a schema that is rolled back.

A table that has been made once is remembered, so that most workspaces, which share the standard model, cost nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import asyncpg

from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.ddl import create_indexes, create_table, foreign_key_name, foreign_keys, search_functions
from rapport.metadata.doctor.tables import Constraint, Table, Tables, read_tables
from rapport.metadata.names import quote
from rapport.store.database import Connection

_TOGETHER = 40  # tables made in one go: each costs a dozen locks until it is rolled back

# A table that is no object's: what makes it, in a given schema.
OwnTable = Callable[[str], str]


class Unmakeable(Exception):
    """PostgreSQL refuses a table of the model."""

    def __init__(self, table: str, reason: str) -> None:
        super().__init__(reason)
        self.table = table
        self.reason = reason


@dataclass
class Reference:
    """``own_tables``: the tables that each workspace has beside those of its objects, by name."""

    own_tables: Mapping[str, OwnTable] = field(default_factory=dict)
    _scratch: str = field(default_factory=lambda: f"rapport_doctor_{new_id().hex}")
    _made: dict[tuple[str, ...], Table] = field(default_factory=dict)
    _functions: Mapping[str, str] | None = None

    async def tables(self, connection: Connection, catalog: Catalog) -> Tables:
        """The tables as they ought to be; none for a workspace that has not been given its model yet.

        ``connection`` is in a transaction, which is left as it was. Raises Unmakeable.
        """
        if not catalog.objects:
            return Tables(exists=False)
        statements = {item.table: self._statements(item) for item in catalog.objects}
        statements |= {name: (make(self._scratch),) for name, make in self.own_tables.items()}
        unknown = {name: sql for name, sql in statements.items() if sql not in self._made}
        names = list(unknown)
        for place in range(0, len(names), _TOGETHER):
            await self._learn(connection, {name: unknown[name] for name in names[place : place + _TOGETHER]})
        links = {item.table: _foreign_keys(catalog, item) for item in catalog.objects}
        return Tables(
            tables={name: _linked(self._made[sql], links.get(name, {})) for name, sql in statements.items()},
            functions=self._functions or {},
        )

    def _statements(self, item: Object) -> tuple[str, ...]:
        return (create_table(self._scratch, item), *create_indexes(self._scratch, item))

    async def _learn(self, connection: Connection, unknown: Mapping[str, tuple[str, ...]]) -> None:
        await connection.script("savepoint scratch")
        try:
            await connection.script(
                ";\n".join([f"create schema {quote(self._scratch)}", *search_functions(self._scratch)])
            )
            for name, statements in unknown.items():
                await _make(connection, name, statements)
            found = await read_tables(connection, self._scratch)
        finally:
            await connection.script("rollback to savepoint scratch; release savepoint scratch")
        self._functions = found.functions
        self._made |= {statements: found.tables[name] for name, statements in unknown.items()}


async def _make(connection: Connection, name: str, statements: Iterable[str]) -> None:
    try:
        await connection.script(";\n".join(statements))
    except asyncpg.PostgresError as error:
        raise Unmakeable(name, str(error)) from error


def _foreign_keys(catalog: Catalog, item: Object) -> Mapping[str, Constraint]:
    """In the spelling of the query `actual_constraints`."""
    return {
        foreign_key_name(item, column): Constraint(
            kind="f",
            definition=f"foreign key ({quote(column)}) references {{schema}}.{quote(target.table)} "
            f'("id") on delete {rule}',
        )
        for column, target, rule in foreign_keys(catalog, item)
    }


def _linked(table: Table, links: Mapping[str, Constraint]) -> Table:
    return replace(table, constraints={**table.constraints, **links}) if links else table
