"""Filters in the string form and in brackets, orders: what they are read as, and what is refused."""

import time
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.edge.misuse import BadRequest
from rapport.edge.rest.errors import RepeatedParameter
from rapport.edge.rest.parameters import Parameters
from rapport.edge.rest.records.filters import read_filter
from rapport.edge.rest.records.grammar import InvalidFilter, read_filter_text
from rapport.edge.rest.records.orders import read_order

NO_LIST = (
    "'filter' invalid for 'in' operator. Received 'Paris' but array value expected eg: 'field[in]:[value_1,value_2]'"
)
OPERATORS = "eq, neq, in, containsAny, is, gt, gte, lt, lte, startsWith, like, ilike"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("city[eq]:Paris", {"city": {"eq": "Paris"}}),
        (" city [eq] : Paris ", {"city": {"eq": "Paris"}}),
        ("city[eq]:", {"city": {"eq": ""}}),
        ('city[eq]:""', {"city": {"eq": ""}}),
        ('createdAt[gte]:"2024-01-01"', {"createdAt": {"gte": "2024-01-01"}}),
        ("createdAt[gte]:2024-01-01T10:00:00Z", {"createdAt": {"gte": "2024-01-01T10:00:00Z"}}),
        ("emails.primaryEmail[eq]:a@b.c", {"emails": {"primaryEmail": {"eq": "a@b.c"}}}),
        ("deletedAt[is]:NOT_NULL", {"deletedAt": {"is": "NOT_NULL"}}),
        ('id[in]:["u1","u2"]', {"id": {"in": ["u1", "u2"]}}),
        ("id[in]:[u1, u2]", {"id": {"in": ["u1", "u2"]}}),
        ("id[in]:[]", {"id": {"in": []}}),
        ("id[in]:[,]", {"id": {"in": ["", ""]}}),
        ("tags[containsAny]:['A b',B]", {"tags": {"containsAny": ["A b", "B"]}}),
        ("a[eq]:1,b[eq]:2", {"and": [{"a": {"eq": "1"}}, {"b": {"eq": "2"}}]}),
        ("or(a[eq]:1,b[eq]:2)", {"or": [{"a": {"eq": "1"}}, {"b": {"eq": "2"}}]}),
        ("not(id[is]:NULL)", {"not": {"id": {"is": "NULL"}}}),
        ("not(a[eq]:1,b[eq]:2)", {"not": {"and": [{"a": {"eq": "1"}}, {"b": {"eq": "2"}}]}}),
        (
            'or(stage[eq]:NEW,and(amount.amountMicros[gt]:5,name[ilike]:"%x%"))',
            {
                "or": [
                    {"stage": {"eq": "NEW"}},
                    {"and": [{"amount": {"amountMicros": {"gt": "5"}}}, {"name": {"ilike": "%x%"}}]},
                ]
            },
        ),
        ("and ( a[eq]:1 , not ( b[eq]:2 ) ) ", {"and": [{"a": {"eq": "1"}}, {"not": {"b": {"eq": "2"}}}]}),
        ("android[eq]:1", {"android": {"eq": "1"}}),
        ("or[eq]:1", {"or": {"eq": "1"}}),
        ('name[eq]:"a, (b) [c]",x[eq]:1', {"and": [{"name": {"eq": "a, (b) [c]"}}, {"x": {"eq": "1"}}]}),
        ("name[eq]:O'Neil,x[eq]:1", {"and": [{"name": {"eq": "O'Neil"}}, {"x": {"eq": "1"}}]}),
        ("or(name[eq]:O'Neil,name[eq]:O'Hara)", {"or": [{"name": {"eq": "O'Neil"}}, {"name": {"eq": "O'Hara"}}]}),
        ('name[eq]:"O"Neil"', {"name": {"eq": 'O"Neil'}}),
        ("name[eq]:'it's'", {"name": {"eq": "it's"}}),
        ('name[eq]:"', {"name": {"eq": '"'}}),
        ("name[eq]:'\"'", {"name": {"eq": '"'}}),
        ("name[eq]:a(b)c", {"name": {"eq": "a(b)c"}}),
        ("name[eq]:a(b,c),x[eq]:1", {"and": [{"name": {"eq": "a(b,c)"}}, {"x": {"eq": "1"}}]}),
        ("or(name[eq]:a(b),x[eq]:1)", {"or": [{"name": {"eq": "a(b)"}}, {"x": {"eq": "1"}}]}),
        ("name[eq]:[x]", {"name": {"eq": "[x]"}}),
        ("name[eq]:a[b]:c", {"name": {"eq": "a[b]:c"}}),
        ("name[eq]:a\nb", {"name": {"eq": "a\nb"}}),
        ("name[eq]:é,ü[eq]:ß", {"and": [{"name": {"eq": "é"}}, {"ü": {"eq": "ß"}}]}),
    ],
)
def test_the_string_form(text: str, tree: object) -> None:
    assert read_filter_text(text) == tree


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("and(city[eq]:Paris", "'filter' invalid. 1 close bracket is missing in the query"),
        ("and(or(city[eq]:Paris", "'filter' invalid. 2 close brackets are missing in the query"),
        ("city[eq]:Paris)", "'filter' invalid. 1 open bracket is missing in the query"),
        ("and(city[eq]:Paris)))", "'filter' invalid. 2 open brackets are missing in the query"),
        ("city", "'filter' invalid for 'city'. eg: price[gte]:10"),
        ("city[eq]", "'filter' invalid for 'city[eq]'. eg: price[gte]:10"),
        ("city:Paris", "'filter' invalid for 'city:Paris'. eg: price[gte]:10"),
        ("[eq]:Paris", "'filter' invalid for '[eq]:Paris'. eg: price[gte]:10"),
        ("city[eq:Paris", "'filter' invalid for 'city[eq:Paris'. eg: price[gte]:10"),
        ("city[eq]:Paris,", "'filter' invalid for ''. eg: price[gte]:10"),
        (",city[eq]:Paris", "'filter' invalid for ''. eg: price[gte]:10"),
        ("and()", "'filter' invalid for ''. eg: price[gte]:10"),
        ("and(city[eq]:Paris)x", "'filter' invalid for 'x'. eg: price[gte]:10"),
        ("and(a[eq]:1)(b[eq]:1)", "'filter' invalid for '(b[eq]:1)'. eg: price[gte]:10"),
        (")city[eq]:Paris(", "'filter' invalid for ''. eg: price[gte]:10"),
        ("xor(a[eq]:1)", "'filter' invalid for 'xor(a[eq]:1)'. eg: price[gte]:10"),
        ("a b[eq]:1", "'filter' invalid for 'a b[eq]:1'. eg: price[gte]:10"),
        ("city[xx]:Paris", f"'filter' invalid for 'city[xx]:Paris', comparator xx not in {OPERATORS}"),
        ("city[]:Paris", f"'filter' invalid for 'city[]:Paris', comparator  not in {OPERATORS}"),
        ("city[in]:Paris", NO_LIST),
        ("and(" * 60 + "a[eq]:1" + ")" * 60, "'filter' invalid. Conditions may be nested 50 deep at most"),
        ("x" * 5_000, f"'filter' invalid for '{'x' * 80}…'. eg: price[gte]:10"),
    ],
    ids=lambda value: value[:40],
)  # fmt: skip
def test_what_is_no_filter(text: str, message: str) -> None:
    with pytest.raises(InvalidFilter) as caught:
        read_filter_text(text)

    assert caught.value.message == message


@pytest.mark.parametrize("piece", ["(", ")", "[", "]", '"', "'", ":", ",", 'a[eq]:"', "a[in]:[", "and(", ':"', ':" '])
def test_nothing_takes_long_to_be_refused(piece: str) -> None:
    """Sixty thousand characters are what an address can have."""
    for text in (piece * (60_000 // len(piece)), f"a[eq]:{piece * (60_000 // len(piece))}"):
        start = time.process_time()
        with suppress(InvalidFilter):
            read_filter_text(text)
        assert time.process_time() - start < 1


VALUES = st.text(st.characters(exclude_characters="\"'", codec="utf-8"), max_size=8).map(str.strip)
NAMES = st.sampled_from(["city", "name.firstName", "companyId", "and", "äöü", "x.y.z"])


@st.composite
def leaves(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A condition as text and as a tree."""
    name, mark = draw(NAMES), draw(st.sampled_from("\"'"))
    if draw(st.booleans()):
        value = draw(VALUES)
        shown, operator, found = f"{mark}{value}{mark}", draw(st.sampled_from(["eq", "ilike", "gte"])), value
    else:
        values = draw(st.lists(VALUES, max_size=3))
        shown, operator, found = f"[{','.join(f'{mark}{each}{mark}' for each in values)}]", "in", values  # type: ignore[assignment]
    tree: dict[str, Any] = {operator: found}
    for step in reversed(name.split(".")):
        tree = {step: tree}
    return f"{name}[{operator}]:{shown}", tree


def groups(
    inner: st.SearchStrategy[tuple[str, dict[str, Any]]],
) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    several = st.lists(inner, min_size=1, max_size=3)
    return several.flatmap(
        lambda items: st.sampled_from(["and", "or"]).map(
            lambda word: (f"{word}({','.join(text for text, _ in items)})", {word: [tree for _, tree in items]})
        )
    ) | inner.map(lambda item: (f"not({item[0]})", {"not": item[1]}))


@given(st.recursive(leaves(), groups, max_leaves=8))
def test_what_is_written_is_read(written: tuple[str, dict[str, Any]]) -> None:
    text, tree = written

    assert read_filter_text(text) == tree


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("filter[name][ilike]=acme", {"name": {"ilike": "%acme%"}}),
        ("filter[name][ilike]=acme%25", {"name": {"ilike": "acme%"}}),
        ("filter[name][like]=", {"name": {"like": "%%"}}),
        ("filter[name][eq]=acme", {"name": {"eq": "acme"}}),
        ("filter[name][eq]=", {"name": {"eq": ""}}),
        ("filter%5Bname%5D%5Beq%5D=a%2Cb", {"name": {"eq": "a,b"}}),
        ("filter[name][firstName][eq]=Ann", {"name": {"firstName": {"eq": "Ann"}}}),
        ("filter[a][gte]=1&filter[a][lt]=5&limit=2", {"a": {"gte": "1", "lt": "5"}}),
        ("filter[or][0][a][eq]=1&filter[or][1][b][eq]=2", {"or": [{"a": {"eq": "1"}}, {"b": {"eq": "2"}}]}),
        ("filter[or][10][a][eq]=1&filter[or][9][b][eq]=2", {"or": [{"b": {"eq": "2"}}, {"a": {"eq": "1"}}]}),
        ("filter[not][a][is]=NULL", {"not": {"a": {"is": "NULL"}}}),
        ("filter[id][in]=a,b", {"id": {"in": ["a", "b"]}}),
        ("filter[id][in]=[a,b]", {"id": {"in": ["a", "b"]}}),
        ('filter[id][nin]=["a, b"]', {"id": {"nin": ["a, b"]}}),
        ("filter[id][in][]=a&filter[id][in][]=b", {"id": {"in": ["a", "b"]}}),
        ("filter[id][in][0]=a&filter[id][in][1]=b", {"id": {"in": ["a", "b"]}}),
        ("filter[id][in]=a&filter[id][in]=b", {"id": {"in": ["a", "b"]}}),
        ("filter[]=1", {"": "1"}),
    ],
)
def test_brackets(query: str, tree: object) -> None:
    assert read_filter(Parameters(query.encode())) == (tree, True)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("filter[name=1", InvalidFilter),
        ("filter[name]x=1", InvalidFilter),
        ("filter[na[me]]=1", InvalidFilter),
        ("filter[a]=1&filter[a][eq]=2", InvalidFilter),
        ("filter[a][eq]=1&filter[a]=2", InvalidFilter),
        ("filter[a][in]=1&filter[a][in][x]=2", InvalidFilter),
        ("filter[a][in][x]=2&filter[a][in]=1", InvalidFilter),
        ("filter[a][eq]=1&filter[a][eq]=2", RepeatedParameter),
        ("filter[a][eq]=1&filter=b[eq]:2", RepeatedParameter),
        ("filter=a[eq]:1&filter=b[eq]:2", RepeatedParameter),
        ("filter" + "[a]" * 60 + "=1", InvalidFilter),
        ("filter={", InvalidFilter),
        ("filter={}x", InvalidFilter),
        ("filter=" + '{"a":' * 5_000, InvalidFilter),
        ("filter=[]", InvalidFilter),
        ("filter=5", InvalidFilter),
    ],
    ids=lambda value: str(value)[:40],
)
def test_brackets_and_json_that_are_no_filter(query: str, error: type[BadRequest]) -> None:
    with pytest.raises(error):
        read_filter(Parameters(query.encode()))


def test_json() -> None:
    tree = {"name": {"ilike": "acme"}, "employees": {"gte": 5}}
    text = quote('{"name":{"ilike":"acme"},"employees":{"gte":5}}')

    assert read_filter(Parameters(f"filter={text}".encode())) == (tree, False)


def test_no_filter() -> None:
    for query in (b"", b"filter=", b"filters[a]=1", b"Filter=x"):
        assert read_filter(Parameters(query)) == (None, True)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("city", [{"city": "AscNullsFirst"}]),
        ("city[DescNullsLast]", [{"city": "DescNullsLast"}]),
        ("city[]", [{"city": "AscNullsFirst"}]),
        (
            " name.firstName[AscNullsLast] , createdAt[DescNullsLast]",
            [{"name": {"firstName": "AscNullsLast"}}, {"createdAt": "DescNullsLast"}],
        ),
        ("aggregate.countNotEmptyId[DescNullsLast]", [{"aggregate": {"countNotEmptyId": "DescNullsLast"}}]),
        ('{"city":"DescNullsLast"}', {"city": "DescNullsLast"}),
        ('[{"city":"DescNullsLast"}]', [{"city": "DescNullsLast"}]),
    ],
)
def test_orders(text: str, order: object) -> None:
    assert read_order(text, "order_by") == order


ALLOWED = "'AscNullsFirst', 'AscNullsLast', 'DescNullsFirst', 'DescNullsLast'"
EXAMPLE = "eg: ?order_by=field_1[AscNullsFirst],field_2[DescNullsLast],field_3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "city[Nope]",
            f"'order_by' direction 'Nope' invalid. Allowed values are {ALLOWED}. {EXAMPLE}",
        ),
        ("city[AscNullsFirst", f"'order_by' invalid for 'city[AscNullsFirst'. {EXAMPLE}"),
        ("city,", f"'order_by' invalid for ''. {EXAMPLE}"),
        (",", f"'order_by' invalid for ''. {EXAMPLE}"),
        ("a b", f"'order_by' invalid for 'a b'. {EXAMPLE}"),
        ("x " * 5_000, f"'order_by' invalid for '{'x ' * 40}'. {EXAMPLE}"),
        ("{", f"'order_by' is not valid JSON. {EXAMPLE}"),
        ("[" * 5_000, f"'order_by' is not valid JSON. {EXAMPLE}"),
    ],
    ids=lambda value: value[:30],
)
def test_what_is_no_order(text: str, message: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_order(text, "order_by")

    assert caught.value.message == message


def test_a_filter_may_stand_percent_encoded_in_the_address() -> None:
    text = 'or(name[eq]:"a & b = c",city[ilike]:"%ö%")'

    found, _ = read_filter(Parameters(urlencode({"filter": text}).encode()))
    assert found == {"or": [{"name": {"eq": "a & b = c"}}, {"city": {"ilike": "%ö%"}}]}
