"""An area: some system operations with their part of the SDL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from rapport.access.request import Resolver, Source


@dataclass(frozen=True, kw_only=True)
class Area:
    """``sdl`` declares the operations; their ``resolvers``, and ``sources`` for those of Subscription, by name."""

    sdl: str
    resolvers: Mapping[str, Resolver] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)


def read_sdl(package: str, file: str = "schema.graphql") -> str:
    """The SDL in an area's package."""
    return files(package).joinpath(file).read_text(encoding="utf-8")
