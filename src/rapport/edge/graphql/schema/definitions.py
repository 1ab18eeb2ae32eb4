"""Definitions of types as SDL text, each name once."""

import json
from collections.abc import Iterable


class Definitions:
    """The definitions of one schema, in the order in which they are added."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._texts

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._texts)

    @property
    def sdl(self) -> str:
        return "\n".join(self._texts.values())

    def add(self, kind: str, name: str, members: Iterable[str], description: str | None = None) -> None:
        """A type with members, one a line. A name that is taken stays as it is: a schema must not define it twice."""
        if name not in self._texts:
            lines = "".join(f"  {member}\n" for member in members)
            body = f" {{\n{lines}}}" if lines else ""  # the roots of a workspace that has no objects yet
            self._texts[name] = f"{described(description)}{kind} {name}{body}\n"


def described(description: str | None, indent: str = "") -> str:
    """A description to stand before a definition.

    >>> described('The "first" name')
    '"The \\\\"first\\\\" name"\\n'
    """
    # A string of JSON is a string of GraphQL too.
    return f"{json.dumps(description, ensure_ascii=False)}\n{indent}" if description else ""


def member(definition: str, description: str | None) -> str:
    """A field or an enum value with its description above it."""
    return described(description, "  ") + definition
