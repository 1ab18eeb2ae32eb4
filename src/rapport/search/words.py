"""The words of a search as text search queries (core-api.md §6).

Each word is looked for as the beginning of a word. `jean-pierre` is found as it is and by its parts, `jean` and
`pierre`: the search vectors hold both (see ``metadata.ddl``).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapport.base.errors import BadUserInput

MOST_PARTS = 50
_LONGEST = 200  # characters of a part; PostgreSQL indexes words of 2046 bytes at most, and folding may double them
_JOINTS = "@.-_/"  # what the parser of search vectors keeps inside a word
_SCHEME = re.compile(r"[a-z]+://(?:www\.)?", re.IGNORECASE)


class TooManyWords(BadUserInput):
    """The text to search for has too many words."""

    sub_code = "TOO_COMPLEX_QUERY"


@dataclass(frozen=True, kw_only=True)
class Query:
    """Text search queries, still to be folded: for records with all the words, and for those with any of them."""

    all: str
    any: str | None  # None: there is only one word


def read(text: str) -> Query | None:
    """The query of a text that is not blank; None when it has nothing in it that could be found.

    >>> read("Jean-P dupont")
    Query(all="('Jean-P':* | 'Jean':* & 'P':*) & 'dupont':*", any="('Jean-P':* | 'Jean':* & 'P':*) | 'dupont':*")
    >>> read("o'neil")
    Query(all="('o':* & 'neil':*)", any=None)
    """
    # Decomposed before it is split: the database folds it the same way, and no letter may turn into a quote there.
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if unicodedata.category(each) != "Cf")
    terms = list(_terms(dict.fromkeys(plain.split())))
    if not terms:
        return None
    return Query(all=" & ".join(terms), any=" | ".join(terms) if len(terms) > 1 else None)


def _terms(words: Iterable[str]) -> Iterator[str]:
    count = 0
    for word in words:
        bare = _SCHEME.sub("", word) if "://" in word else word
        parts = _parts(bare)
        count += len(parts)
        if count > MOST_PARTS:
            raise TooManyWords(f"A search can be for {MOST_PARTS} words at most.")
        if parts:
            yield _term(bare, parts)


def _parts(word: str) -> list[str]:
    """The runs of letters, marks and digits."""
    runs = "".join(each if _is_of_word(each) else " " for each in word).split()
    return [run[:_LONGEST] for run in runs if any(map(str.isalnum, run[:_LONGEST]))]


def _is_of_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def _term(word: str, parts: list[str]) -> str:
    apart = " & ".join(map(_prefix, parts))
    whole = _whole(word)
    if len(parts) == 1:
        return apart
    return f"({apart})" if whole is None else f"({_prefix(whole)} | {apart})"


def _whole(word: str) -> str | None:
    """The word in one piece, if search vectors may hold it so."""
    places = [place for place, each in enumerate(word) if _is_of_word(each)]
    whole = word[places[0] : places[-1] + 1]
    fits = len(whole) <= _LONGEST and all(_is_of_word(each) or each in _JOINTS for each in whole)
    return whole if fits else None


def _prefix(word: str) -> str:
    return f"'{word}':*"
