"""Rules of reading that a property test does not show by name."""

import base64

from tests.serving import Client

NOBODY = "00000000-0000-0000-0000-000000000000"


async def test_an_error_of_one_value_is_not_remembered_for_the_next(client: Client) -> None:
    query = (
        "query($filter: PersonFilterInput, $after: String) { people(filter: $filter, after: $after) { totalCount } }"
    )
    for wrong, right in (
        ({"filter": {"id": {"eq": "no id"}}}, {"filter": {"id": {"eq": NOBODY}}}),
        ({"filter": {"createdAt": {"gt": "soon"}}}, {"filter": {"createdAt": {"gt": "2026-01-01T00:00:00Z"}}}),
        ({"after": "no cursor"}, {"after": NOBODY}),
    ):
        assert "errors" in await client.ask(query, wrong)
        assert await client.ask(query, right) == {"data": {"people": {"totalCount": 0}}}
        assert "errors" in await client.ask(query, wrong)
    answer = await client.ask(query, {"after": "another"})
    assert answer["errors"][0]["message"] == "Invalid cursor: another"  # type: ignore[index]


async def test_a_secret_can_be_neither_read_nor_filtered_nor_sorted_by(client: Client) -> None:
    for field in ("accessToken", "refreshToken", "connectionParameters"):
        for query in (
            f"{{ connectedAccounts {{ edges {{ node {{ {field} }} }} }} }}",
            f"{{ connectedAccounts(filter: {{{field}: {{is: NULL}}}}) {{ totalCount }} }}",
            f"{{ connectedAccounts(filter: {{not: {{{field}: {{is: NULL}}}}}}) {{ totalCount }} }}",
            f"{{ connectedAccounts(orderBy: [{{{field}: AscNullsFirst}}]) {{ edges {{ cursor }} }} }}",
            f"{{ messageChannels(filter: {{connectedAccount: {{{field}: {{is: NULL}}}}}}) {{ totalCount }} }}",
            f"{{ messageChannels(orderBy: [{{connectedAccount: {{{field}: AscNullsFirst}}}}]) {{ totalCount }} }}",
        ):
            answer = await client.ask(query)
            codes = [error["extensions"]["code"] for error in answer["errors"]]  # type: ignore[attr-defined]
            assert codes == ["GRAPHQL_VALIDATION_FAILED"], query


async def test_a_filter_on_a_choice_or_a_relation_means(client: Client) -> None:
    await client.data(
        "mutation { createOpportunities(data: [{stage: NEW}, {stage: MEETING}, {stage: PROPOSAL}]) { id } }"
    )
    for condition, count in (
        ("stage: {containsAny: [NEW, MEETING]}", 2),
        ("stage: {isEmptyArray: true}", 0),
        ("stage: {isEmptyArray: false}", 3),
        ("stage: {in: []}", 0),
        ("stage: {in: NEW}", 1),
        ("company: {}", 3),
        ("company: {name: {}}", 3),
        ("company: {is: NULL}", 3),
        ("or: []", 3),
        ("not: {stage: {eq: null}}", 0),
        ("stage: null", 3),
    ):
        answer = await client.data(f"{{ opportunities(filter: {{{condition}}}) {{ totalCount }} }}")
        assert answer == {"opportunities": {"totalCount": count}}, condition


async def test_a_search_finds_beginnings_of_words_and_takes_any_text(client: Client) -> None:
    data = '{name: {firstName: "Zoé", lastName: "O\'Neil"}, emails: {primaryEmail: "zoe@lands.example.com"}}'
    await client.data(f"mutation {{ createPerson(data: {data}) {{ id }} }}")
    query = "query($text: String) { people(filter: {searchVector: {search: $text}}) { totalCount } }"
    for text in (
        "zoé", "ZOE", "zo", "o'neil", "Neil zoe", "!zoe", "zoe:*", "zoe@lands", "zoe@lands.example.com", "＇zoe",
    ):  # fmt: skip
        assert await client.data(query, {"text": text}) == {"people": {"totalCount": 1}}, text
    for text in ("oe", "", "' & |", "<->", "\\", "'"):
        assert await client.data(query, {"text": text}) == {"people": {"totalCount": 0}}, text


async def test_the_cursors_of_a_backward_page_are_in_order_whatever_else_is_asked(client: Client) -> None:
    await client.data("mutation { createPeople(data: [{position: 1}, {position: 2}, {position: 3}]) { id } }")
    answer = await client.data(
        "{ people(last: 2, orderBy: [{position: AscNullsFirst}])"
        " { pageInfo { startCursor endCursor } edges { cursor } } }"
    )
    page = answer["people"]
    assert [page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]] == [
        edge["cursor"] for edge in page["edges"]
    ]
    assert base64.b64decode(page["pageInfo"]["startCursor"]).startswith(b'{"position":2,')
