"""What is wrong with one row of a file."""

from dataclasses import dataclass
from uuid import UUID

from rapport.base.errors import RapportError
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.shown import printable, shown

_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """``row`` counts from 1, the row of the names included; ``value`` is cut. ``record_id``: what cannot be undone."""

    message: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    record_id: UUID | None = None


def problem(row: int, reason: RapportError | str, column: str | None = None, value: Json = None) -> Problem:
    message = reason if isinstance(reason, str) else reason.message
    return Problem(
        row=row,
        message=message[:_LONGEST].replace("\0", "").encode("utf-8", "replace").decode(),
        column=None if column is None else printable(column),
        value=None if value is None else printable(value) if isinstance(value, str) else shown(value)[:_LONGEST],
    )
