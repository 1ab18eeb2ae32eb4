"""Whatever the records and the words are: what is found is what the slow twin finds, page after page."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.search.asking import numbered, pages, search
from tests.search.twin import finds, has_all
from tests.serving import Client

# Object, table, the column that gets the text; in the order in which equals follow each other.
TABLES = (("person", "nameFirstName"), ("company", "name"), ("note", "title"), ("dashboard", "title"))
PIECES = (
    *(
        "ada",
        "Ádá",
        "adam",
        "al",
        "BO",
        "Bob",
        "bö",
        "łódź",
        "straße",
        "o'neil",
        "o’neil",
        "jean-pierre",
        "Jean Pierre",
    ),
    *(
        "ada@acme.example.com",
        "acme.example.com",
        "https://acme.com/a?b=1",
        "a_b",
        "a/b",
        "x+y",
        "1.2",
        "a b",
        "-",
        "&",
    ),
)
texts = st.lists(st.sampled_from(PIECES), max_size=3).map(" ".join)
beginnings = st.tuples(st.sampled_from(PIECES), st.integers(1, 12)).map(lambda found: found[0][: found[1]])
spellings = st.sampled_from((str.upper, str.lower, str.title, lambda text: unicodedata.normalize("NFD", text)))
queries = st.lists(st.tuples(beginnings, spellings).map(lambda found: found[1](found[0])), max_size=3).map(" ".join)

many = settings(
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Records:
    """Records of one text each, by id, in the order in which equals follow each other."""

    texts: dict[str, str]

    def found(self, query: str) -> set[str]:
        ids = list(self.texts)
        return {ids[place] for place in finds(list(self.texts.values()), query)}


async def store(client: Client, given: Sequence[Sequence[str]]) -> Records:
    """Makes the records the only ones there are."""
    texts: dict[str, str] = {}
    for number, ((table, column), each) in enumerate(zip(TABLES, given, strict=True)):
        ids = list(numbered(len(each), "abcd"[number]))
        schema = client.tenant.schema
        await client.database.execute(f'delete from "{schema}"."{table}"')
        await client.database.execute(
            f'insert into "{schema}"."{table}" (id, "{column}") select * from unnest($1::uuid[], $2::text[])', ids, each
        )
        texts |= dict(zip(ids, each, strict=True))
    return Records(texts)


@given(data=st.tuples(*[st.lists(texts, max_size=5)] * len(TABLES)), query=queries, limit=st.integers(1, 6))
@settings(many)
async def test_all_pages_together_are_what_the_twin_finds_best_first(
    client: Client, data: tuple[list[str], ...], query: str, limit: int
) -> None:
    records = await store(client, data)
    everything = await search(client, query, 100)
    assert set(everything.ids) == records.found(query)
    order = list(records.texts)
    sorted_by = [
        (-of_all, -of_any, order.index(each))
        for each, (of_all, of_any) in zip(everything.ids, everything.ranks, strict=True)
    ]
    assert sorted_by == sorted(set(sorted_by))
    if query.strip():
        assert [rank > 0 for rank, _ in everything.ranks] == [
            has_all(records.texts[each], query) for each in everything.ids
        ]
    walked = await pages(client, query, limit)
    assert [each for page in walked for each in page.ids] == everything.ids
    assert [len(page.ids) for page in walked[:-1]] == [limit] * (len(walked) - 1)
    skipped = await search(client, query, limit, o=limit)
    assert skipped.ids == everything.ids[limit : 2 * limit]
