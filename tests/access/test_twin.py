"""Whatever the role and the question: the answer is the one that would be given if there were nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.access.acting import ALL, Role, acting
from tests.engine.questions import Question, questions
from tests.engine.shape import ENTITIES, Entity, Link
from tests.engine.twin import Json, Row, Twin
from tests.engine.world import World, ids_of, make_world, random_rows
from tests.serving import Client

ROWS = random_rows(Random(77), companies=12, people=40, opportunities=30, workflows=6)
IDS = [row["id"] for row in ROWS["company"][:3]]
DENIED = "Entity performing the request does not have permission"

many = settings(
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

HIDEABLE = (
    "person.city", "person.name", "person.emails", "person.company", "company.name", "company.employees",
    "company.address", "company.people", "opportunity.stage", "opportunity.amount", "opportunity.company",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A row predicate, and the same as a filter for the twin."""

    object: str
    field: str
    operand: str
    value: Json
    filter: Json


def _unlike(field: str, condition: Json) -> Json:
    return {"or": [{"not": {field: condition}}, {field: {"is": "NULL"}}]}


RULES = (
    *(Rule(object="person", field="city", operand="IS", value=v, filter={"city": {"eq": v}}) for v in ("Oslo", "Rome")),
    Rule(object="person", field="city", operand="IS_NOT", value="Oslo", filter=_unlike("city", {"eq": "Oslo"})),
    Rule(object="person", field="city", operand="CONTAINS", value="o", filter={"city": {"ilike": "%o%"}}),
    Rule(
        object="person", field="city", operand="DOES_NOT_CONTAIN", value="o", filter=_unlike("city", {"ilike": "%o%"})
    ),
    Rule(object="person", field="city", operand="IS_EMPTY", value="", filter={"city": {"is": "NULL"}}),
    Rule(object="person", field="city", operand="IS_NOT_EMPTY", value="", filter={"not": {"city": {"is": "NULL"}}}),
    Rule(
        object="person", field="company", operand="IS", value={"selectedRecordIds": IDS},
        filter={"companyId": {"in": IDS}},
    ),
    Rule(
        object="person", field="company", operand="IS", value={"isCurrentWorkspaceMemberSelected": True},
        filter={"companyId": {"in": []}},  # an API key is no member
    ),
    Rule(object="person", field="company", operand="IS_EMPTY", value=None, filter={"companyId": {"is": "NULL"}}),
    Rule(
        object="company", field="employees", operand="GREATER_THAN_OR_EQUAL", value=1, filter={"employees": {"gte": 1}}
    ),
    Rule(object="company", field="employees", operand="LESS_THAN_OR_EQUAL", value=1, filter={"employees": {"lte": 1}}),
    Rule(
        object="company", field="idealCustomerProfile", operand="IS", value=True,
        filter={"idealCustomerProfile": {"eq": True}},
    ),
    Rule(object="opportunity", field="stage", operand="IS", value='["NEW"]', filter={"stage": {"in": ["NEW"]}}),
    Rule(
        object="opportunity", field="stage", operand="IS_NOT", value=["NEW", "MEETING"],
        filter=_unlike("stage", {"in": ["NEW", "MEETING"]}),
    ),
    Rule(object="opportunity", field="closeDate", operand="IS_IN_FUTURE", value=None, filter=None),
)  # fmt: skip
# The twin has no clock: what the future holds is asked of the server itself, once (see ``future``).


@dataclass(frozen=True, kw_only=True)
class Case:
    hidden: tuple[str, ...]
    unreadable: tuple[str, ...]
    rules: tuple[Rule, ...]
    question: Question

    def role(self) -> Role:
        closed = dict.fromkeys(("read", "update", "soft_delete", "destroy"), False)
        return Role(
            rights=frozenset(ALL),
            flags=frozenset({"WORKFLOWS"}),
            objects=dict.fromkeys(self.unreadable, closed),
            hidden=self.hidden,
            rows=tuple((each.object, each.field, each.operand, each.value) for each in self.rules),
        )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    unreadable = draw(st.sampled_from([(), (), (), ("company",), ("person",), ("opportunity", "company")]))
    objects = draw(st.lists(st.sampled_from(("company", "company", "person", "opportunity")), unique=True, min_size=1))
    rules = [draw(st.sampled_from([each for each in RULES if each.object == name])) for name in objects]
    return Case(
        hidden=draw(st.just(()) | st.tuples(st.sampled_from(HIDEABLE))),
        unreadable=unreadable,
        rules=tuple(rules),
        question=draw(questions(ids=IDS)),
    )


@pytest.fixture
async def world(client: Client) -> World:
    return await make_world(client, ROWS)


@given(case=cases())
@settings(many, max_examples=250)
async def test_an_answer_is_the_one_of_a_workspace_that_has_only_what_may_be_seen(world: World, case: Case) -> None:
    twin = Twin(rows=await _visible(world, case))
    entity, question = case.question.entity, case.question
    relations = _relations(entity)
    selection = " ".join(["id", *(f"{name} {{ id }}" for name in relations), *_lists(entity)])
    key = await acting(world.client, case.role())
    query = (
        f"query($filter: {entity.type_name}FilterInput, $order: [{entity.type_name}OrderByInput]) {{ "
        f"{entity.plural}(filter: $filter, orderBy: $order, first: 200) "
        f"{{ totalCount edges {{ node {{ {selection} }} }} }} }}"
    )
    answer = await key.ask(query, {"filter": question.filter, "order": question.order})
    if _is_denied(case, entity):
        assert [each["message"] for each in answer["errors"]] == [DENIED], (case, answer)  # type: ignore[attr-defined]
        assert answer["data"] == {entity.plural: None}
        return
    assert "errors" not in answer, (case, answer)
    rows = twin.find(entity.name, question.filter, question.order)
    found = answer["data"][entity.plural]  # type: ignore[index]
    nodes = [edge["node"] for edge in found["edges"]]
    assert ids_of(nodes) == ids_of(rows), case
    assert found["totalCount"] == len(rows)
    for node, row in zip(nodes, rows, strict=True):
        for name in relations:
            shape = entity.fields[name]
            assert isinstance(shape, Link)
            company = twin.linked(row, shape)
            assert node[name] == (None if company is None else {"id": company["id"]}), case
        for name, (target, column) in entity.lists.items():
            within = twin.find(target, None, None, within=(column, row["id"]))
            assert node[name]["totalCount"] == len(within), case


def _relations(entity: Entity) -> list[str]:
    return [name for name, shape in entity.fields.items() if isinstance(shape, Link)]


def _lists(entity: Entity) -> list[str]:
    return [f"{name} {{ totalCount }}" for name in entity.lists]


async def _visible(world: World, case: Case) -> Mapping[str, Sequence[Row]]:
    """The rows that meet all rules of their object; soft-deleted ones among them."""
    found = dict(world.twin.rows)
    for rule in case.rules:
        if rule.filter is None:
            plural = ENTITIES[rule.object].plural
            answer = await world.client.data(
                f"query($now: DateTime) {{ {plural}(first: 200, filter: {{and: [{{{rule.field}: {{gt: $now}}}}, "
                "{or: [{deletedAt: {is: NULL}}, {deletedAt: {is: NOT_NULL}}]}]}) { edges { node { id } } } }",
                {"now": datetime.now(UTC).isoformat()},
            )
            kept = {edge["node"]["id"] for edge in answer[plural]["edges"]}
            found[rule.object] = [row for row in found[rule.object] if row["id"] in kept]
            continue
        entity = ENTITIES[rule.object]
        found[rule.object] = [row for row in found[rule.object] if world.twin.holds(entity, row, rule.filter) is True]
    return found


# -- which questions are refused -------------------------------------------------------------------------------------


def _is_denied(case: Case, entity: Entity) -> bool:
    names = [*_relations(entity), *entity.lists]
    return (
        entity.name in case.unreadable
        or any(_closed(case, entity, name) for name in names)
        or _in_filter(case, entity, case.question.filter)
        or _in_order(case, entity, case.question.order)
    )


def _hidden(case: Case, entity: Entity, name: str) -> bool:
    """The two sides of a relation are hidden together, and the join column with them."""
    own = {path.split(".")[1] for path in case.hidden if path.split(".")[0] == entity.name}
    sides = {"person.company": "company.people", "opportunity.company": "company.opportunities"}
    for one, other in sides.items():
        if one in case.hidden or other in case.hidden:
            own |= {each.split(".")[1] for each in (one, other) if each.split(".")[0] == entity.name}
    if "company" in own and entity.name != "company":
        own.add("companyId")
    return name in own


def _closed(case: Case, entity: Entity, name: str) -> bool:
    shape = entity.fields.get(name)
    target = shape.target if isinstance(shape, Link) else entity.lists[name][0]
    return _hidden(case, entity, name) or target in case.unreadable


def _in_filter(case: Case, entity: Entity, filter_: Json) -> bool:
    for key, given_ in (filter_ or {}).items():
        if key in ("and", "or", "not"):
            several = given_ if isinstance(given_, list) else [given_]
            if any(_in_filter(case, entity, each) for each in several):
                return True
            continue
        if _hidden(case, entity, key):
            return True
        shape = entity.fields[key]
        if not isinstance(shape, Link) or given_ is None or (given_ and set(given_) <= {"eq", "neq", "in", "is"}):
            continue
        if shape.target in case.unreadable or _in_filter(case, ENTITIES[shape.target], given_):
            return True
    return False


def _in_order(case: Case, entity: Entity, order: Json) -> bool:
    for each in order if isinstance(order, list) else [order or {}]:
        for key, given_ in each.items():
            if _hidden(case, entity, key):
                return True
            shape = entity.fields[key]
            if isinstance(shape, Link) and (
                shape.target in case.unreadable or _in_order(case, ENTITIES[shape.target], given_)
            ):
                return True
    return False
