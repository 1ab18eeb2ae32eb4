"""From one data model to the next: the statements that lead there, in order, and what each of them loses."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.ddl import (
    column_definition,
    create_foreign_keys,
    create_index,
    create_indexes,
    create_table,
    foreign_keys,
    generated_expression,
)
from rapport.metadata.evolution.options import rewrite_options
from rapport.metadata.evolution.shape import Key, Shape, by_id, column_sql, renamed, shape_of
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.indexes import Index
from rapport.metadata.names import bounded, qualified, quote


@dataclass(frozen=True, kw_only=True)
class Step:
    """One statement. ``loses`` says in words which data goes; ``index`` is what it makes on a table that there was.

    ``locks`` and ``shares`` are the tables, under the names that they had at first, that nobody can use and that nobody
    can write to while it runs.
    """

    sql: str
    loses: str | None = None
    index: tuple[Object, Index] | None = None
    locks: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()


def steps(before: Catalog, after: Catalog) -> tuple[Step, ...]:
    """All statements that make the tables of ``before`` those of ``after``. Both have the same schema."""
    return tuple(_Evolution(before, after).steps())


class _Evolution:
    def __init__(self, before: Catalog, after: Catalog) -> None:
        self._before, self._after = before, after
        self._schema = after.schema
        old, new = by_id(before), by_id(after)
        self._gone = [item for item in before.objects if item.id not in new]
        self._added = [item for item in after.objects if item.id not in old]
        self._table = {item.id: item.table for item in before.objects}  # the name that it has at first
        between = renamed(before, after)
        moved = by_id(between)
        # What the table is now, what it is once names have changed, and what it is to be.
        self._kept = [
            (shape_of(before, old[item.id]), shape_of(between, moved[item.id]), shape_of(after, item))
            for item in after.objects
            if item.id in old and old[item.id] is not item and old[item.id] != item
        ]

    def steps(self) -> Iterator[Step]:
        for now, moved, wanted in self._kept:
            yield from self._drop_parts(now, moved, wanted)
        yield from self._drop_tables()
        yield from self._rename()
        for item in self._added:
            yield Step(sql=create_table(self._schema, item))
        for _, moved, wanted in self._kept:
            yield from self._change_columns(moved, wanted)
        for _, moved, wanted in self._kept:
            yield from self._add_constraints(moved, wanted)
        for item in self._added:
            targets = self._tables(target.id for _, target, _ in foreign_keys(self._after, item))
            yield from (Step(sql=sql, shares=targets) for sql in create_foreign_keys(self._after, item))
            yield from (Step(sql=sql) for sql in create_indexes(self._schema, item))
        for _, moved, wanted in self._kept:
            yield from self._add_indexes(moved, wanted)

    def _tables(self, objects: Iterable[UUID | None]) -> tuple[str, ...]:
        """The tables of objects, under the names that they have at first; none of those that are new."""
        return tuple(dict.fromkeys(self._table[each] for each in objects if each in self._table))

    # -- what goes ------------------------------------------------------------------------------------------------

    def _drop_parts(self, now: Shape, moved: Shape, wanted: Shape) -> Iterator[Step]:
        """Indexes, constraints and columns, under the names that they have now."""
        own, table = (now.object.table,), qualified(self._schema, now.object.table)
        gone = {item.name for item in self._gone}
        for link in now.object.fields:
            # What hangs on the records of an object goes with them, as it does when one is destroyed.
            if link.relation and link.is_to_one and not link.is_custom and link.relation.target_object in gone:
                sql = f"delete from {table} where {quote(link.relation.join_column)} is not null"
                yield Step(sql=sql, shares=own)
        for key, index in now.indexes.items():
            if not self._is_kept(key, moved, wanted):
                yield Step(sql=f"drop index {qualified(self._schema, index.name)}", locks=own)
        dropped = [
            constraint
            for key, constraint in now.constraints.items()
            if key not in wanted.constraints or wanted.constraints[key].definition != moved.constraints[key].definition
        ]
        if dropped:
            parts = ", ".join(f"drop constraint {quote(constraint.name)}" for constraint in dropped)
            targets = self._tables(constraint.target for constraint in dropped)
            yield Step(sql=f"alter table {table} {parts}", locks=(*own, *targets))
        # Computed columns first: the others may be what they are computed from.
        columns = sorted(now.columns.items(), key=lambda item: item[1].generated_sql is None)
        for key, column in columns:
            if key not in wanted.columns:
                loses = f"the values of {now.object.name}.{column.name}" if column.generated_sql is None else None
                yield Step(sql=f"alter table {table} drop column {quote(column.name)}", loses=loses, locks=own)
            elif column_sql(self._schema, moved.columns[key])[3] != column_sql(self._schema, wanted.columns[key])[3]:
                yield Step(sql=f"alter table {table} drop column {quote(column.name)}", locks=own)

    def _drop_tables(self) -> Iterator[Step]:
        if self._gone:
            tables = ", ".join(qualified(self._schema, item.table) for item in self._gone)
            names = ", ".join(item.name for item in self._gone)
            ids = [item.id for item in self._gone]
            for item in self._gone:
                ids += [target.id for _, target, _ in foreign_keys(self._before, item)]
            yield Step(sql=f"drop table {tables}", loses=f"all records of {names}", locks=self._tables(ids))

    # -- what is renamed --------------------------------------------------------------------------------------------

    def _rename(self) -> Iterator[Step]:
        tables = {now.object.table: wanted.object.table for now, _, wanted in self._kept}
        for old, new in _in_turn(tables):
            sql = f"alter table {qualified(self._schema, old)} rename to {quote(new)}"
            yield Step(sql=sql, locks=tuple(name for name in (old,) if name in tables))
        index_names: dict[str, str] = {}
        for now, moved, wanted in self._kept:
            own, table = (now.object.table,), qualified(self._schema, wanted.object.table)
            columns = {
                column.name: wanted.columns[key].name for key, column in now.columns.items() if key in wanted.columns
            }
            for old, new in _in_turn(columns):
                yield Step(sql=f"alter table {table} rename column {quote(old)} to {quote(new)}", locks=own)
            constraints = {
                constraint.name: wanted.constraints[key].name
                for key, constraint in now.constraints.items()
                if key in wanted.constraints and wanted.constraints[key].definition == moved.constraints[key].definition
            }
            for old, new in _in_turn(constraints):
                yield Step(sql=f"alter table {table} rename constraint {quote(old)} to {quote(new)}", locks=own)
            for key, index in now.indexes.items():
                if self._is_kept(key, moved, wanted):
                    index_names[index.name] = wanted.indexes[key].name
        for old, new in _in_turn(index_names):
            yield Step(sql=f"alter index {qualified(self._schema, old)} rename to {quote(new)}")

    # -- what changes and what comes --------------------------------------------------------------------------------

    def _change_columns(self, moved: Shape, wanted: Shape) -> Iterator[Step]:
        table = qualified(self._schema, wanted.object.table)
        own = self._tables([wanted.object.id])
        fields_before = {field.id: field for field in moved.object.fields}
        for field in wanted.object.fields:
            old_field = fields_before.get(field.id)
            if old_field is None:
                continue
            for column in field.columns:
                old = moved.columns.get((field.id, column.sub))
                if old is not None and column.generated_sql is None:
                    yield from (Step(sql=sql, locks=own) for sql in self._change_column(table, old, column))
            if old_field.is_nullable and not field.is_nullable and field.type.graphql_output:
                yield from (Step(sql=sql, shares=own) for sql in _filled(table, field.columns))
            if old_field.options != field.options and field.columns:
                yield from (
                    Step(sql=sql, loses=loses, shares=own)
                    for sql, loses in rewrite_options(table, wanted.object, old_field, field)
                )
        for key, column in wanted.columns.items():
            old = moved.columns.get(key)
            if old is not None and old.nullable and not column.nullable:
                if column.default_sql is not None:
                    name = quote(column.name)
                    sql = f"update {table} set {name} = {column.default_sql} where {name} is null"
                    yield Step(sql=sql, shares=own)
                yield Step(sql=f"alter table {table} alter column {quote(column.name)} set not null", locks=own)
        added = [
            self._addition(wanted, key, column)
            for key, column in sorted(wanted.columns.items(), key=lambda item: item[1].generated_sql is not None)
            if key not in moved.columns or self._is_computed_anew(moved, key, column)
        ]
        if added:
            targets = self._tables(
                each.target for key, each in wanted.constraints.items() if key not in moved.constraints
            )
            yield Step(sql=f"alter table {table} {', '.join(added)}", locks=own, shares=targets)

    def _addition(self, wanted: Shape, key: Key, column: Column) -> str:
        """A new column, with its foreign key: PostgreSQL knows that no row of an empty column can break it."""
        sql = f"add column {column_definition(self._schema, column)}"
        link = wanted.constraints.get(("fk", key[0]))
        return sql if link is None else f"{sql} constraint {quote(link.name)} {link.references}"

    def _change_column(self, table: str, old: Column, column: Column) -> Iterator[str]:
        name = quote(column.name)
        old_type, _, old_default, _ = column_sql(self._schema, old)
        new_type, _, default, _ = column_sql(self._schema, column)
        if old_type != new_type:
            if old_default is not None:
                yield f"alter table {table} alter column {name} drop default"
            yield f"alter table {table} alter column {name} type {new_type} using {name}::{new_type}"
            old_default = None
        if old_default != default:
            change = "drop default" if default is None else f"set default {default}"
            yield f"alter table {table} alter column {name} {change}"
        if not old.nullable and column.nullable:
            yield f"alter table {table} alter column {name} drop not null"

    def _is_computed_anew(self, moved: Shape, key: Key, column: Column) -> bool:
        return column.generated_sql is not None and generated_expression(
            self._schema, moved.columns[key]
        ) != generated_expression(self._schema, column)

    def _is_kept(self, key: Key, moved: Shape, wanted: Shape) -> bool:
        """Whether an index stays what it is, but for its name."""
        one, other = moved.indexes.get(key), wanted.indexes.get(key)
        if one is None or other is None:
            return False
        is_remade = any(
            part in moved.columns and self._is_computed_anew(moved, part, wanted.columns[part]) for part in other.parts
        )
        return not is_remade and (one.definition, one.is_unique) == (other.definition, other.is_unique)

    def _add_constraints(self, moved: Shape, wanted: Shape) -> Iterator[Step]:
        added = [
            f"add constraint {quote(constraint.name)} {constraint.definition}"
            for key, constraint in wanted.constraints.items()
            if (key not in moved.constraints or moved.constraints[key].definition != constraint.definition)
            and (constraint.target is None or (key[1], "") in moved.columns)  # a new column has come with it
        ]
        if added:
            sql = f"alter table {qualified(self._schema, wanted.object.table)} {', '.join(added)}"
            targets = self._tables(each.target for each in wanted.constraints.values())
            yield Step(sql=sql, locks=self._tables([wanted.object.id]), shares=targets)

    def _add_indexes(self, moved: Shape, wanted: Shape) -> Iterator[Step]:
        for key, index in wanted.indexes.items():
            if not self._is_kept(key, moved, wanted):
                yield Step(
                    sql=create_index(self._schema, wanted.object, index),
                    index=(wanted.object, index),
                    shares=self._tables([wanted.object.id]),
                )


def _filled(table: str, columns: Iterable[Column]) -> Iterator[str]:
    """A composite must have a value: its parts are columns that may be empty, and get their defaults."""
    for column in columns:
        if column.default_sql is not None:
            name = quote(column.name)
            yield f"update {table} set {name} = {column.default_sql} where {name} is null"


def _in_turn(names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Renames in an order in which none meets a name that is still in use; rings go through a name of their own.

    >>> list(_in_turn({"a": "b", "b": "c", "d": "d"}))
    [('b', 'c'), ('a', 'b')]
    """
    left = {old: new for old, new in names.items() if old != new}
    while left:
        free = [(old, new) for old, new in left.items() if new not in left]
        if not free:
            old, new = next(iter(left.items()))
            passing = bounded("passing", old)
            yield old, passing
            del left[old]
            left[passing] = new
            continue
        for old, new in free:
            yield old, new
            del left[old]


def losses(found: Iterable[Step]) -> list[str]:
    """What the steps lose, in words."""
    return [step.loses for step in found if step.loses is not None]
