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
    """``path`` is below `/rest`: `metadata/objects/{id}`, in braces what stands for any one segment.

    What an `Idempotency-Key` needs to know (see idempotency/): ``is_atomic`` when all that is changed, if anything, is
    changed by ``RestRequest.once`` where there is one; ``is_streamed`` when the handler reads the body as it comes.
    """

    methods: tuple[str, ...]
    path: str
    handler: Handler
    is_public: bool = False  # without a token, too
    is_atomic: bool = False
    is_streamed: bool = False


@dataclass(frozen=True, kw_only=True)
class Place:
    """All routes of one path."""

    path: str
    routes: dict[str, Route] = field(default_factory=dict)  # by method

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


@dataclass
class _Node:
    """What can follow a part of a path."""

    words: dict[str, "_Node"] = field(default_factory=dict)
    any: "_Node | None" = None  # whatever it is
    place: Place | None = None  # of a path that ends here

    def find(self, segments: Sequence[str], at: int = 0) -> Place | None:
        if at == len(segments):
            return self.place
        segment = segments[at]
        node = self.words.get(segment)
        found = None if node is None else node.find(segments, at + 1)
        if found is None and self.any is not None and segment:
            found = self.any.find(segments, at + 1)
        return found


class Router:
    """Finds places by path. One with a word where another has braces goes first."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            node = self._root
            for step in route.path.split("/"):
                if step.startswith("{"):
                    node.any = node.any or _Node()
                    node = node.any
                else:
                    node = node.words.setdefault(step, _Node())
            node.place = node.place or Place(path=route.path)
            if node.place.path != route.path:
                raise ValueError(f"{node.place.path} and {route.path} are one path")
            for method in route.methods:
                if node.place.routes.setdefault(method, route) is not route:
                    raise ValueError(f"{method} {route.path} has two handlers")

    def find(self, segments: Sequence[str]) -> tuple[Place, Mapping[str, str]] | None:
        """The place at a path and the values of what is in braces; None when there is none."""
        place = self._root.find(segments)
        return None if place is None else (place, {name: segments[at] for at, name in place.names})
