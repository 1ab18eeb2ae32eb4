"""What is asked for, without the values in it: that of which a statement can be kept."""

from collections.abc import Mapping
from typing import NamedTuple

from rapport.access.principal import Principal
from rapport.access.request import Selected, Selection
from rapport.system.conditions import Values
from rapport.system.errors import TooDeep
from rapport.system.listing import Listing, read_listing
from rapport.system.registry import Described, Registry

MOST_ROWS = 100_000_000  # that the page sizes of one selection could multiply to
BARE_LIST = 100  # rows of a list without pages, for this purpose


class Shape(NamedTuple):
    """A selected field without the values of its arguments."""

    key: str
    name: str
    parent: str
    listing: Listing | None
    inside: tuple["Shape", ...]


class Shaper:
    """Takes the values out of one request's selection."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.values = Values()
        self._uses_schema = False

    def schema(self, principal: Principal | None) -> str:
        """The caller's schema, where the statement is one for each workspace."""
        return (principal and principal.schema) or "" if self._uses_schema else ""

    def rows(self, described: Described, selection: Selection, rows: int = 1) -> tuple[Shape, ...]:
        """``rows``: how many of them there may be."""
        self._uses_schema = self._uses_schema or described.uses_schema
        return tuple(self._field(described, each, rows) for each in selection)

    def page(
        self, described: Described, selection: Selection, arguments: Mapping[str, object], rows: int = 1
    ) -> tuple[Listing, tuple[Shape, ...]]:
        listing, size = read_listing(arguments, self.values)
        rows = _limited(rows * size)
        inside: list[Shape] = []
        for entry in selection:
            parts = tuple(
                _shape(each, self.rows(described, each.inside, rows) if each.name == "node" else ())
                for each in entry.inside
            )
            inside.append(_shape(entry, parts))
        return listing, tuple(inside)

    def _field(self, described: Described, each: Selected, rows: int) -> Shape:
        known = described.object.field.get(each.name)
        if known is None or known.relation is None:
            return _shape(each, tuple(_shape(sub, ()) for sub in each.inside))
        target, declared = self._registry.target(known), described.lists.get(each.name)
        if declared is None:
            return _shape(each, self.rows(target, each.inside, rows))
        if not declared.is_paged:
            return _shape(each, self.rows(target, each.inside, _limited(rows * BARE_LIST)))
        listing, inside = self.page(target, each.inside, each.arguments, rows)
        return _shape(each, inside, listing)


def _limited(rows: int) -> int:
    if rows > MOST_ROWS:
        raise TooDeep("Query complexity is too high. The pages are too large to be nested like this.")
    return rows


def _shape(each: Selected, inside: tuple[Shape, ...], listing: Listing | None = None) -> Shape:
    return Shape(key=each.key, name=each.name, parent=each.parent, listing=listing, inside=inside)
