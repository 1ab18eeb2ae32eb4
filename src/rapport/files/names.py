"""Names of files as they come from strangers, made harmless; and how they are told to browsers."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 255  # characters
_LONGEST_SUFFIX = 16
_SUFFIX = re.compile(r"\.([A-Za-z0-9]{1,10})$")
# They turn the direction of text around: `annex‮gpj.exe` is shown as if it ended in .jpg.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def harmless(name: str) -> str:
    r"""A name without a path and without what cannot be seen; never empty, at most 255 characters.

    >>> harmless("..\\..//etc/pass\r\nwd\0.txt")
    'passwd.txt'
    >>> harmless("../"), len(harmless("a" * 300 + ".pdf"))
    ('file', 255)
    """
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = "".join(each for each in last if not _is_hidden(each)).strip()
    if not shown.strip("."):
        return "file"
    if len(shown) <= LONGEST:
        return shown
    suffix = shown.rpartition(".")[2]
    if "." not in shown or len(suffix) > _LONGEST_SUFFIX:
        return shown[:LONGEST]
    return f"{shown[: LONGEST - len(suffix) - 1]}.{suffix}"


def extension(name: str) -> str:
    """`.pdf` of `Report.PDF`; empty where there is none that is safe in a path."""
    found = _SUFFIX.search(name)
    return f".{found[1].lower()}" if found else ""


def disposition(kind: str, name: str) -> bytes:
    """The value of Content-Disposition (RFC 6266).

    >>> disposition("attachment", 'Prüfung "A".pdf').decode()
    'attachment; filename="Pr_fung _A_.pdf"; filename*=UTF-8\\'\\'Pr%C3%BCfung%20%22A%22.pdf'
    """
    plain = "".join(each if each.isascii() and each.isprintable() and each not in '"\\%' else "_" for each in name)
    written = f'{kind}; filename="{plain}"'
    if plain != name:
        written += f"; filename*=UTF-8''{quote(name, safe='')}"
    return written.encode()


def _is_hidden(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp", "Co", "Cn")
