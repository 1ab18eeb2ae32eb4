"""Aggregates and groups of an object with a field of every type, which no standard object is."""

import json
from dataclasses import replace

import pytest

from rapport.edge.graphql.document import read_document
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.queries import compile_query
from rapport.edge.graphql.roots import Translation
from rapport.edge.limits import Limits
from rapport.engine.aggregates import aggregates_of
from rapport.engine.places import groupable, is_moment
from rapport.metadata.catalog import Catalog
from rapport.metadata.ddl import create_statements
from rapport.store.database import Database
from tests.edge.graphql.models import field, with_rockets
from tests.engine.twin import Json

ROWS = """insert into rockets._rocket
  (id, name, crew, miles, status, tags, "someDate", "someDateTime", "someBoolean", "someNumber", "someRawJson",
   "someArray", "someCurrencyAmountMicros", "someCurrencyCurrencyCode", "someLinksPrimaryLinkUrl", "someNumeric")
values
  ('00000000-0000-4000-8000-000000000001', 'a', 2147483647, 9223372036854775807, 'LOST', '{HEAVY,LIGHT}',
   '2024-03-31', '2024-03-31T00:30:00Z', true, 0.1, '{"a": 1}', '{x,y}', 1, 'EUR', 'a.example', 1.50),
  ('00000000-0000-4000-8000-000000000002', 'b', 2147483647, 9223372036854775807, 'FLYING', '{}',
   '2025-01-05', '2025-01-05T23:30:00Z', false, -0.0, '{}', '{}', null, 'USD', '', 1.5),
  ('00000000-0000-4000-8000-000000000003', '', null, null, null, null, null, null, null, null, null, null, null, null,
   null, null)"""


class Rockets:
    """Asks the database by the statements that documents become."""

    def __init__(self, database: Database, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog

    async def ask(self, text: str) -> Json:
        document = read_document(text, None)
        translation = Translation.begin(document, Model(self._catalog), {}, Limits())
        query = compile_query(translation, translation.roots(()), self._catalog.schema)
        assert (translation.problems.items, query.errors) == ([], ())
        assert query.statement is not None
        body = await self._database.value(query.statement.sql, *query.statement.bind({}))
        assert isinstance(body, bytes)
        return json.loads(body)["data"]


def catalog() -> Catalog:
    """The object alone, without its relation."""
    found = with_rockets()
    item = found.by_name["rocket"]
    deleted = field("deletedAt", "DATE_TIME")
    fields = (*(each for each in item.fields if not each.type.is_relation), deleted)
    return replace(found, schema="rockets", objects=(replace(item, table="_rocket", fields=fields),))


@pytest.fixture
async def rockets(database: Database) -> Rockets:
    found = catalog()
    for statement in (*create_statements(found), ROWS):
        await database.execute(statement)
    return Rockets(database, found)


async def test_all_aggregates_are_computed(rockets: Rockets) -> None:
    names = aggregates_of(catalog().by_name["rocket"])
    found = (await rockets.ask(f"{{ rockets {{ {' '.join(names)} }} }}"))["rockets"]

    wanted = {
        "minSomeDate": "2024-03-31T00:00:00.000Z",
        "maxSomeDate": "2025-01-05T00:00:00.000Z",
        "maxSomeDateTime": "2025-01-05T23:30:00.000Z",
        "sumCrew": 2 * (2**31 - 1),
        "avgCrew": 2**31 - 1,
        "sumMiles": 2 * (2**63 - 1),
        "maxMiles": 2**63 - 1,
        "avgSomeNumber": 0.05,
        "countTrueSomeBoolean": 1,
        "countFalseSomeBoolean": 1,
        "countEmptySomeBoolean": 1,
        "countNotEmptyName": 2,
        "countNotEmptyTags": 1,
        "countNotEmptySomeRawJson": 1,
        "countNotEmptySomeArray": 1,
        "countUniqueValuesSomeArray": 1,
        "countUniqueValuesSomeNumeric": 1,
        "countNotEmptySomeCurrency": 1,
        "countUniqueValuesSomeCurrency": 1,
        "countNotEmptySomeLinks": 1,
        "countNotEmptySomePhones": 0,
        "countEmptyId": 0,
        "percentageEmptyStatus": 1 / 3,
    }
    assert {name: found[name] for name in wanted} == wanted
    assert len(found) == len(names)


async def test_records_are_grouped_by_every_field(rockets: Rockets) -> None:
    item = catalog().by_name["rocket"]
    for each in item.field.values():
        if not groupable(each):
            continue
        for column in each.columns:
            given = f"{{{column.sub}: true}}" if column.sub else "{granularity: NONE}" if is_moment(column) else "true"
            root = f"rocketsGroupBy(groupBy: [{{{each.name}: {given}}}])"
            found = (
                await rockets.ask(f"{{ {root} {{ groupByDimensionValues totalCount edges {{ node {{ id }} }} }} }}")
            )["rocketsGroupBy"]
            assert sum(group["totalCount"] for group in found) == 3, column.name
            assert all(len(group["edges"]) == group["totalCount"] for group in found), column.name


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ("someDate: {granularity: NONE}", ["2024-03-31", "2025-01-05", None]),
        ("someDate: {granularity: MONTH}", ["2024-03-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z", None]),
        ('someDate: {granularity: DAY, timeZone: "Asia/Tokyo"}', ["2024-03-31", "2025-01-05", None]),
        ('someDateTime: {timeZone: "Asia/Tokyo"}', ["2024-03-31", "2025-01-06", None]),
        ("someDate: {granularity: DAY_OF_THE_WEEK}", ["Sunday", None]),
        ("someBoolean: true", ["false", "true", None]),
        ("miles: true", ["9223372036854775807", None]),
        ("someNumber: true", ["0", "0.1", None]),
        ("someNumeric: true", ["1.5", None]),
        ("status: true", ["FLYING", "LOST", None]),
        ("tags: true", [["HEAVY", "LIGHT"], None]),
        ("someRawJson: true", [{"a": 1}, None]),
        ("name: true", ["a", "b", None]),
        ("someLinks: {primaryLinkUrl: true}", ["a.example", None]),
    ],
)
async def test_values_are_answered_in_the_form_of_their_type(
    rockets: Rockets, dimension: str, expected: list[Json]
) -> None:
    found = await rockets.ask(f"{{ rocketsGroupBy(groupBy: [{{{dimension}}}]) {{ groupByDimensionValues }} }}")

    assert [group["groupByDimensionValues"] for group in found["rocketsGroupBy"]] == [[value] for value in expected]
