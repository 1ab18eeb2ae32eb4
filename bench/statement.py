"""A statement as the server runs it, told to pgbench.

Parameters stay parameters, so that PostgreSQL prepares and plans the same. Where a value has to differ each time, the
mark in it is replaced by PostgreSQL itself, which costs a microsecond or so in pgbench's disfavour.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

from bench.templates import RANDOM, SERIAL, WIDTH

_PARAMETER = re.compile(r"\$(\d+)::([a-z0-9]+(?:\(\d+\))?(?:\[\])?)")
# Where text ends and code begins: quoted names, string constants (the engine writes no other kind), and the rest.
_PIECES = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """SQL with `$1` …, and the values as the server bound them."""

    sql: str
    values: tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class Script:
    """A pgbench script and the variables (`-D`) that it counts on."""

    text: str
    variables: dict[str, str]


def script(statement: Statement, *, random_most: int, fresh_ids: bool = False, moment_ms: int = 0) -> Script:
    """The statement as a script. Whoever runs it sets the variable `first` (see ``first_serial``).

    ``fresh_ids``: the rows of a JSON parameter get ids of the given moment, as the server makes them.
    """
    variables: dict[str, str] = {}
    for number, value in enumerate(statement.values, 1):
        if value is not None:
            text = as_text(value)
            is_rows = fresh_ids and text.startswith("[{")
            variables[f"p{number}"] = with_fresh_ids(text, moment_ms) if is_rows else text

    def parameter(match: re.Match[str]) -> str:
        name, kind = f"p{match[1]}", match[2]
        if name not in variables:
            return f"null::{kind}"
        reference = f":{name}"
        for mark, variable in ((SERIAL, "serial"), (RANDOM, "random")):
            if mark in variables[name]:
                reference = f"replace({reference}, '{mark}', lpad(:{variable}, {WIDTH}, '0'))"
        return f"{reference}::{kind}"

    pieces = _PIECES.split(statement.sql)
    written = "".join(
        _protected(piece) if index % 2 else _PARAMETER.sub(parameter, piece) for index, piece in enumerate(pieces)
    )
    if any(re.search(r"\$\d", piece) for piece in map(partial(_PARAMETER.sub, ""), pieces[::2])):
        raise ValueError("a parameter of the statement has no type")
    settings = []
    if any(RANDOM in text for text in variables.values()):
        settings.append(f"\\set random random(1, {random_most})")
    if any(SERIAL in text for text in variables.values()):
        settings += ["\\set count :count + 1", "\\set serial :first + :client_id * 1000000 + :count"]
        variables |= {"count": "0"}
    return Script(text="\n".join([*settings, f"{written};"]) + "\n", variables=variables)


def first_serial(turn: int, client: int = 0) -> int:
    """Where a client's serials begin in a turn, so that no two ever make the same one."""
    return turn * 1_000_000_000 + client * 1_000_000


def _protected(piece: str) -> str:
    """A constant in which pgbench finds no variable: it takes `:name` for one wherever it stands."""
    if not re.search(r":\w", piece):
        return piece
    if piece.startswith('"'):
        raise ValueError(f"pgbench would take a part of the name {piece} for a variable")
    return "E" + re.sub(r":(?=\w)", r"\\x3a", piece.replace("\\", "\\\\"))


def as_text(value: object) -> str:
    """A value of the driver as PostgreSQL reads it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float() | Decimal() | UUID():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return f"\\x{value.hex()}"
        case list() | tuple():
            return "{" + ",".join(_element(each) for each in value) + "}"
    raise TypeError(f"no text for a parameter of type {type(value).__name__}")


def _element(value: object) -> str:
    if value is None:
        return "null"
    return '"' + as_text(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def with_fresh_ids(rows: str, moment_ms: int) -> str:
    """JSON rows with a mark in each id: version 7 ids of this moment, so that they are inserted as the server's are."""
    found: Sequence[dict[str, object]] = json.loads(rows)
    for place, row in enumerate(found):
        row["id"] = f"{moment_ms >> 16:08x}-{moment_ms & 0xFFFF:04x}-7{place:03x}-8000-{SERIAL}"
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False)
