"""Groups, whatever the rows, the dimensions, the filter and the order, are the ones that the slow twin makes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.measures import (
    Group,
    aggregate_names,
    aggregates,
    calendar,
    dimension_path,
    groups,
    ordered,
    same,
)
from tests.engine.printing import literal
from tests.engine.questions import DIRECTIONS, filters, orders
from tests.engine.shape import ENTITIES, Entity, Leaf, Link
from tests.engine.tame import tame_rows
from tests.engine.twin import Json
from tests.engine.world import World, ask_exactly, ids_of, make_world
from tests.serving import Client

ROWS = tame_rows(Random(11))
IDS = [ROWS["company"][0]["id"], ROWS["person"][0]["id"], ROWS["opportunity"][0]["id"]]
GRANULARITIES = (
    "DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "DAY_OF_THE_WEEK", "MONTH_OF_THE_YEAR", "QUARTER_OF_THE_YEAR", "NONE",
)  # fmt: skip
ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago")
ENUMS = frozenset({*GRANULARITIES, "MONDAY", "SUNDAY", "SATURDAY"})
MOST_RECORDS = 10

many = settings(
    deadline=None,
    derandomize=True,
    print_blob=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
async def world(client: Client) -> World:
    return await make_world(client, ROWS)


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """What to group, and whether the values stand in the document or in variables."""

    entity: Entity
    dimensions: list[Json]
    filter: Json
    order: list[tuple[int | str, str]]
    bare: bool  # aggregates are ordered by without their wrapper
    records: Json
    limit: int | None
    literal: bool


@st.composite
def calendars(draw: st.DrawFn) -> Json:
    if draw(st.integers(0, 9)) == 0:
        return True
    found = {"granularity": draw(st.sampled_from(GRANULARITIES))}
    if draw(st.booleans()):
        found["timeZone"] = draw(st.sampled_from(ZONES))
    if draw(st.booleans()):
        found["weekStartDay"] = draw(st.sampled_from(("MONDAY", "SUNDAY", "SATURDAY")))
    return found


def dimensions(entity: Entity, *, related: bool = False) -> st.SearchStrategy[Json]:
    options: list[st.SearchStrategy[Json]] = []
    for key, shape in entity.fields.items():
        if isinstance(shape, Link):
            if not related:
                options.append(st.builds(_under(key), dimensions(ENTITIES[shape.target], related=True)))
        elif isinstance(shape, Leaf):
            options.append(st.builds(_under(key), calendars() if shape.kind == "moment" else st.just(True)))
        else:
            options.append(st.builds(_under(key), st.sampled_from([{sub: True} for sub in shape])))
    return st.one_of(options)


def _under(key: str) -> type[dict[str, Json]]:
    return lambda value: {key: value}  # type: ignore[return-value]


@st.composite
def groupings(draw: st.DrawFn) -> Grouping:
    entity = draw(st.sampled_from(list(ENTITIES.values())))
    by = draw(st.lists(dimensions(entity), min_size=1, max_size=3))
    # An order names the field, so it means the first of several dimensions that look alike.
    first = [index for index, each in enumerate(by) if _looks(each) not in map(_looks, by[:index])]
    keys = st.sampled_from(first) | st.sampled_from(_SORTABLE[entity.name])
    return Grouping(
        entity=entity,
        dimensions=by,
        filter=draw(st.none() | filters(entity, IDS, depth=0)),
        order=draw(st.lists(st.tuples(keys, st.sampled_from(DIRECTIONS)), max_size=3, unique_by=lambda key: key[0])),
        bare=draw(st.booleans()),
        records=draw(orders(entity)),
        limit=draw(st.none() | st.integers(-1, 30)),
        literal=draw(st.booleans()),
    )


_SORTABLE = {
    entity.name: [name for name in aggregate_names(entity) if not name.startswith(("avg", "percentage"))]
    for entity in ENTITIES.values()
}


def _looks(dimension: Json) -> Json:
    how = calendar(dimension)
    return dimension_path(dimension), (how.get("granularity") if isinstance(how, dict) else "DAY" if how else None)


def order_input(asked: Grouping) -> list[Json]:
    found: list[Json] = []
    for by, direction in asked.order:
        if isinstance(by, str):
            found.append({by: direction} if asked.bare else {"aggregate": {by: direction}})
        else:
            found.append(_ordered(asked.dimensions[by], direction))
    return found


def _ordered(dimension: Json, direction: str) -> Json:
    """The order by a dimension; by moments it says their granularity."""
    ((key, value),) = dimension.items()
    if value is True:
        return {key: direction}
    if dimension_path(dimension) == (key,):
        return {key: {"orderBy": direction, "granularity": value["granularity"]}}
    return {key: _ordered(value, direction)}


SELECTION = "groupByDimensionValues edges { node { id } } pageInfo { hasNextPage hasPreviousPage }"


async def ask(client: Client, asked: Grouping) -> list[Json]:
    entity = asked.entity
    arguments = {
        "groupBy": asked.dimensions,
        "filter": asked.filter,
        "orderBy": order_input(asked),
        "orderByForRecords": asked.records,
        "limit": asked.limit,
    }
    selection = f"{{ {SELECTION} {' '.join(aggregate_names(entity))} }}"
    root = f"{entity.plural}GroupBy"
    if asked.literal:
        text = ", ".join(f"{name}: {_bare(literal(value))}" for name, value in arguments.items())
        return (await ask_exactly(client, f"{{ {root}({text}) {selection} }}", {}))[root]  # type: ignore[no-any-return]
    types = {
        "groupBy": f"[{entity.type_name}GroupByInput!]!",
        "filter": f"{entity.type_name}FilterInput",
        "orderBy": f"[{entity.type_name}OrderByWithGroupByInput]",
        "orderByForRecords": f"[{entity.type_name}OrderByInput]",
        "limit": "Int",
    }
    declared = ", ".join(f"${name}: {types[name]}" for name in arguments)
    passed = ", ".join(f"{name}: ${name}" for name in arguments)
    query = f"query({declared}) {{ {root}({passed}) {selection} }}"
    return (await ask_exactly(client, query, arguments))[root]  # type: ignore[no-any-return]


def _bare(text: str) -> str:
    for word in ENUMS:
        text = text.replace(f'"{word}"', word)
    return text


def values_of(group: Json, expected: Group) -> list[Json]:
    """The values of a group, with numbers and booleans read from their texts."""
    found: list[Json] = []
    for value, other in zip(group["groupByDimensionValues"], expected.values, strict=True):
        if isinstance(other, bool):
            found.append({"true": True, "false": False}[value])
        elif isinstance(other, (int, float, Decimal)) and isinstance(value, str):
            found.append(type(other)(value))
        else:
            found.append(value)
    return found


def check(world: World, asked: Grouping, found: Sequence[Json]) -> None:
    twin, entity = world.twin, asked.entity
    rows = twin.find(entity.name, asked.filter, asked.records)
    all_groups = groups(twin, entity, rows, asked.dimensions)
    limit = asked.limit if asked.limit is not None and asked.limit > 0 else 50
    expected = ordered(all_groups, asked.order, entity, asked.dimensions)[:limit]

    assert [values_of(each, group) for each, group in zip(found, expected, strict=True)] == [
        list(group.values) for group in expected
    ]
    for each, group in zip(found, expected, strict=True):
        assert ids_of(edge["node"] for edge in each["edges"]) == ids_of(group.rows)[:MOST_RECORDS]
        assert each["pageInfo"] == {"hasNextPage": len(group.rows) > MOST_RECORDS, "hasPreviousPage": False}
        wrong = {
            name: (each[name], value)
            for name, value in aggregates(entity, group.rows).items()
            if not same(each[name], value)
        }
        assert wrong == {}


@given(asked=groupings())
@settings(many, max_examples=250)
async def test_groups_are_the_ones_that_the_twin_makes(world: World, asked: Grouping) -> None:
    check(world, asked, await ask(world.client, asked))


# -- the contract's examples ------------------------------------------------------------------------------------------


async def by(client: Client, root: str, arguments: str, selection: str = "groupByDimensionValues totalCount") -> Json:
    return (await client.data(f"{{ {root}({arguments}) {{ {selection} }} }}"))[root]


async def deals(client: Client) -> None:
    data = [
        {"name": "a", "stage": "NEW", "closeDate": "2026-01-15T10:00:00Z", "amount": {"amountMicros": 3}},
        {"name": "b", "stage": "NEW", "closeDate": "2026-04-01T00:00:00Z"},
        {"name": "c", "stage": "CUSTOMER", "closeDate": "2025-12-31T23:30:00Z", "amount": {"amountMicros": 10}},
        {"name": "d", "stage": "MEETING"},
    ]
    await client.data(
        "mutation($data: [OpportunityCreateInput!]!) { createOpportunities(data: $data) { id } }", {"data": data}
    )


async def test_months_are_moments_unless_a_time_zone_is_named(client: Client) -> None:
    await deals(client)
    older = await by(client, "opportunitiesGroupBy", "groupBy: [{closeDate: {granularity: MONTH}}]")
    newer = await by(
        client, "opportunitiesGroupBy", 'groupBy: [{closeDate: {granularity: MONTH, timeZone: "Europe/Paris"}}]'
    )

    assert [each["groupByDimensionValues"] for each in older] == [
        ["2025-12-01T00:00:00.000Z"],
        ["2026-01-01T00:00:00.000Z"],
        ["2026-04-01T00:00:00.000Z"],
        [None],
    ]
    assert [(*each["groupByDimensionValues"], each["totalCount"]) for each in newer] == [
        ("2026-01-01", 2),
        ("2026-04-01", 1),
        (None, 1),
    ]


async def test_names_of_months_and_choices_are_in_the_order_of_the_alphabet(client: Client) -> None:
    await deals(client)
    months = await by(
        client,
        "opportunitiesGroupBy",
        "groupBy: [{closeDate: {granularity: MONTH_OF_THE_YEAR}}],"
        " orderBy: [{closeDate: {orderBy: AscNullsLast, granularity: MONTH_OF_THE_YEAR}}]",
    )
    stages = await by(client, "opportunitiesGroupBy", "groupBy: [{stage: true}], orderBy: [{stage: AscNullsFirst}]")

    assert [each["groupByDimensionValues"] for each in months] == [["April"], ["December"], ["January"], [None]]
    assert [each["groupByDimensionValues"] for each in stages] == [["CUSTOMER"], ["MEETING"], ["NEW"]]


async def test_older_names_of_fields_lead_to_the_same_groups(client: Client) -> None:
    people = '[{name: {firstName: "Ann"}, emails: {primaryEmail: "a@example.com"}}, {name: {firstName: "Bo"}}]'
    await client.data(f"mutation {{ createPeople(data: {people}) {{ id }} }}")

    names = await by(client, "peopleGroupBy", "groupBy: [{firstName: true}], orderBy: [{firstName: DescNullsLast}]")
    emails = await by(client, "peopleGroupBy", "groupBy: [{email: true}]", "groupByDimensionValues")

    assert [each["groupByDimensionValues"] for each in names] == [["Bo"], ["Ann"]]
    assert [each["groupByDimensionValues"] for each in emails] == [["a@example.com"], [None]]


async def test_a_group_has_the_fields_of_a_connection_under_any_name(client: Client) -> None:
    await deals(client)
    (first, *_) = await by(
        client,
        "opportunitiesGroupBy",
        "groupBy: [{stage: true}, {closeDate: {granularity: YEAR}}], orderBy: {totalCount: DescNullsLast}, limit: 1,"
        " orderByForRecords: [{name: DescNullsLast}]",
        "__typename values: groupByDimensionValues n: totalCount edges { cursor node { name } }"
        " all: edges { node { id } } pageInfo { startCursor endCursor } sumAmountAmountMicros",
    )

    assert [edge["node"]["name"] for edge in first["edges"]] == ["b", "a"]
    assert [len(first["all"]), first["n"], first["values"]] == [2, 2, ["NEW", "2026-01-01T00:00:00.000Z"]]
    assert first["pageInfo"] == {"startCursor": first["edges"][0]["cursor"], "endCursor": first["edges"][1]["cursor"]}
    assert (first["__typename"], first["sumAmountAmountMicros"]) == ("OpportunityGroupByConnection", 3)


async def test_a_plan_is_made_anew_where_the_values_of_variables_matter(client: Client) -> None:
    await deals(client)
    query = "query($by: [OpportunityGroupByInput!]!) { opportunitiesGroupBy(groupBy: $by) { groupByDimensionValues } }"

    async def values(how: Json) -> Json:
        return (await client.ask(query, {"by": [{"closeDate": how}]})).get("data", {})

    years = await values({"granularity": "YEAR", "timeZone": "UTC"})
    quarters = await values({"granularity": "QUARTER", "timeZone": "UTC"})
    in_tokyo = await values({"granularity": "YEAR", "timeZone": "Asia/Tokyo"})
    nowhere = await client.ask(query, {"by": [{"closeDate": {"granularity": "YEAR", "timeZone": "Asia/Nowhere"}}]})
    assert [each["groupByDimensionValues"] for each in years["opportunitiesGroupBy"]] == [
        ["2025-01-01"],
        ["2026-01-01"],
        [None],
    ]
    assert len(quarters["opportunitiesGroupBy"]) == 4
    assert [each["groupByDimensionValues"] for each in in_tokyo["opportunitiesGroupBy"]] == [["2026-01-01"], [None]]
    assert nowhere["errors"][0]["extensions"]["subCode"] == "INVALID_TIMEZONE"  # type: ignore[index]


async def test_a_time_zone_that_only_python_knows_is_no_failure_of_the_server(client: Client) -> None:
    answer = (
        await client.post(
            '{ peopleGroupBy(groupBy: [{createdAt: {timeZone: "localtime"}}]) { groupByDimensionValues } }'
        )
    ).json()

    errors = answer.get("errors", [])
    assert [error["extensions"]["subCode"] for error in errors] in ([], ["INVALID_TIMEZONE"])


# -- bad input --------------------------------------------------------------------------------------------------------

FIELDS = "You cannot provide multiple fields in one GroupByInput, split them into multiple GroupByInput"
SUBFIELDS = "You cannot provide multiple subfields in one GroupByInput, split them into multiple GroupByInput"


@pytest.mark.parametrize(
    ("arguments", "message", "sub_code"),
    [
        ("groupBy: [{city: true, jobTitle: true}]", FIELDS, "INVALID_QUERY_INPUT"),
        ("groupBy: [{name: {firstName: true, lastName: true}}]", SUBFIELDS, "INVALID_QUERY_INPUT"),
        ("groupBy: [{company: {name: true, employees: true}}]", SUBFIELDS, "INVALID_QUERY_INPUT"),
        ("groupBy: []", "You must provide at least one field in groupBy", "INVALID_QUERY_INPUT"),
        ("groupBy: [{}]", "You must provide one field in each GroupByInput", "INVALID_QUERY_INPUT"),
        ("groupBy: [{city: false}]", "You must provide one field in each GroupByInput", "INVALID_QUERY_INPUT"),
        ("groupBy: [{name: {}}]", "You must provide one field in each GroupByInput", "INVALID_QUERY_INPUT"),
        (
            f"groupBy: [{'{city: true}' * 21}]",
            "You cannot provide more than 20 fields in groupBy",
            "INVALID_QUERY_INPUT",
        ),
        ('groupBy: [{createdAt: {timeZone: "Mars/Olympus"}}]', 'Invalid time zone: "Mars/Olympus"', "INVALID_TIMEZONE"),
        ('groupBy: [{createdAt: {timeZone: "+02:00"}}]', 'Invalid time zone: "+02:00"', "INVALID_TIMEZONE"),
        ('groupBy: [{createdAt: {timeZone: "../x\\u0000"}}]', 'Invalid time zone: "../x\x00"', "INVALID_TIMEZONE"),
        ('groupBy: [{city: true}], viewId: "nope"', "Invalid UUID", "INVALID_QUERY_INPUT"),
        (
            "groupBy: [{city: true}], orderBy: [{jobTitle: AscNullsLast}]",
            'Cannot order by "jobTitle": it is not among the fields of groupBy',
            "INVALID_QUERY_INPUT",
        ),
        (
            "groupBy: [{createdAt: true}], orderBy: [{createdAt: {orderBy: AscNullsLast, granularity: YEAR}}]",
            'Cannot order by "createdAt" by YEAR: it is not among the fields of groupBy',
            "INVALID_QUERY_INPUT",
        ),
    ],
)
async def test_groups_that_cannot_be_made_are_an_error_of_the_field(
    client: Client, arguments: str, message: str, sub_code: str
) -> None:
    answer = (await client.post(f"{{ peopleGroupBy({arguments}) {{ totalCount }} }}")).json()

    (error,) = answer["errors"]
    assert (error["message"], error["path"]) == (message, ["peopleGroupBy"])
    assert (error["extensions"]["code"], error["extensions"]["subCode"]) == ("BAD_USER_INPUT", sub_code)
    assert answer["data"] == {"peopleGroupBy": None}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("groupBy: [{nope: true}]", 'Field "nope" is not defined by type "PersonGroupByInput". Did you mean "name"?'),
        ("groupBy: [{searchVector: true}]", 'Field "searchVector" is not defined by type "PersonGroupByInput".'),
        ("groupBy: [{taskTargets: true}]", 'Field "taskTargets" is not defined by type "PersonGroupByInput".'),
        ("groupBy: [{name: {nope: true}}]", 'Field "nope" is not defined by type "FullNameGroupByInput".'),
        (
            "groupBy: [{company: {accountOwner: {locale: true}}}]",
            'Field "accountOwner" is not defined by type "CompanyRelationGroupByInput".',
        ),
        ("groupBy: [{company: true}]", 'Expected value of type "CompanyRelationGroupByInput", found true.'),
        ("groupBy: [{name: true}]", 'Expected value of type "FullNameGroupByInput", found true.'),
        ("groupBy: [true]", 'Expected value of type "PersonGroupByInput", found true.'),
        ("groupBy: [null]", 'Expected value of type "PersonGroupByInput", found null.'),
        ("groupBy: null", 'Expected value of type "[PersonGroupByInput!]!", found null.'),
        ("groupBy: [{city: 1}]", "Boolean cannot represent a non boolean value: 1"),
        ("groupBy: [{createdAt: 1}]", 'Expected value of type "GroupByDateGranularityInput", found 1.'),
        ("groupBy: [{createdAt: {granularity: HOUR}}]", 'Value "HOUR" does not exist in "DateGranularityEnum" enum.'),
        ("groupBy: [{createdAt: {granularity: 1}}]", 'Enum "DateGranularityEnum" cannot represent non-enum value: 1.'),
        (
            "groupBy: [{createdAt: {weekStartDay: FRIDAY}}]",
            'Value "FRIDAY" does not exist in "FirstDayOfTheWeek" enum.',
        ),
        ("groupBy: [{createdAt: {timeZone: 1}}]", "String cannot represent a non string value: 1"),
        ("groupBy: [{createdAt: {zone: 1}}]", 'Field "zone" is not defined by type "GroupByDateGranularityInput".'),
        ('groupBy: [{city: true}], limit: "x"', 'Int cannot represent non-integer value: "x"'),
        ("groupBy: [{city: true}], viewId: 7", "UUID must be a string"),
        ("groupBy: [{city: true}], orderBy: [{nope: AscNullsLast}]", 'Field "nope" is not defined by type '),
        ("groupBy: [{city: true}], orderBy: [3]", 'Expected value of type "PersonOrderByWithGroupByInput", found 3.'),
        ("groupBy: [{city: true}], orderBy: [{city: UP}]", 'Value "UP" does not exist in "OrderByDirection" enum.'),
        (
            "groupBy: [{city: true}], orderBy: [{aggregate: {nope: AscNullsLast}}]",
            'Field "nope" is not defined by type "PersonOrderByAggregateInput".',
        ),
        (
            "groupBy: [{city: true}], orderBy: [{aggregate: AscNullsLast}]",
            'Expected value of type "PersonOrderByAggregateInput", found AscNullsLast.',
        ),
        (
            "groupBy: [{createdAt: true}], orderBy: [{createdAt: {up: AscNullsLast}}]",
            'Field "up" is not defined by type "OrderByDateGranularityInput".',
        ),
        ("groupBy: [{city: true}], first: 3", 'Unknown argument "first" on field "Query.peopleGroupBy".'),
        ("", 'Field "peopleGroupBy" argument "groupBy" of type "[PersonGroupByInput!]!" is required, but it was not'),
    ],
)
async def test_what_does_not_exist_is_told_in_the_words_of_graphql(
    client: Client, arguments: str, message: str
) -> None:
    answer = (await client.post(f"{{ peopleGroupBy{f'({arguments})' if arguments else ''} {{ totalCount }} }}")).json()

    (error,) = answer["errors"]
    assert error["message"].startswith(message)
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "data" not in answer


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("{ groupByDimensionValues { x } }", 'Field "groupByDimensionValues" must not have a selection since type'),
        ("{ groupByDimensionValues(x: 1) }", 'Unknown argument "x" on field "PersonGroupByConnection.groupBy'),
        ("{ groupByDimensions }", 'Cannot query field "groupByDimensions" on type "PersonGroupByConnection".'),
        ("", 'Field "peopleGroupBy" of type "PersonGroupByConnection" must have a selection of subfields.'),
        ("{ edges }", 'Field "edges" of type "PersonEdge" must have a selection of subfields.'),
    ],
)
async def test_selections_of_groups_are_checked(client: Client, selection: str, message: str) -> None:
    answer = (await client.post(f"{{ peopleGroupBy(groupBy: [{{city: true}}]) {selection} }}")).json()

    (error,) = answer["errors"]
    assert error["message"].startswith(message)
