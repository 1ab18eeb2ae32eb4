"""Compiled requests, remembered by what decides a plan: the data model, what is asked, and the shape of its values."""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from rapport.edge.graphql.model import Model
from rapport.engine.inputs import Bakes

_MOST_VARIANTS = 64  # of one request with values of one shape

T = TypeVar("T")


@dataclass
class _Variant(Generic[T]):
    bakes: Bakes
    key: tuple[object, ...]
    compiled: T


class Variants(Generic[T]):
    """What one request was compiled to, for values of different shapes."""

    def __init__(self) -> None:
        self._by_shape: dict[object, list[_Variant[T]]] = {}

    def find(self, shape: object, values: Mapping[str, object]) -> T | None:
        for variant in self._by_shape.get(shape, ()):
            if variant.bakes.key(values) == variant.key:
                return variant.compiled
        return None

    def remember(self, shape: object, values: Mapping[str, object], bakes: Bakes, compiled: T) -> None:
        """``bakes``: what of the values, beside their shape, the plan was made for."""
        known = self._by_shape.setdefault(shape, [])
        known.append(_Variant(bakes, bakes.key(values), compiled))
        if len(known) > _MOST_VARIANTS:
            del known[0]
        if len(self._by_shape) > _MOST_VARIANTS:
            del self._by_shape[next(iter(self._by_shape))]


class PlanCache(Generic[T]):
    """The least recently used requests go first; no workspace may fill more than half of the cache."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._share = max(1, size // 2)
        self._entries: OrderedDict[tuple[UUID | None, Hashable], T] = OrderedDict()
        self._of_model: dict[UUID | None, int] = {}

    def get(self, model: Model | None, asked: Hashable) -> T | None:
        key = (model.key if model else None, asked)
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, model: Model | None, asked: Hashable, entry: T) -> None:
        owner = model.key if model else None
        self._entries[(owner, asked)] = entry
        self._of_model[owner] = self._of_model.get(owner, 0) + 1
        if self._of_model[owner] > self._share:
            self._evict(next(key for key in self._entries if key[0] == owner))
        elif len(self._entries) > self._size:
            self._evict(next(iter(self._entries)))

    def forget(self, model: Model) -> None:
        """Drops the plans of a model that is no longer current."""
        for key in [key for key in self._entries if key[0] == model.key]:
            self._evict(key)

    def _evict(self, key: tuple[UUID | None, Hashable]) -> None:
        del self._entries[key]
        owner = key[0]
        self._of_model[owner] -= 1
        if not self._of_model[owner]:
            del self._of_model[owner]
