"""Which part of a list is wanted, and in which order: the arguments `paging`, `filter` and `sorting`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rapport.engine.plan import OrderKey, Slice
from rapport.engine.slices import LARGEST_PLACE, read_place
from rapport.engine.sql import Value
from rapport.system.conditions import Condition, Values, read_filter
from rapport.system.errors import InvalidPaging, InvalidSorting
from rapport.system.registry import Described

PAGE = 10
LARGEST_PAGE = 1_000

_DIRECTIONS = {"ASC": False, "DESC": True}
_NULLS = {"NULLS_FIRST": True, "FIRST": True, "NULLS_LAST": False, "LAST": False}


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The shape of the arguments: names of values, and what makes another statement."""

    start: str
    stop: str
    last: str | None
    filter: Condition
    sorting: tuple[tuple[str, bool, bool], ...]  # columns, whether they descend, whether nulls stand first

    def slice(self) -> Slice:
        return Slice(
            start=_place(self.start), stop=_place(self.stop), last=None if self.last is None else _place(self.last)
        )

    def order(self, described: Described) -> tuple[OrderKey, ...]:
        """The keys asked for, with the id as tie-break; none when none are asked for. Raises InvalidSorting."""
        keys: dict[str, OrderKey] = {}
        for name, descending, nulls_first in self.sorting:
            column = described.columns.get(name)
            if column is None or not column.leaf.orderable or column.leaf.sql_type == "jsonb":
                raise InvalidSorting(
                    f'"{name}" is nothing that a list of the type {described.table.type} is sorted by.'
                )
            key = OrderKey(path=(name,), column=column, descending=descending, nulls_first=nulls_first)
            keys.setdefault(name, key)
        if not keys:
            return ()
        return (*keys.values(), *(described.order(("id",)) if "id" not in keys else ()))


def read_listing(arguments: Mapping[str, object], values: Values) -> tuple[Listing, int]:
    """The shape of the arguments, and how many rows there may be. Raises InvalidPaging (Place, Sorting)."""
    paging = arguments.get("paging") or {}
    assert isinstance(paging, Mapping)
    first, last = _size(paging, "first"), _size(paging, "last")
    after, before = _cursor(paging, "after"), _cursor(paging, "before")
    if first is not None and last is not None:
        raise InvalidPaging("Cannot provide both first and last", sub_code="ARGS_CONFLICT")
    if first is None and last is None:
        first, last = (None, PAGE) if before is not None and after is None else (PAGE, None)
    start = 0 if after is None else after + 1
    stop = LARGEST_PLACE if before is None else before
    if first is not None:
        stop = min(stop, start + first)
    listing = Listing(
        start=values.add(start),
        stop=values.add(stop),
        last=None if last is None else values.add(last),
        filter=read_filter(arguments.get("filter"), values),
        sorting=tuple(_sorting(arguments.get("sorting"))),
    )
    return listing, first or last or 0


def _size(paging: Mapping[str, object], name: str) -> int | None:
    size = paging.get(name)
    if not isinstance(size, int):
        return None
    if size < 0:
        raise InvalidPaging(
            f"{name.capitalize()} argument must be non-negative", sub_code=f"INVALID_ARGS_{name.upper()}"
        )
    if size > LARGEST_PAGE:
        raise InvalidPaging(
            f"{name.capitalize()} argument must be at most {LARGEST_PAGE}", sub_code=f"INVALID_ARGS_{name.upper()}"
        )
    return size


def _cursor(paging: Mapping[str, object], name: str) -> int | None:
    cursor = paging.get(name)
    return None if cursor is None else read_place(str(cursor))


def _sorting(given: object) -> Iterator[tuple[str, bool, bool]]:
    for each in given if isinstance(given, list) else ():
        direction, nulls = str(each.get("direction") or "ASC").upper(), each.get("nulls")
        if direction not in _DIRECTIONS:
            raise InvalidSorting(f"The direction of sorting is ASC or DESC, not {direction[:100]}.")
        descending = _DIRECTIONS[direction]
        if nulls is not None and nulls.upper() not in _NULLS:
            raise InvalidSorting(f"Nulls are sorted NULLS_FIRST or NULLS_LAST, not {nulls[:100]}.")
        yield str(each["field"]), descending, descending if nulls is None else _NULLS[nulls.upper()]


def _place(name: str) -> Value:
    return Value(sql_type="int", path=(name,))
