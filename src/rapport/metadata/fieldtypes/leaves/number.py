"""Number columns: integer, bigint, double precision and numeric."""

import math
import re
from decimal import Decimal
from typing import NoReturn

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.shapes import NUMBER, STRING, Shape, Use
from rapport.metadata.fieldtypes.shown import shown

_COMPARE = ("eq", "neq", "gt", "gte", "lt", "lte", "in", "is")
_NUMERAL = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,5})?\s*", re.ASCII)
_MOST_DIGITS = 1000
_INT64 = 2**63
_MOST_POSITION = 2**52  # as far again is left for records that are put before or after


def _reject(value: Json, label: str) -> NoReturn:
    raise InvalidValue(f'Invalid number value {shown(value)} for field "{label}"')


class _NumberLeaf(Leaf):
    operators = _COMPARE

    def shape(self, use: Use) -> Shape:
        return NUMBER

    def json_sql(self, column: str) -> str:
        return f"{column}::text"

    def cell_sql(self, column: str, *, is_guarded: bool = False) -> str:
        return f"{column}::text"

    def group_json_sql(self, group: str) -> str:
        return f"'\"'||{group}||'\"'"

    def read_text(self, text: str) -> Json:
        """The number; what is none stays as it is, and is refused as a value."""
        if len(text) > _MOST_DIGITS or not _NUMERAL.fullmatch(text):
            return text
        return int(text) if text.strip().lstrip("+-").isdigit() else float(text)


class IntegerLeaf(_NumberLeaf):
    """A whole number of 32 or 64 bits. 5.0 is whole, 5.5 is refused."""

    def __init__(self, *, sql_type: str, scalar: str, bits: int) -> None:
        self.sql_type = sql_type  # type: ignore[misc]  # the two sizes differ in nothing else
        self.scalar = self.input_scalar = scalar
        self.filter_type = f"{scalar}Filter"
        self._limit = 2 ** (bits - 1)
        self._shape: Shape = {"type": "integer", "format": f"int{bits}"}

    def shape(self, use: Use) -> Shape:
        return self._shape

    def coerce(self, value: Json, label: str) -> Json:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            _reject(value, label)
        if isinstance(value, float):
            if not value.is_integer():  # False for NaN and the infinities too
                _reject(value, label)
            value = int(value)
        if not -self._limit <= value < self._limit:
            _reject(value, label)
        return value

    def param(self, value: Json, label: str) -> object:
        return self.coerce(value, label)


class FloatLeaf(_NumberLeaf):
    """A double; NaN and the infinities are refused, for JSON has no words for them."""

    sql_type = "double precision"
    scalar = "Float"
    input_scalar = "Float"
    filter_type = "FloatFilter"

    def group_sql(self, column: str) -> str:
        return f"({column}+0.0)"  # -0 becomes 0

    def coerce(self, value: Json, label: str) -> Json:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            _reject(value, label)
        try:
            number = float(value)
        except OverflowError:
            _reject(value, label)
        if not math.isfinite(number):
            _reject(value, label)
        return number

    def param(self, value: Json, label: str) -> object:
        return self.coerce(value, label)


class PositionLeaf(FloatLeaf):
    """The rank of a record. `first` and `last` pass as they are: the verb that writes the record resolves them.

    Beyond the whole numbers that a double can count there would be no place before the first or after the last.
    """

    scalar = "Position"
    input_scalar = "Position"

    def coerce(self, value: Json, label: str) -> Json:
        if value in ("first", "last"):
            return value
        try:
            number = super().coerce(value, label)
        except InvalidValue:
            number = None
        if not isinstance(number, float) or abs(number) > _MOST_POSITION:
            raise InvalidValue(f'Invalid position value {shown(value)} for field "{label}"')
        return number

    def param(self, value: Json, label: str) -> object:
        return super().coerce(value, label)


class NumericLeaf(_NumberLeaf):
    """An exact decimal of up to 1000 digits, given as a number or as a numeral in a string."""

    sql_type = "numeric"
    scalar = "BigFloat"
    input_scalar = "BigFloat"
    filter_type = "BigFloatFilter"

    def shape(self, use: Use) -> Shape:
        return STRING if use == "answer" else NUMBER  # REST writes its digits as text

    def group_sql(self, column: str) -> str:
        return f"trim_scale({column})"  # 1.0 is 1

    def read_text(self, text: str) -> Json:
        return text  # numerals are welcome, and lose no digit

    def coerce(self, value: Json, label: str) -> Json:
        number = _decimal(value, label)
        if number == number.to_integral_value() and -_INT64 <= number < _INT64:
            return int(number)
        return format(number, "f")

    def param(self, value: Json, label: str) -> object:
        return _decimal(value, label)


def _decimal(value: Json, label: str) -> Decimal:
    """The exact number; what is no number at all is `NaN` to the contract."""
    match value:
        case bool() | None | list() | dict():
            raise InvalidValue(f'Invalid number value NaN for field "{label}"')
        case int():
            if value.bit_length() > _MOST_DIGITS * 4:  # cheaper than counting the digits of a giant
                _reject(value, label)
            number = Decimal(value)
        case float():
            if not math.isfinite(value):
                _reject(value, label)
            number = Decimal(repr(value))
        case str():
            if len(value) > _MOST_DIGITS + 10 or not _NUMERAL.fullmatch(value):
                raise InvalidValue(f'Invalid number value NaN for field "{label}"')
            number = Decimal(value.strip())
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # no NaN and no infinity gets here
    if max(len(digits) + exponent, 1) + max(-exponent, 0) > _MOST_DIGITS:
        _reject(value, label)
    return number


INT = IntegerLeaf(sql_type="integer", scalar="Int", bits=32)
BIGINT = IntegerLeaf(sql_type="bigint", scalar="BigInt", bits=64)
FLOAT = FloatLeaf()
POSITION = PositionLeaf()
NUMERIC = NumericLeaf()
