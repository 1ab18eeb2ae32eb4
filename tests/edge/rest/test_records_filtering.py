"""Filters over REST: each of the three forms finds what GraphQL finds."""

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.edge.rest.asking import error, send
from tests.edge.rest.records import ACME, ADA, BEN, BOLT, CID, fill, names
from tests.serving import Client


@pytest.fixture(scope="module")
async def filled(shared: Client) -> Client:
    await fill(shared)
    return shared


@pytest.mark.parametrize(
    ("filter_", "first_names"),
    [
        ("city[eq]:Oslo", ["Ada"]),
        ('city[eq]:"Oslo"', ["Ada"]),
        ("city[eq]:oslo", []),
        ("city[neq]:Oslo", ["Ben", "Cid"]),
        ("city[in]:[Oslo,Bern]", ["Ada", "Ben"]),
        ("city[nin]:[Oslo,Bern]", ["Cid"]),
        ("city[in]:[]", []),
        ("city[is]:NULL", ["Cid"]),
        ("city[is]:NOT_NULL", ["Ada", "Ben"]),
        ("city[like]:%s%", ["Ada"]),
        ("city[like]:s", []),
        ("city[ilike]:%O%", ["Ada"]),
        ("city[startsWith]:Be", ["Ben"]),
        ("city[endsWith]:rn", ["Ben"]),
        ("city[gt]:Bern", ["Ada"]),
        ('jobTitle[eq]:"Cook, chief"', ["Cid"]),
        ("name.firstName[eq]:Ada", ["Ada"]),
        ("firstName[eq]:Ada", ["Ada"]),
        ("email[eq]:ada@acme.example", ["Ada"]),
        ("emails.primaryEmail[ilike]:%@acme.example", ["Ada"]),
        ("position[gte]:2", ["Ben", "Cid"]),
        ("position[in]:[1,3]", ["Ada", "Cid"]),
        ("position[eq]:1.0", ["Ada"]),
        (f"companyId[eq]:{ACME}", ["Ada", "Ben"]),
        (f"companyId[nin]:[{ACME}]", []),
        (f"not(companyId[in]:[{BOLT}])", ["Ada", "Ben"]),
        (f"company[eq]:{ACME}", ["Ada", "Ben"]),
        (f'company[in]:["{ACME}","{BOLT}"]', ["Ada", "Ben"]),
        ("company[is]:NULL", ["Cid"]),
        ("company.name[eq]:Acme", ["Ada", "Ben"]),
        ("company.employees[gte]:11", []),
        ("company.idealCustomerProfile[eq]:FALSE", ["Ada", "Ben"]),
        ("company.idealCustomerProfile[eq]:true", []),
        ("company.annualRecurringRevenue.amountMicros[eq]:5000000", ["Ada", "Ben"]),
        ("company.annualRecurringRevenue[gte]:5", ["Ada", "Ben"]),
        ("company.annualRecurringRevenue[gt]:5", []),
        ("company.annualRecurringRevenue[nin]:[5,6]", []),
        ("createdAt[gte]:2020-01-01", ["Ada", "Ben", "Cid"]),
        ('createdAt[lt]:"2020-01-01T00:00:00.000Z"', []),
        ("createdBy.source[eq]:API", ["Ada", "Ben", "Cid"]),
        ("createdBy.source[eq]:NONE", []),
        ("searchVector[search]:cook", ["Cid"]),
        ("or(city[eq]:Oslo,city[eq]:Bern)", ["Ada", "Ben"]),
        ("and(or(city[eq]:Oslo,city[eq]:Bern),not(name.lastName[eq]:Ray))", ["Ada"]),
        ("city[eq]:Oslo,position[eq]:2", []),
        (f"id[in]:[{ADA},{CID}]", ["Ada", "Cid"]),
    ],
)
async def test_the_string_form(filled: Client, filter_: str, first_names: list[str]) -> None:
    assert await names(filled, urlencode({"filter": filter_})) == first_names
    assert await names(filled, urlencode({"filter": f"and({filter_})"})) == first_names


@pytest.mark.parametrize(
    ("query", "first_names"),
    [
        ("filter[city][eq]=Oslo", ["Ada"]),
        ("filter[city][ilike]=o", ["Ada"]),
        ("filter[city][like]=O%25", ["Ada"]),
        ("filter[name][firstName][in]=Ada,Cid", ["Ada", "Cid"]),
        ("filter[city][nin]=Oslo", ["Ben", "Cid"]),
        ("filter[position][gte]=2&filter[position][lt]=3", ["Ben"]),
        ("filter[or][0][city][eq]=Oslo&filter[or][1][city][is]=NULL", ["Ada", "Cid"]),
        ("filter[not][city][eq]=Oslo", ["Ben", "Cid"]),
        ("filter[company][name][ilike]=acm", ["Ada", "Ben"]),
        ("filter[company][idealCustomerProfile][eq]=false", ["Ada", "Ben"]),
        (f"filter[id][in][]={ADA}&filter[id][in][]={BEN}", ["Ada", "Ben"]),
        (f"filter%5Bid%5D%5Bin%5D={ADA}%2C{BEN}", ["Ada", "Ben"]),
        ("filter[deletedAt][is]=NOT_NULL", []),
    ],
)
async def test_brackets(filled: Client, query: str, first_names: list[str]) -> None:
    assert await names(filled, query) == first_names


@pytest.mark.parametrize(
    ("filter_", "first_names"),
    [
        ({"city": {"eq": "Oslo"}}, ["Ada"]),
        ({"city": {"ilike": "o"}}, []),
        ({"city": {"nin": ["Oslo"]}}, ["Ben", "Cid"]),
        ({"position": {"gte": 2}}, ["Ben", "Cid"]),
        ({"or": [{"city": {"eq": "Oslo"}}, {"city": {"is": "NULL"}}]}, ["Ada", "Cid"]),
        ({"OR": [{"city": {"eq": "Oslo"}}], "NOT": {"city": {"eq": "Bern"}}}, ["Ada"]),
        ({"company": {"people": {"some": {"city": {"eq": "Bern"}}}}}, ["Ada", "Ben"]),
        ({}, ["Ada", "Ben", "Cid"]),
        ({"city": None}, ["Ada", "Ben", "Cid"]),
    ],
)
async def test_json(filled: Client, filter_: object, first_names: list[str]) -> None:
    assert await names(filled, f"filter={quote(json.dumps(filter_))}") == first_names


@pytest.mark.parametrize(
    ("filter_", "message"),
    [
        ("nope[eq]:1", 'Object person doesn\'t have any "nope" field.'),
        ("company.nope[eq]:1", 'Object company doesn\'t have any "nope" field.'),
        ("id[eq]:x", "Invalid UUID value 'x' for field \"id\""),
        ("id[in]:[x]", "Invalid UUID value 'x' for field \"id\""),
        ("companyId[eq]:5", "Invalid UUID value '5' for field \"companyId\""),
        ("position[eq]:x", "Invalid number value 'x' for field \"position\""),
        ("position[eq]:NaN", "Invalid number value 'NaN' for field \"position\""),
        ("company.employees[eq]:1.5", 'Invalid number value 1.5 for field "employees"'),
        ("company.employees[eq]:99999999999", 'Invalid number value 99999999999 for field "employees"'),
        ("createdAt[gte]:soon",
         "Invalid value 'soon' for date-time field \"createdAt\". Expected format: 'YYYY-MM-DDTHH:mm:ssZ'"),
        ("city[is]:MAYBE", 'Value "MAYBE" does not exist in "FilterIs" enum.'),
        ("city[containsAny]:[a]", 'Field "containsAny" is not defined by type "StringFilter".'),
        ("createdBy[eq]:Ada", 'Field "eq" is not defined by type "ActorFilterInput".'),
        ("name.middle[eq]:Ada", 'Field "middle" is not defined by type "FullNameFilterInput".'),
        ("taskTargets[eq]:x", 'Field "eq" is not defined by type "TaskTargetListFilterInput".'),
        ('{"city":5}', 'Expected type "StringFilter" to be an object.'),
        ('{"city":{"eq":5}}', 'Invalid string value 5 for text field "city"'),
        ('{"city":{"eq":{"a":1}}}', "Invalid string value { a: 1 } for text field \"city\""),
        ('{"city":{"in":[["a"]]}}', "Invalid string value [ 'a' ] for text field \"city\""),
        ('{"position":{"eq":"1"}}', "Invalid number value '1' for field \"position\""),
        ('{"and":5}', 'Expected type "PersonFilterInput" to be an object.'),
        ("city[eq]:a\0b", None),
        ("city[like]:a\0b", None),
        ("searchVector[eq]:x", None),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
async def test_filters_that_do_not_fit(filled: Client, filter_: str, message: str | None) -> None:
    query = urlencode({"filter": filter_})
    for _ in range(2):
        for method, path, body in (("GET", "/people", None), ("PATCH", "/people", {}), ("DELETE", "/people", None)):
            found = error(await send(filled, method, f"{path}?{query}", body))
            assert found[:2] == (400, "BAD_USER_INPUT")
            assert message is None or found[2].startswith(message)


async def test_a_plan_for_other_values_says_the_same_of_bad_ones(filled: Client) -> None:
    assert await names(filled, f"filter=id[eq]:{ADA}") == ["Ada"]
    assert error(await send(filled, "GET", "/people?depth=0&filter=id[eq]:x")) == (
        400, "BAD_USER_INPUT", "Invalid UUID value 'x' for field \"id\"",
    )  # fmt: skip
    answer = (await send(filled, "GET", "/people?filter=nope[eq]:1")).json()
    assert answer["error"]["details"] == {
        "subCode": "INVALID_ARGS_FILTER",
        "userFriendlyMessage": 'Invalid filter : person object doesn\'t have any "nope" field.',
    }


CONDITIONS = st.sampled_from([
    {"city": {"eq": "Oslo"}}, {"city": {"is": "NULL"}}, {"city": {"ilike": "%o%"}}, {"city": {"in": ["Oslo", "Bern"]}},
    {"city": {"in": []}}, {"name": {"firstName": {"eq": "Ben"}}}, {"name": {"lastName": {"neq": "King"}}},
    {"jobTitle": {"eq": "Cook, chief"}}, {"jobTitle": {"eq": ""}}, {"company": {"name": {"eq": "Acme"}}},
    {"companyId": {"eq": ACME}}, {"deletedAt": {"is": "NULL"}},
])  # fmt: skip
TREES = st.recursive(
    CONDITIONS,
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda items: st.sampled_from([{"and": items}, {"or": items}, {"not": items[0]}])
    ),
    max_leaves=6,
)


def as_text(tree: dict[str, object], path: str = "") -> str:
    """The string form of a filter."""
    ((key, value),) = tree.items()
    if key in ("and", "or") and isinstance(value, list):
        return f"{key}({','.join(map(as_text, value))})"
    if key == "not" and isinstance(value, dict):
        return f"not({as_text(value)})"
    if isinstance(value, dict):
        return as_text(value, f"{path}.{key}" if path else key)
    shown = f"[{','.join(value)}]" if isinstance(value, list) else value if key == "is" else f'"{value}"'
    return f"{path}[{key}]:{shown}"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
async def test_all_ways_of_asking_find_the_same(filled: Client, tree: dict[str, object]) -> None:
    query = "query ($filter: PersonFilterInput) { people(filter: $filter) { edges { node { name { firstName } } } } }"
    edges = (await filled.data(query, {"filter": tree}))["people"]["edges"]
    expected = [each["node"]["name"]["firstName"] for each in edges]

    assert await names(filled, urlencode({"filter": as_text(tree)})) == expected
    assert await names(filled, urlencode({"filter": json.dumps(tree)})) == expected


async def test_graphql_has_no_operator_of_rests_own(filled: Client) -> None:
    answer = await filled.ask('{ people(filter: {city: {nin: ["Oslo"]}}) { totalCount } }')

    assert answer["errors"][0]["message"].startswith('Field "nin" is not defined by type "StringFilter".')  # type: ignore[index]
