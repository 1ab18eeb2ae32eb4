"""Rows out of the bytes of a file, with where each of them ends. No I/O."""

import csv
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TypeAlias

import orjson

from rapport.imports.errors import InvalidFile
from rapport.imports.options import ImportOptions

LARGEST_ROW = 10_000_000  # bytes
MOST_COLUMNS = 5_000  # what each of them means is looked up while others wait
TOO_MANY_COLUMNS = f"The file has more than {MOST_COLUMNS} columns."
_DIGITS_AS_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER = b"0" * 19

BOM = b"\xef\xbb\xbf"
# How files begin that spreadsheets are kept in: zip archives, and the older ones of Excel.
_OTHER_FILES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATOR = re.compile(rb'"?sep=([,;|\t])"?(?:\r\n|\r|\n)', re.IGNORECASE)
UNCLOSED = "A quotation mark in this row is never closed: it and all that follows is left out."
ENCODINGS = ("utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1250", "windows-1251", "windows-1252")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is none, and why."""

    reason: str


Row: TypeAlias = "list[str] | dict[str, object] | Unreadable | None"  # None: nothing is in it


@dataclass(frozen=True, slots=True)
class Parsed:
    """Rows, and for each the number of bytes up to its end."""

    rows: Sequence[Row]
    ends: Sequence[int]


def parse(data: bytes, options: ImportOptions, *, is_last: bool) -> Parsed:
    """The whole rows that the data begins with. Unless it ``is_last``, there may be none. Raises InvalidFile."""
    found = _csv(data, options, is_last) if options.format == "csv" else _ndjson(data, is_last)
    if not found.rows and len(data) > LARGEST_ROW:
        raise InvalidFile(f"A row is larger than {LARGEST_ROW} bytes. Is a quotation mark missing?")
    return found


def read_header(data: bytes, options: ImportOptions, *, is_last: bool) -> tuple[list[str], int] | None:
    """The first row of a CSV file and where it ends; None when more data is needed. Raises InvalidFile."""
    found = _csv(data, options, is_last)
    if not found.rows:
        if len(data) > LARGEST_ROW or is_last:
            raise InvalidFile("The file has no row with the names of its columns.")
        return None
    header = found.rows[0]
    if isinstance(header, Unreadable):
        wrong = "The first row has a quotation mark that is never closed."
        raise InvalidFile(wrong if header.reason == UNCLOSED else header.reason)
    if not isinstance(header, list) or not any(name.strip() for name in header):
        raise InvalidFile("The first row must have the names of the columns, in the file's encoding.")
    if len(header) > MOST_COLUMNS:
        raise InvalidFile(TOO_MANY_COLUMNS)
    if any("\0" in name for name in header):
        raise InvalidFile("The names of the columns must not have zero characters.")
    return [name.strip() for name in header], found.ends[0]


def delimiter_of(line: str) -> str:
    """The most frequent of `,`, `;` and tab outside of quotation marks.

    >>> delimiter_of('name;"city, country";phone')
    ';'
    """
    bare = "".join(line.split('"')[::2])
    return max(",;\t", key=bare.count)


def separator_line(data: bytes) -> tuple[str, int] | None:
    """What Excel says in a line of its own before a file: the delimiter, and how long the line is.

    >>> separator_line(b"sep=;\\r\\nname;phone")
    (';', 7)
    """
    found = _SEPARATOR.match(data)
    return None if found is None else (found[1].decode(), found.end())


def demand_text(data: bytes) -> None:
    """Raises InvalidFile when the file begins like one of another kind."""
    if data.startswith(_OTHER_FILES):
        raise InvalidFile("The file is a spreadsheet or an archive. Save it as CSV and import that.")


def _csv(data: bytes, options: ImportOptions, is_last: bool) -> Parsed:
    whole = len(data) if is_last else _cut(data)
    text, is_sound = _decoded(data[:whole], options.encoding)
    csv.field_size_limit(LARGEST_ROW * 2)  # of the process, where nobody else reads CSV
    lines = StringIO(text, newline="")
    place = lines.tell
    reader = csv.reader(lines, delimiter=options.delimiter)
    rows: list[Row] = []
    ends: list[int] = []
    try:
        for row in reader:
            rows.append(row or None)
            ends.append(place())
    except csv.Error as error:
        raise InvalidFile(f"The file is not valid CSV: {error}.") from None
    if not is_last and rows:  # perhaps it goes on: an open quotation mark
        rows.pop()
        ends.pop()
    if not is_sound:
        rows = [_checked(row, options.encoding) for row in rows]
    if is_last and rows and _is_open(text[ends[-2] if len(ends) > 1 else 0 :], options.delimiter):
        rows[-1] = Unreadable(UNCLOSED)
    if options.encoding == "utf-8" and not text.isascii():
        ends = _in_bytes(text, ends)
    return Parsed(rows, ends)


def _is_open(row: str, delimiter: str) -> bool:
    """Whether a quotation mark of the row is still open at its end: what follows is not another row then."""
    reader = csv.reader(StringIO(row + "\n.", newline=""), delimiter=delimiter)
    return sum(1 for _ in reader) == 1


def _cut(data: bytes) -> int:
    """Where the last whole line ends. Of CR and LF, either ends a line, and so do both together."""
    return data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, -1) + 1


def _decoded(data: bytes, encoding: str) -> tuple[str, bool]:
    """The text, and whether it is all sound. What is not becomes halves of surrogate pairs."""
    try:
        return data.decode(encoding), True
    except UnicodeDecodeError:
        return data.decode(encoding, "surrogateescape"), False


def _in_bytes(text: str, ends: Sequence[int]) -> list[int]:
    found: list[int] = []
    done, start = 0, 0
    for end in ends:
        done += len(text[start:end].encode("utf-8", "surrogateescape"))
        found.append(done)
        start = end
    return found


def _checked(row: Row, encoding: str) -> Row:
    if isinstance(row, list) and any("\udc80" <= character <= "\udcff" for cell in row for character in cell):
        name = encoding.upper() if encoding == "utf-8" else encoding
        hint = "If the file has another encoding, say so: Content-Type: text/csv; charset=windows-1252"
        return Unreadable(f"The row is not valid {name}. {hint}")
    return row


def _ndjson(data: bytes, is_last: bool) -> Parsed:
    whole = len(data) if is_last else data.rfind(b"\n") + 1
    loads = _loads_exactly if _LONG_NUMBER in data.translate(_DIGITS_AS_ZEROS) else orjson.loads
    rows: list[Row] = []
    ends: list[int] = []
    done = 0
    for line in data[:whole].split(b"\n"):
        done += len(line) + 1
        if done > whole and not line:
            break
        rows.append(_record(line, loads))
        ends.append(min(done, whole))
    return Parsed(rows, ends)


def _record(line: bytes, loads: Callable[[bytes], object]) -> Row:
    if not line or line.isspace():
        return None
    try:
        value = loads(line)
    except (ValueError, RecursionError):
        return Unreadable("The row is not valid JSON.")
    return value if isinstance(value, dict) else Unreadable("The row is not an object of JSON.")


def _loads_exactly(line: bytes) -> object:
    """As many digits as there are."""
    return json.loads(line.decode(), parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
