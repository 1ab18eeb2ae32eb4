"""PostgreSQL's refusals of a write or a read, in the contract's words. The one table of them."""

import re
from collections.abc import Sequence

import asyncpg

from rapport.base.errors import BadUserInput, DuplicateEntry, InvalidValue, RapportError
from rapport.metadata.catalog import Field, Object

# What PostgreSQL says to a statement that was made for another version of the data model.
# Tables and columns may have gone; or have come again with another type, which has other operators.
STALE = (asyncpg.SyntaxOrAccessError, asyncpg.InvalidSchemaNameError)

_KEY = re.compile(r"^Key \((?P<columns>.+?)\)=\((?P<values>.*)\) (?:already exists|is not present)", re.DOTALL)


class UnknownRelationTarget(BadUserInput):
    """The related record does not exist."""

    sub_code = "RELATION_TARGET_NOT_FOUND"


class IdTaken(DuplicateEntry):
    """A duplicate entry was detected: a record with this id exists already"""

    friendly = "This record already exists. Please check your data and try again."


class WriteConflict(RapportError):
    """Other changes of the same records got in the way. Please try again."""

    code = "CONFLICT"
    sub_code = "WRITE_CONFLICT"
    status = 409


def refused(error: asyncpg.PostgresError, item: Object) -> RapportError | None:
    """The error to answer with when PostgreSQL refused a write on ``item``; None for what is not the caller's doing."""
    match error:
        case asyncpg.UniqueViolationError():
            return duplicate(item, conflicting_columns(error))
        case asyncpg.RestrictViolationError():
            return _still_referred_to()
        case asyncpg.ForeignKeyViolationError():
            return _missing_target(error, item)
        case asyncpg.NotNullViolationError():
            field = _field_of(item, str(error.column_name))
            shown = field.name if field else error.column_name
            return InvalidValue(
                f"Field {shown} is not nullable and has no default value.",
                user_message="A required field is missing.",
            )
        case asyncpg.CheckViolationError():
            return InvalidValue("A value is not among the options of its field.")
        case asyncpg.DeadlockDetectedError() | asyncpg.SerializationError():
            return WriteConflict()
        case asyncpg.DataError() | asyncpg.ProgramLimitExceededError():
            return InvalidValue("A value does not fit its field.")
    return None


def refused_read(error: asyncpg.PostgresError) -> RapportError | None:
    """The error to answer with when PostgreSQL could not compute an answer; None for what is not the caller's doing."""
    match error:
        case asyncpg.NumericValueOutOfRangeError():
            return BadUserInput("A computed number is out of range.", sub_code="NUMBER_OUT_OF_RANGE")
        case asyncpg.InvalidParameterValueError() if "time zone" in str(error):
            return BadUserInput("Invalid time zone", sub_code="INVALID_TIMEZONE")
    return None


def conflicting_columns(error: asyncpg.UniqueViolationError) -> list[str]:
    """The columns of the unique key that a write broke."""
    found = _KEY.match(error.detail or "")
    return [] if found is None else [part.strip().strip('"') for part in found["columns"].split(",")]


def duplicate(item: Object, columns: Sequence[str]) -> DuplicateEntry:
    """What is said of a record with the values that another has in these columns of a unique key."""
    extensions = {"conflictingObjectNameSingular": item.name}
    field = _field_of(item, columns[0]) if columns else None
    if field is None or field.name == "id":
        return IdTaken(extensions=extensions)
    return DuplicateEntry(
        f'A duplicate entry was detected: the value of the field "{field.name}" ({field.label}) is already in use',
        user_message=f"This {field.label} value is already in use. Please check your data and try again.",
        extensions=extensions,
    )


def _missing_target(error: asyncpg.ForeignKeyViolationError, item: Object) -> RapportError:
    found = _KEY.match(error.detail or "")
    column = found["columns"].strip('"') if found else ""
    if found is None or column not in item.to_one_by_column:
        return _still_referred_to()
    return unknown_target(column, found["values"])


def unknown_target(column: str, value: str) -> UnknownRelationTarget:
    return UnknownRelationTarget(f'No record with the id "{value}" for the relation field "{column}"')


def _still_referred_to() -> RapportError:
    return BadUserInput("Other records still refer to this record.", sub_code="RELATION_RESTRICTED")


def _field_of(item: Object, column_name: str) -> Field | None:
    for field in item.fields:
        if any(column.name == column_name for column in field.columns):
            return field
    return None
