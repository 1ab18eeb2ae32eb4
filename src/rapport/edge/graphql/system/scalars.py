"""The scalars of the system schema: how their values are read and written.

Resolvers see a UUID as its canonical text, so that it does not matter which of the text-like scalars a client declared
its variable with, and a DateTime as a datetime in UTC.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema

from rapport.files.uploads import Upload


def _read_uuid(value: object) -> str:
    if not isinstance(value, str):
        raise GraphQLError("UUID must be a string")
    try:
        return str(UUID(value))
    except ValueError:
        raise GraphQLError("Invalid UUID") from None


def _read_time(value: object) -> datetime:
    if not isinstance(value, str):
        raise GraphQLError("DateTime must be a string")
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise GraphQLError("Invalid DateTime") from None


def _write_time(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"not a datetime: {value!r}")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read_upload(value: object) -> Upload:
    if not isinstance(value, Upload):
        raise GraphQLError("Upload must be a file of a multipart request")
    return value


_READ: Mapping[str, Callable[[object], object]] = {
    "UUID": _read_uuid,
    "DateTime": _read_time,
    "Upload": _read_upload,
}
_WRITE: Mapping[str, Callable[[object], object]] = {"UUID": str, "DateTime": _write_time}


def install_scalars(schema: GraphQLSchema) -> None:
    """Gives UUID, DateTime and Upload their behaviour; the other custom scalars pass values as they are."""
    for name, read in _READ.items():
        scalar = schema.type_map.get(name)
        if isinstance(scalar, GraphQLScalarType):
            # Both names of each, as the constructor does: the older ones are read by the validation of literals.
            scalar.parse_value = scalar.coerce_input_value = read  # type: ignore[assignment,method-assign]
            if name in _WRITE:
                scalar.serialize = scalar.coerce_output_value = _WRITE[name]  # type: ignore[assignment,method-assign]
