"""Values as PostgreSQL's protocol wants them: of each type that statements on records have as parameters.

Source: the `…recv` functions of the types, https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from struct import Struct, error
from uuid import UUID

Encode = Callable[[object], bytes]  # raises Unfit
TEXT, BINARY = 0, 1  # the forms that a value can have

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # from which PostgreSQL counts
_EPOCH_DAY = _EPOCH.toordinal()
_MICROSECOND = timedelta(microseconds=1)

_INT2, _INT4, _INT8, _FLOAT8 = Struct(">h"), Struct(">i"), Struct(">q"), Struct(">d")
_ARRAY = Struct(">iiIii")  # dimensions, whether there are nulls, type of the elements, length, first index
_EMPTY_ARRAY = Struct(">iiI")
NULL = b"\xff\xff\xff\xff"  # in place of the length
length = Struct(">i").pack  # of a value, before its bytes


_UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_MOST_DIGITS = 1_000  # before or behind the point of a number


class Unfit(Exception):
    """The value is none that is encoded here."""


def _text(value: object) -> bytes:
    if type(value) is not str:
        raise Unfit
    try:
        return value.encode()
    except UnicodeEncodeError:  # half of a pair of surrogates
        raise Unfit from None


def _jsonb(value: object) -> bytes:
    return b"\x01" + _text(value)


def _uuid(value: object) -> bytes:
    if isinstance(value, UUID):
        return value.bytes
    if type(value) is not str or not _UUID_TEXT.fullmatch(value):
        raise Unfit
    return bytes.fromhex(value.replace("-", ""))


def _bool(value: object) -> bytes:
    if value is True:
        return b"\x01"
    if value is False:
        return b"\x00"
    raise Unfit


def _whole(packed: Struct) -> Encode:
    def encode(value: object) -> bytes:
        if type(value) is not int:
            raise Unfit
        try:
            return packed.pack(value)
        except error:
            raise Unfit from None

    return encode


def _float8(value: object) -> bytes:
    if not isinstance(value, float | int) or isinstance(value, bool):
        raise Unfit
    try:
        return _FLOAT8.pack(float(value))
    except OverflowError:
        raise Unfit from None


def _timestamptz(value: object) -> bytes:
    if type(value) is not datetime or value.tzinfo is None:
        raise Unfit
    return _INT8.pack((value - _EPOCH) // _MICROSECOND)


def _date(value: object) -> bytes:
    if type(value) is not date:
        raise Unfit
    return _INT4.pack(value.toordinal() - _EPOCH_DAY)


_ENCODERS: Mapping[str, tuple[int, Encode]] = {  # name in pg_type: its oid, and the binary form
    "bool": (16, _bool),
    "date": (1082, _date),
    "float8": (701, _float8),
    "int2": (21, _whole(_INT2)),
    "int4": (23, _whole(_INT4)),
    "int8": (20, _whole(_INT8)),
    "json": (114, _text),
    "jsonb": (3802, _jsonb),
    "text": (25, _text),
    "timestamptz": (1184, _timestamptz),
    "uuid": (2950, _uuid),
    "varchar": (1043, _text),
}


def _numeric(value: object) -> bytes:
    if type(value) is not Decimal or not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
        raise Unfit
    return str(value).encode()


def _array(oid: int, encode: Encode) -> Encode:
    def encode_array(value: object) -> bytes:
        if not isinstance(value, list | tuple):
            raise Unfit
        if not value:
            return _EMPTY_ARRAY.pack(0, 0, oid)
        parts = [_ARRAY.pack(1, None in value, oid, len(value), 1)]
        for each in value:
            if each is None:
                parts.append(NULL)
                continue
            encoded = encode(each)
            parts.append(length(len(encoded)))
            parts.append(encoded)
        return b"".join(parts)

    return encode_array


def encoder_of(name: str) -> tuple[int, Encode] | None:
    """The form of a type's values, and how they get it. None: they are not encoded here.

    ``name``: as the driver tells it, `uuid` or `text[]`.
    """
    if name == "numeric":
        return TEXT, _numeric
    found = _ENCODERS.get(name.removesuffix("[]"))
    if found is None:
        return None
    oid, encode = found
    return BINARY, _array(oid, encode) if name.endswith("[]") else encode
