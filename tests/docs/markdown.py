"""Reads the project's Markdown: links, headings, and what is set as code."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def prose(file: Path) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", file.read_text(encoding="utf-8"))


def links(file: Path) -> list[str]:
    return _LINK.findall(prose(file))


def anchors(file: Path) -> set[str]:
    """The fragments that lead to the headings of a file."""
    found = (re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(prose(file)))
    return set(found)


def code(file: Path) -> Iterator[str]:
    """Every line of a shell block and every code span."""
    for language, block in _FENCE.findall(file.read_text(encoding="utf-8")):
        if language == "sh":
            yield from block.splitlines()
    yield from _SPAN.findall(prose(file))
