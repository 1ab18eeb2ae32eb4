"""A caller's argument as a tree of located values.

A plan is reused for other values of the same shape. So whoever reads an argument while making a plan either binds a
value (it becomes a parameter, found again by its path) or *bakes* it: then the value, or what was learnt of it, becomes
part of the plan's key.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from rapport.base.errors import BadUserInput, RapportError
from rapport.engine.sql import Path, Value

MOST_LISTED = 100_000  # values in the lists of filters
_NULL, _SCALAR, _SCALARS, _TOO_MANY, _OBJECT, _LIST, _END = range(7)
_CONTAINERS = frozenset({dict, list})
_MOST_PARTS = 100_000


class TooManyParts(BadUserInput):
    """Query complexity is too high. The values of a variable are of too many parts."""

    sub_code = "TOO_COMPLEX_QUERY"


class EnumLiteral(str):
    """An enum value written bare in a document, as opposed to a string."""

    __slots__ = ()


def lookup(values: Mapping[str, object], path: Path) -> object:
    """The value at a path; None where the path leads nowhere."""
    found: object = values
    for step in path:
        try:
            found = found[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return None
    return found


@dataclass(frozen=True)
class Bake:
    """What was learnt of the value at a path while making the plan."""

    path: Path
    learn: Callable[[object], object]


@dataclass
class Bakes:
    """All that a plan took from the request's values, beside their shape.

    ``with_fitness``: whether a bound value fits its type is part of it too, so that a plan is only ever found for
    values that it can be executed with.
    """

    items: list[Bake] = field(default_factory=list)
    with_fitness: bool = False

    def key(self, values: Mapping[str, object]) -> tuple[object, ...]:
        return tuple(bake.learn(lookup(values, bake.path)) for bake in self.items)


def identity(value: object) -> object:
    return value


@dataclass(frozen=True, kw_only=True)
class Input:
    """A value given by the caller. ``path`` is None when it stands in the document itself.

    ``value`` is plain JSON; an object or a list given in the document holds Inputs in ``entries``/``elements``.
    ``location`` is opaque to the engine (the edge uses it to point at the text), and so is ``named``, the place of the
    name that the document gives the value.
    """

    value: object
    bakes: Bakes
    path: Path | None = None
    entries: Mapping[str, "Input"] | None = None
    elements: tuple["Input", ...] | None = None
    location: object = None
    named: object = None

    @property
    def is_null(self) -> bool:
        return self.value is None

    @property
    def is_object(self) -> bool:
        return self.entries is not None or isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return self.elements is not None or isinstance(self.value, list)

    def items(self) -> Iterator[tuple[str, "Input"]]:
        """The entries of an object."""
        if self.entries is not None:
            yield from self.entries.items()
        elif isinstance(self.value, dict):
            for key, value in self.value.items():
                yield key, self._child(key, value)

    def each(self) -> Iterator["Input"]:
        """The elements of a list; any other value is a list of itself (GraphQL's list coercion)."""
        if self.elements is not None:
            yield from self.elements
        elif isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield self._child(index, value)
        else:
            yield self

    def _child(self, step: str | int, value: object) -> "Input":
        path = None if self.path is None else (*self.path, step)
        return Input(value=value, bakes=self.bakes, path=path, location=self.location)

    def plain(self) -> object:
        """The whole value as JSON."""
        if self.entries is not None:
            return {key: item.plain() for key, item in self.entries.items()}
        if self.elements is not None:
            return [item.plain() for item in self.elements]
        return self.value

    def bake(self, learn: Callable[[object], object] = identity) -> object:
        """The value (or what ``learn`` makes of it), made part of the plan's key. Only for scalars."""
        if self.path is not None:
            self.bakes.items.append(Bake(self.path, learn))
        return learn(self.value)

    def bind(self, sql_type: str, convert: Callable[[object], object]) -> Value:
        """A parameter with this value; it is converted now, so that a bad value is an error while planning."""
        converted = convert(self.plain())
        if self.path is None and not self._has_paths():
            return Value(sql_type=sql_type, constant=converted)
        if self.path is None:
            convert = _Assembled(self, convert)
        path = self.path or ()
        if self.bakes.with_fitness:
            self.bakes.items.append(Bake(path, _Fits(convert)))
        return Value(sql_type=sql_type, path=path, convert=convert)

    def _has_paths(self) -> bool:
        children = [*(self.entries or {}).values(), *(self.elements or ())]
        return any(child.path is not None or child._has_paths() for child in children)


@dataclass(frozen=True)
class _Assembled:
    """Converts a value that the document builds from variables: `in: [$a, $b]`."""

    given: Input
    convert: Callable[[object], object]

    def __call__(self, values: object) -> object:
        assert isinstance(values, Mapping)
        return self.convert(_assemble(self.given, values))


@dataclass(frozen=True)
class _Fits:
    """Learns whether a value can be converted."""

    convert: Callable[[object], object]

    def __call__(self, value: object) -> object:
        try:
            self.convert(value)
        except RapportError:
            return False
        return True


def _assemble(given: Input, values: Mapping[str, object]) -> object:
    if given.path is not None:
        return lookup(values, given.path)
    if given.entries is not None:
        return {key: _assemble(item, values) for key, item in given.entries.items()}
    if given.elements is not None:
        return [_assemble(item, values) for item in given.elements]
    return given.value


def shape(value: object) -> object:
    """What of a value decides the plan by itself: keys, nulls and nesting; never the scalars.

    Raises TooManyParts.
    """
    if not isinstance(value, (dict, list)):
        return _NULL if value is None else _SCALAR
    parts: list[object] = []
    _shape(value, parts)
    return tuple(parts)


def _shape(value: object, parts: list[object]) -> None:
    """Keys are texts, all else of a shape is numbers: so no two shapes are told alike."""
    if isinstance(value, dict):
        if len(parts) + len(value) > _MOST_PARTS:
            raise TooManyParts
        parts.append(_OBJECT)
        for key, item in value.items():
            parts.append(key)
            _shape(item, parts)
        parts.append(_END)
    elif not isinstance(value, list):
        parts.append(_NULL if value is None else _SCALAR)
    elif _CONTAINERS.isdisjoint(map(type, value)):
        parts.append(_SCALARS if len(value) <= MOST_LISTED else _TOO_MANY)  # no plan is remembered for these
    else:
        if len(parts) + len(value) > _MOST_PARTS:
            raise TooManyParts
        parts.append(_LIST)
        for item in value:
            _shape(item, parts)
        parts.append(_END)
