"""The words of a search, whatever is typed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.search.words import MOST_PARTS, Query, TooManyWords, read


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("ada", Query(all="'ada':*", any=None)),
        ("ada  Ada\tada\n", Query(all="'ada':* & 'Ada':*", any="'ada':* | 'Ada':*")),
        ("acme.com", Query(all="('acme.com':* | 'acme':* & 'com':*)", any=None)),
        ("(acme_x).", Query(all="('acme_x':* | 'acme':* & 'x':*)", any=None)),
        ("https://www.acme.com/", Query(all="('acme.com':* | 'acme':* & 'com':*)", any=None)),
        ("a:b", Query(all="('a':* & 'b':*)", any=None)),
        ("+33612345678", Query(all="'33612345678':*", any=None)),
        ("O’Neil", Query(all="('O':* & 'Neil':*)", any=None)),
        ("zero\u200bwidth", Query(all="'zerowidth':*", any=None)),
        ("x & y | !z", Query(all="'x':* & 'y':* & 'z':*", any="'x':* | 'y':* | 'z':*")),
        ("", None),
        (" \t\u00a0", None),
        ("&|!()<->:*'\\", None),
        ("\u0301", None),
        ("🚀", None),
    ],
)
def test_words_become_beginnings_of_words(text: str, query: Query | None) -> None:
    assert read(text) == query


def test_a_long_word_is_looked_for_by_its_beginning() -> None:
    query = read("x" * 100_000)
    assert query is not None
    assert len(query.all) < 250


def test_more_words_than_the_limit_are_refused() -> None:
    assert read(" ".join(f"w{number}" for number in range(MOST_PARTS))) is not None
    assert read("same " * 10_000) == read("same")
    with pytest.raises(TooManyWords):
        read(" ".join(f"w{number}" for number in range(MOST_PARTS + 1)))
    with pytest.raises(TooManyWords):
        read(".".join("abc" * 100))


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=500)
def test_nothing_typed_becomes_anything_but_quoted_words_and_operators(text: str) -> None:
    query = read(text)
    for part in (query.all, query.any) if query is not None else ():
        pieces = (part or "").split("'")
        assert set("".join(pieces[::2])) <= set("(): *&|")
        assert not any(set(word) & set("'\\ \0") for word in pieces[1::2])
