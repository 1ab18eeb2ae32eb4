"""Rows out of bytes, wherever the pieces are cut."""

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from rapport.imports.options import ImportOptions
from rapport.imports.parsing import Row, parse

CELLS = st.text(st.sampled_from('ab "\n\r,;é€😀\u2028\x85'), max_size=6)
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=3), max_size=8)


def in_pieces(data: bytes, cuts: list[int], options: ImportOptions) -> list[Row]:
    """As a file is read that arrives in pieces: after each row it could go on from its end, in another process."""
    rows: list[Row] = []
    begin = 0
    for cut in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        found = parse(data[begin : max(begin, cut)], options, is_last=cut == len(data))
        rows += found.rows
        begin += found.ends[-1] if found.ends else 0
        if cut == len(data):
            break
    assert begin == len(data)
    return [row for row in rows if row is not None]


@given(TABLES, st.lists(st.integers(0, 10_000), max_size=4), st.sampled_from(["\r\n", "\n", "\r"]))
def test_csv_is_read_as_it_was_written_wherever_it_is_cut(table: list[list[str]], cuts: list[int], end: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(table)
    assert in_pieces(text.getvalue().encode(), cuts, ImportOptions(format="csv")) == table


@given(
    st.lists(st.dictionaries(CELLS, st.integers() | CELLS | st.none(), max_size=3), max_size=8),
    st.lists(st.integers(0, 10_000), max_size=4),
)
def test_lines_of_json_are_read_as_they_were_written(records: list[dict[str, object]], cuts: list[int]) -> None:
    data = b"\n".join(json.dumps(each, ensure_ascii=False).encode() for each in records)
    assert in_pieces(data, cuts, ImportOptions(format="ndjson")) == records


@given(st.binary(max_size=60), st.lists(st.integers(0, 100), max_size=4), st.sampled_from(["csv", "ndjson"]))
def test_any_bytes_are_rows_of_some_kind(data: bytes, cuts: list[int], form: str) -> None:
    in_pieces(data, cuts, ImportOptions(format="csv" if form == "csv" else "ndjson"))
