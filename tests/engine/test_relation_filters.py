"""Filters across relations, whatever their depth, find what the slow twin finds; and what cannot be asked."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import cast

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engine.printing import literal
from tests.engine.relations import ENTITIES, RelationTwin, filters, random_rows
from tests.engine.shape import Entity, Leaf, Link
from tests.engine.twin import Json, Row
from tests.engine.world import ids_of
from tests.records.failure import Failure, failure
from tests.serving import Client

COUNTS = {"company": 12, "person": 30, "opportunity": 30, "note": 15, "noteTarget": 60}
ROWS = random_rows(Random(3), COUNTS)
IDS = [row["id"] for rows in ROWS.values() for row in rows[:4]]

many = settings(
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class World:
    """A workspace with rows, and the same rows in Python. No dataclass, for hypothesis would print all the rows."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.twin = RelationTwin(ROWS)

    async def listed(self, entity: Entity, filter_: Json, arguments: str = "") -> Json:
        """The connection that a filter in a variable gives."""
        query = (
            f"query($filter: {entity.type_name}FilterInput) {{ {entity.plural}(filter: $filter{arguments})"
            " { totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage } } }"
        )
        return (await self.client.data(query, {"filter": filter_}))[entity.plural]


@pytest.fixture
async def world(client: Client) -> World:
    for name, rows in ROWS.items():
        entity = ENTITIES[name]
        plural = entity.plural[0].upper() + entity.plural[1:]
        kind = entity.name[0].upper() + entity.name[1:]
        create = f"mutation($data: [{kind}CreateInput!]!) {{ create{plural}(data: $data) {{ id }} }}"
        await client.data(create, {"data": [written(entity, row) for row in rows]})
        # At once: a note would take along what it is about.
        gone = literal([row["id"] for row in rows if row["deletedAt"]])
        await client.data(f"mutation {{ delete{plural}(filter: {{ id: {{ in: {gone} }} }}) {{ id }} }}")
    return World(client)


def written(entity: Entity, row: Row) -> dict[str, Json]:
    plain = {key for key, shape in entity.fields.items() if isinstance(shape, Leaf) and key != "deletedAt"}
    return {key: row[key] for key in plain}


@st.composite
def questions(draw: st.DrawFn, depth: int = 3) -> tuple[Entity, Json]:
    entity = draw(st.sampled_from(list(ENTITIES.values())))
    return entity, draw(filters(entity, IDS, depth))


# -- against the slow twin --------------------------------------------------------------------------------------------


@given(question=questions(), size=st.integers(1, 25))
@settings(many, max_examples=150)
async def test_pages_and_counts_are_those_of_the_twin(world: World, question: tuple[Entity, Json], size: int) -> None:
    entity, filter_ = question
    expected = world.twin.matching(entity.name, filter_)
    found: list[str] = []
    more, after = True, ""
    while more:
        page = await world.listed(entity, filter_, f", first: {size}{after}")
        assert page["totalCount"] == len(expected)
        found += ids_of(edge["node"] for edge in page["edges"])
        more = page["pageInfo"]["hasNextPage"]
        after = f", after: {literal(page['edges'][-1]['cursor'])}" if more else ""
    assert found == expected
    back = await world.listed(entity, filter_, f", last: {size}")
    assert ids_of(edge["node"] for edge in back["edges"]) == expected[-size:]


@given(one=questions(), other=questions(depth=2))
@settings(many, max_examples=80)
async def test_filters_in_the_document_mean_the_same_and_do_not_mix(
    world: World, one: tuple[Entity, Json], other: tuple[Entity, Json]
) -> None:
    parts = [
        f"{alias}: {entity.plural}(filter: {literal(filter_)}, first: 200) {{ totalCount edges {{ node {{ id }} }} }}"
        for alias, (entity, filter_) in (("a", one), ("b", other))
    ]
    answer = await world.client.data(f"{{ {' '.join(parts)} }}")
    for alias, (entity, filter_) in (("a", one), ("b", other)):
        expected = world.twin.matching(entity.name, filter_)
        assert ids_of(edge["node"] for edge in answer[alias]["edges"]) == expected
        assert answer[alias]["totalCount"] == len(expected)


@given(inner=filters(ENTITIES["opportunity"], IDS, 2), outer=filters(ENTITIES["company"], IDS, 2))
@settings(many, max_examples=60)
async def test_lists_inside_of_records_are_filtered_the_same_way(world: World, inner: Json, outer: Json) -> None:
    query = (
        "query($inner: OpportunityFilterInput, $outer: CompanyFilterInput) { companies(filter: $outer) { edges { node"
        " { id opportunities(filter: $inner) { totalCount edges { node { id } } } } } } }"
    )
    answer = await world.client.data(query, {"inner": inner, "outer": outer})
    nodes = [edge["node"] for edge in answer["companies"]["edges"]]
    assert ids_of(nodes) == world.twin.matching("company", outer)
    for node in nodes:
        expected = world.twin.matching("opportunity", inner, within=("companyId", node["id"]))
        assert ids_of(edge["node"] for edge in node["opportunities"]["edges"]) == expected
        assert node["opportunities"]["totalCount"] == len(expected)


def test_the_questions_are_worth_asking() -> None:
    """Most of them find some rows, but not all; and they use each quantifier on each list."""
    twin = RelationTwin(ROWS)
    used: set[tuple[str, str, str]] = set()
    sizes: list[bool] = []

    @given(question=questions())
    @settings(many, max_examples=150)
    def look(question: tuple[Entity, Json]) -> None:
        entity, filter_ = question
        _walk(entity, filter_, used)
        sizes.append(0 < len(twin.matching(entity.name, filter_)) < COUNTS[entity.name] * 0.75)

    look()
    lists = {(entity.name, key) for entity in ENTITIES.values() for key in entity.lists}
    assert {(name, key) for name, key, _ in used} == lists
    assert {word for _, _, word in used} == {"some", "none", "every"}
    assert sum(sizes) > 50


def _walk(entity: Entity, filter_: Json, used: set[tuple[str, str, str]]) -> None:
    for key, given_ in (filter_ or {}).items():
        if key in ("and", "or", "not"):
            for each in given_ if isinstance(given_, list) else [given_]:
                _walk(entity, each, used)
        elif key in entity.lists:
            for word, each in (given_ or {}).items():
                used.add((entity.name, key, word))
                _walk(ENTITIES[entity.lists[key][0]], each, used)
        elif isinstance(entity.fields[key], Link) and given_ and not set(given_) <= {"eq", "neq", "in", "is"}:
            _walk(ENTITIES[cast(Link, entity.fields[key]).target], given_, used)


# -- facts ------------------------------------------------------------------------------------------------------------

ACME, BETA, GONE = (f"{number}0303030-0c28-43d9-b8f7-2b12e84b4d5e" for number in (1, 2, 3))


@pytest.fixture
async def three(client: Client) -> Client:
    """Acme with a cook in Oslo and a baker in Rome, Beta without anybody, and a deleted company with a cook."""
    await client.data(
        f"""mutation {{
            createCompanies(data: [
                {{ id: "{ACME}", name: "Acme" }} {{ id: "{BETA}", name: "Beta" }} {{ id: "{GONE}", name: "Gone" }}
            ]) {{ id }}
            createPeople(data: [
                {{ jobTitle: "cook", city: "Oslo", companyId: "{ACME}" }}
                {{ jobTitle: "baker", city: "Rome", companyId: "{ACME}" }}
                {{ jobTitle: "thief", city: "Rome", companyId: "{ACME}" }}
                {{ jobTitle: "cook", city: "Bonn", companyId: "{GONE}" }}
                {{ jobTitle: "judge" }}
            ]) {{ id }}
            deleteCompany(id: "{GONE}") {{ id }}
            deletePeople(filter: {{ jobTitle: {{ eq: "thief" }} }}) {{ id }}
        }}"""
    )
    return client


async def names(client: Client, filter_: str) -> list[str]:
    arguments = f"filter: {filter_}, orderBy: {{ name: AscNullsFirst }}"
    answer = await client.data(f"{{ companies({arguments}) {{ edges {{ node {{ name }} }} }} }}")
    return [edge["node"]["name"] for edge in answer["companies"]["edges"]]


async def jobs(client: Client, filter_: str) -> list[str]:
    answer = await client.data(f"{{ people(filter: {filter_}) {{ edges {{ node {{ jobTitle }} }} }} }}")
    return sorted(edge["node"]["jobTitle"] for edge in answer["people"]["edges"])


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ('{people: {some: {city: {eq: "Oslo"}}}}', ["Acme"]),
        ('{people: {none: {city: {eq: "Oslo"}}}}', ["Beta"]),
        ('{people: {every: {city: {in: ["Oslo", "Rome"]}}}}', ["Acme", "Beta"]),
        ('{people: {every: {city: {eq: "Oslo"}}}}', ["Beta"]),
        ("{people: {some: {}}}", ["Acme"]),
        ("{people: {none: {}}}", ["Beta"]),
        ("{people: {every: {}}}", ["Acme", "Beta"]),
        ("{people: {}}", ["Acme", "Beta"]),
        ("{people: null}", ["Acme", "Beta"]),
        ("{people: {some: null}}", ["Acme", "Beta"]),
        ('{people: {some: {city: {eq: "Oslo"}}, every: {city: {neq: "Bonn"}}}}', ["Acme"]),
        ('{people: {some: {city: {eq: "Oslo"}, jobTitle: {eq: "baker"}}}}', []),
        ('{and: [{people: {some: {city: {eq: "Oslo"}}}}, {people: {some: {jobTitle: {eq: "baker"}}}}]}', ["Acme"]),
        ('{not: {people: {some: {city: {eq: "Oslo"}}}}}', ["Beta"]),
        ('{or: [{people: {none: {}}}, {people: {some: {jobTitle: {startsWith: "b"}}}}]}', ["Acme", "Beta"]),
        # soft-deleted people do not count, unless the filter speaks of that
        ('{people: {some: {jobTitle: {eq: "thief"}}}}', []),
        ('{people: {some: {jobTitle: {eq: "thief"}, deletedAt: {is: NOT_NULL}}}}', ["Acme"]),
        ("{people: {every: {deletedAt: {is: NULL}}}}", ["Beta"]),
        # that the inner filter speaks of it says nothing about the companies, and the other way round
        ('{people: {some: {city: {eq: "Bonn"}, deletedAt: {is: NULL}}}}', []),
        ('{deletedAt: {is: NOT_NULL}, people: {some: {city: {eq: "Bonn"}}}}', ["Gone"]),
    ],
)
async def test_companies_are_found_by_their_people(three: Client, filter_: str, found: list[str]) -> None:
    assert await names(three, filter_) == found


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ('{company: {name: {eq: "Acme"}}}', ["baker", "cook"]),
        ('{not: {company: {name: {eq: "Acme"}}}}', ["cook", "judge"]),
        ('{company: {name: {neq: "Acme"}}}', []),
        ("{company: {}}", ["baker", "cook", "cook", "judge"]),
        ("{company: {name: {}}}", ["baker", "cook", "cook", "judge"]),
        ("{company: {and: [{}, {name: null}]}}", ["baker", "cook", "cook", "judge"]),
        ("{company: {not: {name: {is: NULL}}}}", ["baker", "cook"]),
        ("{company: {is: NULL}}", ["judge"]),
        ("{companyId: {is: NULL}}", ["judge"]),
        (f'{{company: {{in: ["{ACME}"]}}}}', ["baker", "cook"]),
        ("{company: {deletedAt: {is: NOT_NULL}}}", ["cook"]),
        ('{company: {name: {eq: "Gone"}}}', []),
        ('{company: {people: {some: {jobTitle: {eq: "baker"}}}}}', ["baker", "cook"]),
        ('{company: {people: {none: {company: {people: {some: {city: {eq: "Rome"}}}}}}}}', []),
    ],
)
async def test_people_are_found_by_their_company(three: Client, filter_: str, found: list[str]) -> None:
    assert await jobs(three, filter_) == found


async def test_targets_can_be_asked_by_both_of_their_names(three: Client) -> None:
    await three.data(
        f"""mutation {{ createNote(data: {{ title: "Call", noteTargets: {{ create: [
            {{ targetCompany: {{ connect: {{ where: {{ id: "{ACME}" }} }} }} }}
        ] }} }}) {{ id }} }}"""
    )
    for name in ("company", "targetCompany"):
        for title, count in (("Acme", 1), ("Beta", 0)):
            condition = f'{{ noteTargets: {{ some: {{ {name}: {{ name: {{ eq: "{title}" }} }} }} }} }}'
            answer = await three.data(f"{{ notes(filter: {condition}) {{ totalCount }} }}")
            assert answer == {"notes": {"totalCount": count}}
    found = await names(three, '{ noteTargets: { some: { note: { title: { eq: "Call" } } } } }')
    assert found == ["Acme"]


async def test_an_alias_of_a_list_can_be_asked(three: Client) -> None:
    assert await jobs(three, "{opportunities: {some: {}}}") == []
    assert len(await jobs(three, "{opportunities: {none: {}}}")) == 4


async def test_changes_of_many_can_be_chosen_by_related_records(three: Client) -> None:
    cooks = '{ people: { some: { jobTitle: { eq: "cook" } } } }'
    updated = await three.data(
        f'mutation {{ updateCompanies(filter: {cooks}, data: {{ name: "Cooks" }}) {{ name people {{ totalCount }} }} }}'
    )
    assert updated == {"updateCompanies": [{"name": "Cooks", "people": {"totalCount": 2}}]}
    by_company = '{ company: { name: { eq: "Cooks" } } }'
    deleted = await three.data(f"mutation {{ deletePeople(filter: {by_company}) {{ jobTitle }} }}")
    assert sorted(each["jobTitle"] for each in deleted["deletePeople"]) == ["baker", "cook"]


@pytest.mark.parametrize("vacuous", ["{people: {every: {}}}", "{people: {}}", "{people: {some: null}}", "{not: null}"])
async def test_a_filter_that_asks_nothing_does_not_change_all_records(three: Client, vacuous: str) -> None:
    found = await failure(three, f'mutation {{ updateCompanies(filter: {vacuous}, data: {{ name: "x" }}) {{ id }} }}')
    assert found.message == "A non-empty filter is required"


# -- what cannot be asked ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filter_", "message"),
    [
        ({"people": {"any": {}}}, 'Field "any" is not defined by type "PersonListFilterInput".'),
        ({"people": {"city": {"eq": "x"}}}, 'Field "city" is not defined by type "PersonListFilterInput".'),
        ({"people": {"som": {}}}, 'Field "som" is not defined by type "PersonListFilterInput". Did you mean "some"?'),
        ({"people": []}, 'Expected type "PersonListFilterInput" to be an object.'),
        ({"people": "x"}, 'Expected type "PersonListFilterInput" to be an object.'),
        ({"people": {"some": "x"}}, 'Expected type "PersonFilterInput" to be an object.'),
        ({"people": {"some": [{}]}}, 'Expected type "PersonFilterInput" to be an object.'),
        ({"people": {"every": 5}}, 'Expected type "PersonFilterInput" to be an object.'),
        (
            {"people": {"some": {"town": {"eq": "x"}}}},
            'Field "town" is not defined by type "PersonFilterInput".',
        ),
        (
            {"people": {"none": {"city": {"equals": "x"}}}},
            'Field "equals" is not defined by type "StringFilter".',
        ),
        ({"people": {"some": {"city": {"eq": 5}}}}, "String cannot represent a non string value: 5"),
        ({"accountOwner": "x"}, 'Expected type "WorkspaceMemberFilterInput" to be an object.'),
        ({"accountOwner": {"all": {}}}, 'Field "all" is not defined by type "WorkspaceMemberFilterInput".'),
        (
            {"people": {"some": {"company": {"people": {"some": {"x": {}}}}}}},
            'Field "x" is not defined by type "PersonFilterInput".',
        ),
    ],
)
async def test_what_a_filter_cannot_say_is_told_where_it_is_said(three: Client, filter_: Json, message: str) -> None:
    query = "query($filter: CompanyFilterInput) { companies(filter: $filter) { totalCount } }"
    assert await failure(three, query, {"filter": filter_}) == Failure(message=message, code="BAD_USER_INPUT")
    in_document = await failure(three, f"{{ companies(filter: {literal(filter_)}) {{ totalCount }} }}")
    assert in_document.code == "GRAPHQL_VALIDATION_FAILED"


async def test_several_mistakes_are_told_at_once(three: Client) -> None:
    wrong = '{people: {all: {}, some: {town: {eq: "x"}}}, x: {}}'
    answer = await three.ask(f"{{ companies(filter: {wrong}) {{ totalCount }} }}")
    errors = cast(list[Mapping[str, str]], answer["errors"])
    assert [error["message"] for error in errors] == [
        'Field "all" is not defined by type "PersonListFilterInput".',
        'Field "town" is not defined by type "PersonFilterInput".',
        'Field "x" is not defined by type "CompanyFilterInput".',
    ]


async def test_a_value_of_the_wrong_content_is_told(three: Client) -> None:
    query = "query($filter: CompanyFilterInput) { companies(filter: $filter) { totalCount } }"
    found = await failure(three, query, {"filter": {"people": {"some": {"companyId": {"eq": "x"}}}}})
    assert found.code == "BAD_USER_INPUT"
    assert "UUID" in found.message


def nested(depth: int) -> Json:
    filter_: Json = {"name": {"eq": "Acme"}}
    for level in range(depth):
        filter_ = {"people": {"some": filter_}} if level % 2 else {"company": filter_}
    return filter_


async def test_filters_go_through_a_number_of_relations_and_no_further(three: Client) -> None:
    query = "query($filter: CompanyFilterInput) { companies(filter: $filter) { totalCount } }"
    assert await three.data(query, {"filter": nested(20)}) == {"companies": {"totalCount": 1}}
    message = "Query complexity is too high. Filters may go through 20 relations at most."
    too_complex = Failure(message=message, code="BAD_USER_INPUT", sub_code="TOO_COMPLEX_QUERY")
    wide: Sequence[Json] = [{"people": {"some": {"city": {"eq": str(number)}}}} for number in range(21)]
    for filter_ in (nested(22), nested(300), {"or": wide}):
        assert await failure(three, query, {"filter": filter_}) == too_complex
