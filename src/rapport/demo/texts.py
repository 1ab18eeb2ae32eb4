"""What the demo's members write. The texts are in `notes.md` and `tasks.md`, each under a line `=== <title>`.

`{company}`, `{person}` and `{deal}` stand for the names of what a text is about.
"""

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

_HEADER = re.compile(r"^=== (.+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Text:
    title: str
    body: str  # Markdown, may be empty


def load_texts(kind: Literal["notes", "tasks"]) -> tuple[Text, ...]:
    """All texts of a kind, in order."""
    source = files("rapport.demo").joinpath(f"{kind}.md").read_text(encoding="utf-8")
    _, *parts = _HEADER.split(source)
    return tuple(Text(title=title, body=body.strip()) for title, body in zip(parts[::2], parts[1::2], strict=True))
