"""Random questions to a workspace: filters, orders and pages, as hypothesis strategies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

from tests.engine.shape import ENTITIES, Entity, Leaf, Link
from tests.engine.twin import Json
from tests.engine.world import POOLS

DIRECTIONS = ("AscNullsFirst", "AscNullsLast", "DescNullsFirst", "DescNullsLast")
_COMPARE = ("eq", "neq", "gt", "gte", "lt", "lte", "in", "is")
_OPERATORS: Mapping[str, Sequence[str]] = {
    "text": (*_COMPARE, "like", "ilike", "startsWith", "endsWith"),
    "number": _COMPARE,
    "integer": _COMPARE,
    "numeric": _COMPARE,
    "moment": _COMPARE,
    "uuid": _COMPARE,
    "boolean": ("eq", "is"),
    "json": ("like", "is"),
    "choice": ("eq", "neq", "in", "containsAny", "is", "isEmptyArray"),
    "choices": ("eq", "neq", "in", "containsAny", "is", "isEmptyArray"),
}
_FACTS = st.lists(
    st.sampled_from(("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")), unique=True, min_size=1
).map(tuple)
_UNKNOWN = "NO_SUCH_OPTION"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What to list, in which order, and whether the values stand in the document or in variables."""

    name: str  # of the object
    filter: Json
    order: Json
    size: int
    literal: bool
    facts: tuple[tuple[str, ...], ...]  # of `pageInfo`: selections to make beside the full one

    @property
    def entity(self) -> Entity:
        return ENTITIES[self.name]


@st.composite
def questions(draw: st.DrawFn, *, ids: Sequence[str]) -> Question:
    entity = draw(st.sampled_from(list(ENTITIES.values())))
    return Question(
        name=entity.name,
        filter=draw(st.none() | filters(entity, ids)),
        order=draw(orders(entity)),
        size=draw(st.integers(1, 12) | st.integers(13, 90)),
        literal=draw(st.booleans()),
        facts=draw(st.just(()) | st.tuples(_FACTS)),
    )


# -- filters ----------------------------------------------------------------------------------------------------------


def filters(entity: Entity, ids: Sequence[str], depth: int = 3) -> st.SearchStrategy[Json]:
    options = {name: _condition(shape, ids) for name, shape in entity.fields.items()}
    if depth == 0:
        return _some_of(options, most=2)
    inner = st.deferred(lambda: filters(entity, ids, depth - 1))
    several = st.lists(inner, max_size=3) | inner
    return _some_of({**options, "and": several, "or": several, "not": inner}, most=3)


def _some_of(options: Mapping[str, st.SearchStrategy[Json]], *, most: int, least: int = 0) -> st.SearchStrategy[Json]:
    """A dict with some of the keys."""
    keys = st.lists(st.sampled_from(list(options)), unique=True, min_size=least, max_size=most)
    return keys.flatmap(lambda chosen: st.fixed_dictionaries({key: options[key] for key in chosen}))


def _condition(shape: Json, ids: Sequence[str]) -> st.SearchStrategy[Json]:
    if isinstance(shape, Leaf):
        return st.none() | leaf_filters(shape, ids)
    if isinstance(shape, Link):
        target = ENTITIES[shape.target].fields
        related = {
            name: leaf_filters(each, ids, real=True)
            if isinstance(each, Leaf)
            else _some_of({sub: leaf_filters(leaf, ids, real=True) for sub, leaf in each.items()}, most=2, least=1)
            for name, each in target.items()
            if not isinstance(each, Link)
        }
        by_id = _operators(Leaf("uuid"), ("eq", "in", "is"), ids, least=1, real=True)
        return st.just({}) | by_id | _some_of(related, most=2, least=1)
    return st.none() | _some_of({sub: st.none() | leaf_filters(leaf, ids) for sub, leaf in shape.items()}, most=2)


def leaf_filters(leaf: Leaf, ids: Sequence[str], *, real: bool = False) -> st.SearchStrategy[Json]:
    """Operators on a column; ``real``: at least one that is a condition."""
    return _operators(leaf, _OPERATORS[leaf.kind], ids, least=1 if real else 0, real=real)


def _operators(
    leaf: Leaf, operators: Sequence[str], ids: Sequence[str], *, least: int, real: bool
) -> st.SearchStrategy[Json]:
    value = _values(leaf, ids)
    options: dict[str, st.SearchStrategy[Json]] = {}
    for operator in operators:
        match operator:
            case "is":
                options[operator] = st.sampled_from(("NULL", "NOT_NULL") if real else ("NULL", "NOT_NULL", None))
            case "isEmptyArray":
                options[operator] = st.booleans()
            case "in" | "containsAny":
                options[operator] = st.lists(st.none() | value, max_size=4) | value
            case "like" | "ilike":
                options[operator] = _patterns(leaf)
            case "eq" | "neq" if leaf.kind == "choices":
                options[operator] = st.lists(value, max_size=3)
            case _:
                options[operator] = value if real else st.one_of(value, value, value, st.none())
    return _some_of(options, most=2, least=least)


def _values(leaf: Leaf, ids: Sequence[str]) -> st.SearchStrategy[Json]:
    if leaf.kind == "uuid":
        return st.sampled_from([*ids, ids[0].upper(), "00000000-0000-0000-0000-000000000000"])
    if leaf.kind in ("choice", "choices"):
        return st.sampled_from([*leaf.options, _UNKNOWN])
    known = st.sampled_from([each for each in POOLS[leaf.kind] if each is not None])
    match leaf.kind:
        case "numeric":
            return st.one_of(known.map(str), known.map(_number))
        case "moment":
            return st.one_of(known, known.flatmap(_elsewhere))
        case "text":
            return st.one_of(known, known, st.text(st.characters(exclude_categories=["Cs", "Cn"], min_codepoint=1)))
    return known


def _number(value: Decimal) -> Json:
    """A JSON number where it has all digits of the decimal, else a text."""
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def _elsewhere(moment: str) -> st.SearchStrategy[str]:
    """The same moment in another zone."""
    parsed = datetime.fromisoformat(moment)
    if parsed.year in (1, 9999):
        return st.just(moment)
    zones = st.sampled_from([timedelta(hours=2), timedelta(hours=-9, minutes=-30), timedelta(0)])
    return zones.map(lambda zone: parsed.astimezone(timezone(zone)).isoformat(timespec="milliseconds"))


def _patterns(leaf: Leaf) -> st.SearchStrategy[str]:
    if leaf.kind == "json":
        return st.sampled_from(["%", "%x.example%", '["a@%', "%, %", "null", "", "%é%"])
    known = st.sampled_from([each for each in POOLS["text"] if each])
    cut = st.tuples(known, st.integers(0, 3), st.integers(1, 3)).map(lambda it: it[0][it[1] : it[1] + it[2]])
    part = st.one_of(
        cut, cut.map(str.upper), cut.map(str.lower), st.sampled_from(["%", "_", "%", "\\", "\\%", "\\_", ""])
    )
    return st.lists(part, max_size=4).map("".join)


# -- orders -----------------------------------------------------------------------------------------------------------


def orders(entity: Entity) -> st.SearchStrategy[Json]:
    """Up to three keys, in one object or in several."""
    direction = st.sampled_from(DIRECTIONS)
    keys = [st.fixed_dictionaries({name: _order_key(shape, direction)}) for name, shape in entity.fields.items()]
    several = st.lists(st.one_of(keys), max_size=3)
    return st.one_of(st.none(), several, several, several.map(_joined))


def _order_key(shape: Json, direction: st.SearchStrategy[str]) -> st.SearchStrategy[Json]:
    if isinstance(shape, Leaf):
        return direction
    if isinstance(shape, Link):
        target = ENTITIES[shape.target].fields
        inner = [
            st.fixed_dictionaries({name: _order_key(each, direction)})
            for name, each in target.items()
            if not isinstance(each, Link)
        ]
        return st.one_of(inner)
    return _some_of(dict.fromkeys(shape, direction), most=2, least=1)


def _joined(keys: list[dict[str, Json]]) -> dict[str, Json]:
    return {name: value for key in keys for name, value in key.items()}
