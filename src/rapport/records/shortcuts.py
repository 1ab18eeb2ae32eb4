"""The short ways of an object's data: what is as it should be, as most of it is, becomes columns without detours.

What no short way takes goes the long one (rows.py), which knows every rule and says what is wrong.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from rapport.metadata.catalog import Field, Object
from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Column, Json, Leaf
from rapport.metadata.fieldtypes.composite import CompositeType
from rapport.metadata.fieldtypes.keys import check_keys
from rapport.metadata.fieldtypes.leaves.text import TEXT
from rapport.metadata.fieldtypes.storable import obstacle
from rapport.records.kinds import takes_any_text

# Puts the columns of a value into a row, or says no and leaves the row as it is. It may raise what is wrong with the
# value, if the long way would raise the same. No column is given twice.
Take: TypeAlias = Callable[[object, dict[str, Json]], bool]

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Shortcuts:
    """Those of one object. ``takes`` by the keys of the data, ``key_of`` the keys by the columns that they set."""

    def __init__(self, item: Object) -> None:
        self.takes: Mapping[str, Take] = dict(_takes(item))
        self.key_of: Mapping[str, str] = {
            column.name: key for key in self.takes if key in item.field for column in item.field[key].columns
        }


def _takes(item: Object) -> Iterator[tuple[str, Take]]:
    for column, relation in item.to_one_by_column.items():
        if column not in item.field and relation.may_update:
            yield column, _id(column)
    for name, field in item.field.items():
        if field.relation is not None or not field.is_writable or not field.may_update:
            continue
        if isinstance(field.type, CompositeType) and type(field.type).write is CompositeType.write:
            yield name, _composite(field, field.type)
        elif type(field.type).write is AtomicType.write and takes_any_text(field.column.leaf) and not field.is_unique:
            yield name, _text(name) if field.column.leaf is TEXT else _any_text(name, field.column.leaf)


def _text(column: str) -> Take:
    def take(value: object, row: dict[str, Json]) -> bool:
        if type(value) is not str or column in row:
            return False
        if ("\x00" in value or not value.isascii()) and obstacle(value):
            return False
        row[column] = value
        return True

    return take


def _any_text(column: str, leaf: Leaf) -> Take:
    def take(value: object, row: dict[str, Json]) -> bool:
        if type(value) is not str or column in row:
            return False
        row[column] = leaf.coerce(value, column)
        return True

    return take


def _id(column: str) -> Take:
    def take(value: object, row: dict[str, Json]) -> bool:
        if type(value) is not str or column in row or _UUID.fullmatch(value) is None:
            return False
        row[column] = value
        return True

    return take


def _composite(field: Field, kind: CompositeType) -> Take:
    """Of an object whose parts are texts."""
    column_of = {sub: column.name for sub, column in field.column_of.items()}
    if type(kind).normalised is CompositeType.normalised and type(kind).coerced is CompositeType.coerced:
        plain = {sub: column.name for sub, column in field.column_of.items() if _is_plain(column)}
        if not field.is_unique:
            return _texts(plain)
    texts = frozenset(sub for sub, column in field.column_of.items() if column.in_input and takes_any_text(column.leaf))

    def take(value: object, row: dict[str, Json]) -> bool:
        if type(value) is not dict:
            return False
        for sub, part in value.items():
            if sub not in texts or type(part) is not str:
                return False
        written = {column_of[sub]: part for sub, part in kind.normalised(field, value).items()}
        if not row.keys().isdisjoint(written):
            return False
        check_keys(field, written)
        row.update(written)
        return True

    return take


def _texts(column_of: Mapping[str, str]) -> Take:
    def take(value: object, row: dict[str, Json]) -> bool:
        if type(value) is not dict:
            return False
        for sub, part in value.items():
            column = column_of.get(sub)
            if column is None or column in row or type(part) is not str:
                return False
            if ("\x00" in part or not part.isascii()) and obstacle(part):
                return False
        for sub, part in value.items():
            row[column_of[sub]] = part
        return True

    return take


def _is_plain(column: Column) -> bool:
    return column.in_input and column.leaf is TEXT
