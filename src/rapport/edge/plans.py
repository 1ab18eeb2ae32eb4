"""Compiled requests, remembered by what decides a plan: the data model, what is asked, and the shape of its values."""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sized
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID

from rapport.edge.graphql.model import Model
from rapport.engine.inputs import Bakes

_MOST_VARIANTS = 64  # of one request with values of one shape
_BYTES_OF_PART = 100  # of a shape, and of what the plan was made for

T = TypeVar("T")


class Weighed(Protocol):
    """What is kept says how many bytes of memory it takes, about: an estimate that is rather too high."""

    @property
    def weight(self) -> int: ...


W = TypeVar("W", bound=Weighed)


@dataclass
class _Variant(Generic[T]):
    bakes: Bakes
    key: tuple[object, ...]
    compiled: T
    weight: int


class Variants(Generic[T]):
    """What one request was compiled to, for values of different shapes."""

    def __init__(self) -> None:
        self._by_shape: dict[object, list[_Variant[T]]] = {}
        self.weight = 0

    def find(self, shape: object, values: Mapping[str, object]) -> T | None:
        for variant in self._by_shape.get(shape, ()):
            if variant.bakes.key(values) == variant.key:
                return variant.compiled
        return None

    def remember(
        self, shape: object, values: Mapping[str, object], bakes: Bakes, compiled: T, *, weight: int = 0
    ) -> None:
        """``bakes``: what of the values, beside their shape, the plan was made for. ``weight``: of ``compiled``."""
        weight += _BYTES_OF_PART * (_parts(shape) + len(bakes.items))
        known = self._by_shape.setdefault(shape, [])
        known.append(_Variant(bakes, bakes.key(values), compiled, weight))
        self.weight += weight
        if len(known) > _MOST_VARIANTS:
            self.weight -= known.pop(0).weight
        if len(self._by_shape) > _MOST_VARIANTS:
            self.weight -= sum(each.weight for each in self._by_shape.pop(next(iter(self._by_shape))))


def _parts(shape: object) -> int:
    """How much there is of a shape, at each level of the values' names."""
    return 1 + (sum(len(each) if isinstance(each, Sized) else 1 for each in shape) if isinstance(shape, tuple) else 0)


@dataclass
class _Load:
    """How much of the cache belongs to one model."""

    count: int = 0
    weight: int = 0


_Key: TypeAlias = tuple[UUID | None, Hashable]


class PlanCache(Generic[W]):
    """Bounded by the number of requests and by their weight. The least recently used go first; no workspace may fill
    more than half of the cache, and what alone would take an eighth of it is not kept.
    """

    def __init__(self, size: int, most_bytes: int) -> None:
        self._size = size
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: OrderedDict[_Key, W] = OrderedDict()
        self._weights: dict[_Key, int] = {}  # as they were when the entry was put
        self._of_model: dict[UUID | None, _Load] = {}

    def get(self, model: Model | None, asked: Hashable) -> W | None:
        key = (model.key if model else None, asked)
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, model: Model | None, asked: Hashable, entry: W) -> None:
        """Keeps an entry; also one that is kept already, whenever it has become heavier."""
        owner = model.key if model else None
        key, weight = (owner, asked), entry.weight
        if key in self._entries:
            self._drop(key)
        if weight > self._most_bytes // 8:
            return
        load = self._of_model.setdefault(owner, _Load())
        self._entries[key], self._weights[key] = entry, weight
        self._count(load, 1, weight)
        while load.count > max(1, self._size // 2) or load.weight > self._most_bytes // 2:
            self._drop(next(key for key in self._entries if key[0] == owner))
        while len(self._entries) > self._size or self._bytes > self._most_bytes:
            self._drop(next(iter(self._entries)))

    def forget(self, model: Model) -> None:
        """Drops the plans of a model that is no longer current."""
        for key in [key for key in self._entries if key[0] == model.key]:
            self._drop(key)

    def _drop(self, key: _Key) -> None:
        del self._entries[key]
        load = self._of_model[key[0]]
        self._count(load, -1, -self._weights.pop(key))
        if not load.count:
            del self._of_model[key[0]]

    def _count(self, load: _Load, count: int, weight: int) -> None:
        load.count += count
        load.weight += weight
        self._bytes += weight
