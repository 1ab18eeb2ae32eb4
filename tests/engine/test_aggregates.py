"""Aggregates of connections, whatever the rows and the filter, are the ones that the slow twin computes."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.measures import aggregate_names, aggregates, same
from tests.engine.questions import filters
from tests.engine.shape import ENTITIES, Entity
from tests.engine.tame import tame_rows
from tests.engine.twin import Json, Row
from tests.engine.world import World, ask_exactly, make_world
from tests.serving import Client

ROWS = tame_rows(Random(7))
IDS = [ROWS["company"][0]["id"], ROWS["person"][0]["id"], ROWS["opportunity"][0]["id"]]

many = settings(
    deadline=None,
    derandomize=True,
    print_blob=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
async def world(client: Client) -> World:
    return await make_world(client, ROWS)


@st.composite
def asked(draw: st.DrawFn) -> tuple[Entity, Json]:
    entity = draw(st.sampled_from(list(ENTITIES.values())))
    return entity, draw(st.none() | filters(entity, IDS, depth=1))


def check(entity: Entity, found: Json, rows: list[Row]) -> None:
    expected = aggregates(entity, rows)
    wrong = {name: (found[name], value) for name, value in expected.items() if not same(found[name], value)}
    assert wrong == {}


@given(asked=asked(), size=st.integers(0, 5))
@settings(many, max_examples=120)
async def test_aggregates_are_of_all_rows_that_the_filter_finds(
    world: World, asked: tuple[Entity, Json], size: int
) -> None:
    entity, filter_ = asked
    names = " ".join(aggregate_names(entity))
    answer = await ask_exactly(
        world.client,
        f"query($filter: {entity.type_name}FilterInput, $first: Int) {{ {entity.plural}(filter: $filter, first: $first,"
        f" offset: 1) {{ {names} edges {{ node {{ id }} }} }} }}",
        {"filter": filter_, "first": size},
    )

    check(entity, answer[entity.plural], world.twin.find(entity.name, filter_))


@given(filter_=filters(ENTITIES["person"], IDS, depth=1), of_opportunities=filters(ENTITIES["opportunity"], IDS, 1))
@settings(many, max_examples=40)
async def test_aggregates_of_lists_inside_of_records_are_of_their_rows(
    world: World, filter_: Json, of_opportunities: Json
) -> None:
    people, opportunities = ENTITIES["person"], ENTITIES["opportunity"]
    answer = await ask_exactly(
        world.client,
        "query($people: PersonFilterInput, $opportunities: OpportunityFilterInput) { companies { edges { node { id"
        f" people(filter: $people, first: 1) {{ {' '.join(aggregate_names(people))} edges {{ cursor }} }}"
        f" opportunities(filter: $opportunities) {{ {' '.join(aggregate_names(opportunities))} }}"
        " } } } }",
        {"people": filter_, "opportunities": of_opportunities},
    )

    for edge in answer["companies"]["edges"]:
        node = edge["node"]
        within = ("companyId", node["id"])
        check(people, node["people"], world.twin.find("person", filter_, within=within))
        check(opportunities, node["opportunities"], world.twin.find("opportunity", of_opportunities, within=within))


async def test_numbers_are_answered_as_numbers_and_moments_with_milliseconds(client: Client) -> None:
    created = (
        '[{employees: 2, annualRecurringRevenue: {amountMicros: "1500002500001"}}, {employees: 3, name: "Acme"}, {}]'
    )
    await client.data(f"mutation {{ createCompanies(data: {created}) {{ id }} }}")
    await client.data('mutation { createOpportunity(data: {closeDate: "2026-01-15T10:00:00+02:00"}) { id } }')

    answer = await client.post(
        "{ companies { sumEmployees avgEmployees percentageEmptyName share: percentageNotEmptyName"
        " sumAnnualRecurringRevenueAmountMicros countTrueIdealCustomerProfile } opportunities { minCloseDate } }"
    )

    assert answer.text == (
        '{"data":{"companies":{"sumEmployees":5,"avgEmployees":2.5,"percentageEmptyName":0.6666666666666666,'
        '"share":0.3333333333333333,"sumAnnualRecurringRevenueAmountMicros":1500002500001,'
        '"countTrueIdealCustomerProfile":0},"opportunities":{"minCloseDate":"2026-01-15T08:00:00.000Z"}}}'
    )


async def test_without_rows_there_are_counts_but_no_measures(client: Client) -> None:
    found = await client.data(
        "{ companies { totalCount countEmptyName countUniqueValuesName percentageEmptyName percentageNotEmptyName"
        " minEmployees maxEmployees avgEmployees sumEmployees countTrueIdealCustomerProfile maxCreatedAt } }"
    )

    assert found["companies"] == {
        "totalCount": 0,
        "countEmptyName": 0,
        "countUniqueValuesName": 0,
        "percentageEmptyName": None,
        "percentageNotEmptyName": None,
        "minEmployees": None,
        "maxEmployees": None,
        "avgEmployees": None,
        "sumEmployees": None,
        "countTrueIdealCustomerProfile": 0,
        "maxCreatedAt": None,
    }


async def test_members_of_morph_relations_are_counted_and_other_relations_are_not(client: Client) -> None:
    person = (await client.data("mutation { createPerson(data: {}) { id } }"))["createPerson"]["id"]
    data = [{"targetPersonId": person}, {"targetPersonId": person}, {}]
    query = "mutation($data: [NoteTargetCreateInput!]!) { createNoteTargets(data: $data) { id } }"
    await client.data(query, {"data": data})

    found = await client.data(
        "{ noteTargets { countEmptyTargetPerson countNotEmptyTargetPerson countUniqueValuesTargetPerson"
        " percentageNotEmptyTargetPerson } }"
    )
    refused = await client.ask("{ people { countEmptyCompany } }")

    assert found["noteTargets"] == {
        "countEmptyTargetPerson": 1,
        "countNotEmptyTargetPerson": 2,
        "countUniqueValuesTargetPerson": 1,
        "percentageNotEmptyTargetPerson": 2 / 3,
    }
    assert refused["errors"][0]["message"].startswith(  # type: ignore[index]
        'Cannot query field "countEmptyCompany" on type "PersonConnection".'
    )


async def test_a_sum_that_no_number_can_hold_is_an_error_of_the_caller(client: Client) -> None:
    huge = '{probability: 1.7e308, amount: {amountMicros: "1e300"}}'
    await client.data(f"mutation {{ createOpportunities(data: [{huge}, {huge}]) {{ id }} }}")

    answer = (await client.post("{ opportunities { sumProbability } }")).json()
    exact = await ask_exactly(
        client, "{ opportunities { sumAmountAmountMicros maxProbability avgEmpty: totalCount } }", {}
    )

    (error,) = answer["errors"]
    assert error["message"] == "A computed number is out of range."
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert exact["opportunities"]["sumAmountAmountMicros"] == 2 * 10**300


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "{ people { countEmptyNames } }",
            'Cannot query field "countEmptyNames" on type "PersonConnection". Did you mean "countEmptyName",',
        ),
        (
            "{ people { countEmptyName { x } } }",
            'Field "countEmptyName" must not have a selection since type "Int" has no subfields.',
        ),
        (
            "{ people { maxCreatedAt { x } } }",
            'Field "maxCreatedAt" must not have a selection since type "DateTime" has no subfields.',
        ),
        (
            "{ people { totalCount { x } } }",
            'Field "totalCount" must not have a selection since type "Int" has no subfields.',
        ),
        ("{ people { totalCount(x: 1) } }", 'Unknown argument "x" on field "PersonConnection.totalCount".'),
        ("{ people { sumCity } }", 'Cannot query field "sumCity" on type "PersonConnection".'),
    ],
)
async def test_what_is_no_aggregate_is_refused(client: Client, query: str, message: str) -> None:
    answer = (await client.post(query)).json()

    (error,) = answer["errors"]
    assert error["message"].startswith(message)
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "data" not in answer


async def test_the_same_aggregate_under_many_names_is_computed_once(client: Client) -> None:
    aliases = " ".join(f"a{number}: countUniqueValuesName" for number in range(2000))
    found = await client.data(f"{{ people {{ {aliases} }} }}")

    assert set(found["people"].values()) == {0}
