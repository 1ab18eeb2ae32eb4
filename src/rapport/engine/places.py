"""The columns that records are grouped by, found by the names in a caller's input (core-api.md §1.5)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from rapport.engine.denials import check_named, check_object
from rapport.engine.inputs import Input
from rapport.engine.plan import Hop
from rapport.engine.problems import Problems, suggest
from rapport.engine.scalars import printed
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.dialect import resolve
from rapport.metadata.fieldtypes.base import Column

Suffix = Literal["GroupByInput", "OrderByWithGroupByInput"]  # of the types of input that speak of groups

_COMPOSITE: dict[Suffix, str] = {"GroupByInput": "GroupByInput", "OrderByWithGroupByInput": "OrderByInput"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A column that an input leads to, and what is given for it."""

    path: tuple[str, ...]
    column: Column
    hop: Hop | None
    given: Input

    @property
    def is_moment(self) -> bool:
        return is_moment(self.column)


def is_moment(column: Column) -> bool:
    """Whether values are put together by the calendar."""
    return column.leaf.sql_type in ("date", "timestamptz(3)")


def groupable(field: Field) -> bool:
    """Whether records can be grouped by a field, or by what is below it."""
    return field.is_readable and not field.is_to_many and all(column.leaf.groupable for column in field.columns)


class PlaceFinder:
    """Follows the names of an input; those that are unknown go to the problems."""

    def __init__(self, catalog: Catalog, problems: Problems) -> None:
        self._catalog = catalog
        self._problems = problems

    def find(self, item: Object, key: str, given: Input, suffix: Suffix, hop: Hop | None = None) -> Iterator[Place]:
        """The columns that a key of an input on the object leads to, itself or at the end of a relation (``hop``)."""
        if given.is_null:
            return
        prefix = () if hop is None else (hop.field.name,)
        alias = None if key in item.field or key in item.to_one_by_column else resolve(item, key)
        name = (alias.join_column or alias.field) if alias else key
        field = self._groupable(item, name, hop)
        if field is None and name in item.to_one_by_column:
            column = item.to_one_by_column[name].column
            yield Place(path=(*prefix, column.name), column=column, hop=hop, given=given)
        elif field is None:
            check_named(item, name)
            type_name = f"{item.type_name}{'' if hop is None else 'Relation'}{suffix}"
            known = [each for each in item.field if self._groupable(item, each, hop) is not None]
            self._problems.no_field(item, key, type_name, [*known, *item.to_one_by_column], given)
        elif alias is not None and (alias.sub is not None or (alias.shorthand and not given.is_object)):
            sub = alias.sub or field.type.shorthand_sub
            yield Place(path=(*prefix, field.name, sub), column=field.column_of[sub], hop=hop, given=given)
        elif field.is_to_one:
            yield from self._through(field, given, suffix)
        elif field.type.graphql_output is not None:
            yield from self._parts(field, given, hop, suffix, prefix)
        else:
            yield Place(path=(*prefix, field.name), column=field.column, hop=hop, given=given)

    def _groupable(self, item: Object, name: str, hop: Hop | None) -> Field | None:
        """The field, if groups may be made by it here: relations lead to another object once, not further."""
        field = item.field.get(name)
        if field is None or not groupable(field):
            return None
        if field.relation is not None and (
            hop is not None or field.relation.target_object not in self._catalog.by_name
        ):
            return None
        return field

    def _through(self, field: Field, given: Input, suffix: Suffix) -> Iterator[Place]:
        target = self._catalog.target(field)
        check_object(target)
        if not given.is_object:
            expected_object(self._problems, f"{target.type_name}Relation{suffix}", given)
            return
        for key, value in given.items():
            yield from self.find(target, key, value, suffix, Hop(field=field, target=target))

    def _parts(
        self, field: Field, given: Input, hop: Hop | None, suffix: Suffix, prefix: tuple[str, ...]
    ) -> Iterator[Place]:
        type_name = f"{field.type.graphql_output}{_COMPOSITE[suffix]}"
        if not given.is_object:
            expected_object(self._problems, type_name, given)
            return
        for key, value in given.items():
            column = field.column_of.get(key)
            if column is None or not column.reads:
                undefined(self._problems, key, type_name, list(field.column_of), value)
            elif not value.is_null:
                yield Place(path=(*prefix, field.name, key), column=column, hop=hop, given=value)


def undefined(problems: Problems, key: str, type_name: str, known: Collection[str], given: Input) -> None:
    """An input type has no such field."""
    problems.name(f'Field "{key}" is not defined by type "{type_name}".{suggest(key, known)}', given)


def expected_object(problems: Problems, type_name: str, given: Input) -> None:
    """A value is no object where an input type is wanted."""
    if given.path is None:
        problems.add(f'Expected value of type "{type_name}", found {printed(given.plain())}.', given)
    else:
        problems.add(f'Expected type "{type_name}" to be an object.', given)
