"""Lists of the data model: pages, filters, orders and aliases, at the top and inside, against a Python twin."""

import base64
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tests.datamodel.asking import EVERYTHING, Node, error, nodes, objects
from tests.edge.conftest import shared  # noqa: F401  # a fixture
from tests.serving import Client

PAGE = "edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
TOP = f"query($p: CursorPaging) {{ objects(paging: $p) {{ {PAGE} }} }}"
NESTED = f"""query($p: CursorPaging) {{
    objects(paging: {{ first: 3 }}) {{ edges {{ node {{ fields(paging: $p) {{ {PAGE} }} }} }} }}
}}"""


def cursor(place: int) -> str:
    return base64.b64encode(f"arrayconnection:{place}".encode()).decode()


def twin(ids: Sequence[str], paging: Mapping[str, Any]) -> dict[str, object]:
    """A page as Python would take it."""
    first, last = paging.get("first"), paging.get("last")
    after, before = (None if paging.get(name) is None else _place(paging[name]) for name in ("after", "before"))
    if first is None and last is None:
        first, last = (None, 10) if before is not None and after is None else (10, None)
    start = 0 if after is None else after + 1
    stop = len(ids) if before is None else min(before, len(ids))
    places = list(range(len(ids)))[start:stop]
    places = places[:first] if first is not None else places[max(0, len(places) - last) :]  # type: ignore[operator]
    shown: dict[str, object] = {
        "edges": [{"cursor": cursor(place), "node": {"id": ids[place]}} for place in places],
        "startCursor": cursor(places[0]) if places else None,
        "endCursor": cursor(places[-1]) if places else None,
    }
    if places:
        shown |= {"hasPreviousPage": places[0] > 0, "hasNextPage": places[-1] < len(ids) - 1}
    return shown


def _place(text: str) -> int:
    return int(base64.b64decode(text).decode().removeprefix("arrayconnection:"))


def flat(connection: Mapping[str, Any]) -> dict[str, object]:
    found = {"edges": connection["edges"], **connection["pageInfo"]}
    if not connection["edges"]:  # of an empty page the rest is told by other tests
        del found["hasNextPage"], found["hasPreviousPage"]
    return found


async def test_any_page_is_that_part_of_the_whole(shared: Client) -> None:  # noqa: F811
    whole = [each["id"] for each in await objects(shared)]
    inside = [[field["id"] for field in each["fieldsList"]] for each in await objects(shared, "fieldsList { id }")][:3]
    chance = random.Random(5)
    for _ in range(60):
        paging: dict[str, object] = {chance.choice(("first", "last")): chance.choice((0, 1, 2, 5, 17, 29, 30, 1000))}
        for name in ("after", "before"):
            if chance.random() < 0.5:
                paging[name] = cursor(chance.choice((0, 1, 7, 28, 29, 500)))
        if chance.random() < 0.2:
            paging.pop("first", None), paging.pop("last", None)
        top = (await shared.data(TOP, {"p": paging}))["objects"]
        assert flat(top) == twin(whole, paging), paging
        nested = nodes((await shared.data(NESTED, {"p": paging}))["objects"])
        assert [flat(each["fields"]) for each in nested] == [twin(ids, paging) for ids in inside], paging


@pytest.mark.parametrize("size", [1, 3, 10, 28, 29, 30])
async def test_walking_all_pages_gives_the_whole(shared: Client, size: int) -> None:  # noqa: F811
    whole = [each["id"] for each in await objects(shared)]
    for limit, beside, more, end in (
        ("first", "after", "hasNextPage", "endCursor"),
        ("last", "before", "hasPreviousPage", "startCursor"),
    ):
        walked: list[str] = []
        at = None
        while True:
            page = (await shared.data(TOP, {"p": {limit: size, beside: at}}))["objects"]
            ids = [each["id"] for each in nodes(page)]
            walked = walked + ids if limit == "first" else ids + walked
            if not page["pageInfo"][more]:
                break
            at = page["pageInfo"][end]
        assert walked == whole


async def test_empty_pages(shared: Client) -> None:  # noqa: F811
    for paging, is_before, is_after in (
        ({"first": 0}, False, True),
        ({"last": 0}, True, False),
        ({"first": 5, "after": cursor(28)}, True, False),
        ({"first": 5, "after": cursor(999_999_999)}, True, False),
        ({"last": 5, "before": cursor(0)}, False, True),
    ):
        page = (await shared.data(TOP, {"p": paging}))["objects"]
        facts = {"hasPreviousPage": is_before, "hasNextPage": is_after, "startCursor": None, "endCursor": None}
        assert page == {"edges": [], "pageInfo": facts}, paging
    nothing = await shared.data(f"{{ objects(filter: {{ isCustom: {{ is: true }} }}) {{ {PAGE} }} }}")
    facts = {"hasPreviousPage": False, "hasNextPage": False, "startCursor": None, "endCursor": None}
    assert nothing == {"objects": {"edges": [], "pageInfo": facts}}


@pytest.mark.parametrize(
    ("arguments", "message", "sub_code"),
    [
        ("paging: { first: -1 }", "First argument must be non-negative", "INVALID_ARGS_FIRST"),
        ("paging: { last: -5 }", "Last argument must be non-negative", "INVALID_ARGS_LAST"),
        ("paging: { first: 1001 }", "First argument must be at most 1000", "INVALID_ARGS_FIRST"),
        ("paging: { last: 2147483647 }", "Last argument must be at most 1000", "INVALID_ARGS_LAST"),
        ("paging: { first: 1, last: 1 }", "Cannot provide both first and last", "ARGS_CONFLICT"),
        ('paging: { after: "" }', "Invalid cursor: ", "INVALID_CURSOR"),
        ('paging: { after: "%%%" }', "Invalid cursor: %%%", "INVALID_CURSOR"),
        ('paging: { after: "ÄÖ" }', "Invalid cursor: ÄÖ", "INVALID_CURSOR"),
        (f'paging: {{ before: "{cursor(-1)}" }}', f"Invalid cursor: {cursor(-1)}", "INVALID_CURSOR"),
        (f'paging: {{ after: "{cursor(10**12)}" }}', f"Invalid cursor: {cursor(10**12)}", "INVALID_CURSOR"),
        ('paging: { after: "eyJpZCI6IjEifQ==" }', "Invalid cursor: eyJpZCI6IjEifQ==", "INVALID_CURSOR"),
        (
            'sorting: [{ field: "colour" }]',
            '"colour" is nothing that a list of the type Object is sorted by.',
            "INVALID_SORTING",
        ),
        (
            'sorting: [{ field: "id; drop table core.workspace" }]',
            '"id; drop table core.workspace" is nothing that a list of the type Object is sorted by.',
            "INVALID_SORTING",
        ),
        (
            'sorting: [{ field: "fields" }]',
            '"fields" is nothing that a list of the type Object is sorted by.',
            "INVALID_SORTING",
        ),
        (
            'sorting: [{ field: "icon", direction: "up" }]',
            "The direction of sorting is ASC or DESC, not UP.",
            "INVALID_SORTING",
        ),
        (
            'sorting: [{ field: "icon", nulls: "never" }]',
            "Nulls are sorted NULLS_FIRST or NULLS_LAST, not never.",
            "INVALID_SORTING",
        ),
        (
            "filter: { id: { is: true } }",
            "An id is null or not null, it is not true or false.",
            "INVALID_FILTER",
        ),
    ],
)
async def test_what_makes_no_sense_is_told(shared: Client, arguments: str, message: str, sub_code: str) -> None:  # noqa: F811
    for query in (
        f"{{ objects({arguments}) {{ edges {{ cursor }} }} }}",
        f"{{ objects {{ edges {{ node {{ fields({arguments}) {{ edges {{ cursor }} }} }} }} }} }}",
    ):
        if "fields" in query.split("(")[0] and "sorting" in arguments:
            continue  # nested lists are not sorted
        assert await error(shared, query) == (message, "BAD_USER_INPUT", sub_code)


@pytest.mark.parametrize(
    "arguments",
    [
        "paging: { first: 2147483648 }",
        'paging: { first: "1" }',
        "paging: { size: 1 }",
        "paging: 7",
        "filter: { name: { eq: 1 } }",
        "filter: { isActive: true }",
        'filter: { id: { eq: "x" } }',
        "filter: { id: { in: [null] } }",
        "sorting: [{ direction: ASC }]",
        "size: 1",
    ],
)
async def test_what_the_schema_does_not_know_is_refused(shared: Client, arguments: str) -> None:  # noqa: F811
    answer = await shared.ask(f"{{ objects({arguments}) {{ edges {{ cursor }} }} }}")
    assert answer.get("data") is None
    errors = answer["errors"]
    assert isinstance(errors, list)
    assert errors[0]["extensions"]["code"] in ("GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT")


# -- filters and orders ------------------------------------------------------------------------------------------------


async def test_boolean_filters(shared: Client) -> None:  # noqa: F811
    whole = await objects(shared, "id isSystem isSearchable isUIReadOnly isCustom isActive isRemote")
    system: Callable[[Node], bool] = lambda each: each["isSystem"]  # noqa: E731
    for given, wanted in (
        ({}, lambda each: True),
        ({"isSystem": {"is": True}}, system),
        ({"isSystem": {"isNot": True}}, lambda each: not each["isSystem"]),
        ({"isSystem": {"is": None}}, lambda each: False),
        ({"isSystem": {"isNot": None}}, lambda each: True),
        ({"isSystem": None}, lambda each: True),
        ({"isSystem": {}}, lambda each: True),
        ({"isSystem": {"is": True, "isNot": True}}, lambda each: False),
        ({"isSystem": {"is": True}, "isSearchable": {"is": True}}, lambda each: system(each) and each["isSearchable"]),
        (
            {"or": [{"isSystem": {"is": True}}, {"isSearchable": {"is": True}}]},
            lambda each: system(each) or each["isSearchable"],
        ),
        ({"or": [{"isSystem": {"is": True}}, {}]}, lambda each: True),
        ({"or": []}, lambda each: True),
        ({"and": []}, lambda each: True),
        (
            {
                "and": [{"isSystem": {"is": True}}, {"isSearchable": {"is": True}}],
                "or": [{"isUIReadOnly": {"is": False}}],
            },
            lambda each: system(each) and each["isSearchable"] and not each["isUIReadOnly"],
        ),
        (
            {"isActive": {"is": True}, "isCustom": {"is": False}, "isRemote": {"isNot": True}},
            lambda each: each["isActive"],
        ),
    ):
        found = await shared.data(
            f"query($f: ObjectFilter) {{ objects({EVERYTHING}, filter: $f) {{ edges {{ node {{ id }} }} }} }}",
            {"f": given},
        )
        assert [each["id"] for each in nodes(found["objects"])] == [each["id"] for each in whole if wanted(each)], given


async def test_filters_by_id(shared: Client) -> None:  # noqa: F811
    ids = [each["id"] for each in await objects(shared)]
    some, one = ids[3:6], ids[4]
    for given, wanted in (
        ({"eq": one}, [one]),
        ({"eq": one.upper()}, [one]),
        ({"like": one}, [one]),
        ({"iLike": one}, [one]),
        ({"neq": one}, [each for each in ids if each != one]),
        ({"notLike": one}, [each for each in ids if each != one]),
        ({"notILike": one}, [each for each in ids if each != one]),
        ({"in": some}, some),
        ({"in": one}, [one]),
        ({"in": []}, []),
        ({"notIn": some}, [each for each in ids if each not in some]),
        ({"notIn": []}, ids),
        ({"gt": one}, [each for each in ids if each > one]),
        ({"gte": one}, [each for each in ids if each >= one]),
        ({"lt": one}, [each for each in ids if each < one]),
        ({"lte": one}, [each for each in ids if each <= one]),
        ({"gt": min(some), "lt": max(some)}, [each for each in ids if min(some) < each < max(some)]),
        ({"is": None}, []),
        ({"isNot": None}, ids),
        ({"eq": None}, []),
        ({"in": [*some, *(f"00000000-0000-4000-8000-{number:012}" for number in range(5_000))]}, some),
    ):
        found = await shared.data(
            f"query($f: ObjectFilter) {{ objects({EVERYTHING}, filter: $f) {{ edges {{ node {{ id }} }} }} }}",
            {"f": {"id": given}},
        )
        assert [each["id"] for each in nodes(found["objects"])] == wanted, str(given)[:200]


async def test_orders(shared: Client) -> None:  # noqa: F811
    whole = await objects(shared, "id nameSingular isSystem shortcut createdAt")
    for given, key, is_reversed in (
        ([{"field": "nameSingular"}], lambda each: each["nameSingular"], False),
        ([{"field": "nameSingular", "direction": "desc"}], lambda each: each["nameSingular"], True),
        (
            [{"field": "isSystem"}, {"field": "nameSingular"}],
            lambda each: (each["isSystem"], each["nameSingular"]),
            False,
        ),
        (
            [{"field": "shortcut", "nulls": "NULLS_FIRST"}, {"field": "id"}],
            lambda each: (each["shortcut"] is not None, each["shortcut"] or "", each["id"]),
            False,
        ),
        (
            [{"field": "shortcut", "nulls": "LAST"}],
            lambda each: (each["shortcut"] is None, each["shortcut"] or "", each["id"]),
            False,
        ),
        ([{"field": "createdAt"}], lambda each: (each["createdAt"], each["id"]), False),
    ):
        found = await shared.data(
            f"query($s: [MetadataSortInput!]) {{ objects({EVERYTHING}, sorting: $s) {{ edges {{ node {{ id }} }} }} }}",
            {"s": given},
        )
        wanted = sorted(whole, key=key, reverse=is_reversed)
        assert [each["id"] for each in nodes(found["objects"])] == [each["id"] for each in wanted], given


async def test_all_fields_of_all_objects(shared: Client) -> None:  # noqa: F811
    inside = [field["id"] for each in await objects(shared, "fieldsList { id }") for field in each["fieldsList"]]
    found = await shared.data(f"{{ fields({EVERYTHING}) {{ edges {{ node {{ id objectMetadataId }} }} }} }}")
    shown = [each["id"] for each in nodes(found["fields"])]

    assert sorted(shown) == sorted(inside)
    assert len(inside) > 400
    (first, *_) = nodes(found["fields"])
    own = await shared.data(
        f"query($id: UUID) {{ fields({EVERYTHING}, filter: {{ objectMetadataId: {{ eq: $id }} }})"
        " { edges { node { id } } } }",
        {"id": first["objectMetadataId"]},
    )
    assert [each["id"] for each in nodes(own["fields"])] == shown[: len(nodes(own["fields"]))]


# -- the form of the answer --------------------------------------------------------------------------------------------


async def test_the_answer_has_the_form_of_the_document(shared: Client) -> None:  # noqa: F811
    found = await shared.data(
        """query($yes: Boolean! = true, $one: Int = 1) {
            __typename
            b: objects(paging: { first: $one }) { ...Page }
            a: objects(paging: { last: 1 }) { ...Page }
        }
        fragment Page on ObjectConnection {
            info: pageInfo { more: hasNextPage ... on PageInfo { __typename less: hasPreviousPage } }
            kind: __typename
            edges { ... on ObjectEdge { at: cursor kind: __typename node { ...Node } } }
        }
        fragment Node on Object {
            nameSingular
            a: fields(paging: { first: $one }) { edges { node { name } } pageInfo { hasNextPage } }
            b: fields(paging: { first: 2 }, filter: { isSystem: { is: true } }) { edges { node { name __typename } } }
            more: fields(paging: { first: 3 }, filter: { isActive: { is: true } }) { pageInfo { hasNextPage } }
            none: fields(paging: { first: 0 }, filter: { isActive: { is: true } }) { __typename }
            id @skip(if: $yes)
            icon @include(if: $yes)
            ... @include(if: $yes) { again: nameSingular }
            ... @skip(if: $yes) { label: labelSingular }
            fields(paging: { first: $one }) { edges { cursor } }
            fields(paging: { first: $one }) { edges { node { type } } }
        }"""
    )

    assert list(found) == ["__typename", "b", "a"]
    assert found["__typename"] == "Query"
    assert list(found["b"]) == ["info", "kind", "edges"]
    assert found["b"]["info"] == {"more": True, "__typename": "PageInfo", "less": False}
    assert found["b"]["kind"] == found["a"]["kind"] == "ObjectConnection"
    (edge,) = found["b"]["edges"]
    assert edge == {
        "at": cursor(0),
        "kind": "ObjectEdge",
        "node": {
            "nameSingular": "company",
            "a": {"edges": [{"node": {"name": "id"}}], "pageInfo": {"hasNextPage": True}},
            "b": {
                "edges": [
                    {"node": {"name": "id", "__typename": "Field"}},
                    {"node": {"name": "position", "__typename": "Field"}},
                ]
            },
            "more": {"pageInfo": {"hasNextPage": True}},
            "none": {"__typename": "ObjectFieldsConnection"},
            "icon": "IconBuildingSkyscraper",
            "again": "company",
            "fields": {"edges": [{"cursor": cursor(0), "node": {"type": "UUID"}}]},
        },
    }
    assert list(edge["node"]) == ["nameSingular", "a", "b", "more", "none", "icon", "again", "fields"]
    (last,) = found["a"]["edges"]
    assert last["at"] == cursor(28)


async def test_records_and_the_model_in_one_document(shared: Client) -> None:  # noqa: F811
    found = await shared.data(
        """{ people { totalCount } objects(paging: { first: 1 }) { edges { node { nameSingular } } }
        __type(name: "FieldEdge") { name } apiKeys { name } }"""
    )
    assert found == {
        "people": {"totalCount": 0},
        "objects": {"edges": [{"node": {"nameSingular": "company"}}]},
        "__type": {"name": "FieldEdge"},
        "apiKeys": [{"name": "tests"}],
    }


@pytest.mark.parametrize(
    "inside",
    [
        "fieldsList { object { fieldsList { object { fieldsList { object { fieldsList { object { id } } } } } } } }",
        f"fields({EVERYTHING}) {{ edges {{ node {{ object {{ fields({EVERYTHING}) {{ edges {{ cursor }} }} }} }} }} }}",
        " ".join(f"a{number}: fieldsList {{ id }}" for number in range(60)),
    ],
    ids=["deep", "large", "wide"],
)
async def test_selections_that_multiply_are_refused(shared: Client, inside: str) -> None:  # noqa: F811
    message, code, sub_code = await error(
        shared, f"{{ objects(paging: {{ first: 1000 }}) {{ edges {{ node {{ {inside} }} }} }} }}"
    )
    assert (code, sub_code) == ("BAD_USER_INPUT", "TOO_COMPLEX_QUERY")
    assert message.startswith("Query complexity is too high. ")


async def test_fragments_that_multiply_are_refused(shared: Client) -> None:  # noqa: F811
    fragments = " ".join(
        f"fragment F{number} on Field {{ a: object {{ b: fieldsList {{ ...F{number + 1} }} }}"
        f" c: object {{ d: fieldsList {{ ...F{number + 1} }} }} }}"
        for number in range(30)
    )
    _, code, sub_code = await error(
        shared, f"{{ fields {{ edges {{ node {{ ...F0 }} }} }} }} {fragments} fragment F30 on Field {{ id }}"
    )
    assert (code, sub_code) == ("BAD_USER_INPUT", "TOO_COMPLEX_QUERY")


async def test_filters_may_be_deep_but_not_bottomless(shared: Client) -> None:  # noqa: F811
    query = "query($f: ObjectFilter) { objects(filter: $f) { edges { cursor } } }"
    given: dict[str, object] = {"isSystem": {"is": True}}
    for _ in range(50):
        given = {"and": [given]}
    assert len((await shared.data(query, {"f": given}))["objects"]["edges"]) == 10
    deep = '{"and": [' * 5_000 + "]}" * 5_000
    answer = await shared.http.post(
        f"{shared.url}/graphql",
        content=f'{{"query": "{query}", "variables": {{"f": {deep}}}}}',
        headers={"Authorization": f"Bearer {shared.tenant.key}", "Content-Type": "application/json"},
    )
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
