"""Options as callers give them, and what becomes of the values in rows when options change."""

import pytest

from rapport.base.ids import new_id
from rapport.metadata.catalog import Option
from rapport.metadata.evolution.given_options import COLORS, option_changes, read_options
from rapport.metadata.fieldtypes.base import Json


def option(value: str, **changes: object) -> Option:
    parts = {"id": new_id(), "value": value, "label": value.title(), "color": "red", "position": 0, **changes}
    return Option(**parts)  # type: ignore[arg-type]


def given(*items: Json) -> list[dict[str, Json]]:
    """What is read, without ids."""
    options, issues = read_options([*items])
    assert issues == []
    return [
        {"value": each.value, "label": each.label, "color": each.color, "position": each.position} for each in options
    ]


def refused(*items: Json) -> list[str]:
    _, issues = read_options([*items])
    assert all(issue.code == "INVALID_FIELD_INPUT" for issue in issues)
    return [issue.message for issue in issues]


def test_options_in_full_are_taken_as_they_are() -> None:
    option_id = "898F0606-8fb1-4e37-898e-71078e5ff761"
    (read,), issues = read_options(
        [{"id": option_id, "value": " READY ", "label": " Ready ", "color": "blue", "position": 7}]
    )
    assert issues == []
    assert str(read.id) == option_id.lower()
    assert (read.value, read.label, read.color, read.position) == ("READY", "Ready", "blue", 7)


def test_texts_are_labels() -> None:
    assert given("Planning", "In Progress", "On Hold") == [
        {"value": "PLANNING", "label": "Planning", "color": COLORS[0], "position": 0},
        {"value": "IN_PROGRESS", "label": "In Progress", "color": COLORS[1], "position": 1},
        {"value": "ON_HOLD", "label": "On Hold", "color": COLORS[2], "position": 2},
    ]


@pytest.mark.parametrize(
    ("labels", "values"),
    [
        (["2024", "1st try"], ["N2024", "N1ST_TRY"]),
        (["A+", "A-", "A"], ["A", "A_2", "A_3"]),
        (["Gelöst", "Łódź"], ["GELOST", "LODZ"]),
        (["进行中", "!"], ["OPTION_1", "OPTION_2"]),
        (["x" * 63], ["X" * 63]),
        (["true"], ["TRUE"]),
    ],
)
def test_values_are_made_of_labels(labels: list[Json], values: list[str]) -> None:
    assert [each["value"] for each in given(*labels)] == values


def test_labels_are_made_of_values() -> None:
    assert given({"value": "IN_PROGRESS"})[0]["label"] == "In progress"


def test_colours_begin_anew_after_the_last() -> None:
    assert [each["color"] for each in given(*(f"O{n}" for n in range(12)))][-2:] == [*COLORS[:2]]


def test_missing_positions_are_free_ones() -> None:
    items: list[Json] = [{"label": "A", "position": 1}, {"label": "B"}, {"label": "C"}, {"label": "D", "position": 0}]
    assert [each["position"] for each in given(*items)] == [1, 2, 3, 0]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (5, "Option 5 must be an object or a text"),
        (None, "Option null must be an object or a text"),
        ("", "Option label cannot be empty"),
        ({}, "Option label cannot be empty"),
        ({"value": "A", "label": " "}, "Option label cannot be empty"),
        ({"value": "A", "label": "a, b"}, "Option label must not contain a comma"),
        ({"value": "A", "label": "x" * 64}, "Option label is too long: it exceeds the 63 characters limit"),
        ({"value": "A", "label": "a\0"}, "Option label is not valid: a text cannot contain the NUL character"),
        ({"value": "A", "label": 5}, "Option label must be a text, found 5"),
        ({"value": "a", "label": "A"}, 'Option value "a" must be in UPPER_SNAKE_CASE'),
        ({"value": "", "label": "A"}, 'Option value "" must be in UPPER_SNAKE_CASE'),
        ({"value": "1A", "label": "A"}, 'Option value "1A" must be in UPPER_SNAKE_CASE'),
        ({"value": "__A", "label": "A"}, 'Option value "__A" must be in UPPER_SNAKE_CASE'),
        ({"value": "É", "label": "A"}, 'Option value "É" must be in UPPER_SNAKE_CASE'),
        ({"value": "A'B", "label": "A"}, 'Option value "A\'B" must be in UPPER_SNAKE_CASE'),
        ({"value": "A\n", "label": "A", "color": "beige"}, 'Option color "beige" is not known'),
        ({"value": "X" * 64, "label": "A"}, "Option value is too long: it exceeds the 63 characters limit"),
        ({"value": "A", "label": "A", "id": "x"}, "Option id must be a UUID, found 'x'"),
        ({"value": "A", "label": "A", "position": -1}, "Option position must be a whole number, found -1"),
        ({"value": "A", "label": "A", "position": 2**31}, "Option position must be a whole number, found 2147483648"),
        ({"value": "A", "label": "A", "position": True}, "Option position must be a whole number, found true"),
        ({"value": "A", "label": "A", "position": 1.5}, "Option position must be a whole number, found 1.5"),
    ],
)
def test_bad_options_are_refused(item: Json, message: str) -> None:
    assert refused(item) == [message]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ("A", "Options must be a list, found 'A'"),
        ({}, "Options must be a list, found {}"),
        ([], "At least one option is needed"),
        (["A"] * 1001, "A field can have 1000 options at most"),
    ],
)
def test_options_are_a_list(items: Json, message: str) -> None:
    _, issues = read_options(items)
    assert [issue.message for issue in issues] == [message]


@pytest.mark.parametrize(
    ("key", "repeated"),
    [("id", "898f0606-8fb1-4e37-898e-71078e5ff761"), ("value", "SAME"), ("position", 3)],
)
def test_ids_values_and_positions_are_given_once(key: str, repeated: Json) -> None:
    items: list[Json] = [{"label": "A", "value": "A", key: repeated}, {"label": "B", "value": "B", key: repeated}]
    assert refused(*items) == [f'Option {key} "{repeated}" is given more than once']


# -- changes -----------------------------------------------------------------------------------------------------


def test_an_option_is_known_by_its_id() -> None:
    old = option("DOING", label="Doing", color="pink", position=4)
    (read,), issues = read_options([{"id": str(old.id).upper(), "value": "IN_PROGRESS"}], [old])
    assert issues == []
    assert read == option("IN_PROGRESS", id=old.id, label="Doing", color="pink", position=0)


def test_an_option_without_an_id_is_known_by_its_value_or_its_label() -> None:
    doing, done = option("DOING", label="In work", color="pink"), option("DONE")
    read, issues = read_options([{"value": "DONE", "label": "Finished"}, "In work", "New"], [doing, done])
    assert issues == []
    assert [each.id for each in read[:2]] == [done.id, doing.id]
    assert [(each.value, each.label, each.position) for each in read] == [
        ("DONE", "Finished", 0), ("DOING", "In work", 1), ("NEW", "New", 2),
    ]  # fmt: skip


def test_a_value_does_not_mean_an_option_that_is_named_by_its_id() -> None:
    old = option("A")
    (first, second), issues = read_options([{"value": "A", "label": "New"}, {"id": str(old.id), "value": "B"}], [old])
    assert issues == []
    assert first.id != old.id
    assert second.id == old.id


def test_values_are_renamed_and_removed() -> None:
    a, b, c = option("A"), option("B"), option("C")
    assert option_changes((a, b, c), (a, option("BB", id=b.id), option("D"))) == ({"B": "BB"}, frozenset({"C"}))
    assert option_changes((a, b), (option("B", id=a.id), option("A", id=b.id))) == ({"A": "B", "B": "A"}, frozenset())
    assert option_changes((), (a,)) == ({}, frozenset())


def test_a_value_that_a_new_option_takes_over_stays() -> None:
    assert option_changes((option("A"),), (option("A"),)) == ({}, frozenset())


def test_a_value_that_another_option_is_renamed_to_goes() -> None:
    a, b = option("A"), option("B")
    assert option_changes((a, b), (option("A", id=b.id),)) == ({"B": "A"}, frozenset({"A"}))
