"""YAML as a tree of values with their lines. Files may come from anywhere, so only what models need is understood.

No aliases (a file of a kilobyte can stand for a gigabyte), no tags, no second document, no key twice. Unquoted values
are those of YAML 1.2: `no`, `on` and `1:30` are texts.
"""

import math
import re
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

import yaml

from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.model_file.errors import Fault, InvalidModelFile

MOST_BYTES = 4_000_000
DEEPEST = 20
_LONGEST_NUMBER = 40

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times faster
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
Scalar: TypeAlias = None | bool | int | float | str
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

Value: TypeAlias = "None | bool | int | float | str | list[Node] | dict[str, Node]"


@dataclass(frozen=True)
class Node:
    """A value and the line that it, or its key, is in."""

    value: Value
    line: int

    def plain(self) -> Json:
        match self.value:
            case list():
                return [node.plain() for node in self.value]
            case dict():
                return {key: node.plain() for key, node in self.value.items()}
        return self.value


@dataclass
class _Open:
    """A list or a mapping that is not complete yet."""

    value: list[Node] | dict[str, Node]
    line: int
    key: str | None = None
    key_line: int = 0


@dataclass
class _Builder:
    open: list[_Open] = field(default_factory=list)
    root: Node | None = None

    def put(self, value: Value, line: int) -> None:
        if not self.open:
            self.root = Node(value, line)
            return
        parent = self.open[-1]
        if isinstance(parent.value, list):
            parent.value.append(Node(value, line))
        elif parent.key is not None:
            parent.value[parent.key] = Node(value, parent.key_line)
            parent.key = None
        elif not isinstance(value, str):
            _refuse(line, "a key must be a name; if it is meant to be a text, put it in quotes")
        elif value in parent.value:
            _refuse(line, f'"{value[:100]}" is there twice, first in line {parent.value[value].line}')
        else:
            parent.key, parent.key_line = value, line

    def begin(self, value: list[Node] | dict[str, Node], line: int) -> None:
        if len(self.open) >= DEEPEST:
            _refuse(line, f"more than {DEEPEST} levels of nesting")
        parent = self.open[-1] if self.open else None
        if parent is not None and isinstance(parent.value, dict) and parent.key is None:
            _refuse(line, "a key must be a name")
        self.open.append(_Open(value, line))

    def end(self) -> None:
        done = self.open.pop()
        self.put(done.value, done.line)


def read_yaml(source: bytes) -> Node:
    """The tree of a file; raises InvalidModelFile."""
    if len(source) > MOST_BYTES:
        _refuse(1, f"the file is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(source[: error.start].count(b"\n") + 1, "the file is not UTF-8")
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            _take(builder, event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _refuse(mark.line + 1 if mark else 1, error.problem or "not YAML")
    except yaml.YAMLError as error:
        _refuse(text[: getattr(error, "position", 0)].count("\n") + 1, str(getattr(error, "reason", "not YAML")))
    if builder.root is None:
        _refuse(1, "the file is empty")
    return builder.root


def resolved(text: str) -> Scalar:
    """What an unquoted text stands for.

    >>> resolved("12"), resolved("-.5"), resolved("1e3"), resolved("true"), resolved("no"), resolved("~")
    (12, -0.5, 1000.0, True, 'no', None)
    """
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _LONGEST_NUMBER:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
    return text


def _take(builder: _Builder, event: yaml.Event) -> None:
    line = event.start_mark.line + 1 if event.start_mark is not None else 1
    match event:
        case yaml.AliasEvent():
            _refuse(line, "aliases (*name) are not supported")
        case yaml.DocumentStartEvent() if builder.root is not None:
            _refuse(line, "there is a second document")
        case yaml.NodeEvent() if event.anchor is not None:
            _refuse(line, "anchors (&name) are not supported; if it is meant to be a text, put it in quotes")
    match event:
        case yaml.ScalarEvent():
            _check_tag(event.tag, line)
            # implicit: whether the tag may be left out of the text as it is, and of the text in quotes
            builder.put(resolved(event.value) if event.implicit[0] else event.value, line)
        case yaml.MappingStartEvent():
            _check_tag(event.tag, line)
            builder.begin({}, line)
        case yaml.SequenceStartEvent():
            _check_tag(event.tag, line)
            builder.begin([], line)
        case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
            builder.end()


def _check_tag(tag: str | None, line: int) -> None:
    if tag is not None:
        _refuse(line, "tags (!name) are not supported; if it is meant to be a text, put it in quotes")


def _refuse(line: int, message: str) -> NoReturn:
    raise InvalidModelFile([Fault(line=line, place="", message=message)])
