"""The string form of filters: `or(stage[eq]:NEW,and(amount.amountMicros[gt]:5,name[ilike]:"%x%"))` (core-api.md §4.3).

A value with a comma, a parenthesis or a bracket in it is put in quotes. A quote inside of a value, as in
`name[eq]:O'Neil`, is a character like others.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from rapport.edge.misuse import BadRequest

Tree = dict[str, object]

LIST_OPERATORS = frozenset({"in", "nin", "containsAny"})

_TOLD = ("eq", "neq", "in", "containsAny", "is", "gt", "gte", "lt", "lte", "startsWith", "like", "ilike")
_OPERATORS = LIST_OPERATORS | {*_TOLD, "endsWith", "containsIlike", "isEmptyArray", "search"}
_GROUP = re.compile(r"\s*(and|or|not)\s*\(")
_LEAF = re.compile(r"\s*([^\s\[\]():,\"']+)\s*\[([^\[\]]*)\]\s*:(.*)", re.DOTALL)
_MARK = re.compile(r"[\"'(),\[\]:]|[^\s\"'(),\[\]:]+")
_CLOSING = {mark: re.compile(rf"{mark}(?=\s*(?:[,)\]]|\Z))") for mark in "\"'"}
_DEEPEST = 50
_SHOWN = 80  # characters of what the client sent


class InvalidFilter(BadRequest):
    """The filter cannot be understood."""

    sub_code = "INVALID_ARGS_FILTER"


def read_filter_text(text: str) -> Tree:
    """The filter as GraphQL has it, but all values are texts. Raises InvalidFilter.

    >>> read_filter_text('city[eq]:Paris,not(name.firstName[in]:["A, B",C])')
    {'and': [{'city': {'eq': 'Paris'}}, {'not': {'name': {'firstName': {'in': ['A, B', 'C']}}}}]}
    """
    return _Reader(text).read()


def read_list(text: str) -> list[str]:
    """The texts of a list, with or without brackets around it.

    >>> read_list('["a, b",c]'), read_list("a,b"), read_list("[]")
    (['a, b', 'c'], ['a', 'b'], [])
    """
    inner = text.strip()
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    if not inner.strip():
        return []
    marks = _Marks(inner)
    borders = [-1, *(place for place, mark in marks.after(0, previous=",") if mark == ","), len(inner)]
    return [_unquoted(inner[start + 1 : end]) for start, end in pairwise(borders)]


def nested(path: str, value: object) -> Tree:
    """`("name.firstName", 5)` → `{"name": {"firstName": 5}}`"""
    *outer, last = path.split(".")
    found: Tree = {last: value}
    for step in reversed(outer):
        found = {step: found}
    return found


class _Marks:
    """The marks of a text that mean something: those in quotes mean nothing."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = {mark: [each.start() for each in pattern.finditer(text)] for mark, pattern in _CLOSING.items()}

    def after(self, start: int, *, previous: str = "") -> Iterator[tuple[int, str]]:
        """Places and marks. A quote begins where a value does: after a colon, or in a list (after ``previous``)."""
        while found := _MARK.search(self._text, start):
            mark, start = found[0], found.end()
            if mark in self._ends and previous in (":", "[", ","):
                ends = self._ends[mark]
                index = bisect_left(ends, start)
                if index < len(ends):
                    start, previous = ends[index] + 1, mark
                    continue
            previous = mark
            yield found.start(), mark


@dataclass
class _Group:
    word: str
    items: list[Tree] = field(default_factory=list)

    def tree(self) -> Tree:
        if self.word == "not":
            return {"not": _joined(self.items)}
        return {self.word: self.items}


class _Reader:
    """Reads one filter, from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._marks = _Marks(text)
        self._place = 0

    def read(self) -> Tree:
        self._check_balance()
        groups = [_Group("")]
        while True:
            opened = _GROUP.match(self._text, self._place)
            if opened:
                groups.append(_Group(opened[1]))
                self._place = opened.end()
                if len(groups) > _DEEPEST:
                    raise InvalidFilter(f"'filter' invalid. Conditions may be nested {_DEEPEST} deep at most")
                continue
            groups[-1].items.append(self._leaf())
            while self._takes(")"):
                if len(groups) == 1:
                    raise _bad_leaf(self._text)
                done = groups.pop()
                groups[-1].items.append(done.tree())
            if not self._takes(","):
                break
        if self._text[self._place :].strip() or len(groups) > 1:
            raise _bad_leaf(self._text[self._place :] or self._text)
        return _joined(groups[0].items)

    def _takes(self, mark: str) -> bool:
        while self._text[self._place : self._place + 1].isspace():
            self._place += 1
        if self._text[self._place : self._place + 1] != mark:
            return False
        self._place += 1
        return True

    def _leaf(self) -> Tree:
        """`field[operator]:value`"""
        start, self._place = self._place, self._end_of_leaf()
        leaf = self._text[start : self._place]
        parts = _LEAF.fullmatch(leaf)
        if parts is None:
            raise _bad_leaf(leaf)
        path, operator, value = parts.groups()
        if operator not in _OPERATORS:
            raise InvalidFilter(
                f"'filter' invalid for '{_shown(leaf)}', comparator {_shown(operator)} not in {', '.join(_TOLD)}"
            )
        return nested(path, {operator: _value(operator, value)})

    def _end_of_leaf(self) -> int:
        """Where the comma or parenthesis stands that ends it."""
        inside: list[str] = []  # what is open within the value
        for place, mark in self._marks.after(self._place):
            if mark == "[":
                inside.append("]")
            elif inside and mark == inside[-1]:
                inside.pop()
            elif inside and inside[-1] == "]":
                continue
            elif mark == "(":
                inside.append(")")
            elif not inside and mark in (",", ")"):
                return place
        return len(self._text)

    def _check_balance(self) -> None:
        marks = [mark for _, mark in self._marks.after(0)]
        missing = marks.count("(") - marks.count(")")
        if missing:
            kind, count = ("close" if missing > 0 else "open"), abs(missing)
            are = "bracket is" if count == 1 else "brackets are"
            raise InvalidFilter(f"'filter' invalid. {count} {kind} {are} missing in the query")


def _value(operator: str, text: str) -> object:
    if operator not in LIST_OPERATORS:
        return _unquoted(text)
    stripped = text.strip()
    if not (stripped.startswith("[") and stripped.endswith("]")):
        raise InvalidFilter(
            f"'filter' invalid for '{operator}' operator. Received '{_shown(stripped)}' but array value expected"
            f" eg: 'field[{operator}]:[value_1,value_2]'"
        )
    return read_list(stripped)


def _unquoted(text: str) -> str:
    stripped = text.strip()
    if len(stripped) > 1 and stripped[0] in "\"'" and stripped[0] == stripped[-1]:
        return stripped[1:-1]
    return stripped


def _joined(items: list[Tree]) -> Tree:
    return items[0] if len(items) == 1 else {"and": items}


def _bad_leaf(leaf: str) -> InvalidFilter:
    return InvalidFilter(f"'filter' invalid for '{_shown(leaf)}'. eg: price[gte]:10")


def _shown(text: str) -> str:
    stripped = text.strip()
    return stripped if len(stripped) <= _SHOWN else stripped[:_SHOWN] + "…"
