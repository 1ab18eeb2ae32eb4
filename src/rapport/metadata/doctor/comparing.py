"""The tables of a workspace beside those of its model: each difference with the statements that would mend it."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from rapport.metadata.doctor.difference import Difference
from rapport.metadata.doctor.tables import Column, Constraint, Index, Table, Tables
from rapport.metadata.names import qualified, quote

# Names that only we give. What bears one and is not in the model is left over, and holds no data.
_OUR_INDEX = re.compile(r"(ix|uq|gin)_\w+|IDX_(UNIQUE_)?[0-9a-f]{27}")
_OUR_CONSTRAINT = re.compile(r"(fk|check)_\w+")
_KIND = {"p": "a partitioned table", "v": "a view", "m": "a materialized view", "f": "a foreign table"}
_DROPPED = {"v": "view", "m": "materialized view", "f": "foreign table"}


def compare_tables(schema: str, wanted: Tables, actual: Tables) -> Iterator[Difference]:
    """What differs, in the order in which it can be mended: what is missing first, then what hangs on it."""
    if wanted.exists and not actual.exists:
        yield Difference(
            what=f'schema "{schema}"',
            problem="is missing",
            statements=(f"create schema {quote(schema)}",),
            is_safe=True,
        )
    yield from _functions(schema, wanted, actual)
    both: list[_Comparison] = []
    for name, table in wanted.tables.items():
        found = actual.tables.get(name)
        if found is None:
            statements = tuple(_create_table(schema, name, table))
            yield Difference(table=name, what="it", problem="is missing", statements=statements, is_safe=True)
        elif found.kind != table.kind:
            yield Difference(table=name, what="it", problem=f"is {_KIND.get(found.kind, 'something else')}")
        else:
            both.append(_Comparison(schema, name, table, found))
    # By kind, for columns may be computed from columns, and constraints and indexes are about them.
    for part in (_Comparison.columns, _Comparison.constraints, _Comparison.indexes, _Comparison.rest):
        for comparison in both:
            yield from part(comparison)
    for name, table in actual.tables.items():
        if name not in wanted.tables:
            statement = f"drop {_DROPPED.get(table.kind, 'table')} {qualified(schema, name)}"
            yield Difference(table=name, what="it", problem="is not in the metadata", statements=(statement,))


def _functions(schema: str, wanted: Tables, actual: Tables) -> Iterator[Difference]:
    for name, definition in wanted.functions.items():
        found = actual.functions.get(name)
        if found == definition:
            continue
        statements = [_in_schema(schema, definition)]
        if found is not None:
            # What was computed by the other one is computed anew.
            for table_name, table in wanted.tables.items():
                there = actual.tables.get(table_name, Table()).columns
                for column_name, column in table.columns.items():
                    if column.is_generated and column_name in there and there[column_name].is_generated:
                        statements += _compute_anew(schema, table_name, table, column_name)
        problem = "is missing" if found is None else "is another one than it should be"
        yield Difference(what=f'function "{name}"', problem=problem, statements=tuple(statements), is_safe=True)
    for name in _without(actual.functions, wanted.functions):
        statement = f"drop function {qualified(schema, name)}"
        yield Difference(what=f'function "{name}"', problem="is not in the metadata", statements=(statement,))


class _Comparison:
    """One table as it ought to be and as it is."""

    def __init__(self, schema: str, name: str, wanted: Table, actual: Table) -> None:
        self._schema = schema
        self._name = name
        self._table = qualified(schema, name)
        self._wanted = wanted
        self._actual = actual

    def _told(self, what: str, problem: str, *statements: str, is_safe: bool = True) -> Difference:
        return Difference(table=self._name, what=what, problem=problem, statements=statements, is_safe=is_safe)

    def _alter(self, change: str) -> str:
        return f"alter table {self._table} {change}"

    # -- columns --------------------------------------------------------------------------------------------------

    def columns(self) -> Iterator[Difference]:
        ordered = sorted(self._wanted.columns.items(), key=lambda item: item[1].is_generated)
        for name, column in ordered:
            found = self._actual.columns.get(name)
            if found is None:
                add = self._alter(f"add column {_column(self._schema, name, column)}")
                yield self._told(f'column "{name}"', "is missing", add)
            elif found != column:
                yield from self._column(name, column, found)
        for name in _without(self._actual.columns, self._wanted.columns):
            drop = self._alter(f"drop column {quote(name)}")
            yield self._told(f'column "{name}"', "is not in the metadata", drop, is_safe=False)

    def _column(self, name: str, column: Column, found: Column) -> Iterator[Difference]:
        what, alter = f'column "{name}"', f"alter column {quote(name)}"
        if column.is_generated != found.is_generated:
            if column.is_generated:
                drop = self._alter(f"drop column {quote(name)}")
                add = self._alter(f"add column {_column(self._schema, name, column)}")
                yield self._told(what, "is not computed but should be", drop, add, is_safe=False)
            else:
                yield self._told(what, "is computed but should not be", self._alter(f"{alter} drop expression"))
            return
        if column.is_generated and (column.expression, column.type) != (found.expression, found.type):
            anew = _compute_anew(self._schema, self._name, self._wanted, name)
            yield self._told(what, "is computed from something else than it should be", *anew)
            return
        if column.type != found.type:
            # The text of the old value may be no value of the new type, or a shorter one.
            change = self._alter(f"{alter} type {column.type} using {quote(name)}::{column.type}")
            yield self._told(what, f"is {found.type}, should be {column.type}", change, is_safe=False)
        elif column.expression != found.expression and not column.is_generated:
            # The default of another type is told once the type is right.
            is_, should = found.expression or "none", column.expression or "none"
            change = f"set default {column.expression}" if column.expression is not None else "drop default"
            yield self._told(what, f"has the default {is_}, should have {should}", self._alter(f"{alter} {change}"))
        if column.is_required and not found.is_required:
            yield self._told(what, "must not be empty but may be", self._alter(f"{alter} set not null"))
        if found.is_required and not column.is_required:
            yield self._told(what, "may be empty but must not be", self._alter(f"{alter} drop not null"))
        if column.identity != found.identity:
            change = "add generated always as identity" if column.identity else "drop identity"
            problem = "does not number its rows" if column.identity else "numbers its rows but should not"
            yield self._told(what, problem, self._alter(f"{alter} {change}"), is_safe=False)

    # -- constraints ----------------------------------------------------------------------------------------------

    def constraints(self) -> Iterator[Difference]:
        wanted, actual = self._wanted.constraints, self._actual.constraints
        left = {name: found for name, found in actual.items() if name not in wanted}
        for name, constraint in wanted.items():
            what, found = f'constraint "{name}"', actual.get(name)
            add = f"add constraint {quote(name)} {_in_schema(self._schema, constraint.definition)}"
            if found is None:
                other = _twin(constraint, left)
                if other is not None:
                    rename = self._alter(f"rename constraint {quote(other)} to {quote(name)}")
                    yield self._told(what, f'is called "{other}"', rename)
                    del left[other]
                else:
                    yield self._told(what, "is missing", self._alter(add))
            elif (found.kind, found.definition) != (constraint.kind, constraint.definition):
                change = self._alter(f"drop constraint {quote(name)}, {add}")
                problem = f"is {_plain(found.definition)}, should be {_plain(constraint.definition)}"
                yield self._told(what, problem, change)
            elif not found.is_validated:
                yield self._told(what, "is not validated", self._alter(f"validate constraint {quote(name)}"))
        for name in left:
            drop, is_ours = self._alter(f"drop constraint {quote(name)}"), bool(_OUR_CONSTRAINT.fullmatch(name))
            yield self._told(f'constraint "{name}"', "is not in the metadata", drop, is_safe=is_ours)

    # -- indexes --------------------------------------------------------------------------------------------------

    def indexes(self) -> Iterator[Difference]:
        wanted, actual = self._wanted.indexes, self._actual.indexes
        left = {name: found for name, found in actual.items() if name not in wanted}
        for name, index in wanted.items():
            found = actual.get(name)
            if found == index:
                continue
            what, drop = f'index "{name}"', f"drop index {qualified(self._schema, name)}"
            first = () if found is None else (drop,)
            other = next((each for each, there in left.items() if there == index), None)
            if other is not None:
                del left[other]
                rename = f"alter index {qualified(self._schema, other)} rename to {quote(name)}"
                problem = f'is called "{other}"' + ("" if found is None else ", and its name is that of another")
                yield self._told(what, problem, *first, rename)
                continue
            if found is None:
                problem = "is missing"
            elif found.is_valid:
                problem = f"is {_spelled(found)}, should be {_spelled(index)}"
            else:
                problem = "is invalid"
            yield self._told(what, problem, *first, _create_index(self._schema, self._name, name, index))
        for name, found in left.items():
            drop = f"drop index {qualified(self._schema, name)}"
            problem = "is not in the metadata" if found.is_valid else "is not in the metadata, and invalid"
            is_ours = not found.is_valid or bool(_OUR_INDEX.fullmatch(name))
            yield self._told(f'index "{name}"', problem, drop, is_safe=is_ours)

    # -- the rest -------------------------------------------------------------------------------------------------

    def rest(self) -> Iterator[Difference]:
        if self._actual.is_unlogged and not self._wanted.is_unlogged:
            yield self._told("it", "is not kept safe from crashes", self._alter("set logged"))
        for follower in self._actual.followers:
            drop = f"drop {follower} on {self._table}"
            yield self._told(follower, "is not in the metadata", drop, is_safe=False)


def _without(names: Iterable[str], others: Collection[str]) -> list[str]:
    return [name for name in names if name not in others]


def _twin(constraint: Constraint, left: Mapping[str, Constraint]) -> str | None:
    return next((name for name, found in left.items() if found == constraint), None)


def _create_table(schema: str, name: str, table: Table) -> Iterator[str]:
    """Without foreign keys: the table that they lead to may have to be made, too."""
    parts = [_column(schema, column_name, column) for column_name, column in table.columns.items()]
    parts += [
        f"constraint {quote(constraint_name)} {constraint.definition}"
        for constraint_name, constraint in table.constraints.items()
        if constraint.kind != "f"
    ]
    yield f"create table {qualified(schema, name)} ({', '.join(parts)})"
    for index_name, index in table.indexes.items():
        yield _create_index(schema, name, index_name, index)


def _create_index(schema: str, table: str, name: str, index: Index) -> str:
    kind = "unique index" if index.is_unique else "index"
    return f"create {kind} {quote(name)} on {qualified(schema, table)} {index.definition}"


def _compute_anew(schema: str, table_name: str, table: Table, name: str) -> list[str]:
    """A computed column goes with its indexes, and both come again."""
    altered = f"alter table {qualified(schema, table_name)}"
    statements = [
        f"{altered} drop column {quote(name)}",
        f"{altered} add column {_column(schema, name, table.columns[name])}",
    ]
    return statements + [
        _create_index(schema, table_name, index_name, index)
        for index_name, index in table.indexes.items()
        if quote(name) in index.definition or f"({name}" in index.definition
    ]


def _column(schema: str, name: str, column: Column) -> str:
    definition = f"{quote(name)} {column.type}"
    if column.is_generated:
        definition += f" generated always as ({_in_schema(schema, column.expression or '')}) stored"
    elif column.identity:
        definition += " generated always as identity"
    elif column.expression is not None:
        definition += f" default {column.expression}"
    return f"{definition} not null" if column.is_required else definition


def _in_schema(schema: str, definition: str) -> str:
    return definition.replace("{schema}", quote(schema))


def _plain(definition: str) -> str:
    return definition.replace("{schema}.", "")


def _spelled(index: Index) -> str:
    return f"unique {index.definition}" if index.is_unique else index.definition
