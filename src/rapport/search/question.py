"""What a search is asked, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapport.search.scope import Scope


@dataclass(frozen=True, kw_only=True)
class Question:
    """``filter`` is plain JSON of the type `ObjectRecordFilterInput`."""

    text: str
    limit: int
    offset: int = 0
    after: str | None = None
    scope: Scope = field(default_factory=Scope)
    filter: Mapping[str, object] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A record that was found, and its place."""

    id: str
    object_name: str
    object_label: str
    label: str
    picture: str
    rank_of_all: float
    rank_of_any: float
    cursor: str


@dataclass(frozen=True, kw_only=True)
class Page:
    found: Sequence[Found] = ()
    has_next: bool = False
