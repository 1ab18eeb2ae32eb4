"""`<singular>Duplicates`: from the document to the candidates whose duplicates are looked for."""

import json
from collections.abc import Mapping

from graphql import ValueNode

from rapport.base.errors import BadUserInput, RapportError
from rapport.edge.graphql.kinds import fits
from rapport.edge.graphql.misfits import describe
from rapport.edge.graphql.model import RootField
from rapport.edge.graphql.selecting import RecordSelector
from rapport.edge.graphql.selection import Selected
from rapport.engine import plan
from rapport.engine.duplicates import PLACE
from rapport.engine.inputs import Input
from rapport.engine.sql import Value
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.fieldtypes.base import Column, Json
from rapport.metadata.fieldtypes.leaves.uuid import UUID
from rapport.records.misfits import TooManyRecords
from rapport.records.rows import RowBuilder


class InvalidSearch(BadUserInput):
    """Duplicates cannot be looked for like this."""

    sub_code = "INVALID_QUERY_INPUT"


def compile_duplicates(records: RecordSelector, root: RootField, selected: Selected) -> plan.FindDuplicates:
    """Translates the root field; what is wrong with the document goes to the problems."""
    item = root.object
    records.wants(selected, f"{item.type_name}Connection")
    given = {
        name: each for name, each in records.arguments(selected, "Query", ("ids", "data")).items() if not each.is_null
    }
    criteria = _criteria(item)
    ids, data = _ids(records, given), _data(records, item, criteria, given)
    return plan.FindDuplicates(
        key=selected.key,
        connection=records.first_page(item, selected, 1),
        criteria=criteria,
        count=sum(map(_count, given.values())),
        ids=ids,
        data=data,
    )


def _criteria(item: Object) -> tuple[tuple[Column, ...], ...]:
    """The object's criteria, but those on columns that it does not have any more."""
    columns = {column.name: column for field in item.field.values() for column in field.columns}
    return tuple(
        tuple(columns[name] for name in group)
        for group in item.duplicate_criteria
        if group and all(name in columns for name in group)
    )


def _ids(records: RecordSelector, given: Mapping[str, Input]) -> Value | None:
    ids = given.get("ids")
    if ids is None:
        return None
    if "data" in given:
        raise InvalidSearch('You cannot provide both "data" and "ids" arguments')
    if not fits(records.problems, ids, "UUID", several=True, nullable=True):
        return None

    def convert(value: object) -> object:
        return [None if each is None else UUID.param(each, "id") for each in _listed(value, records.max_batch)]

    return ids.bind("uuid[]", convert)


def _data(
    records: RecordSelector, item: Object, criteria: tuple[tuple[Column, ...], ...], given: Mapping[str, Input]
) -> Value | None:
    data = given.get("data")
    if data is None:
        if "ids" not in given:
            raise InvalidSearch('You have to provide either "data" or "ids" argument')
        return None
    if _count(data) == 0:
        raise InvalidSearch('The "data" condition can not be empty when "ids" input not provided')
    candidates = _Candidates(records.model.catalog, item, criteria, records.max_batch)
    try:
        return data.bind("jsonb", candidates)
    except RapportError as error:
        node = data.location
        problem = describe(error, node if isinstance(node, ValueNode) else None)
        if problem is None:
            raise
        records.problems.keep(problem)
        return None


class _Candidates:
    """Makes the values that records are compared by from data, normalised as if it were to be written."""

    def __init__(
        self, catalog: Catalog, item: Object, criteria: tuple[tuple[Column, ...], ...], max_batch: int
    ) -> None:
        self._builder = RowBuilder(catalog, item, limit=max_batch)
        self._columns = {column.name for group in criteria for column in group}
        self._max_batch = max_batch

    def __call__(self, value: object) -> object:
        data: list[object] = [{} if each is None else each for each in _listed(value, self._max_batch)]
        candidates: list[dict[str, Json]] = [
            {PLACE: place} | {name: each for name, each in row.items() if name in self._columns}
            for place, row in enumerate(self._builder.creation(data).values)
        ]
        return json.dumps(candidates, ensure_ascii=False)


def _count(given: Input) -> int:
    """How many candidates there are: part of the plan's key, because it decides what the plan may cost."""
    if given.elements is not None:
        return len(given.elements)
    count = given.bake(_length)
    assert isinstance(count, int)
    return count


def _length(value: object) -> int:
    return len(value) if isinstance(value, list) else 1


def _listed(value: object, most: int) -> list[Json]:
    items: list[Json] = value if isinstance(value, list) else [value]  # type: ignore[list-item]
    if len(items) > most:
        raise TooManyRecords(f"Maximum number of records to find duplicates of is {most}.")
    return items
