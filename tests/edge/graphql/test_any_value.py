"""Whatever stands where a value should: an answer or the contract's error, never an internal one."""

import base64
import json

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engine.questions import DIRECTIONS
from tests.engine.shape import ENTITIES, Leaf, Link
from tests.engine.twin import Json
from tests.engine.values import KINDS
from tests.serving import Client

many = settings(
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    (
        "", "NULL", "AscNullsFirst", "first", "\\", "'", "%", "1", "1e400", "-1e-400", "NaN", "Infinity", "-0", "0x10",
        "infinity", "2024-02-30", "2024-02-29", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999-23:59", "24:00",
        "2024-01-01T25:00:00Z", "00000000-0000-0000-0000-000000000000", "{}", "[]", "null", '{"a": 1}', "a@example.com",
        "& | !", "a:b", "'a", "1" * 1100, "a" * 3000, "\x00", "ACTIVE", "NEW",
    )
)  # fmt: skip
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    (2**31, 2**63, -(2**63) - 1, 10**400, 10**4000, 1.5, -0.0, 1e308)
)  # fmt: skip
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
KEYS = TEXTS | st.sampled_from(
    ("eq", "in", "is", "like", "and", "or", "not", "id", "name", "connect", "where", "create")
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
OPERATORS = (
    "eq", "neq", "gt", "gte", "lt", "lte", "in", "is", "like", "ilike", "startsWith", "endsWith", "containsAny",
    "containsIlike", "isEmptyArray", "search", "regex",
)  # fmt: skip


async def outcome(client: Client, query: str, variables: Json) -> Json:
    """The answer, which must not be an internal error."""
    response = await client.post(query, variables)
    answer = json.loads(response.content)
    found = [error["extensions"]["code"] for error in answer.get("errors", ())]
    assert "INTERNAL_SERVER_ERROR" not in found, (query, variables, answer)
    assert response.status_code in (200, 400), (query, variables, answer)
    return answer


@st.composite
def filters(draw: st.DrawFn) -> tuple[str, Json]:
    """A condition on some column with some operator and anything as its value, or anything at all."""
    entity = draw(st.sampled_from(list(ENTITIES.values())))
    name, shape = draw(st.sampled_from([*entity.fields.items(), ("searchVector", Leaf("search"))]))
    condition = draw(ANYTHING | st.dictionaries(st.sampled_from(OPERATORS), ANYTHING, min_size=1, max_size=2))
    if isinstance(shape, Link):
        condition = draw(st.just(condition) | st.just({"name": condition}))
    elif not isinstance(shape, Leaf):
        condition = draw(st.just(condition) | st.just({next(iter(shape)): condition}))
    return entity.name, draw(st.just({name: condition}) | st.just({"not": {name: condition}}) | ANYTHING)


@given(asked=filters())
@settings(many, max_examples=600)
async def test_anything_may_stand_in_a_filter(client: Client, asked: tuple[str, Json]) -> None:
    entity = ENTITIES[asked[0]]
    query = f"query($filter: {entity.type_name}FilterInput) {{ {entity.plural}(filter: $filter) {{ totalCount }} }}"
    await outcome(client, query, {"filter": asked[1]})


@given(order=ANYTHING, first=ANYTHING, offset=ANYTHING, after=ANYTHING)
@settings(many, max_examples=200)
async def test_anything_may_stand_where_a_page_is_described(
    client: Client, order: Json, first: Json, offset: Json, after: Json
) -> None:
    query = (
        "query($order: [PersonOrderByInput], $first: Int, $offset: Int, $after: String) {"
        " people(orderBy: $order, first: $first, offset: $offset, after: $after) { edges { cursor } } }"
    )
    for variables in ({"order": order}, {"first": first}, {"offset": offset}, {"after": after}):
        await outcome(client, query, variables)


@st.composite
def cursors(draw: st.DrawFn) -> tuple[str, Json, Json]:
    """An object, an order by one of its columns, and a cursor with anything as the column's value."""
    entity = draw(st.sampled_from(list(ENTITIES.values())))
    options = [(name, shape) for name, shape in entity.fields.items() if not isinstance(shape, Link)]
    name, shape = draw(st.sampled_from([*options, ("searchVector", Leaf("search"))]))
    direction, value = draw(st.sampled_from(DIRECTIONS)), draw(ANYTHING)
    sub = None if isinstance(shape, Leaf) else draw(st.sampled_from(sorted(shape)))
    identity = draw(st.just("00000000-0000-0000-0000-000000000000") | ANYTHING)
    place = {name: value if sub is None else {sub: value}, "id": identity}
    return entity.name, [{name: direction if sub is None else {sub: direction}}], place


@given(asked=cursors(), backward=st.booleans())
@settings(many, max_examples=300)
async def test_anything_may_stand_in_a_cursor(client: Client, asked: tuple[str, Json, Json], backward: bool) -> None:
    entity = ENTITIES[asked[0]]
    cursor = base64.b64encode(json.dumps(asked[2]).encode()).decode()
    argument = "before" if backward else "after"
    query = (
        f"query($order: [{entity.type_name}OrderByInput], $cursor: String) {{"
        f" {entity.plural}(orderBy: $order, {argument}: $cursor) {{ edges {{ cursor }} }} }}"
    )
    answer = await outcome(client, query, {"order": asked[1], "cursor": cursor})
    assert [error["extensions"].get("subCode") for error in answer.get("errors", ())] in ([], ["INVALID_CURSOR"])


@given(text=st.text(max_size=200) | st.binary(max_size=60).map(lambda raw: base64.b64encode(raw).decode()))
@settings(many, max_examples=100)
async def test_any_text_may_be_given_as_a_cursor(client: Client, text: str) -> None:
    query = "query($cursor: String) { people(after: $cursor) { edges { cursor } } }"
    if all(not "\ud800" <= each <= "\udfff" for each in text):
        answer = await outcome(client, query, {"cursor": text})
        assert [error["extensions"]["subCode"] for error in answer["errors"]] == ["INVALID_CURSOR"]


@st.composite
def records(draw: st.DrawFn) -> tuple[str, Json]:
    """Data for a record in which anything stands for some field, or for some part of a composite."""
    kind = draw(st.sampled_from(KINDS))
    data = dict(draw(kind.records()))
    for name in draw(st.lists(st.sampled_from([*kind.fields, "id", "company", "companyId", "createdBy"]), max_size=2)):
        if isinstance(data.get(name), dict) and data[name] and draw(st.booleans()):
            data[name] = {**data[name], draw(st.sampled_from(sorted(data[name]))): draw(ANYTHING)}
        else:
            data[name] = draw(ANYTHING)
    return kind.name, data


@given(given_data=records())
@settings(many, max_examples=500)
async def test_anything_may_stand_in_the_data_of_a_record(client: Client, given_data: tuple[str, Json]) -> None:
    (kind,) = [each for each in KINDS if each.name == given_data[0]]
    query = (
        f"mutation($data: {kind.type_name}CreateInput!) {{"
        f" create{kind.type_name}(data: $data) {{ id {kind.selection} }} }}"
    )
    data = json.loads(json.dumps(given_data[1], default=str))
    answer = await outcome(client, query, {"data": data})
    if "errors" not in answer:
        created = answer["data"][f"create{kind.type_name}"]["id"]
        listed = await outcome(client, f"{{ {kind.plural} {{ edges {{ node {{ id {kind.selection} }} }} }} }}", {})
        assert created in [edge["node"]["id"] for edge in listed["data"][kind.plural]["edges"]]
        await client.data(f'mutation {{ destroy{kind.type_name}(id: "{created}") {{ id }} }}')
