"""What a field holds: defaults, options and settings of every type, made and changed."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import cast

import orjson
import pytest

from rapport.base.ids import new_id
from rapport.metadata.catalog import Field
from rapport.metadata.ddl import column_definition
from rapport.metadata.evolution.definitions import Definition, define
from rapport.metadata.evolution.problems import Issue
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from rapport.metadata.names import quote
from rapport.metadata.standard.model import standard_objects
from rapport.store.database import Database

OPTIONS: Json = [{"value": "NEW", "label": "Brand new"}, {"value": "OLD", "label": "Old"}]
ATOMIC = ("NUMBER", "NUMERIC", "BOOLEAN", "DATE", "DATE_TIME", "UUID", "POSITION", "RAW_JSON", "ARRAY", "RICH_TEXT")
RELATIONS = ("RELATION", "MORPH_RELATION")


def made(type_name: str, /, **given: Json) -> Definition:
    definition, issues = define(FIELD_TYPES[type_name], _given(type_name, given), name="f")
    assert issues == []
    assert definition is not None
    return definition


def refused(type_name: str, /, **given: Json) -> list[str]:
    definition, issues = define(FIELD_TYPES[type_name], _given(type_name, given), name="f")
    assert definition is None
    return _told(issues)


def changed(type_name: str, before: Definition, /, **given: Json) -> Definition:
    definition, issues = define(FIELD_TYPES[type_name], given, name="f", before=before)
    assert issues == []
    assert definition is not None
    return definition


def refused_change(type_name: str, before: Definition, /, **given: Json) -> list[str]:
    definition, issues = define(FIELD_TYPES[type_name], given, name="f", before=before)
    assert definition is None
    return _told(issues)


def _given(type_name: str, given: Mapping[str, Json]) -> Mapping[str, Json]:
    return {"options": OPTIONS, **given} if type_name in ("SELECT", "MULTI_SELECT") else given


def _told(issues: list[Issue]) -> list[str]:
    assert all(issue.code == "INVALID_FIELD_INPUT" for issue in issues)
    orjson.dumps([issue.value for issue in issues])  # as the answer will carry them
    return [issue.message for issue in issues]


# -- fields of which nothing is said --------------------------------------------------------------------------------


@pytest.mark.parametrize("type_name", sorted(FIELD_TYPES.keys() - {"TS_VECTOR", "SELECT", "MULTI_SELECT", "RATING"}))
def test_a_field_may_be_empty_and_has_no_default_unless_the_caller_says_so(type_name: str) -> None:
    assert made(type_name) == Definition()


def test_a_search_vector_cannot_be_made_by_callers() -> None:
    settings: Json = {"asExpression": "pg_sleep(1000)::text::tsvector"}
    assert refused("TS_VECTOR", settings=settings) == ["Fields of type TS_VECTOR cannot be created"]


def test_a_rating_has_its_options() -> None:
    rating = made("RATING", defaultValue="'RATING_3'")
    assert [(each.value, each.label, each.position) for each in rating.options] == [
        (f"RATING_{number}", str(number), number - 1) for number in range(1, 6)
    ]
    assert rating.default == "'RATING_3'"
    assert changed("RATING", rating, options=[each.value for each in rating.options]) == rating
    told = ["The options of a field of type RATING cannot be changed"]
    assert refused("RATING", options=["Good", "Bad"]) == told
    assert refused_change("RATING", rating, options=[{"value": "RATING_1"}]) == told


# -- defaults ----------------------------------------------------------------------------------------------------------

# What is given, and what is kept.
DEFAULTS: list[tuple[str, Json, Json]] = [
    ("TEXT", "'Planning'", "'Planning'"),
    ("TEXT", "Planning", "'Planning'"),
    ("TEXT", "now", "'now'"),
    ("TEXT", "''", "''"),
    ("TEXT", "", "''"),
    ("TEXT", "'", "'''"),
    ("TEXT", "'it's'", "'it's'"),
    ("TEXT", "a\\b\"c'd\n🙂", "'a\\b\"c'd\n🙂'"),
    ("RICH_TEXT", "'x'", "'x'"),
    ("NUMBER", 5, 5),
    ("NUMBER", 5.0, 5),
    ("NUMBER", 2.5, 2.5),
    ("NUMBER", -1e300, -1e300),
    ("NUMERIC", "2.5", 2.5),
    ("NUMERIC", "12345678901234567890.5", "'12345678901234567890.5'"),
    ("NUMERIC", 7, 7),
    ("BOOLEAN", True, True),
    ("BOOLEAN", False, False),
    ("DATE", "now", "now"),
    ("DATE", "'2026-01-31'", "'2026-01-31'"),
    ("DATE_TIME", "now", "now"),
    ("DATE_TIME", "2026-01-31T12:00:00+02:00", "'2026-01-31T10:00:00.000Z'"),
    ("UUID", "uuid", "uuid"),
    ("UUID", "'898F0606-8fb1-4e37-898e-71078e5ff761'", "'898f0606-8fb1-4e37-898e-71078e5ff761'"),
    ("SELECT", "'NEW'", "'NEW'"),
    ("SELECT", "NEW", "'NEW'"),
    ("SELECT", "Brand new", "'NEW'"),
    ("SELECT", "'Brand new'", "'NEW'"),
    ("MULTI_SELECT", ["'NEW'", "Old"], ["'NEW'", "'OLD'"]),
    ("MULTI_SELECT", "Brand new", ["'NEW'"]),
    ("RATING", "RATING_5", "'RATING_5'"),
    ("RATING", "4", "'RATING_4'"),
    ("POSITION", 3, 3),
    ("ARRAY", ["'a'", "now", "it's"], ["'a'", "'now'", "'it's'"]),
    ("ARRAY", [], []),
    ("RAW_JSON", {"at": "now", "q": "'x'", "n": [1.0, None]}, {"at": "now", "q": "'x'", "n": [1.0, None]}),
    ("RAW_JSON", '\'{"a": "it\'s"}\'', {"a": "it's"}),
    ("RAW_JSON", [], []),
    (
        "CURRENCY",
        {"amountMicros": "'1500000'", "currencyCode": "'EUR'"},
        {"amountMicros": 1500000, "currencyCode": "'EUR'"},
    ),
    ("CURRENCY", {"currencyCode": "USD"}, {"amountMicros": None, "currencyCode": "'USD'"}),
    ("CURRENCY", {"amountMicros": None, "currencyCode": "''"}, {"amountMicros": None, "currencyCode": "''"}),
    ("FULL_NAME", {"firstName": "'Ann'"}, {"firstName": "'Ann'", "lastName": None}),
    (
        "LINKS",
        {"primaryLinkUrl": "'https://Acme.COM/'", "primaryLinkLabel": "''"},
        {"primaryLinkLabel": "''", "primaryLinkUrl": "'https://acme.com'", "secondaryLinks": None},
    ),
    (
        "EMAILS",
        {"primaryEmail": "' Ann@Acme.com '", "additionalEmails": ["B@acme.com"]},
        {"primaryEmail": "'ann@acme.com'", "additionalEmails": ["b@acme.com"]},
    ),
    (
        "PHONES",
        {"primaryPhoneNumber": "''", "primaryPhoneCountryCode": "'FR'", "primaryPhoneCallingCode": "'+33'"},
        {
            "primaryPhoneNumber": "''",
            "primaryPhoneCountryCode": "'FR'",
            "primaryPhoneCallingCode": "'+33'",
            "additionalPhones": None,
        },
    ),
    (
        "PHONES",
        {"primaryPhoneNumber": "+33612345678"},
        {
            "primaryPhoneNumber": "'612345678'",
            "primaryPhoneCountryCode": "'FR'",
            "primaryPhoneCallingCode": "'+33'",
            "additionalPhones": None,
        },
    ),
    (
        "ADDRESS",
        {"addressCountry": "'France'", "addressLat": 28.6},
        {
            "addressStreet1": None, "addressStreet2": None, "addressCity": None, "addressPostcode": None,
            "addressState": None, "addressCountry": "'France'", "addressLat": 28.6, "addressLng": None,
        },
    ),
    (
        "ACTOR",
        {"source": "'API'", "name": "'System'"},
        {"source": "'API'", "workspaceMemberId": None, "name": "'System'", "context": None},
    ),
    ("RICH_TEXT_V2", {"markdown": "''"}, {"blocknote": None, "markdown": None}),
]  # fmt: skip


@pytest.mark.parametrize(("type_name", "given", "kept"), DEFAULTS)
def test_defaults_are_kept_in_the_spelling_of_the_metadata(type_name: str, given: Json, kept: Json) -> None:
    definition = made(type_name, defaultValue=given)
    assert definition.default == kept
    assert type(definition.default) is type(kept)
    # Who sends back what was answered changes nothing.
    assert changed(type_name, definition, defaultValue=definition.default) == definition


def test_the_default_of_a_rich_text_has_both_forms() -> None:
    default = made("RICH_TEXT_V2", defaultValue={"markdown": "'Hi'"}).default
    assert isinstance(default, dict)
    assert default["markdown"] == "'Hi'"
    assert '"text":"Hi"' in str(default["blocknote"])


REFUSED_DEFAULTS: list[tuple[str, Json]] = [
    ("TEXT", 5),
    ("TEXT", ["'a'"]),
    ("TEXT", {"a": 1}),
    ("TEXT", "a\0b"),
    ("TEXT", "a\ud800"),
    ("NUMBER", "5"),
    ("NUMBER", True),
    ("NUMBER", 10**400),
    ("NUMERIC", "NaN"),
    ("BOOLEAN", 0),
    ("BOOLEAN", "'true'"),
    ("DATE", "2026-02-30"),
    ("DATE", "uuid"),
    ("DATE_TIME", "yesterday"),
    ("UUID", "now"),
    ("UUID", "x"),
    ("SELECT", "'NOPE'"),
    ("SELECT", ["'NEW'"]),
    ("MULTI_SELECT", ["'NEW'", "'NOPE'"]),
    ("MULTI_SELECT", [5]),
    ("RATING", "RATING_6"),
    ("POSITION", "first"),
    ("ARRAY", [1]),
    ("ARRAY", ["a\0b"]),
    ("RAW_JSON", 5),
    ("RAW_JSON", "'text'"),
    ("RAW_JSON", {"a": "b\0"}),
    ("CURRENCY", 5),
    ("CURRENCY", {"amountMicros": "a lot"}),
    ("CURRENCY", {"cents": 5}),
    ("EMAILS", {"primaryEmail": "'nobody'"}),
    ("LINKS", {"primaryLinkUrl": "'no link'"}),
    ("PHONES", {"primaryPhoneNumber": "'12'"}),
    ("PHONES", {"primaryPhoneCountryCode": "'XX'"}),
    ("ACTOR", {"source": "'GHOST'"}),
    ("ADDRESS", {"addressLat": "north"}),
]


@pytest.mark.parametrize(("type_name", "given"), REFUSED_DEFAULTS)
def test_a_default_that_no_record_could_have_is_refused(type_name: str, given: Json) -> None:
    (message,) = refused(type_name, defaultValue=given)
    assert message.startswith("Default value is not valid: ")
    # On a field that must have a value, too: what is empty there is no excuse for what is not.
    (message,) = refused(type_name, defaultValue=given, isNullable=False)
    assert message.startswith("Default value is not valid: ")


def test_the_words_for_a_bad_default() -> None:
    definition, issues = define(FIELD_TYPES["NUMBER"], {"defaultValue": "5"}, name="crew")
    message = "Default value is not valid: Invalid number value '5' for field \"crew\""
    assert definition is None
    assert issues == [Issue(code="INVALID_FIELD_INPUT", message=message, user_message=message, value="'5'")]


def test_a_hostile_name_does_not_spoil_the_answer() -> None:
    _, issues = define(FIELD_TYPES["NUMBER"], {"defaultValue": "5"}, name="a\ud800\0")
    assert orjson.dumps([issue.message for issue in issues])


def test_a_default_is_not_too_long() -> None:
    assert refused("TEXT", defaultValue="x" * 10_000) == ["Default value is too long: it exceeds 10000 bytes"]
    assert refused("RAW_JSON", defaultValue={"a": "é" * 5_000}) == ["Default value is too long: it exceeds 10000 bytes"]
    assert made("TEXT", defaultValue="x" * 9_990).default


@pytest.mark.parametrize("type_name", [*RELATIONS, "FILES"])
def test_some_types_have_no_defaults(type_name: str) -> None:
    message = f"Fields of type {type_name} cannot have a default value"
    assert refused(type_name, defaultValue=[{"fileId": str(new_id()), "label": "x"}]) == [message]
    assert made(type_name, defaultValue=None) == Definition()


# -- fields that must have a value -----------------------------------------------------------------------------------

EMPTY: dict[str, Json] = {
    "TEXT": "''",
    "RICH_TEXT": "''",
    "NUMBER": 0,
    "NUMERIC": 0,
    "POSITION": 0,
    "BOOLEAN": False,
    "DATE": "now",
    "DATE_TIME": "now",
    "UUID": "uuid",
    "MULTI_SELECT": [],
    "ARRAY": [],
    "FILES": [],
    "RAW_JSON": {},
    "RELATION": None,
    "MORPH_RELATION": None,
    "FULL_NAME": {"firstName": "''", "lastName": "''"},
    "EMAILS": {"primaryEmail": "''", "additionalEmails": None},
    "LINKS": {"primaryLinkLabel": "''", "primaryLinkUrl": "''", "secondaryLinks": None},
    "CURRENCY": {"amountMicros": None, "currencyCode": "''"},
    "PHONES": {
        "primaryPhoneNumber": "''",
        "primaryPhoneCountryCode": "''",
        "primaryPhoneCallingCode": "''",
        "additionalPhones": None,
    },
    "ADDRESS": {
        "addressStreet1": "''", "addressStreet2": "''", "addressCity": "''", "addressPostcode": "''",
        "addressState": "''", "addressCountry": "''", "addressLat": None, "addressLng": None,
    },
    "ACTOR": {"source": "'MANUAL'", "workspaceMemberId": None, "name": "'System'", "context": None},
    "RICH_TEXT_V2": {"blocknote": None, "markdown": None},
}  # fmt: skip


def test_there_is_an_empty_default_for_each_type_that_can_have_one() -> None:
    assert EMPTY.keys() == FIELD_TYPES.keys() - {"TS_VECTOR", "SELECT", "RATING"}


@pytest.mark.parametrize(("type_name", "empty"), EMPTY.items())
@pytest.mark.parametrize("given", [{}, {"defaultValue": None}])
def test_a_field_that_must_have_a_value_gets_the_empty_one(
    type_name: str, empty: Json, given: Mapping[str, Json]
) -> None:
    definition = made(type_name, isNullable=False, **given)
    assert definition.default == empty
    assert not definition.is_nullable
    assert changed(type_name, definition, defaultValue=definition.default) == definition


@pytest.mark.parametrize("type_name", ["SELECT", "RATING"])
def test_a_choice_that_must_be_made_needs_a_default(type_name: str) -> None:
    told = ["A field that must have a value needs a default value"]
    assert refused(type_name, isNullable=False) == told
    assert refused_change(type_name, made(type_name), isNullable=False) == told


def test_an_empty_list_is_no_default_that_one_gives() -> None:
    assert refused("MULTI_SELECT", defaultValue=[]) == ["Default value cannot be an empty list"]


def test_a_field_that_must_have_a_value_from_now_on_gets_a_default() -> None:
    text = made("TEXT")
    required = changed("TEXT", text, isNullable=False)
    assert required == replace(text, is_nullable=False, default="''")
    assert changed("TEXT", required, isNullable=True) == text  # the default was that of want
    assert changed("TEXT", made("TEXT", defaultValue="x"), isNullable=False).default == "'x'"


@pytest.mark.parametrize("key", ["isNullable", "isUnique"])
def test_flags_are_flags(key: str) -> None:
    assert refused("TEXT", **{key: "yes"}) == [f"{key} must be true or false, found 'yes'"]
    assert made("TEXT", **{key: None}) == Definition()
    before = Definition(is_nullable=False, is_unique=True, default="''")
    assert changed("TEXT", before, **{key: None}) == before


# -- unique ------------------------------------------------------------------------------------------------------------

NOT_UNIQUE = {
    "ACTOR", "ARRAY", "FILES", "MORPH_RELATION", "MULTI_SELECT", "RAW_JSON", "RELATION", "RICH_TEXT_V2",
}  # fmt: skip


@pytest.mark.parametrize("type_name", sorted(FIELD_TYPES.keys() - {"TS_VECTOR"}))
def test_fields_that_may_be_unique(type_name: str) -> None:
    if type_name in NOT_UNIQUE:
        assert refused(type_name, isUnique=True) == [f"Fields of type {type_name} cannot be unique"]
    else:
        assert made(type_name, isUnique=True).is_unique
        item = Field(id=new_id(), name="f", label="F", type=FIELD_TYPES[type_name], is_unique=True)
        assert any(column.in_unique for column in item.columns)


@pytest.mark.parametrize(
    ("type_name", "default"),
    [("TEXT", "'alpha'"), ("NUMBER", 0), ("BOOLEAN", False), ("FULL_NAME", {"firstName": "Ann"}), ("DATE_TIME", "now")],
)
def test_what_all_records_share_is_not_unique(type_name: str, default: Json) -> None:
    expected = Issue(
        code="INDEX_FIELD_INVALID_DEFAULT_VALUE",
        message="Unique index cannot be created for field {fieldName} of type {fieldType}",
        user_message=f"{type_name} fields cannot have a default value.",
    )
    field_type = FIELD_TYPES[type_name]
    assert define(field_type, {"isUnique": True, "defaultValue": default}, name="f") == (None, [expected])
    before = made(type_name, defaultValue=default)
    assert define(field_type, {"isUnique": True}, name="f", before=before) == (None, [expected])
    unique = made(type_name, isUnique=True)
    assert define(field_type, {"defaultValue": default}, name="f", before=unique) == (None, [expected])
    assert changed(type_name, before, isUnique=True, defaultValue=None).is_unique


@pytest.mark.parametrize(("type_name", "default"), [("TEXT", "''"), ("UUID", "uuid"), ("EMAILS", EMPTY["EMAILS"])])
def test_what_a_unique_index_leaves_out_may_be_the_default(type_name: str, default: Json) -> None:
    assert made(type_name, isUnique=True, defaultValue=default).default == default


def test_a_unique_number_that_must_be_given_has_no_default() -> None:
    assert made("NUMBER", isUnique=True, isNullable=False) == Definition(is_nullable=False, is_unique=True)
    assert made("TEXT", isUnique=True, isNullable=False).default == "''"


# -- options -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type_name", ["SELECT", "MULTI_SELECT"])
@pytest.mark.parametrize("options", [None, []])
def test_a_choice_needs_options(type_name: str, options: Json) -> None:
    assert refused(type_name, options=options) == ["At least one option is needed"]


@pytest.mark.parametrize("type_name", ["TEXT", "RELATION", "CURRENCY"])
def test_other_types_have_no_options(type_name: str) -> None:
    assert refused(type_name, options=["A"]) == [f"Fields of type {type_name} have no options"]
    assert made(type_name, options=None) == made(type_name, options=[]) == Definition()


def test_the_seed_gives_options_as_texts_and_a_default_without_quotes() -> None:
    options: Json = ["Planning", "In Progress", "Completed", "On Hold"]
    definition = made("SELECT", options=options, defaultValue="Planning")
    assert [each.value for each in definition.options] == ["PLANNING", "IN_PROGRESS", "COMPLETED", "ON_HOLD"]
    assert definition.default == "'PLANNING'"
    assert made("SELECT", options=options, defaultValue="In Progress").default == "'IN_PROGRESS'"


def test_options_stay_unless_others_are_given() -> None:
    before = made("SELECT", defaultValue="NEW")
    unchanging: list[dict[str, Json]] = [{}, {"options": None}, {"settings": {}}, {"isNullable": True}]
    for given in unchanging:
        assert changed("SELECT", before, **given) == before
    assert refused_change("SELECT", before, options=[]) == ["At least one option is needed"]


def test_options_keep_their_ids() -> None:
    before = made("SELECT")
    after = changed("SELECT", before, options=[{"value": "OLD", "label": "Past"}, {"value": "NEW", "label": "Present"}])
    assert [(each.id, each.label) for each in after.options] == [
        (before.options[1].id, "Past"),
        (before.options[0].id, "Present"),
    ]


def test_a_default_follows_its_option() -> None:
    before = made("SELECT", defaultValue="NEW")
    renamed: Json = [{"id": str(before.options[0].id), "value": "FRESH"}, {"id": str(before.options[1].id)}]
    assert refused_change("SELECT", before, options=renamed) == ["Option label cannot be empty"]
    renamed = [{"id": str(before.options[0].id), "value": "FRESH"}, {"id": str(before.options[1].id), "label": "Old"}]
    assert changed("SELECT", before, options=renamed).default == "'FRESH'"
    several = made("MULTI_SELECT", defaultValue=["NEW", "OLD"])
    renamed = [{"id": str(several.options[0].id), "value": "FRESH"}]
    assert changed("MULTI_SELECT", several, options=renamed).default == ["'FRESH'"]


def test_a_default_goes_with_its_option() -> None:
    left: Json = [{"value": "OLD", "label": "Old"}]
    assert changed("SELECT", made("SELECT", defaultValue="NEW"), options=left).default is None
    assert changed("MULTI_SELECT", made("MULTI_SELECT", defaultValue="NEW"), options=left).default is None
    required = made("SELECT", defaultValue="NEW", isNullable=False)
    assert refused_change("SELECT", required, options=left) == ["A field that must have a value needs a default value"]
    assert changed("SELECT", required, options=left, defaultValue="OLD").default == "'OLD'"


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_name", "settings"),
    [
        ("NUMBER", {"dataType": "int", "decimals": 0, "type": "number"}),
        ("NUMBER", {"dataType": "float", "decimals": 2, "type": "percentage"}),
        ("NUMBER", {"dataType": "bigint", "type": "shortNumber"}),
        ("DATE", {"displayFormat": "RELATIVE"}),
        ("DATE_TIME", {"displayFormat": "CUSTOM", "customUnicodeDateFormat": "yyyy 'q'Q"}),
        ("TEXT", {"displayedMaxRows": 99}),
        ("LINKS", {"maxNumberOfValues": 1}),
        ("EMAILS", {"maxNumberOfValues": 1}),
        ("PHONES", {"maxNumberOfValues": 1}),
        ("ARRAY", {"maxNumberOfValues": 10}),
        ("FILES", {"maxNumberOfValues": 1}),
        ("CURRENCY", {"format": "short", "decimals": 2}),
        ("ADDRESS", {"subFields": ["addressCity"]}),  # nothing that the server knows
    ],
)
def test_settings_are_kept(type_name: str, settings: dict[str, Json]) -> None:
    definition = made(type_name, settings=settings)
    assert definition.settings == settings
    assert changed(type_name, definition, settings=settings) == definition
    assert changed(type_name, definition, isNullable=True) == definition


@pytest.mark.parametrize(
    ("type_name", "settings", "message"),
    [
        ("NUMBER", {"dataType": "decimal"}, "Setting dataType must be one of int, bigint, float, found 'decimal'"),
        ("NUMBER", {"dataType": ["int"]}, "Setting dataType must be one of int, bigint, float, found [ 'int' ]"),
        ("NUMBER", {"decimals": -1}, "Setting decimals must be a whole number from 0 to 100, found -1"),
        ("NUMBER", {"decimals": True}, "Setting decimals must be a whole number from 0 to 100, found true"),
        ("NUMBER", {"type": "x"}, "Setting type must be one of number, percentage, shortNumber, found 'x'"),
        ("TEXT", {"displayedMaxRows": []}, "Setting displayedMaxRows must be a whole number from 0 to 1000, found []"),
        ("LINKS", {"maxNumberOfValues": 0}, "Setting maxNumberOfValues must be a whole number from 1 to 1000, found 0"),
        ("CURRENCY", {"format": "long"}, "Setting format must be one of short, full, found 'long'"),
        ("TEXT", [], "Settings must be an object, found []"),
        ("TEXT", "{}", "Settings must be an object, found '{}'"),
        ("TEXT", {"isSecret": True}, "Setting isSecret cannot be set"),
        ("TEXT", {"asExpression": "x"}, "Setting asExpression cannot be set"),
        ("TEXT", {"joinColumnName": "x"}, "Setting joinColumnName cannot be set"),
        ("TEXT", {"x": "y" * 10_000}, "Settings are too long: they exceed 10000 bytes"),
    ],
)  # fmt: skip
def test_bad_settings_are_refused(type_name: str, settings: Json, message: str) -> None:
    assert refused(type_name, settings=settings) == [message]


def test_settings_can_be_stored() -> None:
    unstorable: list[Json] = [{"a\0": 1}, {"a": ["\ud800"]}]
    for hostile in unstorable:
        (message,) = refused("TEXT", settings=hostile)
        assert message.startswith("Invalid object value ")


def test_absent_settings_go_but_for_the_kind_of_number() -> None:
    before = made("NUMBER", settings={"dataType": "int", "decimals": 0})
    assert changed("NUMBER", before, settings={"type": "percentage"}).settings == {
        "type": "percentage",
        "dataType": "int",
    }
    assert changed("NUMBER", before, settings=None).settings == {"dataType": "int"}


def test_a_number_may_become_one_that_holds_more() -> None:
    for old, new, is_wider in (("int", "bigint", True), ("int", "float", True), ("bigint", "int", False)):
        before = made("NUMBER", settings={"dataType": old})
        if is_wider:
            assert changed("NUMBER", before, settings={"dataType": new}).settings == {"dataType": new}
        else:
            message = f"Setting dataType cannot change from {old} to {new}: values would be lost"
            assert refused_change("NUMBER", before, settings={"dataType": new}) == [message]
    message = "Setting dataType cannot change from float to int: values would be lost"
    assert refused_change("NUMBER", made("NUMBER"), settings={"dataType": "int"}) == [message]


def test_what_the_server_knows_of_a_field_stays() -> None:
    before = Definition(settings={"isSecret": True, "displayedMaxRows": 1})
    assert changed("TEXT", before, settings={"isSecret": True}).settings == {"isSecret": True}
    assert changed("TEXT", before, settings={}).settings == {"isSecret": True}
    assert refused_change("TEXT", before, settings={"isSecret": False}) == ["Setting isSecret cannot be set"]
    link = Definition(settings={"relationType": "ONE_TO_MANY"})
    assert changed("RELATION", link, settings={"relationType": "MANY_TO_ONE"}) == link


# -- standard fields ---------------------------------------------------------------------------------------------------


def test_what_is_answered_of_a_standard_field_can_be_given_back() -> None:
    for owner in standard_objects():
        for item in owner.fields:
            before = Definition(
                is_nullable=item.is_nullable,
                is_unique=item.is_unique,
                default=cast(Json, item.default),
                options=item.options,
                settings=cast("Mapping[str, Json]", item.settings),
            )
            options: Json = [{**asdict(each), "id": str(each.id)} for each in item.options]
            given: dict[str, Json] = {"options": options, "settings": dict(before.settings)}
            if item.type.name not in ("ACTOR", "TS_VECTOR"):
                given["defaultValue"] = before.default
            assert changed(item.type.name, before, **given) == before


# -- the table ---------------------------------------------------------------------------------------------------------


def _field(type_name: str, definition: Definition) -> Field:
    return Field(
        id=new_id(),
        name="f",
        label="F",
        type=FIELD_TYPES[type_name],
        is_nullable=definition.is_nullable,
        default=definition.default,
        options=definition.options,
        settings=definition.settings,
    )


@pytest.mark.parametrize(
    ("type_name", "given"),
    [
        *((type_name, {"defaultValue": given}) for type_name, given, _ in DEFAULTS),
        *((type_name, {"isNullable": False}) for type_name in EMPTY if type_name not in RELATIONS),
        ("NUMBER", {"defaultValue": 5, "settings": {"dataType": "int"}}),
        ("NUMBER", {"defaultValue": 2**62, "settings": {"dataType": "bigint"}}),
    ],
)
async def test_postgresql_puts_the_default_that_a_writer_would(
    database: Database, type_name: str, given: dict[str, Json]
) -> None:
    item = _field(type_name, made(type_name, **given))
    columns = ", ".join(column_definition("public", column) for column in item.columns)
    row = ", ".join(f"to_jsonb(made) -> '{column.name}' as {quote(column.name)}" for column in item.columns)
    probe = quote(f"probe{new_id().hex}")
    await database.script(f"create table {probe} (id int, {columns}); insert into {probe} (id) values (1)")
    found = await database.row(f"select {row} from {probe} made")
    assert found is not None
    kept = {name: None if value is None else orjson.loads(value) for name, value in found.items()}
    if item.default in ("now", "uuid"):
        assert kept["f"] is not None
        return
    expected = await _written(database, item)
    assert kept == expected
    if not item.is_nullable:
        # Who clears the field gets it again.
        cleared = item.type.write(item, None)
        assert cleared == {column.name: expected[column.name] for column in item.columns if column.in_input}


async def _written(database: Database, item: Field) -> dict[str, Json]:
    """The values of a record for which a caller gave the default itself, as PostgreSQL keeps them."""
    default = item.default
    assert isinstance(item.default, (dict, list, str, int, float))
    if item.type.graphql_output is not None:
        assert isinstance(default, dict)
        plain = {key: value[1:-1] if isinstance(value, str) else value for key, value in default.items()}
        values = {column.name: plain[column.sub] for column in item.columns}
    else:
        plain_value: Json = default  # type: ignore[assignment]
        if isinstance(plain_value, str):
            plain_value = plain_value[1:-1]
        elif isinstance(plain_value, list) and item.column.leaf.sql_type == "text[]":
            plain_value = [str(each)[1:-1] for each in plain_value]
        values = dict(item.type.write(item, plain_value))
    types = ", ".join(f"{quote(column.name)} {column.leaf.sql_type}" for column in item.columns)
    sql = f"select to_jsonb(r.*)::text from jsonb_to_record($1::jsonb) as r({types})"
    found = await database.value(sql, orjson.dumps(values).decode())
    result: dict[str, Json] = orjson.loads(str(found))
    return result


async def test_a_default_cannot_break_out_of_its_quotes(database: Database) -> None:
    hostile = "x'); drop table probe; --"
    item = _field("TEXT", made("TEXT", defaultValue=hostile))
    await database.script(f"create table hostile (id int, {column_definition('public', item.column)})")
    await database.script("insert into hostile (id) values (1)")
    assert await database.value("select f from hostile") == hostile
