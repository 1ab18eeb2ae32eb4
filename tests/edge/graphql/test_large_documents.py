"""Documents and values that are large are refused by their size, before much is done with them."""

import pytest

from rapport.base.errors import RapportError
from rapport.edge.graphql.document import MOST_TOKENS, InvalidDocument, read_document
from rapport.edge.graphql.planning import MOST_TOKENS_OF_STRANGERS
from rapport.edge.limits import TooManyFields
from rapport.engine.filters import MOST_CONDITIONS
from rapport.engine.inputs import MOST_LISTED, shape
from tests.counting import calls_of
from tests.serving import Client

TOO_COMPLEX = "Query complexity is too high."
FILTERED = "query ($filter: PersonFilterInput) { people(filter: $filter) { totalCount } }"
MISSING = "Missing authentication token"


async def asked_by_stranger(client: Client, query: str, token: str | None = None) -> tuple[int, object]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    response = await client.http.post(f"{client.url}/graphql", json={"query": query}, headers=headers)
    answer = response.json()
    return response.status_code, answer["errors"][0]["message"] if "errors" in answer else answer


async def refusal(client: Client, query: str, variables: dict[str, object] | None = None) -> tuple[object, object]:
    """The message and the sub-code of the only error."""
    answer = (await client.post(query, variables)).json()
    (error,) = answer["errors"]
    return error["message"], error["extensions"].get("subCode")


async def test_strangers_are_told_at_a_glance_that_they_need_a_token(shared: Client) -> None:
    for query in (
        "{ people { totalCount } ...Unknown }",
        "{ __typename people { totalCount } }",
        "{ __schema { types { name } } ...Unknown }",
        "mutation { createPerson(data: {}) { id } ...Unknown }",
    ):
        with calls_of("enter_field") as calls:
            assert await asked_by_stranger(shared, query) == (401, MISSING), query
        assert calls["enter_field"] == 0
        assert await asked_by_stranger(shared, query, "nonsense") == (401, "Token invalid.")


async def test_strangers_send_short_documents(shared: Client) -> None:
    few, many = MOST_TOKENS_OF_STRANGERS - 3, MOST_TOKENS_OF_STRANGERS
    allowed = "{" + " __typename" * few + " }"
    assert await asked_by_stranger(shared, allowed) == (200, {"data": {"__typename": "Query"}})
    with calls_of("enter_field", "parse_field") as calls:
        assert await asked_by_stranger(shared, "{" + " __typename" * many + " }") == (401, MISSING)
        assert await asked_by_stranger(shared, "{" + " __typename" * 20 * few + " }", "x") == (401, "Token invalid.")
    assert calls["enter_field"] == 0
    assert calls["parse_field"] <= 2 * many
    assert await shared.ask("{" + " __typename" * many + " }") == {"data": {"__typename": "Query"}}


async def test_what_is_public_stays_open_to_strangers(shared: Client) -> None:
    sign_in = 'mutation { signIn(email: "nobody@example.com", password: "wrong") { tokens { accessToken { token } } } }'
    status, message = await asked_by_stranger(shared, sign_in)
    assert message != MISSING, status
    skipped = "{ __typename people @skip(if: true) { totalCount } }"
    assert await asked_by_stranger(shared, skipped) == (200, {"data": {"__typename": "Query"}})


def test_fields_are_counted_while_a_document_is_parsed() -> None:
    with calls_of("enter_field", "parse_field") as calls, pytest.raises(TooManyFields, match="At most 100 fields"):
        read_document("{ " + "a " * 5_000 + "}", None, most_fields=100)
    assert calls == {"parse_field": 2 * 100 + 1}  # ours and that of the library
    definitions = "{ " + "a " * 99 + "...F } fragment F on Query { " + "a " * 100 + "}"
    assert read_document(definitions, None, most_fields=100).fragments.keys() == {"F"}


def test_tokens_are_counted_while_a_document_is_parsed() -> None:
    with calls_of("enter_field") as calls, pytest.raises(InvalidDocument, match=f"more than {MOST_TOKENS} tokens"):
        read_document("{ a(b: [" + "1 " * MOST_TOKENS + "]) }", None)
    assert calls["enter_field"] == 0


async def test_long_documents_are_not_even_parsed(shared: Client) -> None:
    with calls_of("parse_definition") as calls:
        message, code = await refusal(
            shared, f'{{ people(filter: {{ city: {{ eq: "{"x" * 1_000_000}" }} }}) {{ id }} }}'
        )
    assert str(message).startswith(f"{TOO_COMPLEX} A document may have 1000000 characters at most")
    assert (code, calls["parse_definition"]) == ("TOO_COMPLEX_QUERY", 0)


async def test_no_more_fields_are_validated_than_may_be_selected(shared: Client) -> None:
    with calls_of("enter_field") as calls:
        message, code = await refusal(shared, "{ " + "people { edges { node { id } } } " * 3_900 + "}")
    assert (message, code) == (f"{TOO_COMPLEX} At most 5000 fields may be selected.", "TOO_COMPLEX_QUERY")
    assert calls["enter_field"] == 0


async def test_equal_fields_are_compared_once_each(shared: Client) -> None:
    merged = "{ " + 'people(filter: { city: { in: ["a", "b"] } }) { totalCount } ' * 500 + "}"
    with calls_of("print_ast") as calls:
        assert await shared.ask(merged) == {"data": {"people": {"totalCount": 0}}}
    assert calls["print_ast"] <= 501


@pytest.mark.parametrize("items", [50_000, 400_000])
async def test_conditions_are_counted_before_anything_is_made_of_them(shared: Client, items: int) -> None:
    with calls_of("_key", "_shape") as calls:
        message, code = await refusal(shared, FILTERED, {"filter": {"or": [{"id": {"eq": 1}}] * items}})
    assert code == "TOO_COMPLEX_QUERY"
    assert message == f"{TOO_COMPLEX} The values of a variable are of too many parts."
    assert calls["_key"] == 0
    assert calls["_shape"] <= 100_000


async def test_conditions_of_all_filters_are_counted_together(shared: Client) -> None:
    some = {"or": [{"city": {"eq": "x"}}] * 100}
    roots = " ".join(f"a{each}: people(filter: $filter) {{ totalCount }}" for each in range(60))
    query = f"query ($filter: PersonFilterInput) {{ {roots} }}"
    assert "errors" not in await shared.ask(FILTERED, {"filter": some})
    with calls_of("_compare") as calls:
        answer = await shared.ask(query, {"filter": some})
    messages = {each["message"] for each in answer["errors"]}  # type: ignore[attr-defined]
    assert messages == {f"{TOO_COMPLEX} Filters may have {MOST_CONDITIONS} conditions at most."}
    assert calls["_compare"] < MOST_CONDITIONS


async def test_values_of_lists_are_counted(shared: Client) -> None:
    for field, value in (("city", "x"), ("id", "11111111-1111-4111-8111-111111111111")):
        within = {field: {"in": [value] * MOST_LISTED}}
        assert await shared.ask(FILTERED, {"filter": within}) == {"data": {"people": {"totalCount": 0}}}
        beyond = {field: {"in": [value] * (MOST_LISTED + 1)}}
        with calls_of("unreadable") as calls:
            message, code = await refusal(shared, FILTERED, {"filter": beyond})
        assert message == f"{TOO_COMPLEX} Lists in filters may have {MOST_LISTED} values at most."
        assert code == "TOO_COMPLEX_QUERY"
        assert calls["unreadable"] == 0


def test_shapes_of_different_values_differ() -> None:
    values: list[object] = [
        None, 1, [], [1], [None], [[]], [[], []], [[[]]], {}, {"a": 1}, {"a": None}, {"a": {}}, {"a": []}, {"a": [{}]},
        {"a": 1, "b": 1}, {"b": 1, "a": 1}, {"a": {"b": 1}}, [{"a": 1}, {"b": 1}], [{"a": 1, "b": 1}], [{}, [1]],
    ]  # fmt: skip
    scalars: list[object] = [[], [1], [None]]
    shapes = {repr(value): shape(value) for value in values if value not in scalars}
    assert len(set(shapes.values())) == len(shapes)
    assert len({shape(value) for value in scalars}) == 1
    with pytest.raises(RapportError, match="too many parts"):
        shape([[[]] * 300] * 400)


async def test_what_is_long_is_told_in_short(shared: Client) -> None:
    long = "x" * 200_000
    assert (await refusal(shared, "{ " + long + " }"))[0] == f'Cannot query field "{long[:200]}…" on type "Query".'

    assert (await refusal(shared, FILTERED, {"filter": {long: 1}}))[
        0
    ] == f'Field "{long[:200]}…" is not defined by type "PersonFilterInput".'

    values: tuple[object, ...] = ([long] * 5, [["a b"] * 100_000], {long: {long: [1] * 100_000}})
    for value in values:
        answer = await shared.post("query ($n: Int) { people(first: $n) { totalCount } }", {"n": value})
        assert len(answer.content) < 10_000, answer.text[:300]
    everything = await shared.http.get(
        f"{shared.url}/rest/people?order_by={'x y ' * 10_000}", headers={"Authorization": f"Bearer {shared.tenant.key}"}
    )
    assert len(everything.content) < 10_000


@pytest.mark.parametrize(
    ("field", "most"), [("__schema { queryType { name } }", 3), ('__type(name: "Person") { name }', 20)]
)
async def test_a_document_asks_for_the_schema_a_few_times_at_most(shared: Client, field: str, most: int) -> None:
    def document(times: int) -> str:
        return "{ " + " ".join(f"a{each}: {field}" for each in range(times)) + " " + field + " }"

    name = field.split(" ")[0].split("(")[0]
    assert len(await shared.data(document(most - 1))) == most
    message = f"{TOO_COMPLEX} A document may ask for {name} {most} times at most."
    assert await refusal(shared, document(most)) == (message, "TOO_COMPLEX_QUERY")


async def test_what_is_too_deep_for_postgresql_is_no_breakdown(shared: Client) -> None:
    words = {"searchVector": {"search": "a " * 40_000}}
    assert await refusal(shared, FILTERED, {"filter": words}) == (TOO_COMPLEX, "TOO_COMPLEX_QUERY")
