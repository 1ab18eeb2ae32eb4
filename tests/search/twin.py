"""A slow twin of full-text search: which records have all the words of a text, and which have any."""

import re
import unicodedata
from collections.abc import Sequence

_LETTERS = str.maketrans(dict(zip("øØłŁđĐħĦŧŦı", "oollddhhtti", strict=True)))
_PAIRS = {"ß": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th"}


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(each for each in plain if not "\u0300" <= each <= "\u036f" and unicodedata.category(each) != "Cf")
    for letter, pair in _PAIRS.items():
        plain = plain.replace(letter, pair)
    return plain.translate(_LETTERS).lower()


def parts(text: str) -> list[str]:
    """The runs of letters and digits, folded."""
    return "".join(each if each.isalnum() else " " for each in fold(text)).split()


def has_word(text: str, word: str) -> bool:
    """Each part of the word is the beginning of a part of the text."""
    there = parts(text)
    return all(any(part.startswith(wanted) for part in there) for wanted in parts(word))


def words(query: str) -> list[str]:
    """What stands between blanks; of an address without its beginning."""
    bare = (re.sub(r"[a-zA-Z]+://([wW]{3}\.)?", "", word) for word in query.split())
    return [word for word in bare if parts(word)]


def has_all(text: str, query: str) -> bool:
    return all(has_word(text, word) for word in words(query))


def has_any(text: str, query: str) -> bool:
    return any(has_word(text, word) for word in words(query))


def finds(texts: Sequence[str], query: str) -> list[int]:
    """The places of the texts that are found: those with all the words before the others."""
    if not query.strip():
        return list(range(len(texts)))
    found = [place for place, text in enumerate(texts) if has_any(text, query)]
    return sorted(found, key=lambda place: not has_all(texts[place], query))
