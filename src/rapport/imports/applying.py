"""One batch of rows: finds the records that its links and its rows mean, creates what is new and updates the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from rapport.base.errors import InvalidValue
from rapport.engine.connecting import write_lookup
from rapport.engine.matching import write_matches
from rapport.engine.sql import Parameters
from rapport.engine.statement import Statement
from rapport.engine.writing import given_flag
from rapport.imports.columns import Linked
from rapport.imports.converting import Prepared
from rapport.imports.options import ImportOptions
from rapport.imports.problems import Problem, problem
from rapport.imports.writing import RowWriter, array_of
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.fieldtypes.base import Column, Json
from rapport.records.rows import Rows
from rapport.store.database import Connection

_KEPT_ON_UPDATE = ("id", "updatedAt")
_AUTHORS = ("createdBy", "updatedBy")
_EMPTIED = "Left empty: "


@dataclass
class Outcome:
    """What became of a batch. ``created`` are the numbers of rows; ``notes`` are no errors."""

    created: set[int] = field(default_factory=set)
    updated: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


class Applier:
    """Writes the prepared batches of one import. ``values`` are those of the actor."""

    def __init__(
        self, catalog: Catalog, item: Object, options: ImportOptions, match: Column | None, values: Mapping[str, object]
    ) -> None:
        self._catalog = catalog
        self._object = item
        self._options = options
        self._match = match
        self._values = values
        self._writer = RowWriter(catalog, item, values)
        kept = {*_KEPT_ON_UPDATE, *(column.name for name in _AUTHORS if name in item.field
                                    for column in item.field[name].columns)}  # fmt: skip
        self._kept_on_update = frozenset(kept)

    async def apply(self, connection: Connection, prepared: Prepared) -> Outcome:
        """Is a part of the connection's transaction."""
        outcome = Outcome(problems=list(prepared.problems))
        left = list(range(len(prepared.rows.values)))
        for link, wanted in prepared.links:
            left = await self._connect(connection, prepared, link, wanted, left, outcome)
        if self._options.missing_links == "empty":
            prepared = await self._without_missing(connection, prepared, outcome)
        if self._match is None:
            await self._write(connection, prepared, "create", left, prepared.rows, outcome)
            return outcome
        for part in _apart(left, prepared.keys):
            await self._upsert(connection, prepared, self._match, part, outcome)
        return outcome

    async def _connect(
        self,
        connection: Connection,
        prepared: Prepared,
        link: Linked,
        wanted: Sequence[Json],
        left: list[int],
        outcome: Outcome,
    ) -> list[int]:
        """Puts the ids of linked records into the rows; gives those rows for which there is one."""
        values = list(dict.fromkeys(wanted[index] for index in left if wanted[index] is not None))
        if not values:
            return left
        parameters = Parameters()
        columns = [(link.column, array_of(link.column, values))]
        sql = write_lookup(self._catalog.schema, link.target, columns, parameters)
        ids = await self._found(connection, sql, parameters, values)
        kept: list[int] = []
        for index in left:
            value = wanted[index]
            found = ids.get(value, []) if value is not None else None
            may_miss = found == [] and self._options.missing_links == "empty"
            if found is not None and len(found) != 1:
                words = f"Expected 1 record to connect to {link.field.name}, but found {len(found)}"
                text = f"{_EMPTIED if may_miss else ''}{words} for {link.column.name} = {value}"
                told = problem(prepared.numbers[index], InvalidValue(text), link.name, value)
                (outcome.notes if may_miss else outcome.problems).append(told)
                if not may_miss:
                    continue
            if found is not None:
                prepared.rows.values[index][link.key] = found[0] if found else None
            kept.append(index)
        return kept

    async def _without_missing(self, connection: Connection, prepared: Prepared, outcome: Outcome) -> Prepared:
        """Without links to records that are not there. The rows that are given stay as they are, for another try."""
        rows = prepared.rows
        values = list(rows.values)
        failed = {each.row for each in outcome.problems}
        for index, name in await self._writer.missing(connection, rows):
            values[index] = {**values[index], name: None}
            number = prepared.numbers[index]
            if number not in failed:
                words = f"{_EMPTIED}No record with this id."
                outcome.notes.append(problem(number, words, prepared.names.get(name), rows.values[index][name]))
        return replace(prepared, rows=replace(rows, values=values))

    async def _upsert(
        self, connection: Connection, prepared: Prepared, match: Column, part: Sequence[int], outcome: Outcome
    ) -> None:
        """Rows of which no two have the same key."""
        keys = {index: prepared.keys[index] for index in part if prepared.keys[index] not in (None, "")}
        ids: Mapping[Json, list[str]] = {}
        if keys:
            values = list(keys.values())
            parameters = Parameters()
            sql = write_matches(self._catalog.schema, self._object, match, array_of(match, values), parameters)
            ids = await self._found(connection, sql, parameters, values)
        new: list[int] = []
        known: dict[int, str] = {}
        for index in part:
            found = ids.get(keys[index], []) if index in keys else []
            words = self._objection(len(found))
            if words:
                value = keys.get(index)
                outcome.problems.append(problem(prepared.numbers[index], words, self._options.match, value))
            elif found:
                known[index] = found[0]
            else:
                new.append(index)
        await self._write(connection, prepared, "create", new, prepared.rows, outcome)
        await self._write(connection, prepared, "update", list(known), self._updates(prepared.rows, known), outcome)

    def _objection(self, found: int) -> str:
        """Why a row that matches so many records is refused; '' when it is not."""
        if found > 1:
            return f"{found} records match. Cannot determine which record to update."
        if found and self._options.mode == "create":
            return "A record that matches exists already."
        return "No record matches." if not found and self._options.mode == "update" else ""

    def _updates(self, rows: Rows, ids: Mapping[int, str]) -> Rows:
        """The rows as changes of these records. Only what a row gives is changed, and never who made the record."""
        columns = tuple(column for column in rows.columns if column.name not in self._kept_on_update)
        values: list[dict[str, Json]] = list(rows.values)
        for index, record_id in ids.items():
            row = rows.values[index]
            values[index] = {**row, "_id": record_id, "_index": index, given_flag("position"): "position" in row}
        names = frozenset(column.name for column in columns)
        partial = rows.partial & names
        has_position = "position" in names
        return replace(
            rows,
            values=values,
            columns=columns,
            partial=partial | {"position"} if has_position else partial,
            position="given" if has_position else "keep",
        )

    async def _write(
        self,
        connection: Connection,
        prepared: Prepared,
        verb: Literal["create", "update"],
        indexes: Sequence[int],
        rows: Rows,
        outcome: Outcome,
    ) -> None:
        if not indexes:
            return
        some = rows if len(indexes) == len(rows.values) else replace(rows, values=[rows.values[at] for at in indexes])
        changed = 0
        if verb == "create":
            refusals = await self._writer.create(connection, some)
        else:
            refusals, changed = await self._writer.updated(connection, some)
        for place, refusal in refusals.items():
            row = some.values[place]
            value = row.get(refusal.column)
            name = prepared.names.get(refusal.column)
            outcome.problems.append(problem(prepared.numbers[indexes[place]], refusal.reason, name, value))
        if verb == "create":
            outcome.created |= {prepared.numbers[at] for place, at in enumerate(indexes) if place not in refusals}
        else:
            outcome.updated += changed
            outcome.unchanged += len(indexes) - len(refusals) - changed

    async def _found(
        self, connection: Connection, sql: str, parameters: Parameters, values: Sequence[Json]
    ) -> dict[Json, list[str]]:
        """Ids by value."""
        found: dict[Json, list[str]] = {}
        for row in await connection.rows(sql, *Statement.of(sql, parameters).bind(self._values)):
            found.setdefault(values[row[0] - 1], []).append(row[1])
        return found


def _apart(indexes: Sequence[int], keys: Sequence[Json]) -> list[list[int]]:
    """In order, parts in which no key comes twice: a row may match what one before it has created."""
    parts: list[list[int]] = [[]]
    seen: set[Json] = set()
    for index in indexes:
        key = keys[index]
        if key not in (None, "") and key in seen:
            parts.append([])
            seen.clear()
        seen.add(key)
        parts[-1].append(index)
    return parts
