"""Text within a block: bold, italic, struck, code and links, from and to Markdown."""

import re
from collections.abc import Iterable

from rapport.metadata.fieldtypes.base import Json

_SPAN = re.compile(
    r"\\(?P<escaped>[\\`*_{}\[\]()#+.!~>-])"
    r"|(?P<tick>`+)(?P<code>[^`]+)(?P=tick)"
    r"|\[(?P<label>[^\[\]]*)\]\((?P<href>[^()\s]+)\)"
    r"|\*\*(?P<bold>[^\s*](?:[^*]*[^\s*])?)\*\*"
    r"|__(?P<bold2>[^\s_](?:[^_]*[^\s_])?)__"
    r"|~~(?P<strike>[^\s~](?:[^~]*[^\s~])?)~~"
    r"|\*(?P<italic>[^\s*](?:[^*]*[^\s*])?)\*"
    r"|(?<!\w)_(?P<italic2>[^\s_](?:[^_]*[^\s_])?)_(?!\w)"
)
_STYLES = {"bold": "bold", "bold2": "bold", "strike": "strike", "italic": "italic", "italic2": "italic"}
_MARKS = (("bold", "**"), ("italic", "*"), ("strike", "~~"))
_NEEDS_ESCAPE = re.compile(r"([\\`*_\[\]~])")

_DEEPEST = 20  # a piece within a piece: links hold pieces, nothing known holds more

Styles = dict[str, Json]


def parse_inline(text: str) -> list[Json]:
    """The pieces of a Markdown line: `two **bold**` is a plain piece and a bold one."""
    return _pieces(text, {})


def _pieces(text: str, styles: Styles) -> list[Json]:
    result: list[Json] = []
    plain = ""
    end = 0
    for match in _SPAN.finditer(text):
        plain += text[end : match.start()]
        end = match.end()
        if match["escaped"]:
            plain += match["escaped"]
            continue
        _append(result, plain, styles)
        plain = ""
        if match["code"]:
            _append(result, match["code"], {**styles, "code": True})
        elif match["href"]:
            content = _pieces(match["label"] or match["href"], styles)
            result.append({"type": "link", "href": match["href"], "content": content})
        else:
            kind = match.lastgroup or ""
            result.extend(_pieces(match[kind], {**styles, _STYLES[kind]: True}))
    _append(result, plain + text[end:], styles)
    return result


def _append(result: list[Json], text: str, styles: Styles) -> None:
    if text:
        result.append({"type": "text", "text": text, "styles": dict(styles)})


def inline_to_markdown(content: Json, depth: int = 0) -> str:
    """The Markdown of a block's content: a list of pieces, or plain text."""
    if isinstance(content, str):
        return content
    if depth > _DEEPEST:
        return ""
    return "".join(_piece(item, depth) for item in _objects(content))


def _piece(item: dict[str, Json], depth: int) -> str:
    if item.get("type") == "link":
        return f"[{inline_to_markdown(item.get('content'), depth + 1)}]({item.get('href', '')})"
    text, styles = item.get("text"), item.get("styles")
    if not isinstance(text, str):
        return inline_to_markdown(item.get("content"), depth + 1)
    if not isinstance(styles, dict):
        styles = {}
    if styles.get("code"):
        return f"`{text}`"
    inner = text.strip()
    if not inner:
        return text
    marked = _NEEDS_ESCAPE.sub(r"\\\1", inner)
    for style, mark in _MARKS:
        if styles.get(style):
            marked = f"{mark}{marked}{mark}"
    start = text.index(inner)
    return text[:start] + marked + text[start + len(inner) :]


def _objects(content: Json) -> Iterable[dict[str, Json]]:
    return [item for item in content if isinstance(item, dict)] if isinstance(content, list) else []
