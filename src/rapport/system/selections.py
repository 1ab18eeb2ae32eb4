"""From the shape of what is asked for to the engine's plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from rapport.engine.plan import (
    Composite,
    EdgeCursor,
    Edges,
    Item,
    ListOf,
    Node,
    PageFact,
    PageFactItem,
    PageInfo,
    Scalar,
    SliceItem,
    SliceOf,
    ToOne,
    Typename,
)
from rapport.metadata.fieldtypes.base import Json
from rapport.system.conditions import predicate
from rapport.system.errors import TooDeep
from rapport.system.registry import Described, Registry
from rapport.system.shapes import Shape

MOST_RELATIONS = 50  # of one selection; each is a table to join
MOST_LISTS_DEEP = 4  # a list in a list in a list … multiplies the rows


@dataclass(frozen=True, kw_only=True)
class Finish:
    """What Python has to do with rows that were read: replace values that it makes."""

    made: Mapping[str, Callable[[Mapping[str, Json]], Json]] = field(default_factory=dict)
    inside: Mapping[str, "Finish"] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.made or self.inside)

    def __call__(self, value: Json) -> None:
        if isinstance(value, list):
            for item in value:
                self(item)
        elif isinstance(value, dict):
            for name, make in self.made.items():
                needed = value[name]
                assert isinstance(needed, dict)
                value[name] = make(needed)
            for name, finish in self.inside.items():
                finish(value[name])


class Selector:
    """Builds the items of one selection. ``is_whole``: what is found elsewhere must not be missing."""

    def __init__(self, registry: Registry, *, is_whole: bool = False) -> None:
        self._registry = registry
        self._is_whole = is_whole
        self._relations = 0

    def items(self, described: Described, shapes: tuple[Shape, ...], lists: int = 0) -> tuple[tuple[Item, ...], Finish]:
        """The items of a row, and what is left to do with it. Raises LookupError for a field that is not described."""
        found: list[Item] = []
        made: dict[str, Callable[[Mapping[str, Json]], Json]] = {}
        inside: dict[str, Finish] = {}
        for shape in shapes:
            if shape.name in described.table.elsewhere and not self._is_whole:
                continue
            if shape.name == "__typename":
                found.append(Typename(key=shape.key, name=shape.parent))
                continue
            if shape.name in described.made:
                needs = described.made[shape.name].needs
                subs = tuple(Scalar(key=each, column=described.columns[each]) for each in needs)
                found.append(Composite(key=shape.key, items=subs))
                made[shape.key] = described.made[shape.name].make
                continue
            item, finish = self._item(described, shape, lists)
            found.append(item)
            if finish:
                inside[shape.key] = finish
        return tuple(found), Finish(made=made, inside=inside)

    def slice(
        self, described: Described, shapes: tuple[Shape, ...], lists: int = 0
    ) -> tuple[tuple[SliceItem, ...], Finish]:
        """Likewise, the items of a connection."""
        found: list[SliceItem] = []
        inside: dict[str, Finish] = {}
        for shape in shapes:
            match shape.name:
                case "__typename":
                    found.append(Typename(key=shape.key, name=shape.parent))
                case "edges":
                    edge, finish = self._edge(described, shape, lists)
                    found.append(edge)
                    if finish:
                        inside[shape.key] = finish
                case "pageInfo":
                    found.append(PageInfo(key=shape.key, items=tuple(_fact(each) for each in shape.inside)))
                case name:
                    raise LookupError(f"connections have no {name}")
        return tuple(found), Finish(inside=inside)

    def _edge(self, described: Described, shape: Shape, lists: int) -> tuple[Edges, Finish]:
        found: list[Node | EdgeCursor | Typename] = []
        inside: dict[str, Finish] = {}
        for each in shape.inside:
            match each.name:
                case "node":
                    items, finish = self.items(described, each.inside, lists)
                    found.append(Node(key=each.key, items=items))
                    if finish:
                        inside[each.key] = finish
                case "cursor":
                    found.append(EdgeCursor(key=each.key))
                case "__typename":
                    found.append(Typename(key=each.key, name=each.parent))
                case name:
                    raise LookupError(f"edges have no {name}")
        return Edges(key=shape.key, items=tuple(found)), Finish(inside=inside)

    def _item(self, described: Described, shape: Shape, lists: int) -> tuple[Item, Finish]:
        known = described.object.field.get(shape.name)
        if known is None:
            raise LookupError(f"{described.table.type}.{shape.name} is not described")
        if known.relation is not None:
            self._relations += 1
            if self._relations > MOST_RELATIONS or lists + known.is_to_many > MOST_LISTS_DEEP:
                raise TooDeep
            target = self._registry.target(known)
            if known.is_to_one:
                items, finish = self.items(target, shape.inside, lists)
                return ToOne(key=shape.key, field=known, target=target.object, items=items), finish
            return self._list(described, target, shape, lists + 1)
        if known.type.graphql_output is not None:
            subs = tuple(
                Typename(key=each.key, name=each.parent)
                if each.name == "__typename"
                else Scalar(key=each.key, column=known.column_of[each.name])
                for each in shape.inside
            )
            return Composite(key=shape.key, items=subs), Finish()
        return Scalar(key=shape.key, column=known.column), Finish()

    def _list(self, described: Described, target: Described, shape: Shape, lists: int) -> tuple[Item, Finish]:
        declared = described.lists[shape.name]
        join, order = target.columns[declared.by], target.order(declared.order)
        if shape.listing is None:
            items, finish = self.items(target, shape.inside, lists)
            listed = ListOf(
                key=shape.key,
                object=target.object,
                items=items,
                order=order,
                join=join,
                link=declared.of,
                is_optional=declared.is_optional,
            )
            return listed, finish
        entries, finish = self.slice(target, shape.inside, lists)
        return (
            SliceOf(
                key=shape.key,
                object=target.object,
                items=entries,
                order=shape.listing.order(target) or order,
                slice=shape.listing.slice(),
                join=join,
                link=declared.of,
                filter=predicate(target.columns, shape.listing.filter),
            ),
            finish,
        )


def _fact(shape: Shape) -> PageFactItem | Typename:
    if shape.name == "__typename":
        return Typename(key=shape.key, name=shape.parent)
    for fact in get_args(PageFact):
        if fact == shape.name:
            return PageFactItem(key=shape.key, fact=fact)
    raise LookupError(f"PageInfo has no {shape.name}")
