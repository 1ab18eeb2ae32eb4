"""Cursors of a search come back as they went out, and nothing else passes for one."""

import pytest

from rapport.engine.cursors import InvalidCursor
from rapport.search.cursor import SearchCursor, encode
from tests.search.asking import decoded, encoded

ANN, BOB = "a0000000-0000-4000-8000-000000000001", "b0000000-0000-4000-8000-000000000001"


def test_a_cursor_is_the_json_of_the_contract() -> None:
    last = {"company": BOB, "person": ANN}
    cursor = encode(0.0, 0.06079271, last)
    assert decoded(cursor) == {
        "lastRanks": {"tsRankCD": 0, "tsRank": 0.06079271},
        "lastRecordIdsPerObject": {"company": BOB, "person": ANN},
    }
    again = SearchCursor.decode(cursor)
    assert (again.rank_of_all, again.rank_of_any, list(again.last.items())) == (0.0, 0.06079271, list(last.items()))
    assert (again.object, str(again.id)) == ("person", ANN)


def _content(**more: object) -> dict[str, object]:
    return {"lastRanks": {"tsRankCD": 0, "tsRank": 0}, "lastRecordIdsPerObject": {"person": ANN}} | more


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "\ud800",
        ANN,
        encoded(None),
        encoded([]),
        encoded(5),
        encoded({}),
        encoded(_content(lastRanks=None)),
        encoded(_content(lastRanks={"tsRankCD": 0})),
        encoded(_content(lastRanks={"tsRankCD": "0", "tsRank": 0})),
        encoded(_content(lastRanks={"tsRankCD": True, "tsRank": 0})),
        encoded(_content(lastRanks={"tsRankCD": -1, "tsRank": 0})),
        encoded(_content(lastRanks={"tsRankCD": 1e300, "tsRank": 0})),
        encoded(_content(lastRanks={"tsRankCD": float("nan"), "tsRank": 0})),
        encoded(_content(lastRanks={"tsRankCD": 10**400, "tsRank": 0})),
        encoded(_content(lastRecordIdsPerObject={})),
        encoded(_content(lastRecordIdsPerObject=[ANN])),
        encoded(_content(lastRecordIdsPerObject={"person": "x"})),
        encoded(_content(lastRecordIdsPerObject={"person": 5})),
        encoded(_content(lastRecordIdsPerObject={"person": None})),
        "[" * 100_000,
    ],
)
def test_anything_else_is_an_invalid_cursor(text: str) -> None:
    with pytest.raises(InvalidCursor, match=r"^Invalid cursor: "):
        SearchCursor.decode(text)
