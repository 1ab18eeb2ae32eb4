"""What the demo is made of: records in the form of the API's create inputs, each with who made it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Literal
from uuid import UUID

from rapport.metadata.fieldtypes.base import Json


@dataclass(frozen=True, kw_only=True)
class Author:
    """What `createdBy` shows; a member for what a person did, none for programs."""

    name: str
    source: Literal["MANUAL", "API", "SYSTEM", "IMPORT"] = "MANUAL"
    member_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record to create: the object's nameSingular, and the data."""

    object: str
    author: Author
    data: Mapping[str, Json]

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def created_at(self) -> datetime:
        return datetime.fromisoformat(str(self.data["createdAt"]))


# The ids of the demo start with these, and count on: documentation can name them, and logs show what is what.
_PREFIXES: Mapping[str, str] = {
    "company": "c0000000",
    "person": "a0000000",
    "opportunity": "d0000000",
    "note": "e0000000",
    "noteTarget": "e1000000",
    "task": "f0000000",
    "taskTarget": "f1000000",
    "timelineActivity": "70000000",
    "favorite": "b0000000",
    "workflow": "80000000",
    "workflowVersion": "81000000",
    "workspaceMember": "50000000",
}

# The first company and the first person have the ids of the examples in the API's documentation.
_DOCUMENTED: Mapping[tuple[str, int], UUID] = {
    ("company", 1): UUID("30303030-1234-5678-9abc-def012345678"),
    ("person", 1): UUID("20202020-0c28-43d9-b8f7-2b12e84b4d5e"),
}


def demo_id(object_name: str, number: int) -> UUID:
    """The id of the demo's n-th record of an object, counted from 1.

    >>> str(demo_id("company", 7))
    'c0000000-0000-4000-8000-000000000007'
    """
    return _DOCUMENTED.get((object_name, number)) or UUID(f"{_PREFIXES[object_name]}-0000-4000-8000-{number:012d}")


class Calendar:
    """Moments around one day, in the form of the API: `2026-01-15T10:30:00.000Z`."""

    def __init__(self, today: date, random: Random) -> None:
        self.today = datetime.combine(today, time(), UTC)
        self._random = random

    def moment(self, days: float) -> datetime:
        """Some moment of a working day, ``days`` from today (the past is negative)."""
        day = (self.today + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
        seconds = self._random.randrange(7 * 3600, 19 * 3600)
        return day + timedelta(seconds=seconds, milliseconds=self._random.randrange(1000))

    def after(self, start: datetime, longest_days: int) -> datetime:
        """Some moment after ``start``, but before today."""
        last = min(start + timedelta(days=longest_days), self.today - timedelta(hours=1))
        if last <= start:
            return start
        return start + (last - start) * self._random.random()


def written(moment: datetime) -> str:
    """A moment as the API writes it.

    >>> written(datetime(2026, 1, 15, 10, 30, tzinfo=UTC))
    '2026-01-15T10:30:00.000Z'
    """
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def filled(random: Random, pattern: str) -> str:
    """The pattern with a digit for each `#`."""
    return "".join(str(random.randrange(10)) if letter == "#" else letter for letter in pattern)
