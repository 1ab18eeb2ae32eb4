"""Pages, whatever the rows, the filter and the order, are the ones that the slow twin finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engine.printing import literal
from tests.engine.questions import Question, filters, orders, questions
from tests.engine.shape import ENTITIES, PERSON
from tests.engine.twin import Expected, Json, Row, page
from tests.engine.world import World, ask_exactly, ids_of, make_world, random_rows
from tests.serving import Client

ROWS = random_rows(Random(20), companies=30, people=80, opportunities=70, workflows=25)
IDS = [ROWS["company"][0]["id"], ROWS["company"][1]["id"], ROWS["person"][0]["id"], ROWS["opportunity"][0]["id"]]
TYPES = {"first": "Int", "last": "Int", "offset": "Int", "after": "String", "before": "String"}
PAGE = "{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount }"

many = settings(
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
async def world(client: Client) -> World:
    return await make_world(client, ROWS)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Asks for pages of one question, and compares each with the twin's."""

    world: World
    question: Question
    rows: list[Row]
    cursors: dict[str, str] = field(default_factory=dict)  # by id of the row

    @classmethod
    def of(cls, world: World, question: Question) -> "Listing":
        rows = world.twin.find(question.name, question.filter, question.order)
        return cls(world=world, question=question, rows=rows)

    async def page(self, **given: int | str) -> Expected:
        """Asks for one page; ``after`` and ``before`` are ids of rows met before."""
        expected = page(self.rows, **given)  # type: ignore[arg-type]
        for name in ("after", "before"):
            if name in given:
                given[name] = self.cursors[str(given[name])]
        found = (await self._ask(given))[self.question.entity.plural]
        found_ids = ids_of(edge["node"] for edge in found["edges"])
        assert found_ids == ids_of(expected.rows), self._shown(given)
        for edge in found["edges"]:
            assert self.cursors.setdefault(edge["node"]["id"], edge["cursor"]) == edge["cursor"]
        assert found["totalCount"] == len(self.rows)
        assert found["pageInfo"] == {
            "hasNextPage": expected.has_next,
            "hasPreviousPage": expected.has_previous,
            "startCursor": self.cursors[expected.rows[0]["id"]] if expected.rows else None,
            "endCursor": self.cursors[expected.rows[-1]["id"]] if expected.rows else None,
        }, self._shown(given)
        for facts in self.question.facts:
            # Less is asked: the statement is another one, the answer must not be.
            selection = f"{{ pageInfo {{ {' '.join(facts)} }} edges {{ node {{ id }} }} }}"
            less = (await self._ask(given, selection))[self.question.entity.plural]
            assert less["pageInfo"] == {fact: found["pageInfo"][fact] for fact in facts}, self._shown(given)
            assert ids_of(edge["node"] for edge in less["edges"]) == found_ids, self._shown(given)
        return expected

    async def _ask(self, given: Mapping[str, int | str], selection: str = PAGE) -> Json:
        arguments: dict[str, Json] = {"filter": self.question.filter, "orderBy": self.question.order, **given}
        entity = self.question.entity
        if self.question.literal:
            text = ", ".join(f"{name}: {literal(value)}" for name, value in arguments.items())
            return await ask_exactly(self.world.client, f"{{ {entity.plural}({text}) {selection} }}", {})
        types = {**TYPES, "filter": f"{entity.type_name}FilterInput", "orderBy": f"[{entity.type_name}OrderByInput]"}
        declared = ", ".join(f"${name}: {types[name]}" for name in arguments)
        passed = ", ".join(f"{name}: ${name}" for name in arguments)
        query = f"query({declared}) {{ {entity.plural}({passed}) {selection} }}"
        return await ask_exactly(self.world.client, query, arguments)

    def _shown(self, given: Mapping[str, int | str]) -> object:
        return self.question, dict(given)


async def walk(listing: Listing, size: int) -> None:
    """Forward over all pages by their last cursor, then backward by their first; that the pages are right is checked
    for each, so only that the walk ends where it should is left to say."""
    found = await listing.page(first=size)
    seen = len(found.rows)
    while found.has_next:
        found = await listing.page(first=size, after=found.rows[-1]["id"])
        seen += len(found.rows)
    assert seen == len(listing.rows)
    found = await listing.page(last=size)
    seen = len(found.rows)
    while found.has_previous:
        found = await listing.page(last=size, before=found.rows[0]["id"])
        seen += len(found.rows)
    assert seen == len(listing.rows)


@given(question=questions(ids=IDS))
@settings(many, max_examples=120)
async def test_all_pages_together_are_the_rows_that_the_twin_finds(world: World, question: Question) -> None:
    listing = Listing.of(world, question)
    await walk(listing, max(question.size, len(listing.rows) // 12))


@given(question=questions(ids=IDS), size=st.integers(0, 20), offset=st.integers(0, 40), place=st.integers(0, 79))
@settings(many, max_examples=100)
async def test_a_page_from_anywhere_is_the_one_that_the_twin_finds(
    world: World, question: Question, size: int, offset: int, place: int
) -> None:
    listing = Listing.of(world, question)
    await listing.page(first=200)
    await listing.page(first=size, offset=offset)
    await listing.page(last=size, offset=offset)
    await listing.page(offset=offset)
    if listing.rows:
        row = listing.rows[place % len(listing.rows)]["id"]
        await listing.page(first=size, after=row)
        await listing.page(first=size, after=row, offset=offset)
        await listing.page(last=size, before=row)
        await listing.page(last=size, before=row, offset=offset)
        await listing.page(after=row)
        await listing.page(before=row)


@given(
    filter_=st.none() | filters(PERSON, IDS, depth=1),
    order=orders(PERSON),
    outer=orders(ENTITIES["company"]),
    size=st.integers(0, 5),
    offset=st.none() | st.integers(0, 3),
    backward=st.booleans(),
)
@settings(many, max_examples=250)
async def test_lists_inside_of_records_obey_the_same_rules(
    world: World, filter_: Json, order: Json, outer: Json, size: int, offset: int | None, backward: bool
) -> None:
    query = (
        "query($filter: PersonFilterInput, $order: [PersonOrderByInput], $outer: [CompanyOrderByInput],"
        " $first: Int, $last: Int, $offset: Int) {"
        " companies(orderBy: $outer) { edges { node { id people(filter: $filter, orderBy: $order, first: $first,"
        f" last: $last, offset: $offset) {PAGE} }} }} }} }}"
    )
    direction = "last" if backward else "first"
    variables = {"filter": filter_, "order": order, "outer": outer, direction: size, "offset": offset}
    answer = await ask_exactly(world.client, query, variables)
    companies = world.twin.find("company", None, outer)
    nodes = [edge["node"] for edge in answer["companies"]["edges"]]
    assert ids_of(nodes) == ids_of(companies)
    for node in nodes:
        rows = world.twin.find("person", filter_, order, within=("companyId", node["id"]))
        expected = page(rows, **{direction: size}, offset=offset or 0)  # type: ignore[arg-type]
        found = node["people"]
        assert ids_of(edge["node"] for edge in found["edges"]) == ids_of(expected.rows)
        assert found["totalCount"] == len(rows)
        cursors = [edge["cursor"] for edge in found["edges"]]
        assert found["pageInfo"] == {
            "hasNextPage": expected.has_next,
            "hasPreviousPage": expected.has_previous,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        }


@given(filter_=filters(PERSON, IDS), size=st.integers(1, 100))
@settings(many, max_examples=150)
async def test_a_record_is_shown_with_its_live_company_only(world: World, filter_: Json, size: int) -> None:
    query = (
        "query($filter: PersonFilterInput, $first: Int) {"
        " people(filter: $filter, first: $first) { edges { node { id companyId company { id } } } } }"
    )
    answer = await ask_exactly(world.client, query, {"filter": filter_, "first": size})
    link = PERSON.fields["company"]
    expected = []
    for row in world.twin.find("person", filter_)[:size]:
        company = world.twin.linked(row, link)  # type: ignore[arg-type]
        shown = None if company is None else {"id": company["id"]}
        expected.append({"node": {"id": row["id"], "companyId": row["companyId"], "company": shown}})
    assert answer["people"]["edges"] == expected


@st.composite
def other_rows(draw: st.DrawFn) -> tuple[int, list[Question]]:
    """The seed of some rows, and questions to them."""
    seed = draw(st.integers(0, 2**32))
    rows = few_rows(seed)
    asked = questions(ids=[rows["company"][0]["id"], rows["person"][0]["id"]])
    return seed, draw(st.lists(asked, min_size=4, max_size=4))


def few_rows(seed: int) -> dict[str, list[Row]]:
    return random_rows(Random(seed), companies=5, people=20, opportunities=20, workflows=8)


@given(asked=other_rows())
@settings(many, max_examples=15)
async def test_the_same_holds_for_other_rows(client: Client, asked: tuple[int, list[Question]]) -> None:
    for plural in ("People", "Opportunities", "Companies", "Workflows"):
        for state in ("NULL", "NOT_NULL"):
            await client.data(f"mutation {{ destroy{plural}(filter: {{deletedAt: {{is: {state}}}}}) {{ id }} }}")
    world = await make_world(client, few_rows(asked[0]))
    for question in asked[1]:
        await walk(Listing.of(world, question), max(question.size, 2))
