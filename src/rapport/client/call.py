"""A request to the server as a value, together with how its answer is read. Nothing here does input or output."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import IO, Any, Generic, TypeAlias, TypeGuard, TypeVar
from urllib.parse import quote
from uuid import UUID

# What a record holds is up to the workspace's data model, which no type checker knows.
Record: TypeAlias = dict[str, Any]
Records: TypeAlias = list[Record]
Values: TypeAlias = Mapping[str, object]
Content: TypeAlias = bytes | IO[bytes]

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back. The names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Repeating(Enum):
    """Whether a request may be sent again when nobody knows what became of it."""

    FREELY = "it asks, or it says how things shall be"
    WITH_KEY = "the server knows it again by its Idempotency-Key"
    NEVER = "done twice, it could do more than done once"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file of a form. An open file is read from its beginning."""

    name: str
    content: Content
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Call(Generic[T]):
    """``path`` is below the server's address. A call has ``json``, an ``upload``, ``content``, or none of these."""

    method: str
    path: str
    read: Callable[[Reply], T]
    query: tuple[tuple[str, str], ...] = ()
    json: object = None
    upload: Upload | None = None
    content: Content | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    quiet: float = 0.0  # so many seconds may always pass until the next bytes come
    repeating: Repeating = Repeating.FREELY
    if_gone: T | None = None  # what it gives when, after an answer that was lost, there is nothing any more

    def body(self) -> bytes | None:
        """The JSON of the body."""
        return None if self.json is None else encoded(self.json).encode()


def demand_content(content: Content) -> Content:
    """The content, which may have to be sent again. Raises TypeError for anything else, the name of a file above all.

    >>> demand_content("people.csv")  # type: ignore[arg-type]
    Traceback (most recent call last):
    TypeError: give a file that is open in binary mode, or bytes, not str
    """
    if isinstance(content, bytes):
        return content
    if not is_file(content):
        raise TypeError(f"give a file that is open in binary mode, or bytes, not {type(content).__name__}")
    if not content.seekable():
        raise ValueError("a file that cannot be read twice cannot be sent again: give its bytes")
    return content


def is_file(value: object) -> TypeGuard[IO[bytes]]:
    """Whether it can be read, and does not give text: such files have an encoding."""
    return hasattr(value, "read") and hasattr(value, "seekable") and not hasattr(value, "encoding")


def encoded(value: object) -> str:
    """JSON, also of dates, times and ids.

    >>> encoded({"closeDate": date(2026, 6, 30)})
    '{"closeDate":"2026-06-30"}'
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON can hold")


def below(*segments: str) -> str:
    """The path of these. What would lead somewhere else is none of them.

    >>> below("rest", "people", "a/b")
    '/rest/people/a%2Fb'
    """
    for each in segments:
        if each in ("", ".", ".."):
            raise ValueError(f"{each!r} is no id and no name")
    return "".join("/" + quote(each, safe="") for each in segments)
