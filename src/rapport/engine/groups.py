"""From a caller's groupBy, orderBy and limit to the groups of a plan (core-api.md §1.5)."""

from collections.abc import Iterator
from typing import cast, get_args
from uuid import UUID

from rapport.base.errors import BadUserInput
from rapport.base.zones import is_zone
from rapport.engine.aggregates import aggregates_of, find_aggregate
from rapport.engine.inputs import Input
from rapport.engine.orders import read_direction, read_enum
from rapport.engine.places import Place, PlaceFinder, expected_object, undefined
from rapport.engine.plan import Aggregate, Calendar, Dimension, Granularity, GroupOrder, TotalCount, WeekStart
from rapport.engine.problems import Problems
from rapport.engine.scalars import misfit, printed
from rapport.engine.sql import Value
from rapport.metadata.catalog import Catalog, Object

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


class GroupBuilder:
    """Builds the groups of one request; wrong names and kinds go to ``problems``, wrong content is raised."""

    def __init__(self, catalog: Catalog, problems: Problems) -> None:
        self._problems = problems
        self._places = PlaceFinder(catalog, problems)

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
            expected_object(self._problems, type_name, given)
            return None
        known = len(self._problems.items)
        places = [
            place
            for key, value in given.items()
            for place in self._places.find(item, key, value, "GroupByInput")
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

    def _is_wanted(self, place: Place) -> bool:
        """`true`; where the calendar matters, also an object that says how."""
        if place.is_moment and place.given.is_object:
            return True
        if place.is_moment and not isinstance(place.given.value, bool):
            expected_object(self._problems, "GroupByDateGranularityInput", place.given)
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
                    undefined(self._problems, key, "GroupByDateGranularityInput", _CALENDAR_KEYS, value)
        return Calendar(granularity=cast(Granularity, granularity), zone=zone, week_start=cast(WeekStart, week_start))

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
        found: dict[str, GroupOrder] = {}
        for each in given.each():
            if each.is_null:
                continue
            if not each.is_object:
                expected_object(self._problems, f"{item.type_name}OrderByWithGroupByInput", each)
                continue
            for key, value in each.items():
                for order in self._order(item, key, value, dimensions):
                    found.setdefault(_name(order), order)
        return tuple(found.values())

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
        for place in self._places.find(item, key, given, "OrderByWithGroupByInput"):
            yield from self._by_dimension(place, dimensions)

    def _by_aggregates(self, item: Object, given: Input) -> Iterator[GroupOrder]:
        type_name = f"{item.type_name}OrderByAggregateInput"
        if not given.is_object:
            expected_object(self._problems, type_name, given)
            return
        for key, value in given.items():
            aggregate = _aggregate(item, key)
            if aggregate is None:
                undefined(self._problems, key, type_name, ("totalCount", *aggregates_of(item)), value)
            elif not value.is_null:
                yield from self._directed(aggregate, value)

    def _by_dimension(self, place: Place, dimensions: tuple[Dimension, ...]) -> Iterator[GroupOrder]:
        granularity, direction = None, place.given
        if place.is_moment and place.given.is_object:
            entries = {key: value for key, value in place.given.items() if not value.is_null}
            for key, value in entries.items():
                if key not in ("orderBy", *_CALENDAR_KEYS):
                    undefined(self._problems, key, "OrderByDateGranularityInput", ("orderBy", *_CALENDAR_KEYS), value)
            if "granularity" in entries:
                granularity = read_enum(entries["granularity"], "DateGranularityEnum", GRANULARITIES, self._problems)
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


_CALENDAR_KEYS = ("granularity", "timeZone", "weekStartDay")


def _aggregate(item: Object, name: str) -> TotalCount | Aggregate | None:
    if name == "totalCount":
        return TotalCount(key="")
    available = find_aggregate(item, name)
    return None if available is None else Aggregate(key="", function=available.function, field=available.field)


def _name(order: GroupOrder) -> str:
    """What the order is by; ordering by it once more would change nothing."""
    match order.by:
        case Aggregate(function=function, field=field):
            return f"{function} {field.name}"
        case TotalCount():
            return "totalCount"
        case index:
            return str(index)


def _zone_name(value: object) -> object:
    if not isinstance(value, str) or not is_zone(value):
        raise BadUserInput(f"Invalid time zone: {printed(value)}", sub_code="INVALID_TIMEZONE")
    return value


def _is_uuid(value: object) -> bool:
    try:
        return len(str(UUID(str(value)))) == len(str(value))
    except ValueError:
        return False
