"""What a dry run remembers of rows that are not there any more: the unique values that it has seen.

Each batch of a dry run is written and taken back. That a row repeats a value of an earlier batch only shows here.
"""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from rapport.imports.applying import Outcome
from rapport.imports.converting import Prepared
from rapport.imports.options import ImportOptions
from rapport.imports.problems import problem
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Column, Json
from rapport.metadata.indexes import unique_groups
from rapport.records.failures import duplicate
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.imports")


class Rehearsal:
    def __init__(self, item: Object, options: ImportOptions, match: Column | None) -> None:
        self._object = item
        self._finds = (match.name,) if match is not None and options.mode == "upsert" else None
        self._groups = dict.fromkeys((("id",), *unique_groups(item), *((self._finds,) if self._finds else ())))

    async def compare(self, connection: Connection, import_id: UUID, prepared: Prepared, outcome: Outcome) -> None:
        """Adds to the outcome what would have met rows of earlier batches, and remembers those of this one."""
        failed = {each.row for each in outcome.problems}
        rows = dict(zip(prepared.numbers, prepared.rows.values, strict=True))
        keys: dict[UUID, tuple[int, tuple[str, ...]]] = {}
        for number, row in rows.items():
            for group in self._groups if number not in failed else ():
                digest = _digest(group, row) if group != ("id",) or "id" in prepared.names else None
                if digest is not None:
                    keys.setdefault(digest, (number, group))
        if not keys:
            return
        new = {row["key"] for row in await connection.rows(_SQL["note_keys"], import_id, list(keys))}
        met: dict[int, list[tuple[str, ...]]] = {}
        for digest, (number, group) in keys.items():
            if digest not in new and number in outcome.created:
                met.setdefault(number, []).append(group)
        for number, groups in met.items():
            outcome.created.discard(number)
            if self._finds in groups:  # it would have found the record
                outcome.updated += 1
                continue
            (name, *_) = group = groups[0]
            reason = duplicate(self._object, group)
            outcome.problems.append(problem(number, reason, prepared.names.get(name), rows[number].get(name)))


def _digest(group: tuple[str, ...], row: Mapping[str, Json]) -> UUID | None:
    """Of the values of a unique key; None when the row has none."""
    values = [row.get(name) for name in group]
    if values[0] in (None, ""):
        return None
    text = "\0".join((*group, *map(str, values)))
    return UUID(bytes=hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest())
