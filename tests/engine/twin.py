"""The slow twin of the engine: filter, order and page over rows in Python, with SQL's logic of three values.

Rows are dicts in the form of the API's answers: composites are dicts, choices and ids are texts, numbers of columns
with exact decimals are Decimal, moments are ISO texts in UTC with milliseconds.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, TypeAlias

from tests.engine.shape import ENTITIES, Entity, Leaf, Link

Json: TypeAlias = Any  # what json.loads gives
Row: TypeAlias = Mapping[str, Any]
Truth: TypeAlias = "bool | None"


@dataclass(frozen=True)
class Twin:
    """All rows of a workspace, by object."""

    rows: Mapping[str, Sequence[Row]]

    def find(self, name: str, filter_: Json, order: Json = None, *, within: tuple[str, str] | None = None) -> list[Row]:
        """The rows that a query lists, in order. ``within`` are a join column and the id that it must hold."""
        entity = ENTITIES[name]
        found = [
            row
            for row in self.rows[name]
            if (within is None or row[within[0]] == within[1])
            and (row["deletedAt"] is None or mentions_deleted(filter_))
            and self.holds(entity, row, filter_) is True
        ]
        keys = order_keys(entity, order)

        def compare(one: Row, other: Row) -> int:
            return self._compare(keys, entity, one, other)

        return sorted(found, key=cmp_to_key(compare))

    # -- filter -------------------------------------------------------------------------------------------------

    def holds(self, entity: Entity, row: Row, filter_: Json) -> Truth:
        if filter_ is None:
            return True
        return _all(self._key(entity, row, key, given) for key, given in filter_.items())

    def _key(self, entity: Entity, row: Row, key: str, given: Json) -> Truth:
        if given is None:
            return True
        match key:
            case "and":
                return _all(self.holds(entity, row, each) for each in _listed(given))
            case "or":
                return _any([self.holds(entity, row, each) for each in _listed(given)] or [True])
            case "not":
                return _not(self.holds(entity, row, given))
        shape = entity.fields[key]
        if isinstance(shape, Leaf):
            return leaf_holds(shape, row[key], given)
        if isinstance(shape, Mapping):
            return _all(leaf_holds(shape[sub], row[key][sub], each) for sub, each in given.items())
        if given and set(given) <= {"eq", "neq", "in", "is"}:
            return leaf_holds(Leaf("uuid"), row[shape.column], given)
        if not given:
            return True
        target = self.linked(row, shape, deleted=mentions_deleted(given))
        return target is not None and self.holds(ENTITIES[shape.target], target, given) is True

    def linked(self, row: Row, link: Link, *, deleted: bool = False) -> Row | None:
        """The live record at the end of a relation; with ``deleted`` also one that is not."""
        for target in self.rows[link.target]:
            if target["id"] == row[link.column] and (deleted or target["deletedAt"] is None):
                return target
        return None

    # -- order --------------------------------------------------------------------------------------------------

    def _compare(self, keys: list[tuple[tuple[str, ...], str]], entity: Entity, one: Row, other: Row) -> int:
        for path, direction in keys:
            left, right = self._sorted_by(entity, one, path), self._sorted_by(entity, other, path)
            if left == right:
                continue
            if left is None or right is None:
                return -1 if (left is None) == direction.endswith("NullsFirst") else 1
            return -1 if (left < right) == direction.startswith("Asc") else 1
        return 0

    def _sorted_by(self, entity: Entity, row: Row | None, path: tuple[str, ...]) -> Json:
        if row is None:
            return None
        shape, value = entity.fields[path[0]], row.get(path[0])
        if isinstance(shape, Link):
            return self._sorted_by(ENTITIES[shape.target], self.linked(row, shape), path[1:])
        leaf = shape if isinstance(shape, Leaf) else shape[path[1]]
        value = value if isinstance(shape, Leaf) else row[path[0]][path[1]]
        if value is None:
            return None
        if leaf.kind == "choice":
            return leaf.options.index(value)
        return json_text(value) if leaf.kind == "json" else value


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A page: its rows and what `pageInfo` says of it."""

    rows: list[Row]
    has_next: bool
    has_previous: bool


def page(
    rows: list[Row],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    offset: int = 0,
) -> Expected:
    """The page of a list; ``after`` and ``before`` are the ids of the rows whose cursors are given."""
    ids = [row["id"] for row in rows]
    if last is not None or before is not None:
        end = max(0, (ids.index(before) if before is not None else len(rows)) - offset)
        start = max(0, end - (60 if last is None else last))
        return Expected(rows=rows[start:end], has_next=before is not None, has_previous=start > 0)
    start = (ids.index(after) + 1 if after is not None else 0) + offset
    end = start + (60 if first is None else first)
    return Expected(rows=rows[start:end], has_next=end < len(rows), has_previous=after is not None)


def order_keys(entity: Entity, order: Json) -> list[tuple[tuple[str, ...], str]]:
    """Paths and directions, each path once, with the id at the end."""
    keys: dict[tuple[str, ...], str] = {}

    def walk(prefix: tuple[str, ...], given: Json) -> None:
        for key, value in given.items():
            if isinstance(value, str):
                keys.setdefault((*prefix, key), value)
            elif value is not None:
                walk((*prefix, key), value)

    for each in _listed(order or []):
        walk((), each or {})
    keys.setdefault(("id",), "AscNullsFirst")
    return list(keys.items())


def mentions_deleted(filter_: Json) -> bool:
    """Whether a condition on deletedAt stands anywhere in a filter; not one on a related record's."""
    if filter_ is None:
        return False
    return any(
        given is not None
        and (key == "deletedAt" or (key in ("and", "or", "not") and any(map(mentions_deleted, _listed(given)))))
        for key, given in filter_.items()
    )


# -- one column -------------------------------------------------------------------------------------------------------


def leaf_holds(leaf: Leaf, stored: Json, given: Json) -> Truth:
    if given is None:
        return True
    return _all(_operator(leaf, stored, operator, value) for operator, value in given.items())


def _operator(leaf: Leaf, stored: Json, operator: str, given: Json) -> Truth:
    if operator == "is":
        if given is None:
            return True
        empty = stored is None or (leaf.kind == "text" and stored == "") or (leaf.kind in _EMPTY and not stored)
        return bool(empty) is (given == "NULL")
    if given is None:
        return None
    if operator == "isEmptyArray":
        return bool(stored) != (given is not False)
    if leaf.kind == "text":
        stored = stored or ""
    if operator in ("in", "containsAny"):
        wanted = [value_of(leaf, each) for each in _listed(given) if each is not None]
        if leaf.kind == "choices":
            return None if stored is None else any(each in stored for each in wanted)
        return False if not wanted else None if stored is None else stored in wanted
    if stored is None:
        return None
    if operator in ("like", "ilike"):
        return matches(json_text(stored) if leaf.kind == "json" else stored, given, fold=operator == "ilike")
    wanted = [*map(str, _listed(given))] if leaf.kind == "choices" else value_of(leaf, given)
    return bool(_COMPARE[operator](stored, wanted))


_EMPTY = frozenset({"choices", "json"})

_COMPARE: Mapping[str, Any] = {
    "eq": lambda stored, given: stored == given,
    "neq": lambda stored, given: stored != given,
    "gt": lambda stored, given: stored > given,
    "gte": lambda stored, given: stored >= given,
    "lt": lambda stored, given: stored < given,
    "lte": lambda stored, given: stored <= given,
    "startsWith": lambda stored, given: stored.startswith(given),
    "endsWith": lambda stored, given: stored.endswith(given),
}


def value_of(leaf: Leaf, given: Json) -> Json:
    """A value of a request in the form of the rows."""
    match leaf.kind:
        case "numeric":
            return Decimal(str(given))
        case "moment":
            moment = datetime.fromisoformat(given).astimezone(UTC)
            return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case "uuid":
            return given.lower()
    return given


def matches(text: str, pattern: str, *, fold: bool) -> bool:
    """LIKE, and ILIKE with ``fold``: by characters, `\\` takes the next one as it is."""
    if fold:
        text, pattern = lowered(text), lowered(pattern)
    parts = re.findall(r"\\?.|\\", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    expression = "".join(wild.get(part) or re.escape(part[1:] or part) for part in parts)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def lowered(text: str) -> str:
    """Lower case letter by letter: of what a letter may become, only the first."""
    return "".join(each.lower()[0] for each in text)


def json_text(value: Json) -> str:
    """JSON as PostgreSQL writes it."""
    return json.dumps(value, ensure_ascii=False)


# -- three values -----------------------------------------------------------------------------------------------------


def _all(values: Iterable[Truth]) -> Truth:
    found = list(values)
    return False if False in found else None if None in found else True


def _any(values: Iterable[Truth]) -> Truth:
    found = list(values)
    return True if True in found else None if None in found else False


def _not(value: Truth) -> Truth:
    return None if value is None else not value


def _listed(given: Json) -> list[Json]:
    return given if isinstance(given, list) else [given]
