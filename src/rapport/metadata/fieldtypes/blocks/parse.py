"""Markdown to blocks: headings, paragraphs, lists (bulleted, numbered, to do), quotes, code blocks, rules."""

import re
from collections.abc import Iterator

from rapport.base.ids import new_id
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.blocks.inline import parse_inline

_STYLE: dict[str, Json] = {"textColor": "default", "backgroundColor": "default", "textAlignment": "left"}
# Each pattern can match a line in one way only, so that no line, however long, makes them try many.
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:(?P<bullet>[-*+])|(?P<number>\d{1,9})[.)])[ \t]+(?P<text>.*)")
_CHECK = re.compile(r"\[(?P<mark>[ xX])\][ \t]+(?P<text>.*)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_DEEPEST = 8

Block = dict[str, Json]


def markdown_to_blocks(markdown: str) -> list[Json]:
    """The blocks of a Markdown text; text that follows no known form is a paragraph, so nothing is lost."""
    roots: list[Json] = []
    # Open list items, outermost first, with their indents: a deeper item becomes a child of the last of them.
    open_items: list[tuple[int, Block]] = []
    for indent, block in _blocks(markdown.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if indent is None:
            open_items.clear()
            roots.append(block)
            continue
        while open_items and open_items[-1][0] >= indent:
            open_items.pop()
        if open_items:
            children = open_items[-1][1]["children"]
            assert isinstance(children, list)
            children.append(block)
        else:
            roots.append(block)
        if len(open_items) < _DEEPEST:
            open_items.append((indent, block))
    return roots


def _blocks(lines: list[str]) -> Iterator[tuple[int | None, Block]]:
    """Blocks in order; list items come with their indent."""
    paragraph: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        special = line.strip() == "" or _starts_block(line)
        if not special:
            paragraph.append(line.strip())
            continue
        if paragraph:
            yield None, _block("paragraph", "\n".join(paragraph))
            paragraph = []
        if fence := _FENCE.fullmatch(line):
            end = _fence_end(lines, index, fence[1])
            yield None, _code("\n".join(lines[index:end]), fence[2].strip().split(" ")[0])
            index = end + 1
        elif line.strip():
            yield _line_block(line)
    if paragraph:
        yield None, _block("paragraph", "\n".join(paragraph))


def _starts_block(line: str) -> bool:
    patterns = (_HEADING, _ITEM, _FENCE, _RULE)
    return line.lstrip().startswith(">") or any(pattern.fullmatch(line) for pattern in patterns)


def _fence_end(lines: list[str], start: int, fence: str) -> int:
    for index in range(start, len(lines)):
        stripped = lines[index].strip()
        if stripped.startswith(fence) and not stripped.strip(fence[0]):
            return index
    return len(lines)


def _line_block(line: str) -> tuple[int | None, Block]:
    if heading := _HEADING.fullmatch(line):
        # The editor knows three levels.
        text = heading[2].strip()
        unmarked = text.rstrip("#")
        title = unmarked.rstrip() if unmarked.endswith(" ") else text
        return None, _block("heading", title, level=min(len(heading[1]), 3))
    if _RULE.fullmatch(line):
        return None, {"id": str(new_id()), "type": "divider", "props": {}, "children": []}
    if item := _ITEM.fullmatch(line):
        indent = len(item["indent"].expandtabs(4))
        if check := _CHECK.fullmatch(item["text"]):
            return indent, _block("checkListItem", check["text"], checked=check["mark"] != " ")
        if item["number"] is not None:
            number = int(item["number"])
            return indent, _block("numberedListItem", item["text"], **({} if number == 1 else {"start": number}))
        return indent, _block("bulletListItem", item["text"])
    return None, _block("quote", line.lstrip().removeprefix(">").strip())


def _block(kind: str, text: str, **props: Json) -> Block:
    return {
        "id": str(new_id()),
        "type": kind,
        "props": {**_STYLE, **props},
        "content": parse_inline(text),
        "children": [],
    }


def _code(text: str, language: str) -> Block:
    content: list[Json] = [{"type": "text", "text": text, "styles": {}}] if text else []
    props: dict[str, Json] = {"language": language or "text"}
    return {"id": str(new_id()), "type": "codeBlock", "props": props, "content": content, "children": []}
