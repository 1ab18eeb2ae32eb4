"""Documents and variables changed at random: whatever comes of it, the answer is a proper one."""

import json
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.edge.graphql.hostile import codes, send
from tests.serving import Client

FUZZED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
DOCUMENTS = [
    """query A($f: PersonFilterInput, $o: [PersonOrderByInput], $n: Int = 3, $c: String, $i: Boolean = true) {
        people(filter: $f, orderBy: $o, first: $n, after: $c) {
            totalCount
            edges { cursor node {
                ...P company @include(if: $i) { id name people(first: 2) { edges { node { ...P } } } }
            } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }
    fragment P on Person { __typename id name { firstName lastName } email emails { primaryEmail } city createdAt }""",
    """{
        a: companies(
            filter: {
                or: [{ name: { ilike: "%a%" } }, { employees: { gte: 5 } }],
                not: { address: { addressCity: { is: NULL } } }
            },
            orderBy: [{ name: AscNullsLast }, { createdAt: DescNullsFirst }], last: 5
        ) { edges { node { id } } }
        b: person(id: "20202020-0c28-43d9-b8f7-2b12e84b4d5e") { id noteTargets { edges { node { note { title } } } } }
    }""",
    """mutation B($d: [PersonCreateInput!]!, $u: PersonUpdateInput!, $f: PersonFilterInput!) {
        createPeople(data: $d) { id position name { firstName } createdBy { source } company { people { totalCount } } }
        updatePeople(data: $u, filter: $f) { id city }
        deletePeople(filter: { and: [{ city: { eq: "none" } }, { id: { in: [] } }] }) { id }
    }""",
    """mutation { createCompany(data: {
        name: "x", employees: 5, annualRecurringRevenue: { amountMicros: 5, currencyCode: "EUR" }, position: "last",
        address: { addressStreet1: "a", addressLat: 1.5 }, domainName: "x.example", accountOwnerId: null
    }) { id } }""",
]
NAMES = [
    "people", "person", "companies", "id", "city", "name", "firstName", "emails", "email", "company",
    "companyId", "edges", "node", "filter", "orderBy", "first", "last", "after", "before", "offset", "data",
    "input", "and", "or", "not", "eq", "in", "is", "ilike", "gte", "deletedAt", "createdAt", "position",
    "stage", "amount", "amountMicros", "totalCount", "createPerson", "updatePeople", "destroyPeople",
    "__typename", "__schema", "types", "connect", "where", "disconnect", "AscNullsFirst", "NULL", "NOT_NULL",
    "signIn", "searchVector", "targetPerson", "on", "null", "true",
]  # fmt: skip
WRITTEN = [
    "city", "id", "position", "createdAt", "name", "emails", "phones", "linkedinLink", "company", "createdBy",
    "companyId", "email", "phone", "updatedBy", "avatarUrl", "xLink", "noteTargets",
]  # fmt: skip
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\.\.\.|[$@]?\w+|[^\w\s]|\s+')
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**31, max_value=2**80),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        ["", "x", "%", "\\", "first", "NULL", "NOT_NULL", "AscNullsFirst", "20202020-0c28-43d9-b8f7-2b12e84b4d5e",
         "2020-01-01", "2020-01-01T00:00:00Z", "eyJpZCI6IngifQ==", "a@x.example", "+33612345678", "https://a.example"]
    ),
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=5)), inner, max_size=3),
    ),
    max_leaves=12,
)
NEW_TOKENS = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(
        ["{", "}", "(", ")", "[", "]", ":", "!", "=", "@", "$", "...", "|", "&", ",", "#", '"', '"""', "\\", "\n"]
    ),
    st.sampled_from(
        ["$f", "$x", "@include(if: $i)", "@skip(if: false)", "...P", "... on Person {", "0", "-1", "1e999", "9" * 30]
    ),
    st.text(max_size=4),
    st.text(max_size=6).map(json.dumps),
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A good document with a few of its tokens taken out, doubled, moved or replaced."""
    tokens = TOKEN.findall(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(min_value=0, max_value=4))):
        if not tokens:
            break
        place = draw(st.integers(min_value=0, max_value=len(tokens) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "replace", "insert", "cut"])):
            case "drop":
                del tokens[place]
            case "double":
                tokens.insert(place, tokens[place])
            case "swap":
                other = draw(st.integers(min_value=0, max_value=len(tokens) - 1))
                tokens[place], tokens[other] = tokens[other], tokens[place]
            case "replace":
                tokens[place] = draw(NEW_TOKENS)
            case "insert":
                tokens.insert(place, f" {draw(NEW_TOKENS)} ")
            case "cut":
                del tokens[place : place + draw(st.integers(min_value=1, max_value=10))]
    return "".join(tokens)


@FUZZED
@given(document=documents(), variables=st.dictionaries(st.sampled_from("fonciud"), JSON, max_size=4))
async def test_a_changed_document_is_answered(shared: Client, document: str, variables: dict[str, object]) -> None:
    body = json.dumps({"query": document, "variables": variables})
    codes(await send(shared, body))


@FUZZED
@given(f=JSON, o=JSON, n=JSON, c=JSON, i=JSON)
async def test_any_arguments_are_answered_alike_twice(
    shared: Client, f: object, o: object, n: object, c: object, i: object
) -> None:
    body = json.dumps({"query": DOCUMENTS[0], "variables": {"f": f, "o": o, "n": n, "c": c, "i": i}})
    first = await send(shared, body)
    second = await send(shared, body)
    codes(first)

    assert (first.status_code, first.text) == (second.status_code, second.text)


@FUZZED
@given(
    d=st.one_of(JSON, st.lists(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4), max_size=3)), u=JSON, f=JSON
)
async def test_any_data_are_refused_or_written(shared: Client, d: object, u: object, f: object) -> None:
    body = json.dumps({"query": DOCUMENTS[2], "variables": {"d": d, "u": u, "f": f}})
    codes(await send(shared, body))


@FUZZED
@given(
    field=st.sampled_from(WRITTEN),
    value=JSON,
)
async def test_any_value_of_a_field_is_refused_or_written(shared: Client, field: str, value: object) -> None:
    for query in (
        "mutation($d: PersonCreateInput!) { createPerson(data: $d) { id } }",
        "query($d: PersonFilterInput) { people(filter: $d) { totalCount } }",
        "query($d: [PersonOrderByInput]) { people(orderBy: $d) { totalCount } }",
    ):
        codes(await send(shared, json.dumps({"query": query, "variables": {"d": {field: value}}})))


@FUZZED
@given(
    body=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
)
async def test_any_bytes_are_answered(shared: Client, body: bytes) -> None:
    for content_type in ("application/json", "text/plain", "application/graphql", "application/x-www-form-urlencoded"):
        codes(await send(shared, body, {"Content-Type": content_type}))
