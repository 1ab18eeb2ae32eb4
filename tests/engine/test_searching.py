"""A search as SQL: one statement that goes by the indexes, and looks no further than it must."""

import json

import pytest

from rapport.engine.searching import Search, Source, Words, compile_search
from rapport.engine.sql import Value
from rapport.metadata.catalog import Catalog
from rapport.metadata.indexes import index_name
from rapport.metadata.store import load_catalog
from tests.edge.graphql.models import standard
from tests.serving import Client

SEARCHED = ("person", "company")


@pytest.fixture
async def catalog(client: Client) -> Catalog:
    return await load_catalog(client.database, client.tenant.workspace_id)


def source(catalog: Catalog, name: str) -> Source:
    item = catalog.by_name[name]
    return Source(object=item, vector=item.field["searchVector"].column, texts=(item.field["id"].column,))


def sample(catalog: Catalog, *, every: str | None, some: str | None = None, limit: int = 5) -> Search:
    return Search(
        schema=catalog.schema,
        sources=tuple(source(catalog, name) for name in SEARCHED),
        words=None
        if every is None
        else Words(
            all=Value(sql_type="text", constant=every),
            any=None if some is None else Value(sql_type="text", constant=some),
        ),
        limit=limit,
    )


async def plan(client: Client, search: Search) -> list[dict[str, object]]:
    """The nodes of the executed plan."""
    statement = compile_search(search)
    async with client.database.transaction() as connection:
        await connection.script("set local enable_seqscan = off")
        text = await connection.value(f"explain (analyze, format json) {statement.sql}", *statement.bind({}))
    found: list[dict[str, object]] = []
    rest = [each["Plan"] for each in json.loads(str(text))]
    while rest:
        node = rest.pop()
        found.append(node)
        rest += node.get("Plans", [])
    return found


def used(nodes: list[dict[str, object]], kind: str) -> dict[str, int]:
    """Indexes and how often they were gone through."""
    return {str(node["Index Name"]): int(str(node["Actual Loops"])) for node in nodes if node["Node Type"] == kind}


async def test_words_are_looked_up_in_the_index_of_each_object(client: Client, catalog: Catalog) -> None:
    nodes = await plan(client, sample(catalog, every="'ada':*"))
    assert used(nodes, "Bitmap Index Scan") == {index_name(name, ("searchVector",)): 1 for name in SEARCHED}


async def test_records_with_some_of_the_words_are_looked_for_only_when_there_are_too_few_with_all(
    client: Client, catalog: Catalog
) -> None:
    for count, times in ((4, 1), (5, 0)):
        await client.data(
            "mutation ($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }",
            {"data": [{"name": {"firstName": "Ada", "lastName": "King"}}] * (count if times else 1)},
        )
        nodes = await plan(client, sample(catalog, every="'ada':* & 'king':*", some="'ada':* | 'king':*"))
        both = [node for node in nodes if node["Node Type"] == "Bitmap Index Scan"]
        assert sorted(int(str(node["Actual Loops"])) for node in both) == sorted([1, 1, times, times])


async def test_without_words_records_come_in_the_order_of_the_primary_key(client: Client, catalog: Catalog) -> None:
    nodes = await plan(client, sample(catalog, every=None))
    assert used(nodes, "Index Scan") == {f"pk_{name}": 1 for name in SEARCHED}


def test_a_search_is_one_statement_whose_values_are_parameters() -> None:
    statement = compile_search(sample(standard(), every="'secret':*", some="'hidden':*"))
    assert "secret" not in statement.sql
    assert "hidden" not in statement.sql
    assert statement.bind({}) == ["'secret':*", "'hidden':*"]
