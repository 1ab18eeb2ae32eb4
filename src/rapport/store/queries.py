"""Named queries: fixed SQL is kept in `.sql` files, each statement under a `-- name: find_user_by_email` header."""

import re
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

_HEADER = re.compile(r"^-- name: *([a-z][a-z0-9_]*) *$", re.MULTILINE)


def load(package: str, folder: str = "sql") -> Mapping[str, str]:
    """All statements in the `.sql` files of a package's folder, or of one file: `load("rapport.store", "migrate.sql")`.

    Raises ValueError when two statements have one name or a file has text before its first header.
    """
    place = files(package).joinpath(folder)
    sources = [place] if place.is_file() else sorted(place.iterdir(), key=lambda entry: entry.name)
    queries: dict[str, str] = {}
    for source in sources:
        if not source.name.endswith(".sql"):
            continue
        for name, text in _split(source.read_text(encoding="utf-8"), source.name):
            if name in queries:
                raise ValueError(f"{package}: two queries are named {name}")
            queries[name] = text
    return MappingProxyType(queries)


def _split(text: str, file: str) -> list[tuple[str, str]]:
    """`"-- name: one\\nselect 1;"` → `[("one", "select 1")]`"""
    before, *parts = _HEADER.split(text)
    if any(line.strip() and not line.startswith("--") for line in before.splitlines()):
        raise ValueError(f"{file}: SQL before the first `-- name:` header")
    return [(name, body.strip().rstrip(";").rstrip()) for name, body in zip(parts[::2], parts[1::2], strict=True)]
