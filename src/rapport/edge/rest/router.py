"""Which handler answers which method at which path."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from rapport.edge.answer import Answer
from rapport.edge.rest.request import RestRequest

Handler: TypeAlias = Callable[[RestRequest], Awaitable[Answer]]


@dataclass(frozen=True, kw_only=True)
class Route:
    """``path`` is below `/rest`: `metadata/objects/{id}`, in braces what stands for any one segment."""

    methods: tuple[str, ...]
    path: str
    handler: Handler
    is_public: bool = False  # without a token, too


@dataclass(frozen=True, kw_only=True)
class Place:
    """All routes of one path."""

    path: str
    routes: dict[str, Route] = field(default_factory=dict)  # by method

    @cached_property
    def words(self) -> tuple[str | None, ...]:
        """Of each segment the word that must be there; None where any may be."""
        return tuple(None if step.startswith("{") else step for step in self.path.split("/"))

    @cached_property
    def names(self) -> tuple[tuple[int, str], ...]:
        """Which segments may be any, and their names."""
        return tuple((at, step[1:-1]) for at, step in enumerate(self.path.split("/")) if step.startswith("{"))

    def route(self, method: str) -> Route | None:
        return self.routes.get("GET" if method == "HEAD" else method)

    @property
    def allowed(self) -> tuple[str, ...]:
        """The methods of the place: `GET, HEAD, OPTIONS`"""
        head = ("HEAD",) if "GET" in self.routes else ()
        return (*self.routes, *head, "OPTIONS")


class Router:
    """Finds places by path. One with a word where another has braces goes first."""

    def __init__(self, routes: Iterable[Route]) -> None:
        places: dict[str, Place] = {}
        for route in routes:
            place = places.setdefault(route.path, Place(path=route.path))
            for method in route.methods:
                if place.routes.setdefault(method, route) is not route:
                    raise ValueError(f"{method} {route.path} has two handlers")
        self._places = {place.words: place for place in places.values()}
        # Which segments are words, in the order in which to look; by the number of segments.
        self._kinds: dict[int, list[tuple[bool, ...]]] = {}
        for kind in sorted({tuple(word is not None for word in words) for words in self._places}, reverse=True):
            self._kinds.setdefault(len(kind), []).append(kind)

    def find(self, segments: Sequence[str]) -> tuple[Place, Mapping[str, str]] | None:
        """The place at a path and the values of what is in braces; None when there is none."""
        for kind in self._kinds.get(len(segments), ()):
            words = tuple(segment if is_word else None for is_word, segment in zip(kind, segments, strict=True))
            place = self._places.get(words)
            if place is not None and all(segments[at] for at, _ in place.names):
                return place, {name: segments[at] for at, name in place.names}
        return None
