"""The indexes of an object's table, made from the catalog: for links, unique fields, search, and what users add."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from rapport.metadata.catalog import CustomIndex, Field, Object
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import bounded, quote

IndexKind = Literal["order", "link", "unique", "deleted", "search", "custom"]


@dataclass(frozen=True, kw_only=True)
class Index:
    """An index. ``key`` is what stays when tables and fields are renamed; the name follows the new names."""

    kind: IndexKind
    name: str
    parts: tuple[tuple[UUID, str], ...]  # the fields (id, sub-field) that it is about
    definition: str  # what follows `create index … on table`
    is_unique: bool = False
    method: Literal["BTREE", "GIN"] = "BTREE"
    where: str | None = None
    custom_id: UUID | None = None

    @property
    def key(self) -> tuple[object, ...]:
        return (self.kind, self.custom_id, self.parts)

    @property
    def is_shown(self) -> bool:
        """Whether the model speaks of it. The others serve the order of pages and the purge of deleted records."""
        return self.kind not in ("order", "deleted")


def indexes(item: Object) -> Iterator[Index]:
    """All indexes of the object's table but the primary key, each name once."""
    seen: set[str] = set()
    for index in _all(item):
        if index.name not in seen:
            seen.add(index.name)
            yield index


def _all(item: Object) -> Iterator[Index]:
    owner = {column.name: (field, column) for field in item.fields for column in field.columns}
    for name in ("position", "createdAt"):
        if name in owner:
            yield Index(
                kind="order",
                name=bounded("ix", item.table, name),
                parts=((owner[name][0].id, ""),),
                definition=f"({quote(name)}, id)",
            )
    for link in item.fields:
        if link.relation and link.is_to_one:
            yield _link(item, link)
    for group in unique_groups(item):
        parts = tuple((owner[name][0].id, owner[name][1].sub) for name in group)
        where = _live(owner[group[0]][1])
        yield Index(
            kind="unique",
            name=index_name(item.table, group, is_unique=True),
            parts=parts,
            definition=f"({_listed(group)}){_nulls([owner[name][1] for name in group])} where {where}",
            is_unique=True,
            where=where,
        )
        yield Index(
            kind="deleted",
            name=bounded("ix", item.table, "deleted", *group),
            parts=parts,
            definition=f'({_listed(group)}) where "deletedAt" is not null',
        )
    for field, column in owner.values():
        if column.leaf.sql_type == "tsvector":
            yield Index(
                kind="search",
                name=index_name(item.table, (column.name,)),
                parts=((field.id, ""),),
                definition=f"using gin ({quote(column.name)})",
                method="GIN",
            )
    for custom in item.custom_indexes:
        yield _custom(item, custom)


def unique_groups(item: Object) -> tuple[tuple[str, ...], ...]:
    """The groups of columns whose values no two live records share: of unique fields, and of the object itself."""
    groups = [
        tuple(column.name for column in field.columns if column.in_unique) for field in item.fields if field.is_unique
    ]
    return tuple(dict.fromkeys(group for group in (*groups, *item.unique_constraints) if group and group != ("id",)))


def index_name(table: str, columns: tuple[str, ...], *, is_unique: bool = False) -> str:
    """`IDX_UNIQUE_` or `IDX_`, and 27 hexadecimal digits that depend on the table and the columns."""
    digest = hashlib.sha256("\0".join((table, *columns)).encode()).hexdigest()[:27]
    return f"IDX_UNIQUE_{digest}" if is_unique else f"IDX_{digest}"


def _link(item: Object, link: Field) -> Index:
    """With the id, so that the children of a record come out in order; without nulls where most links are unset."""
    assert link.relation is not None
    column = link.relation.join_column
    # A new column is empty: an index without its nulls is made without writing a line.
    where = f"{quote(column)} is not null" if link.relation.morph_group or link.is_custom else None
    return Index(
        kind="link",
        name=index_name(item.table, (column,)),
        parts=((link.id, ""),),
        definition=f"({quote(column)}, id)" + (f" where {where}" if where else ""),
        where=where,
    )


def _custom(item: Object, custom: CustomIndex) -> Index:
    by_id = {field.id: field for field in item.fields}
    columns = [by_id[field_id].column_of[sub] for field_id, sub in custom.parts]
    names = tuple(column.name for column in columns)
    where = _live(columns[0]) if custom.is_unique else None
    nulls = _nulls(columns) if custom.is_unique else ""
    return Index(
        kind="custom",
        name=index_name(item.table, names, is_unique=custom.is_unique),
        parts=custom.parts,
        definition=f"({_listed(names)}){nulls}" + (f" where {where}" if where else ""),
        is_unique=custom.is_unique,
        where=where,
        custom_id=custom.id,
    )


def _live(first: Column) -> str:
    """Deleted records never conflict, nor do those without a value."""
    given = f"{quote(first.name)} <> ''" if first.leaf.sql_type == "text" else f"{quote(first.name)} is not null"
    return f'"deletedAt" is null and {given}'


def _nulls(columns: list[Column]) -> str:
    """Missing parts of a composite count as equal."""
    return " nulls not distinct" if len(columns) > 1 and columns[0].leaf.sql_type != "uuid" else ""


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(map(quote, columns))
