"""Looking for duplicates: what a caller gives to look for, as the candidates of a plan."""

import json
from collections.abc import Sequence

from rapport.base.errors import BadUserInput
from rapport.engine.duplicates import PLACE
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.fieldtypes.base import Column, Json
from rapport.metadata.fieldtypes.leaves.uuid import UUID
from rapport.records.misfits import TooManyRecords
from rapport.records.rows import RowBuilder

Criteria = tuple[tuple[Column, ...], ...]


class InvalidSearch(BadUserInput):
    """Duplicates cannot be looked for like this."""

    sub_code = "INVALID_QUERY_INPUT"


def check_search(*, has_ids: bool, data: object) -> None:
    """Exactly one of the two is given, and of the data something (None: not given). Raises InvalidSearch."""
    if has_ids and data is not None:
        raise InvalidSearch('You cannot provide both "data" and "ids" arguments')
    if not has_ids and data is None:
        raise InvalidSearch('You have to provide either "data" or "ids" argument')
    if data == []:
        raise InvalidSearch('The "data" condition can not be empty when "ids" input not provided')


def criteria_of(item: Object) -> Criteria:
    """The object's criteria, but those on columns that it does not have any more."""
    columns = {column.name: column for field in item.field.values() for column in field.columns}
    return tuple(
        tuple(columns[name] for name in group)
        for group in item.duplicate_criteria
        if group and all(name in columns for name in group)
    )


def candidate_ids(value: object, *, most: int) -> object:
    """The parameter of the candidates' ids."""
    return [None if each is None else UUID.param(each, "id") for each in _listed(value, most)]


class Candidates:
    """Makes the values that records are compared by from data, normalised as if it were to be written."""

    def __init__(self, catalog: Catalog, item: Object, criteria: Criteria, most: int) -> None:
        self._builder = RowBuilder(catalog, item, limit=most)
        self._columns = {column.name for group in criteria for column in group}
        self._most = most

    def __call__(self, value: object) -> object:
        data: list[object] = [{} if each is None else each for each in _listed(value, self._most)]
        candidates: list[dict[str, Json]] = [
            {PLACE: place} | {name: each for name, each in row.items() if name in self._columns}
            for place, row in enumerate(self._builder.creation(data).values)
        ]
        return json.dumps(candidates, ensure_ascii=False)


def _listed(value: object, most: int) -> Sequence[Json]:
    items: list[Json] = value if isinstance(value, list) else [value]  # type: ignore[list-item]
    if len(items) > most:
        raise TooManyRecords(f"Maximum number of records to find duplicates of is {most}.")
    return items
