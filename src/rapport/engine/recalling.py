"""What events have kept of rows, as SQL of jsonb in the shape of records.

Nothing is converted, so nothing can fail: the table may be another by now than when the event was written.
"""

from collections.abc import Iterable, Iterator, Sequence

from rapport.engine.plan import Composite, Item, Scalar
from rapport.metadata.fieldtypes.leaves.time import DateTimeLeaf
from rapport.metadata.names import literal

_MOST_ENTRIES = 48  # PostgreSQL passes at most 100 arguments to a function


def recall_record(items: Iterable[Item], kept: str) -> str:
    """The record, of a record's own fields; ``kept`` is SQL of a row as events keep it, columns by name.

    >>> from rapport.metadata.fieldtypes.leaves.text import TEXT
    >>> from rapport.metadata.fieldtypes.base import Column
    >>> recall_record([Scalar(key="city", column=Column(name="city", leaf=TEXT))], "e.after")
    "jsonb_build_object('city',e.after->'city')"
    """
    return _object([(item.key, _value(item, kept)) for item in items])


def recall_field(items: Iterable[Item], key: str, kept: str) -> str:
    """The value of one field, of that whose key is the value of ``key`` (SQL); never NULL, but perhaps JSON's null."""
    cases = " ".join(f"when {literal(item.key)} then {_value(item, kept)}" for item in items)
    return f"coalesce(case {key} {cases} end,'null')"


def _value(item: Item, kept: str) -> str:
    match item:
        case Scalar(column=column):
            found = f"{kept}->{literal(column.name)}"
            if isinstance(column.leaf, DateTimeLeaf):
                return _moment(found, f"{kept}->>{literal(column.name)}")
            return found
        case Composite(items=items):
            return recall_record(items, kept)
    raise AssertionError(item)


def _moment(found: str, text: str) -> str:
    """As APIs show it: `2026-01-02T03:04:05.600Z`. PostgreSQL leaves zeros of the fraction out, and has `+00:00`."""
    shown = f"left({text},-6)||substr('.000',length({text})-24)||'Z'"
    return f"case when {text} like '____-__-__T__:__:__%+00:00' then to_jsonb({shown}) else {found} end"


def _object(entries: Sequence[tuple[str, str]]) -> str:
    parts = [
        f"jsonb_build_object({','.join(f'{literal(key)},{value}' for key, value in some)})" for some in _parted(entries)
    ]
    return parts[0] if len(parts) == 1 else f"({' || '.join(parts)})"


def _parted(entries: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    for start in range(0, len(entries) or 1, _MOST_ENTRIES):
        yield entries[start : start + _MOST_ENTRIES]
