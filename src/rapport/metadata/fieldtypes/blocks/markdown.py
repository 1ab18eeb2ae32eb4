"""Blocks to Markdown."""

from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.blocks.inline import inline_to_markdown

_LIST_ITEMS = frozenset({"bulletListItem", "numberedListItem", "checkListItem", "toggleListItem"})
_DEEPEST = 50


def blocks_to_markdown(blocks: Json) -> str:
    """The Markdown of a list of blocks. Blocks of unknown kinds give their text; nothing here can fail."""
    return "\n\n".join(_chunks(blocks, 0))


def _chunks(blocks: Json, depth: int) -> list[str]:
    """Top-level pieces of Markdown; the items of one list are one piece."""
    chunks: list[str] = []
    last_kind: Json = None
    number = 0
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, dict):
            continue
        kind = block.get("type")
        number = _number(block, number if last_kind == kind else 0)
        text = _block(block, kind, number, depth)
        if kind in _LIST_ITEMS and last_kind in _LIST_ITEMS:
            chunks[-1] += "\n" + text
        elif text:
            chunks.append(text)
        else:
            kind = None
        last_kind = kind
    return chunks


def _number(block: dict[str, Json], last: int) -> int:
    start = _prop(block, "start")
    return start if isinstance(start, int) and not last else last + 1


def _block(block: dict[str, Json], kind: Json, number: int, depth: int) -> str:
    text = inline_to_markdown(block.get("content"))
    level = _prop(block, "level")
    match kind:
        case "heading":
            text = f"{'#' * (level if isinstance(level, int) and 1 <= level <= 6 else 1)} {text}"
        case "bulletListItem" | "toggleListItem":
            text = f"- {text}"
        case "numberedListItem":
            text = f"{number}. {text}"
        case "checkListItem":
            text = f"- [{'x' if _prop(block, 'checked') else ' '}] {text}"
        case "quote":
            text = f"> {text}"
        case "codeBlock":
            language = _prop(block, "language")
            label = language if isinstance(language, str) and language != "text" else ""
            text = f"```{label}\n{_plain(block.get('content'))}\n```"
        case "divider":
            text = "---"
        case "image" | "file" | "video" | "audio":
            mark = "!" if kind == "image" else ""
            text = f"{mark}[{_prop(block, 'name') or ''}]({_prop(block, 'url') or ''})"
    if depth >= _DEEPEST:
        return text
    children = "\n\n".join(_chunks(block.get("children"), depth + 1))
    if not children:
        return text
    if kind in _LIST_ITEMS:
        indent = " " * (len(str(number)) + 2 if kind == "numberedListItem" else 2)
        return text + "\n" + "\n".join(indent + line if line else line for line in children.split("\n"))
    return f"{text}\n\n{children}" if text else children


def _plain(content: Json) -> str:
    if isinstance(content, str):
        return content
    items = content if isinstance(content, list) else []
    texts = (item.get("text") for item in items if isinstance(item, dict))
    return "".join(text for text in texts if isinstance(text, str))


def _prop(block: dict[str, Json], name: str) -> Json:
    props = block.get("props")
    return props.get(name) if isinstance(props, dict) else None
