"""From a caller's groupBy, orderBy and limit to the groups of a plan (core-api.md §1.5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast, get_args
from uuid import UUID

from rapport.base.errors import BadUserInput
from rapport.base.zones import is_zone
from rapport.engine.aggregates import aggregates_of
from rapport.engine.inputs import Input
from rapport.engine.orders import read_direction, read_enum
from rapport.engine.plan import Aggregate, Calendar, Dimension, Granularity, GroupOrder, Hop, TotalCount, WeekStart
from rapport.engine.problems import Problems, suggest
from rapport.engine.scalars import misfit, printed
from rapport.engine.sql import Value
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.dialect import resolve
from rapport.metadata.fieldtypes.base import Column

GRANULARITIES: tuple[str, ...] = get_args(Granularity)
WEEK_STARTS: tuple[str, ...] = get_args(WeekStart)
RECORDS_PER_GROUP = 10

_DEFAULT_GROUPS = 50
_MOST_DIMENSIONS = 20
_FIELDS = "You cannot provide multiple fields in one GroupByInput, split them into multiple GroupByInput"
_SUBFIELDS = "You cannot provide multiple subfields in one GroupByInput, split them into multiple GroupByInput"


class InvalidGroups(BadUserInput):
    """The groups cannot be made."""

    sub_code = "INVALID_QUERY_INPUT"


@dataclass(frozen=True, kw_only=True)
class _Place:
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


class GroupBuilder:
    """Builds the groups of one request; wrong names and kinds go to ``problems``, wrong content is raised."""

    def __init__(self, catalog: Catalog, problems: Problems) -> None:
        self._catalog = catalog
        self._problems = problems

    # -- groupBy ------------------------------------------------------------------------------------------------

    def dimensions(self, item: Object, given: Input) -> tuple[Dimension, ...]:
        found = tuple(self._dimension(item, each) for each in given.each())
        if not found:
            raise InvalidGroups("You must provide at least one field in groupBy")
        if len(found) > _MOST_DIMENSIONS:
            raise InvalidGroups(f"You cannot provide more than {_MOST_DIMENSIONS} fields in groupBy")
        return tuple(each for each in found if each is not None)

    def _dimension(self, item: Object, given: Input) -> Dimension | None:
        type_name = f"{item.type_name}GroupByInput"
        if not given.is_object:
            self._expected_object(type_name, given)
            return None
        known = len(self._problems.items)
        places = [
            place
            for key, value in given.items()
            for place in self._places(item, key, value, None, "GroupByInput")
            if self._is_wanted(place)
        ]
        if len(places) > 1:
            raise InvalidGroups(_FIELDS if len({place.path[0] for place in places}) > 1 else _SUBFIELDS)
        if not places:
            if len(self._problems.items) == known:
                raise InvalidGroups("You must provide one field in each GroupByInput")
            return None
        (place,) = places
        calendar = self._calendar(place.given) if place.is_moment else None
        return Dimension(path=place.path, column=place.column, hop=place.hop, calendar=calendar)

    def _is_wanted(self, place: _Place) -> bool:
        """`true`; where the calendar matters, also an object that says how."""
        if place.is_moment and place.given.is_object:
            return True
        if place.is_moment and not isinstance(place.given.value, bool):
            self._expected_object("GroupByDateGranularityInput", place.given)
            return False
        message = misfit("Boolean", place.given.plain())
        if message is not None:
            self._problems.add(message, place.given)
            return False
        return place.given.bake() is True

    def _calendar(self, given: Input) -> Calendar:
        granularity, week_start, zone = "DAY", "MONDAY", None
        for key, value in given.items():
            match key:
                case "granularity" | "weekStartDay" | "timeZone" if value.is_null:
                    pass
                case "granularity":
                    granularity = read_enum(value, "DateGranularityEnum", GRANULARITIES, self._problems) or "DAY"
                case "weekStartDay":
                    week_start = read_enum(value, "FirstDayOfTheWeek", WEEK_STARTS, self._problems) or "MONDAY"
                case "timeZone":
                    zone = self._zone(value)
                case _:
                    self._undefined(key, "GroupByDateGranularityInput", _CALENDAR_KEYS, value)
        return Calendar(
            granularity=cast(Granularity, granularity), zone=zone, week_start=cast(WeekStart, week_start)
        )  # fmt: skip

    def _zone(self, given: Input) -> Value | None:
        message = misfit("String", given.plain())
        if message is not None:
            self._problems.add(message, given)
            return None
        return given.bind("text", _zone_name)

    # -- orderBy ------------------------------------------------------------------------------------------------

    def order(self, item: Object, given: Input | None, dimensions: tuple[Dimension, ...]) -> tuple[GroupOrder, ...]:
        if given is None or given.is_null:
            return ()
        found: list[GroupOrder] = []
        for each in given.each():
            if each.is_null:
                continue
            if not each.is_object:
                self._expected_object(f"{item.type_name}OrderByWithGroupByInput", each)
                continue
            for key, value in each.items():
                found.extend(self._order(item, key, value, dimensions))
        return tuple(found)

    def _order(self, item: Object, key: str, given: Input, dimensions: tuple[Dimension, ...]) -> Iterator[GroupOrder]:
        if given.is_null:
            return
        if key == "aggregate":
            yield from self._by_aggregates(item, given)
            return
        if key not in item.field:
            aggregate = _aggregate(item, key)
            if aggregate is not None:
                yield from self._directed(aggregate, given)
                return
        for place in self._places(item, key, given, None, "OrderByWithGroupByInput"):
            yield from self._by_dimension(place, dimensions)

    def _by_aggregates(self, item: Object, given: Input) -> Iterator[GroupOrder]:
        type_name = f"{item.type_name}OrderByAggregateInput"
        if not given.is_object:
            self._expected_object(type_name, given)
            return
        for key, value in given.items():
            aggregate = _aggregate(item, key)
            if aggregate is None:
                self._undefined(key, type_name, ("totalCount", *aggregates_of(item)), value)
            elif not value.is_null:
                yield from self._directed(aggregate, value)

    def _by_dimension(self, place: _Place, dimensions: tuple[Dimension, ...]) -> Iterator[GroupOrder]:
        granularity, direction = None, place.given
        if place.is_moment and place.given.is_object:
            entries = {key: value for key, value in place.given.items() if not value.is_null}
            for key, value in entries.items():
                if key not in ("orderBy", *_CALENDAR_KEYS):
                    self._undefined(key, "OrderByDateGranularityInput", ("orderBy", *_CALENDAR_KEYS), value)
            if "granularity" in entries:
                granularity = read_enum(
                    entries["granularity"], "DateGranularityEnum", GRANULARITIES, self._problems
                )  # fmt: skip
            if "orderBy" not in entries:
                return
            direction = entries["orderBy"]
        for index, dimension in enumerate(dimensions):
            calendar = dimension.calendar
            if dimension.path == place.path and (
                granularity is None or (calendar is not None and calendar.granularity == granularity)
            ):
                yield from self._directed(index, direction)
                return
        if not self._problems.items:
            by = f" by {granularity}" if granularity else ""
            raise InvalidGroups(f'Cannot order by "{".".join(place.path)}"{by}: it is not among the fields of groupBy')

    def _directed(self, by: int | TotalCount | Aggregate, given: Input) -> Iterator[GroupOrder]:
        direction = read_direction(given, self._problems)
        if direction is not None:
            yield GroupOrder(by=by, descending=direction[0], nulls_first=direction[1])

    # -- limit and viewId ---------------------------------------------------------------------------------------

    def limit(self, given: Input | None, most: int) -> int:
        """How many groups: a positive number, else the default."""
        if given is None or given.is_null:
            return _DEFAULT_GROUPS
        message = misfit("Int", given.plain())
        if message is not None:
            self._problems.add(message, given)
            return _DEFAULT_GROUPS
        number = int(given.bake())  # type: ignore[call-overload]
        return min(number, most) if number > 0 else _DEFAULT_GROUPS

    def view(self, given: Input | None) -> None:
        """The id of a view is checked; the filters of views are applied once there are views."""
        if given is None or given.is_null:
            return
        message = misfit("UUID", given.plain())
        if message is not None:
            self._problems.add(message, given)
        elif not given.bake(_is_uuid):
            raise BadUserInput("Invalid UUID", sub_code="INVALID_QUERY_INPUT")

    # -- names --------------------------------------------------------------------------------------------------

    def _places(self, item: Object, key: str, given: Input, hop: Hop | None, suffix: str) -> Iterator[_Place]:
        """The columns that a key of an input leads to; unknown names go to the problems."""
        if given.is_null:
            return
        prefix = () if hop is None else (hop.field.name,)
        alias = None if key in item.field or key in item.to_one_by_column else resolve(item.name, key)
        name = (alias.join_column or alias.field) if alias else key
        field = self._groupable(item, name, hop)
        if field is None and name in item.to_one_by_column:
            column = item.to_one_by_column[name].column
            yield _Place(path=(*prefix, column.name), column=column, hop=hop, given=given)
        elif field is None:
            type_name = f"{item.type_name}{'' if hop is None else 'Relation'}{suffix}"
            known = [each for each in item.field if self._groupable(item, each, hop) is not None]
            self._undefined(key, type_name, [*known, *item.to_one_by_column], given)
        elif alias is not None and (alias.sub is not None or (alias.shorthand and not given.is_object)):
            sub = alias.sub or field.type.shorthand_sub
            yield _Place(path=(*prefix, field.name, sub), column=field.column_of[sub], hop=hop, given=given)
        elif field.is_to_one:
            yield from self._through(field, given, suffix)
        elif field.type.graphql_output is not None:
            yield from self._parts(field, given, hop, suffix, prefix)
        else:
            yield _Place(path=(*prefix, field.name), column=field.column, hop=hop, given=given)

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

    def _through(self, field: Field, given: Input, suffix: str) -> Iterator[_Place]:
        target = self._catalog.target(field)
        if not given.is_object:
            self._expected_object(f"{target.type_name}Relation{suffix}", given)
            return
        for key, value in given.items():
            yield from self._places(target, key, value, Hop(field=field, target=target), suffix)

    def _parts(
        self, field: Field, given: Input, hop: Hop | None, suffix: str, prefix: tuple[str, ...]
    ) -> Iterator[_Place]:
        type_name = f"{field.type.graphql_output}{_COMPOSITE_SUFFIX[suffix]}"
        if not given.is_object:
            self._expected_object(type_name, given)
            return
        for key, value in given.items():
            column = field.column_of.get(key)
            if column is None or not column.reads:
                self._undefined(key, type_name, list(field.column_of), value)
            elif not value.is_null:
                yield _Place(path=(*prefix, field.name, key), column=column, hop=hop, given=value)

    def _undefined(self, key: str, type_name: str, known: object, given: Input) -> None:
        names = list(known)  # type: ignore[call-overload]
        self._problems.add(f'Field "{key}" is not defined by type "{type_name}".{suggest(key, names)}', given)

    def _expected_object(self, type_name: str, given: Input) -> None:
        if given.path is None:
            self._problems.add(f'Expected value of type "{type_name}", found {printed(given.plain())}.', given)
        else:
            self._problems.add(f'Expected type "{type_name}" to be an object.', given)


_CALENDAR_KEYS = ("granularity", "timeZone", "weekStartDay")
_COMPOSITE_SUFFIX = {"GroupByInput": "GroupByInput", "OrderByWithGroupByInput": "OrderByInput"}


def groupable(field: Field) -> bool:
    """Whether records can be grouped by a field, or by what is below it."""
    return field.is_readable and not field.is_to_many and all(column.leaf.groupable for column in field.columns)


def _aggregate(item: Object, name: str) -> TotalCount | Aggregate | None:
    if name == "totalCount":
        return TotalCount(key="")
    available = aggregates_of(item).get(name)
    return None if available is None else Aggregate(key="", function=available.function, field=available.field)


def _zone_name(value: object) -> object:
    if not isinstance(value, str) or not is_zone(value):
        raise BadUserInput(f"Invalid time zone: {printed(value)}", sub_code="INVALID_TIMEZONE")
    return value


def _is_uuid(value: object) -> bool:
    try:
        return len(str(UUID(str(value)))) == len(str(value))
    except ValueError:
        return False
