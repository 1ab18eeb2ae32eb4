"""Cursors of a search: base64 of compact JSON (core-api.md §6).

`{"lastRanks": {"tsRankCD": 0.1, "tsRank": 0.06}, "lastRecordIdsPerObject": {"company": "…", "person": "…"}}`: the last
object is the one whose record the cursor stands at.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

import orjson

from rapport.engine.cursors import InvalidCursor

_LARGEST_RANK = 1e30
_LONGEST = 20_000


@dataclass(frozen=True, kw_only=True)
class SearchCursor:
    """The place of a record: its ranks, and the last record seen of each object, its own at the end."""

    rank_of_all: float
    rank_of_any: float
    last: Mapping[str, str]

    @property
    def object(self) -> str:
        return list(self.last)[-1]

    @property
    def id(self) -> UUID:
        return UUID(self.last[self.object])

    @classmethod
    def decode(cls, text: str) -> "SearchCursor":
        """Raises InvalidCursor."""
        try:
            content = json.loads(base64.b64decode(text[:_LONGEST], validate=True))
            ranks, last = content["lastRanks"], content["lastRecordIdsPerObject"]
            cursor = cls(
                rank_of_all=_rank(ranks["tsRankCD"]),
                rank_of_any=_rank(ranks["tsRank"]),
                last=MappingProxyType({str(name): str(UUID(record)) for name, record in last.items()}),
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise InvalidCursor(f"Invalid cursor: {text[:200]}") from None
        if not cursor.last:
            raise InvalidCursor(f"Invalid cursor: {text[:200]}")
        return cursor


def encode(rank_of_all: float, rank_of_any: float, last: Mapping[str, str]) -> str:
    """The cursor of a record; ``last`` as in ``SearchCursor``."""
    content = {
        "lastRanks": {"tsRankCD": _number(rank_of_all), "tsRank": _number(rank_of_any)},
        "lastRecordIdsPerObject": last,
    }
    return base64.b64encode(orjson.dumps(content)).decode()


def _rank(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _LARGEST_RANK:
        raise ValueError(value)
    return float(value)


def _number(value: float) -> float | int:
    """As JavaScript writes it: `0`, not `0.0`."""
    return int(value) if value.is_integer() else value
