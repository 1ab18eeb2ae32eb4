"""Imports: files of records, which the server takes in while nobody waits."""

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, Literal, TypeAlias, TypedDict, TypeVar

from rapport.client import reading
from rapport.client.call import (
    Call,
    Content,
    Record,
    Records,
    Repeating,
    Values,
    below,
    demand_content,
    encoded,
    is_file,
)
from rapport.client.questions import known, written

OneT = TypeVar("OneT")
ManyT = TypeVar("ManyT")

Source: TypeAlias = Content | Iterable[Values]

_MEDIA_TYPES = {"csv": "text/csv", "ndjson": "application/x-ndjson"}
_AT_REST = frozenset({"done", "failed", "cancelled", "undone"})


class Importing(TypedDict, total=False):
    """How: see the parameters of imports in the guide to export and import."""

    format: Literal["csv", "ndjson"]
    encoding: str
    mode: Literal["create", "update", "upsert"]
    match: str
    on_error: Literal["skip", "stop"]
    missing_links: Literal["error", "empty"]
    dry_run: bool
    ignore_unknown: bool
    null: str
    delimiter: Literal["comma", "semicolon", "tab"]


def importing(plural: str, source: Source, asked: Importing) -> Call[Record]:
    """Sends a file, CSV unless its format is said, or records."""
    options: dict[str, object] = {**known(asked, Importing)}
    content = _content(source)
    default = "csv" if content is source else "ndjson"
    media_type = _MEDIA_TYPES[str(options.pop("format", default))]
    if encoding := options.pop("encoding", None):
        media_type = f"{media_type}; charset={encoding}"
    return Call(
        method="POST",
        path=below("rest", plural, "import"),
        query=written(options),
        content=content,
        headers={"content-type": media_type},
        read=reading.record,
        repeating=Repeating.WITH_KEY,
    )


def is_at_rest(found: Mapping[str, object]) -> bool:
    """Whether nothing more happens to an import by itself."""
    return found["state"] in _AT_REST


class ImportCollection(Generic[OneT, ManyT]):
    def __init__(self, one: Callable[[Call[Record]], OneT], many: Callable[[Call[Records]], ManyT]) -> None:
        self._one = one
        self._many = many

    def list(self, *, first: int | None = None, offset: int | None = None) -> ManyT:
        """The latest imports first."""
        query = written({"first": first, "offset": offset})
        return self._many(Call(method="GET", path=below("rest", "imports"), query=query, read=reading.records))

    def get(self, which: str, /) -> OneT:
        """How far it is: `state`, `progress`, `created`, `updated`, `unchanged`, `failed`, and its first `errors`."""
        return self._one(self._get(which))

    def cancel(self, which: str, /) -> OneT:
        """Ends it where it is. What it has written stays, until it is undone."""
        return self._one(self._post(which, "cancel"))

    def undo(self, which: str, /) -> OneT:
        """Begins to take back what it has written."""
        return self._one(self._post(which, "undo"))

    def _get(self, which: str) -> Call[Record]:
        return Call(method="GET", path=below("rest", "imports", which), read=reading.record)

    def _post(self, which: str, verb: str) -> Call[Record]:
        path = below("rest", "imports", which, verb)
        return Call(method="POST", path=path, read=reading.record, repeating=Repeating.WITH_KEY)

    def _errors(self, which: str) -> Call[None]:
        return Call(method="GET", path=below("rest", "imports", which, "errors"), read=reading.nothing)


def _content(source: Source) -> Content:
    if isinstance(source, bytes) or is_file(source):
        return demand_content(source)
    # A mapping and a text can be iterated over, too, but what comes out are no records.
    if isinstance(source, str | Mapping) or hasattr(source, "read") or not isinstance(source, Iterable):
        raise _no_source(source)
    return b"".join(_line(each) for each in source)


def _line(row: object) -> bytes:
    if not isinstance(row, Mapping):
        raise _no_source(row)
    return encoded(row).encode() + b"\n"


def _no_source(given: object) -> TypeError:
    message = "give a file that is open in binary mode, bytes, or an iterable of mappings"
    return TypeError(f"{message}: {type(given).__name__} is none of these")
