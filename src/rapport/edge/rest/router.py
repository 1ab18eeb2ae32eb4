"""Which handler answers which method at which path."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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

    def route(self, method: str) -> Route | None:
        return self.routes.get("GET" if method == "HEAD" else method)

    @property
    def allowed(self) -> tuple[str, ...]:
        """The methods of the place: `GET, HEAD, OPTIONS`"""
        head = ("HEAD",) if "GET" in self.routes else ()
        return (*self.routes, *head, "OPTIONS")

    def match(self, segments: Sequence[str]) -> Mapping[str, str] | None:
        """The values of what is in braces; None when the path is another one."""
        steps = self.path.split("/")
        if len(steps) != len(segments):
            return None
        values: dict[str, str] = {}
        for step, segment in zip(steps, segments, strict=True):
            if step.startswith("{") and segment:
                values[step[1:-1]] = segment
            elif step != segment:
                return None
        return values


class Router:
    """Finds places by path. One with a word where another has braces goes first."""

    def __init__(self, routes: Iterable[Route]) -> None:
        places: dict[str, Place] = {}
        for route in routes:
            place = places.setdefault(route.path, Place(path=route.path))
            for method in route.methods:
                if place.routes.setdefault(method, route) is not route:
                    raise ValueError(f"{method} {route.path} has two handlers")
        self._places = sorted(places.values(), key=lambda each: [step.startswith("{") for step in each.path.split("/")])

    def find(self, segments: Sequence[str]) -> tuple[Place, Mapping[str, str]] | None:
        """The place at a path and the values of what is in braces; None when there is none."""
        for place in self._places:
            values = place.match(segments)
            if values is not None:
                return place, values
        return None
