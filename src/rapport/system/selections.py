"""From the names of the fields that are asked for to the engine's plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rapport.access.request import Fields
from rapport.base.errors import BadUserInput
from rapport.engine.plan import Composite, Item, ListOf, Scalar, ToOne
from rapport.metadata.fieldtypes.base import Json
from rapport.system.registry import Described, Registry

MOST_RELATIONS = 50  # of one selection; each is a table to join
MOST_LISTS_DEEP = 4  # a list in a list in a list … multiplies the rows

# Fields as something that can be a key: (("role", (("label", ()),)),)
Shape: TypeAlias = tuple[tuple[str, "Shape"], ...]


class TooDeep(BadUserInput):
    """Query complexity is too high. The selection goes through too many relations."""

    sub_code = "TOO_COMPLEX_QUERY"


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


def shape_of(fields: Fields) -> Shape:
    return tuple((name, shape_of(inner)) for name, inner in fields.items())


def uses_schema(registry: Registry, described: Described, shape: Shape) -> bool:
    """Whether the statement of a selection is one for each workspace."""
    if described.uses_schema:
        return True
    for name, inner in shape:
        known = described.object.field.get(name)
        if known is not None and known.relation is not None and uses_schema(registry, registry.target(known), inner):
            return True
    return False


class Selector:
    """Builds the items of one selection."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._relations = 0

    def items(self, described: Described, shape: Shape, lists: int = 0) -> tuple[tuple[Item, ...], Finish]:
        """The items of a row, and what is left to do with it. Raises LookupError for a field that is not described."""
        found: list[Item] = []
        made: dict[str, Callable[[Mapping[str, Json]], Json]] = {}
        inside: dict[str, Finish] = {}
        for name, inner in shape:
            if name in described.table.elsewhere:
                continue
            if name in described.made:
                needs = described.made[name].needs
                found.append(
                    Composite(key=name, items=tuple(Scalar(key=each, column=described.columns[each]) for each in needs))
                )
                made[name] = described.made[name].make
                continue
            item, finish = self._item(described, name, inner, lists)
            found.append(item)
            if finish:
                inside[name] = finish
        return tuple(found), Finish(made=made, inside=inside)

    def _item(self, described: Described, name: str, inner: Shape, lists: int) -> tuple[Item, Finish]:
        known = described.object.field.get(name)
        if known is None:
            raise LookupError(f"{described.table.type}.{name} is not described")
        if known.relation is not None:
            self._relations += 1
            if self._relations > MOST_RELATIONS or lists + known.is_to_many > MOST_LISTS_DEEP:
                raise TooDeep
            target = self._registry.target(known)
            items, finish = self.items(target, inner, lists + known.is_to_many)
            if known.is_to_one:
                return ToOne(key=name, field=known, target=target.object, items=items), finish
            declared = described.lists[name]
            return (
                ListOf(
                    key=name,
                    object=target.object,
                    items=items,
                    order=target.order(declared.order),
                    join=target.columns[declared.by],
                    link=declared.of,
                ),
                finish,
            )
        if known.type.graphql_output is not None:
            subs = tuple(Scalar(key=sub, column=known.column_of[sub]) for sub, _ in inner)
            return Composite(key=name, items=subs), Finish()
        return Scalar(key=name, column=known.column), Finish()
