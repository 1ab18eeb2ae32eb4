"""Values of atomic fields: what is accepted, in which form it is kept, and the words for what is refused."""

import math

import pytest

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json
from tests.metadata.fields import coerce, field, write

BIG = 10**400

ACCEPTED: list[tuple[str, Json, Json]] = [
    ("TEXT", "", ""),
    ("TEXT", "naïve 🙂\n\"'\\", "naïve 🙂\n\"'\\"),
    ("UUID", "C776EE49-F608-4A77-8CC8-6FE96AE1E43F", "c776ee49-f608-4a77-8cc8-6fe96ae1e43f"),
    ("NUMBER", 5, 5.0),
    ("NUMBER", -0.5, -0.5),
    ("NUMERIC", "12345678901234567890.123", "12345678901234567890.123"),
    ("NUMERIC", " 7 ", 7),
    ("NUMERIC", 39.78, "39.78"),
    ("NUMERIC", "1e3", 1000),
    ("BOOLEAN", False, False),
    ("DATE_TIME", "2026-01-15T10:30:00Z", "2026-01-15T10:30:00.000Z"),
    ("DATE_TIME", "2026-01-15T10:30:00.1239999+02:00", "2026-01-15T08:30:00.123Z"),
    ("DATE_TIME", "2026-06-30", "2026-06-30T00:00:00.000Z"),
    ("DATE_TIME", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
    ("DATE_TIME", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ("DATE", "2024-02-29", "2024-02-29"),
    ("DATE", "2026-01-15T23:30:00-05:00", "2026-01-15"),
    ("SELECT", "RED", "RED"),
    ("MULTI_SELECT", "RED", ["RED"]),
    ("MULTI_SELECT", ["BLUE", "RED"], ["BLUE", "RED"]),
    ("RATING", "RATING_5", "RATING_5"),
    ("POSITION", 1, 1.0),
    ("POSITION", "first", "first"),
    ("POSITION", "last", "last"),
    ("RAW_JSON", {"a": [1, None, "x"]}, {"a": [1, None, "x"]}),
    ("RAW_JSON", '{"a": 1}', {"a": 1}),
    ("RAW_JSON", [2**70], [float(2**70)]),
    ("ARRAY", "one", ["one"]),
    ("ARRAY", [], []),
    ("RICH_TEXT", "[]", "[]"),
]  # fmt: skip


@pytest.mark.parametrize(("type_name", "given", "kept"), ACCEPTED)
def test_accepted_values_are_kept_in_their_canonical_form(type_name: str, given: Json, kept: Json) -> None:
    result = coerce(type_name, given)
    assert result == kept
    assert type(result) is type(kept)


REJECTED: list[tuple[str, Json, str]] = [
    ("TEXT", 5, 'Invalid string value 5 for text field "f"'),
    ("TEXT", {}, 'Invalid string value {} for text field "f"'),
    ("TEXT", [], 'Invalid string value [] for text field "f"'),
    ("TEXT", True, 'Invalid string value true for text field "f"'),
    ("TEXT", "a\0b", "Invalid string value 'a\\x00b' for text field \"f\": a text cannot contain the NUL character"),
    (
        "TEXT",
        "\ud83d",
        "Invalid string value '\\uD83D' for text field \"f\": a text cannot contain half of a surrogate pair",
    ),
    ("UUID", "x", "Invalid UUID value 'x' for field \"f\""),
    ("UUID", 1, 'Invalid UUID value 1 for field "f"'),
    ("UUID", "{c776ee49-f608-4a77-8cc8-6fe96ae1e4}", "Invalid UUID value '{c776ee49-f608-4a77-8cc8-6fe96ae1e4}' for field \"f\""),  # noqa: E501
    ("NUMBER", "5", "Invalid number value '5' for field \"f\""),
    ("NUMBER", True, 'Invalid number value true for field "f"'),
    ("NUMBER", math.nan, 'Invalid number value NaN for field "f"'),
    ("NUMBER", math.inf, 'Invalid number value Infinity for field "f"'),
    ("NUMBER", BIG, 'Invalid number value a very large number for field "f"'),
    ("NUMERIC", "abc", 'Invalid number value NaN for field "f"'),
    ("NUMERIC", "NaN", 'Invalid number value NaN for field "f"'),
    ("NUMERIC", True, 'Invalid number value NaN for field "f"'),
    ("NUMERIC", math.inf, 'Invalid number value Infinity for field "f"'),
    ("NUMERIC", 10**4000, 'Invalid number value a very large number for field "f"'),
    ("NUMERIC", "1e99999", "Invalid number value '1e99999' for field \"f\""),
    ("NUMERIC", "1e-99999", "Invalid number value '1e-99999' for field \"f\""),
    ("BOOLEAN", "true", "Invalid boolean value 'true' for field \"f\""),
    ("BOOLEAN", 1, 'Invalid boolean value 1 for field "f"'),
    ("DATE", "2026-02-30", "Invalid value '2026-02-30' for date field \"f\". Expected format: 'YYYY-MM-DD'"),
    ("DATE", "0000-01-01", "Invalid value '0000-01-01' for date field \"f\". Expected format: 'YYYY-MM-DD'"),
    ("DATE", 20260101, "Invalid value 20260101 for date field \"f\". Expected format: 'YYYY-MM-DD'"),
    *(
        (
            "DATE_TIME",
            text,
            f"Invalid value '{text}' for date-time field \"f\". Expected format: 'YYYY-MM-DDTHH:mm:ssZ'",
        )
        for text in (
            "tomorrow", "2026-01-15T10:30:00", "2026-13-01T00:00:00Z", "2026-01-15T24:00:00Z", "10000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-01-15T10:30:00+25:00", "infinity", "",
        )
    ),
    ("SELECT", "PINK", "Invalid value 'PINK' for field \"f\""),
    ("SELECT", 5, 'Invalid string value 5 for text field "f"'),
    ("RATING", "RATING_6", "Invalid value 'RATING_6' for field \"f\""),
    ("MULTI_SELECT", ["PINK"], "Invalid value 'PINK' for multi select field \"f\""),
    ("MULTI_SELECT", [5], 'Invalid value 5 for field "f - Array values need to be string"'),
    ("ARRAY", [5], 'Invalid value 5 for field "f - Array values need to be string"'),
    ("ARRAY", {}, 'Invalid value {} for field "f - Array values need to be string"'),
    ("RAW_JSON", 5, 'Invalid object value 5 for field "f"'),
    ("RAW_JSON", "no json", "Invalid object value 'no json' for field \"f\""),
    ("RAW_JSON", '"text"', "Invalid object value '\"text\"' for field \"f\""),
    ("RAW_JSON", {"a": ["\0"]}, "Invalid object value { a: [ '\\x00' ] } for field \"f\": a text cannot contain the NUL character"),  # noqa: E501
    ("RAW_JSON", {"\ud800": 1}, "Invalid object value { '\\uD800': 1 } for field \"f\": a text cannot contain half of a surrogate pair"),  # noqa: E501
    ("RAW_JSON", [math.nan], 'Invalid object value [ NaN ] for field "f"'),
    ("RAW_JSON", [BIG], 'Invalid object value [ a very large number ] for field "f"'),
    ("POSITION", "middle", "Invalid position value 'middle' for field \"f\""),
    ("POSITION", [], 'Invalid position value [] for field "f"'),
    ("POSITION", 1e308, 'Invalid position value 1e+308 for field "f"'),
    ("POSITION", -(2**53), 'Invalid position value -9007199254740992 for field "f"'),
    ("TS_VECTOR", "x", 'Field "f" is computed and cannot be written'),
]  # fmt: skip


@pytest.mark.parametrize(("type_name", "given", "message"), REJECTED)
def test_rejected_values_are_named_in_the_contracts_words(type_name: str, given: Json, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        coerce(type_name, given)
    assert caught.value.message == message
    assert caught.value.sub_code == "INVALID_ARGS_DATA"
    caught.value.message.encode()  # what is shown of a broken text can itself be sent


@pytest.mark.parametrize(
    ("data_type", "lowest", "highest"),
    [("int", -(2**31), 2**31 - 1), ("bigint", -(2**63), 2**63 - 1)],
)
def test_whole_numbers_are_whole_and_in_range(data_type: str, lowest: int, highest: int) -> None:
    assert coerce("NUMBER", lowest, dataType=data_type) == lowest
    assert coerce("NUMBER", highest, dataType=data_type) == highest
    assert coerce("NUMBER", 5.0, dataType=data_type) == 5
    for wrong in (lowest - 1, highest + 1, 5.5, math.nan, math.inf, BIG, "5", True):
        with pytest.raises(InvalidValue, match="Invalid number value"):
            coerce("NUMBER", wrong, dataType=data_type)


def test_numerics_have_up_to_a_thousand_digits() -> None:
    assert coerce("NUMERIC", "9" * 1000) == "9" * 1000
    with pytest.raises(InvalidValue):
        coerce("NUMERIC", "9" * 1001)


def test_null_clears_a_field_that_may_be_empty() -> None:
    assert write("TEXT", None) == {"f": None}


def test_null_becomes_the_default_of_a_field_that_must_have_a_value() -> None:
    item = field("SELECT", is_nullable=False, default="'RED'")
    assert item.type.write(item, None) == {"f": "RED"}


def test_null_is_refused_where_there_is_no_default() -> None:
    item = field("RAW_JSON", is_nullable=False)
    with pytest.raises(InvalidValue) as caught:
        item.type.write(item, None)
    assert caught.value.message == "Field f is not nullable and has no default value."
    assert caught.value.user_message == "A required field is missing."


def test_unique_texts_are_short_enough_to_be_indexed() -> None:
    item = field("TEXT", is_unique=True)
    assert item.type.write(item, "x" * 2000) == {"f": "x" * 2000}
    with pytest.raises(InvalidValue, match="a unique value may have 2000 bytes"):
        item.type.write(item, "é" * 1001)


def test_secret_fields_are_neither_read_nor_written() -> None:
    column = field("TEXT", settings={"isSecret": True}).column
    assert (column.reads, column.in_input) == (False, False)


def test_long_values_are_cut_in_messages() -> None:
    with pytest.raises(InvalidValue) as caught:
        coerce("UUID", "x" * 10_000_000)
    assert len(caught.value.message) < 300


def nested(levels: int) -> Json:
    value: Json = []
    for _ in range(levels - 1):
        value = [value]
    return value


def test_json_may_be_nested_200_levels_deep() -> None:
    coerce("RAW_JSON", nested(200))
    for levels in (201, 100_000):
        with pytest.raises(InvalidValue, match="more than 200 levels of nesting"):
            coerce("RAW_JSON", nested(levels))


def test_files_are_links_to_uploads() -> None:
    file: dict[str, Json] = {"fileId": "c776ee49-f608-4a77-8cc8-6fe96ae1e43f", "label": "a.pdf"}
    assert coerce("FILES", [file | {"url": "https://x", "extension": ".pdf"}]) == [file]
    wrong: list[Json] = [5, [5], [{}], [{"fileId": "x", "label": "a"}], [file | {"x": 1}]]
    for value in wrong:
        with pytest.raises(InvalidValue):
            coerce("FILES", value)
    with pytest.raises(InvalidValue, match="at most 1 file allowed"):
        coerce("FILES", [file, file], maxNumberOfValues=1)
