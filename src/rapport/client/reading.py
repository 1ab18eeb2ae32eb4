"""How answers are read."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from rapport.client.call import Record, Records, Reply
from rapport.client.errors import error_of_graphql, unreadable


@dataclass(frozen=True, kw_only=True)
class PageInfo:
    """Where a page stands. The cursors are for ``after`` and ``before`` of another."""

    has_next_page: bool = False
    has_previous_page: bool = False
    start_cursor: str | None = None
    end_cursor: str | None = None


@dataclass(frozen=True, kw_only=True)
class Page(Sequence[Record]):
    """Some records of a list. ``total_count`` is the number of all of them, where the server counts."""

    records: Records
    page_info: PageInfo = PageInfo()
    total_count: int | None = None

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Records: ...
    def __getitem__(self, index: int | slice) -> Record | Records:
        return self.records[index]

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)


def record(reply: Reply) -> Record:
    """`{"data": {"createPerson": {…}}}` is the person."""
    found = _within(reply)
    if not isinstance(found, dict):
        raise unreadable(reply)
    return found


def records(reply: Reply) -> Records:
    """`{"data": {"createPeople": […]}}` are the people."""
    return _records(_within(reply), reply)


def page(reply: Reply) -> Page:
    """`{"data": {"people": […]}, "totalCount": 3, "pageInfo": {…}}`"""
    return _page(_object(reply), _within(reply), reply)


def duplicates(reply: Reply) -> list[Page]:
    """`{"data": [{"totalCount": 1, "pageInfo": {…}, "personDuplicates": […]}]}`"""
    return [
        _page(each, next((value for key, value in each.items() if key.endswith("Duplicates")), None), reply)
        for each in _records(_object(reply).get("data"), reply)
    ]


def bare(reply: Reply) -> Record:
    """`{…}`"""
    return _object(reply)


def bare_list(reply: Reply) -> Records:
    """`[{…}]`"""
    return _records(_json(reply), reply)


def content(reply: Reply) -> bytes:
    """The body as it is."""
    return reply.body


def nothing(_reply: Reply) -> None:
    """What is still to come is not for here."""


def data(reply: Reply) -> Record:
    """`{"data": {…}}` of GraphQL; with errors beside it, it is none."""
    found = _object(reply)
    if isinstance(errors := found.get("errors"), list) and errors:
        raise error_of_graphql(errors, reply)
    inner = found.get("data")
    if not isinstance(inner, dict):
        raise unreadable(reply)
    return inner


def _json(reply: Reply) -> Any:  # noqa: ANN401  # JSON
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        raise unreadable(reply) from None


def _object(reply: Reply) -> Record:
    found = _json(reply)
    if not isinstance(found, dict):
        raise unreadable(reply)
    return found


def _within(reply: Reply) -> object:
    """The value of the first key of `data`, which is named after the object or the operation."""
    inner = _object(reply).get("data")
    if not isinstance(inner, dict) or not inner:
        raise unreadable(reply)
    return next(iter(inner.values()))


def _records(found: object, reply: Reply) -> Records:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise unreadable(reply)
    return found


def _page(around: Record, found: object, reply: Reply) -> Page:
    info = around.get("pageInfo")
    if not isinstance(info, dict):
        raise unreadable(reply)
    return Page(
        records=_records(found, reply),
        page_info=PageInfo(
            has_next_page=bool(info.get("hasNextPage")),
            has_previous_page=bool(info.get("hasPreviousPage")),
            start_cursor=info.get("startCursor"),
            end_cursor=info.get("endCursor"),
        ),
        total_count=around.get("totalCount"),
    )
