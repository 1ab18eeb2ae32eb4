"""Cursors: base64 of compact JSON with the record's value for every order key (core-api.md §1.3)."""

import base64
import binascii
import json
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

from rapport.base.errors import BadUserInput, InvalidValue
from rapport.engine.inputs import Input
from rapport.engine.plan import Cursor, OrderKey
from rapport.engine.sql import Value


class InvalidCursor(BadUserInput):
    """Invalid cursor"""

    sub_code = "INVALID_CURSOR"


def build_cursor(given: Input, keys: tuple[OrderKey, ...]) -> Cursor:
    """The place that a caller's cursor names. Which of its values are null is part of the plan's key."""

    def nulls(value: object) -> object:
        try:
            return tuple(found is None for found in _values(value, keys))
        except InvalidCursor:
            return None

    given.bake(nulls)
    values = _values(given.value, keys)
    return Cursor(
        values=tuple(None if value is None else _bind(given, keys, index, value) for index, value in enumerate(values))
    )


def _bind(given: Input, keys: tuple[OrderKey, ...], index: int, value: object) -> Value:
    leaf = keys[index].column.leaf
    convert = _converter(keys, index)
    if given.path is None:
        return Value(sql_type=leaf.order_type, constant=convert(given.value))
    convert(given.value)
    return Value(sql_type=leaf.order_type, path=given.path, convert=convert)


def _converter(keys: tuple[OrderKey, ...], index: int) -> Callable[[object], object]:
    leaf = keys[index].column.leaf
    label = keys[index].column.name

    def convert(cursor: object) -> object:
        value = _values(cursor, keys)[index]
        try:
            return leaf.order_param(value, label)  # type: ignore[arg-type]
        except InvalidValue as error:
            raise InvalidCursor(f"Invalid cursor: {cursor}") from error

    return convert


def _values(cursor: object, keys: tuple[OrderKey, ...]) -> list[object]:
    tree = _decode(cursor)
    found: list[object] = []
    for key in keys:
        value: object = tree
        for step in key.path:
            if not isinstance(value, dict) or step not in value:
                raise InvalidCursor(f"Invalid cursor: {cursor}")
            value = value[step]
        if value is None and not key.nullable:
            raise InvalidCursor(f"Invalid cursor: {cursor}")
        found.append(_number(value, key))
    return found


def _number(value: object, key: OrderKey) -> object:
    """Numbers arrive as written; only a numeric column keeps digits that a float has not."""
    if isinstance(value, Decimal):
        return str(value) if key.column.leaf.sql_type == "numeric" else float(value)
    if isinstance(value, list):
        return [_number(each, key) for each in value]
    if isinstance(value, dict):
        return {name: _number(each, key) for name, each in value.items()}
    return value


def _decode(cursor: object) -> dict[str, object]:
    if not isinstance(cursor, str):
        raise InvalidCursor(f"Invalid cursor: {cursor}")
    try:
        return {"id": str(UUID(cursor))}  # a record's id is a cursor of the default order
    except ValueError:
        pass
    try:
        tree = json.loads(base64.b64decode(cursor, validate=True), parse_float=Decimal)
    except (ValueError, binascii.Error, RecursionError) as error:
        raise InvalidCursor(f"Invalid cursor: {cursor[:200]}") from error
    if not isinstance(tree, dict):
        raise InvalidCursor(f"Invalid cursor: {cursor[:200]}")
    return tree
