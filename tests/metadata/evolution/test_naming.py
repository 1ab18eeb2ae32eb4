"""What objects and fields may be called, and what they are called when only a label is given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.metadata.catalog import Field, Object, Relation
from rapport.metadata.evolution.naming import (
    LONGEST,
    camel_case,
    field_issues,
    name_of_label,
    object_issues,
    taken_issues,
)
from rapport.metadata.evolution.problems import Issue
from rapport.metadata.evolution.reserved import OF_FIELDS, OF_OBJECTS
from rapport.metadata.fieldtypes.storable import obstacle
from rapport.metadata.standard.model import standard_objects
from tests.metadata.fields import field

CAMEL = "Name should be in camelCase"
LETTERS = "Name is not valid: it must start with lowercase letter and contain only alphanumeric letters"


def messages(issues: list[Issue]) -> list[str]:
    return [issue.message for issue in issues]


def of_name(name: str) -> list[str]:
    return messages(field_issues(name=name, label="Label"))


def test_the_names_of_an_object_are_checked_one_by_one() -> None:
    issues = object_issues(
        name_singular="my object", name_plural="my objects", label_singular="My object", label_plural="My objects"
    )
    assert issues == [
        Issue(code="INVALID_OBJECT_INPUT", message=message, value=name)
        for name in ("my object", "my objects")
        for message in (CAMEL, LETTERS)
    ]


@pytest.mark.parametrize("name", ["a", "rocket", "launchedAt", "pos2", "bodyV2", "n1st", "iCalUid", "x" * LONGEST])
def test_good_names_are_accepted(name: str) -> None:
    assert of_name(name) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", ["Name cannot be empty"]),
        ("x" * 64, ["Name is too long: it exceeds the 63 characters limit"]),
        ("x" * 1_000_000, ["Name is too long: it exceeds the 63 characters limit"]),
        ("Rocket", [CAMEL, LETTERS]),
        ("my_object", [CAMEL, LETTERS]),
        ("my-object", [CAMEL, LETTERS]),
        ("1st", [LETTERS]),
        ("myURL", [CAMEL]),
        ("café", [CAMEL, LETTERS]),
        ("名前", [CAMEL, LETTERS]),
        ("name٣", [CAMEL, LETTERS]),  # an Arabic digit
        ("naｍe", [CAMEL, LETTERS]),  # a full-width letter
        ("name\n", [CAMEL, LETTERS]),
        ("na\0me", [CAMEL, LETTERS]),
        ("na\ud800me", [CAMEL, LETTERS]),
        ("__typename", [CAMEL, LETTERS]),
        ('x"; drop table company; --', [CAMEL, LETTERS]),
        ("type", ['Name "type" is reserved']),
        ("and", ['Name "and" is reserved']),
        ("is", ['Name "is" is reserved']),
        ("ctid", ['Name "ctid" is reserved']),
    ],
)
def test_bad_names_are_refused(name: str, expected: list[str]) -> None:
    assert of_name(name) == expected


def test_what_an_issue_shows_can_be_sent() -> None:
    (issue,) = [each for each in field_issues(name="a\0\ud800", label="Label") if each.message == CAMEL]
    assert issue.value == "a\\x00\\uD800"
    (issue,) = field_issues(name="x" * 1_000_000, label="Label")
    assert len(str(issue.value)) < 300


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("", ["Label cannot be empty"]),
        ("x" * 64, ["Label is too long: it exceeds the 63 characters limit"]),
        ("a\0b", ["Label is not valid: a text cannot contain the NUL character"]),
        ("a\ud800", ["Label is not valid: a text cannot contain half of a surrogate pair"]),
        ("名前 🙂 <b>'\"", []),
        ("🙂" * 63, []),
    ],
)
def test_labels(label: str, expected: list[str]) -> None:
    assert messages(field_issues(name="name", label=label)) == expected


def test_singular_and_plural_differ() -> None:
    issues = object_issues(name_singular="fish", name_plural="fish", label_singular="Fish", label_plural="fish")
    assert messages(issues) == [
        "The singular and the plural name cannot be the same",
        "The singular and the plural label cannot be the same",
    ]


def test_each_part_of_an_empty_object_is_told_once() -> None:
    issues = object_issues(name_singular="", name_plural="", label_singular="", label_plural="")
    assert messages(issues) == ["Name cannot be empty"] * 2 + ["Label cannot be empty"] * 2


@pytest.mark.parametrize("name", ["event", "events", "skill", "search", "apiKeys", "metadata", "batch", "view", "user"])
def test_names_of_what_the_api_has_are_reserved_for_objects(name: str) -> None:
    issues = object_issues(name_singular=name, name_plural="rockets", label_singular="A", label_plural="B")
    assert messages(issues) == [f'Name "{name}" is reserved']


def test_what_is_reserved_for_objects_alone_fields_may_be_called() -> None:
    assert of_name("search") == []
    assert of_name("skill") == []


def test_standard_objects_break_no_rule() -> None:
    for item in standard_objects():
        assert (
            object_issues(
                name_singular=item.name,
                name_plural=item.plural,
                label_singular=item.label,
                label_plural=item.label_plural,
            )
            == []
        )
        for each in item.fields:
            assert camel_case(each.name) == each.name


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Carried by", "carriedBy"),
        ("Rockets", "rockets"),
        ("Workflow Run", "workflowRun"),
        ("1string", "n1String"),
        ("2nd Owner", "n2ndOwner"),
        ("TaskTargets", "taskTargets"),
        ("  R&D (cost) ", "rDCost"),
        ("Straße Łódź", "strasseLodz"),
        ("Événement clé", "evenementCle"),
        ("Type", "typeCustom"),
        ("Link", "linkCustom"),
        ("名前", "u540Du524D"),
        ("!!!", ""),
        ("", ""),
        ("x " * 63, "x" + "X" + "x" * 61),
    ],
)
def test_names_follow_from_labels(label: str, name: str) -> None:
    assert name_of_label(label) == name


def test_a_name_of_an_object_is_reserved_by_the_list_of_objects() -> None:
    assert name_of_label("Skill", OF_OBJECTS) == "skillCustom"
    assert name_of_label("Skill") == "skill"


@given(st.text(max_size=LONGEST))
def test_the_name_of_any_label_is_a_good_one(label: str) -> None:
    name = name_of_label(label)
    if name and label.strip() and not obstacle(label):
        assert field_issues(name=name, label=label, is_label_synced=True) == []
    else:
        assert name == "" or obstacle(label)


@given(st.text(max_size=80))
def test_a_name_without_issues_is_an_identifier(name: str) -> None:
    if not field_issues(name=name, label="Label"):
        assert name.isascii()
        assert name.isidentifier()
        assert name[0].islower()
        assert 1 <= len(name) <= LONGEST
        assert name not in OF_FIELDS


@pytest.mark.parametrize("name", ["iPhone", "iphone"])
def test_a_synced_name_follows_the_label(name: str) -> None:
    assert field_issues(name=name, label="iPhone", is_label_synced=True) == []


def test_a_synced_name_that_does_not_follow_is_refused() -> None:
    (issue,) = field_issues(name="phone", label="My phone", is_label_synced=True)
    assert issue == Issue(
        code="INVALID_FIELD_INPUT",
        message='Name is not synced with label: "myPhone" is expected for "My phone"',
        value="phone",
    )


def test_labels_of_other_scripts_go_with_any_name() -> None:
    assert field_issues(name="mingQian", label="名前", is_label_synced=True) == []
    assert field_issues(name="wrong", label="Prénom", is_label_synced=True) != []


# -- what an object has room for --------------------------------------------------------------------------------


def rocket(*fields: Field) -> Object:
    item = standard_objects()[0]
    return Object(id=item.id, name="rocket", plural="rockets", label="Rocket", label_plural="Rockets", fields=fields)


OWNER = Relation(kind="MANY_TO_ONE", target_object="company", target_field="rockets", join_column="ownerId")


def test_a_name_is_used_once() -> None:
    message = 'Name "nick" is not available as it is already used by another field'
    assert taken_issues(rocket(field("TEXT", "nick")), "nick") == [
        Issue(code="NOT_AVAILABLE", message=message, user_message=message, value="nick")
    ]


@pytest.mark.parametrize(
    ("there", "name", "columns", "taken"),
    [
        (field("EMAILS", "emails"), "emailsPrimaryEmail", ["emailsPrimaryEmail"], ["emailsPrimaryEmail"]),
        (field("TEXT", "emailsPrimaryEmail"), "emails", ["emailsPrimaryEmail"], ["emailsPrimaryEmail"]),
        (field("RELATION", "owner", relation=OWNER), "ownerId", ["ownerId"], ["ownerId"]),
        (field("UUID", "ownerId"), "owner", ["ownerId"], ["ownerId"]),
        (field("TEXT", "email"), "emails", ["emailsPrimaryEmail"], []),
    ],
)
def test_names_and_columns_share_one_space(there: Field, name: str, columns: list[str], taken: list[str]) -> None:
    assert [issue.value for issue in taken_issues(rocket(there), name, columns=columns)] == taken


def test_inactive_fields_keep_their_names_and_a_field_may_keep_its_own() -> None:
    there = Field(**{**vars(field("TEXT", "nick")), "is_active": False})
    assert len(taken_issues(rocket(there), "nick")) == 1
    assert taken_issues(rocket(there), "nick", columns=["nick"], but=there) == []


def test_columns_must_not_be_cut_by_postgresql() -> None:
    name = "e" * 60
    columns = [column.name for column in field("EMAILS", name).columns]
    assert messages(taken_issues(rocket(), name, columns=columns)) == [
        f'Name is too long: its column "{name}PrimaryEmail" exceeds the 63 characters limit'
    ]
    assert taken_issues(rocket(), name, columns=[name]) == []
