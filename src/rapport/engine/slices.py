"""Parts of lists as connections whose cursors are places: base64 of `arrayconnection:3` is the fourth row's."""

import base64
import binascii
from typing import TYPE_CHECKING

from rapport.base.errors import BadUserInput
from rapport.engine.plan import EdgeCursor, Edges, Node, PageFactItem, PageInfo, SliceItem, SliceOf, Typename
from rapport.engine.sql import Expression, Literal, Part, all_of, concat, json_object
from rapport.metadata.names import quote

if TYPE_CHECKING:
    from rapport.engine.reading import Reader, Source

LARGEST_PLACE = 1_000_000_000  # of a list that is counted in an `int`

_PREFIX = "arrayconnection:"


class InvalidPlace(BadUserInput):
    """Invalid cursor"""

    sub_code = "INVALID_CURSOR"


def read_place(cursor: str) -> int:
    """The place that a cursor names; raises InvalidPlace.

    >>> read_place("YXJyYXljb25uZWN0aW9uOjQ=")
    4
    """
    try:
        text = base64.b64decode(cursor, validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        raise InvalidPlace(f"Invalid cursor: {cursor[:100]}") from None
    digits = text.removeprefix(_PREFIX)
    if digits == text or not (digits.isdecimal() and len(digits) < 11 and int(digits) < LARGEST_PLACE):
        raise InvalidPlace(f"Invalid cursor: {cursor[:100]}")
    return int(digits)


class SliceWriter:
    """Writes one connection. Its rows are numbered; the whole list is walked, the JSON is made of the part only."""

    def __init__(self, reader: "Reader", item: SliceOf, source: "Source", link: str | None) -> None:
        self._reader = reader
        self._item = item
        self._source = source
        self._link = link
        self._x = f"{source.alias}x"
        self._edges: list[str] = []

    def write(self, order: str) -> list[Part]:
        body = json_object([(entry.key, self._entry(entry)) for entry in self._item.items])
        if all(isinstance(entry, Typename) for entry in self._item.items):
            return body
        return [Expression(f"(select {concat(body)} from ({self._rows(order)}) {self._x})")]

    def _rows(self, order: str) -> str:
        """A select of one row: e1, e2 … (the edges' text), n (how many rows there are)."""
        alias = self._source.alias
        columns = [f"{alias}.{quote(column)}" for column in self._source.used]
        columns.append(f"row_number() over (order by {order}) as rn")
        if self._item.slice.last is not None:
            columns.append("count(*) over () as n")
        found = [
            f"coalesce(string_agg({edge}, ',') filter (where {self._is_within(alias)}), '') as e{number}"
            for number, edge in enumerate(self._edges, start=1)
        ]
        conditions = self._reader.conditions(self._item, alias)
        if self._item.join is not None and self._link is not None:
            conditions.insert(0, f"{alias}.{quote(self._item.join.name)} = {self._link}")
        table = self._reader.table(self._item.object)
        rows = f"select {', '.join(columns)} from {table} {alias} where {all_of(conditions)}"
        return f"select {', '.join([*found, 'count(*) as n'])} from ({rows}) {alias}"

    # A parameter that is not in the SQL has no type: each is asked for where it is written.

    def _is_within(self, alias: str) -> str:
        return f"{alias}.rn > {self._before(f'{alias}.n')} and {alias}.rn <= {self._stop()}"

    def _before(self, count: str) -> str:
        """How many rows stand before the part, in a list of ``count`` rows."""
        start, last = self._reader.parameter(self._item.slice.start), self._item.slice.last
        if last is None:
            return start
        return f"greatest({start}, least({self._stop()}, {count}) - {self._reader.parameter(last)})"

    def _stop(self) -> str:
        return self._reader.parameter(self._item.slice.stop)

    def _entry(self, entry: SliceItem) -> list[Part]:
        match entry:
            case Edges(items=items):
                self._edges.append(concat(json_object([(item.key, self._edge_item(item)) for item in items])))
                return [Literal("["), Expression(f"{self._x}.e{len(self._edges)}"), Literal("]")]
            case PageInfo(items=items):
                return json_object([(item.key, self._fact(item)) for item in items])
            case Typename(name=value):
                return [Literal(f'"{value}"')]

    def _edge_item(self, item: Node | EdgeCursor | Typename) -> list[Part]:
        match item:
            case Node(items=items):
                return self._reader.record(items, self._source)
            case EdgeCursor():
                return [Expression(_cursor(f"{self._source.alias}.rn - 1"))]
            case Typename(name=value):
                return [Literal(f'"{value}"')]

    def _fact(self, item: PageFactItem | Typename) -> list[Part]:
        if isinstance(item, Typename):
            return [Literal(f'"{item.name}"')]
        count = f"{self._x}.n"
        match item.fact:
            case "hasNextPage":
                return [Expression(f"({count} > {self._stop()})::text")]
            case "hasPreviousPage":
                return [Expression(f"(least({self._before(count)}, {count}) > 0)::text")]
            case "startCursor" | "endCursor":
                before, end = self._before(count), f"least({self._stop()}, {count})"
                place = before if item.fact == "startCursor" else f"{end} - 1"
                return [Expression(f"case when {before} < {end} then {_cursor(place)} else 'null' end")]


def _cursor(place: str) -> str:
    """SQL of the JSON of a cursor."""
    return f"concat('\"', encode(convert_to('{_PREFIX}' || ({place}), 'UTF8'), 'base64'), '\"')"
