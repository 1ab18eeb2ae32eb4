"""Values of composite fields: merging, normalisation, the words for what is refused, and the shorthands."""

import json
from collections.abc import Mapping

import pytest

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json
from tests.metadata.fields import field, write


def composite(type_name: str, value: Json) -> dict[str, Json]:
    """Column values without the field's name: `{"FirstName": …}`."""
    return {name.removeprefix("f"): item for name, item in write(type_name, value).items()}


def rejection(type_name: str, value: Json) -> tuple[str, str | None]:
    with pytest.raises(InvalidValue) as caught:
        write(type_name, value)
    return caught.value.message, caught.value.sub_code


def test_only_the_given_sub_fields_change() -> None:
    assert composite("FULL_NAME", {"lastName": "King"}) == {"LastName": "King"}
    assert composite("ADDRESS", {"addressCity": "Chicago", "addressLat": 39.78}) == {
        "AddressCity": "Chicago",
        "AddressLat": "39.78",
    }
    assert composite("FULL_NAME", {}) == {}


def test_null_clears_all_columns() -> None:
    assert composite("CURRENCY", None) == {"AmountMicros": None, "CurrencyCode": None}


def test_null_gives_a_required_composite_its_defaults() -> None:
    item = field("ACTOR", is_nullable=False, default={"source": "'MANUAL'", "name": "'System'"})
    assert item.type.write(item, None) == {"fSource": "MANUAL", "fContext": None}


@pytest.mark.parametrize(
    ("type_name", "value", "message"),
    [
        ("FULL_NAME", 5, 'Invalid object value 5 for field "f"'),
        ("FULL_NAME", "Ann", "Invalid object value 'Ann' for field \"f\""),
        ("FULL_NAME", {"middleName": "x"}, 'Unknown subfield middleName for FULL_NAME field "f"'),
        ("FULL_NAME", {"\ud800": "x"}, 'Unknown subfield \\uD800 for FULL_NAME field "f"'),
        ("FULL_NAME", {"firstName": 5}, 'Invalid string value 5 for text field "f.firstName"'),
        ("ACTOR", {"name": "Mallory"}, 'Unknown subfield name for ACTOR field "f"'),
        ("ACTOR", {"workspaceMemberId": None}, 'Unknown subfield workspaceMemberId for ACTOR field "f"'),
        ("ACTOR", {"source": "MAGIC"}, "Invalid value 'MAGIC' for field \"f.source\""),
        ("CURRENCY", {"amountMicros": "much"}, 'Invalid number value NaN for field "f.amountMicros"'),
        ("EMAILS", {"primaryEmail": "ann"}, "Invalid string value 'ann' for email field \"f.primaryEmail\""),
        ("EMAILS", {"additionalEmails": ["a@b"]}, "Invalid string value 'a@b' for email field \"f.additionalEmails\""),
        ("EMAILS", {"additionalEmails": {"a": 1}}, 'Invalid object value { a: 1 } for field "f.additionalEmails"'),
        ("EMAILS", {"primaryEmail": "a\0@b.c"}, "Invalid string value 'a\\x00@b.c' for text field \"f.primaryEmail\": a text cannot contain the NUL character"),  # noqa: E501
        ("LINKS", {"secondaryLinks": ["https://a.b"]}, "Invalid object value [ 'https://a.b' ] for field \"f.secondaryLinks\""),  # noqa: E501
        ("RICH_TEXT_V2", {"blocknote": "{}"}, "Invalid object value '{}' for field \"f.blocknote\""),
    ],
)  # fmt: skip
def test_rejected_values_are_named_in_the_contracts_words(type_name: str, value: Json, message: str) -> None:
    assert rejection(type_name, value) == (message, "INVALID_ARGS_DATA")


def test_emails_are_trimmed_and_lowered_and_empty_ones_are_none() -> None:
    assert composite("EMAILS", {"primaryEmail": " Ann@Example.COM ", "additionalEmails": ["B@x.org", ""]}) == {
        "PrimaryEmail": "ann@example.com",
        "AdditionalEmails": ["b@x.org"],
    }
    assert composite("EMAILS", {"primaryEmail": "", "additionalEmails": "[]"}) == {
        "PrimaryEmail": None,
        "AdditionalEmails": None,
    }


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Acme.COM/", "https://acme.com"),
        ("HTTPS://Acme.com/Team/", "https://acme.com/Team"),
        ("techinnovations.com", "techinnovations.com"),
        ("acme.com/About?x=1#Y", "acme.com/About?x=1#Y"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("https://münchen.example/straße", "https://münchen.example/straße"),
        ("", None),
        ("  ", None),
    ],
)
def test_links_are_normalised_but_stay_readable(given: str, kept: str | None) -> None:
    assert composite("LINKS", {"primaryLinkUrl": given})["PrimaryLinkUrl"] == kept


@pytest.mark.parametrize("url", ["not a url", "javascript:alert(1)", "https://", "mailto:", "ftp://x.y", "http://a b"])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    assert rejection("LINKS", {"primaryLinkUrl": url}) == ("The URL of the link is not valid", "INVALID_URL")


def test_a_new_primary_link_replaces_what_belonged_to_the_old_one() -> None:
    assert composite("LINKS", {"primaryLinkUrl": "acme.com"}) == {
        "PrimaryLinkLabel": None,
        "PrimaryLinkUrl": "acme.com",
        "SecondaryLinks": None,
    }
    assert composite("LINKS", {"primaryLinkLabel": "Acme"}) == {"PrimaryLinkLabel": "Acme"}


def test_the_first_further_link_takes_the_place_of_an_empty_primary_one() -> None:
    rest: Json = [{"label": "blog", "url": "https://Blog.example/"}, {"label": "", "url": ""}, {"url": "b.example"}]
    assert composite("LINKS", {"primaryLinkUrl": "", "primaryLinkLabel": "x", "secondaryLinks": rest}) == {
        "PrimaryLinkLabel": "blog",
        "PrimaryLinkUrl": "https://blog.example",
        "SecondaryLinks": [{"label": None, "url": "b.example"}],
    }


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (("0612345678", "FR", "+33"), ("612345678", "FR", "+33")),
        (("0612345678", "FR", None), ("612345678", "FR", "+33")),
        (("0612345678", None, "+33"), ("612345678", "FR", "+33")),
        (("+33 6 12 34 56 78", None, None), ("612345678", "FR", "+33")),
        (("+39 02 1234 5678", None, None), ("0212345678", "IT", "+39")),
        (("+1987654321", None, None), ("987654321", None, "+1")),
        (("+1555555555", None, None), ("555555555", None, "+1")),
        (("4165551234", "CA", None), ("4165551234", "CA", "+1")),
    ],
)
def test_phone_numbers_are_taken_apart(given: tuple[Json, ...], kept: tuple[Json, ...]) -> None:
    names = ("primaryPhoneNumber", "primaryPhoneCountryCode", "primaryPhoneCallingCode")
    result = composite("PHONES", {name: item for name, item in zip(names, given, strict=True) if item is not None})
    assert tuple(result[name[0].upper() + name[1:]] for name in names) == kept


def test_further_phone_numbers_are_taken_apart_likewise() -> None:
    rest: Json = [{"number": "0612345679", "countryCode": "FR", "callingCode": "+33"}, {"number": ""}]
    assert composite("PHONES", {"additionalPhones": rest}) == {
        "AdditionalPhones": [{"number": "612345679", "countryCode": "FR", "callingCode": "+33"}]
    }


@pytest.mark.parametrize(
    ("number", "country", "calling", "message", "sub_code"),
    [
        ("1", "XX", None, "Invalid country code XX", "INVALID_PHONE_COUNTRY_CODE"),
        ("1", None, "+999", "Invalid calling code +999", "INVALID_PHONE_CALLING_CODE"),
        ("1", None, "+3x", "Invalid calling code +3x", "INVALID_PHONE_CALLING_CODE"),
        ("1", "FR", "+1", "Provided country code and calling code are conflicting", "CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE"),  # noqa: E501
        ("abc", None, None, "Provided phone number is invalid abc", "INVALID_PHONE_NUMBER"),
        ("0612345678", None, None, "Provided phone number is invalid 0612345678", "INVALID_PHONE_NUMBER"),
        ("+33612345678", "US", None, "Provided and inferred country code are conflicting", "CONFLICTING_PHONE_COUNTRY_CODE"),  # noqa: E501
        ("+33612345678", None, "+1", "Provided and inferred calling code are conflicting", "CONFLICTING_PHONE_CALLING_CODE"),  # noqa: E501
    ],
)  # fmt: skip
def test_wrong_phone_numbers_have_their_own_errors(
    number: str, country: str | None, calling: str | None, message: str, sub_code: str
) -> None:
    value: dict[str, Json] = {
        "primaryPhoneNumber": number,
        "primaryPhoneCountryCode": country,
        "primaryPhoneCallingCode": calling,
    }
    assert rejection("PHONES", value) == (message, sub_code)


def without_ids(blocks: Json) -> Json:
    if isinstance(blocks, list):
        return [without_ids(item) for item in blocks]
    if isinstance(blocks, dict):
        return {key: without_ids(item) for key, item in blocks.items() if key != "id"}
    return blocks


STYLE = {"textColor": "default", "backgroundColor": "default", "textAlignment": "left"}


def test_markdown_becomes_blocks_as_the_editor_knows_them() -> None:
    result = composite("RICH_TEXT_V2", {"markdown": "# Hello\n\n- one\n- two **bold**"})
    assert result["Markdown"] == "# Hello\n\n- one\n- two **bold**"
    assert isinstance(result["Blocknote"], str)

    def text(text: str, **styles: Json) -> Mapping[str, Json]:
        return {"type": "text", "text": text, "styles": styles}

    assert without_ids(json.loads(result["Blocknote"])) == [
        {"type": "heading", "props": {**STYLE, "level": 1}, "content": [text("Hello")], "children": []},
        {"type": "bulletListItem", "props": STYLE, "content": [text("one")], "children": []},
        {
            "type": "bulletListItem",
            "props": STYLE,
            "content": [text("two "), text("bold", bold=True)],
            "children": [],
        },
    ]


MARKDOWN = (
    "# Plan\n\n## Steps\n\nSee *this*, **that**, ~~not~~ and `code` on [our site](https://acme.example).\n\n"
    "- one\n  - inner\n- two\n\n1. first\n2. second\n\n- [x] done\n- [ ] open\n\n> wise words\n\n"
    "```python\nprint(1)\n```\n\n---\n\nthe end\\_"
)


def test_blocks_become_the_markdown_they_were_made_from() -> None:
    blocknote = composite("RICH_TEXT_V2", {"markdown": MARKDOWN})["Blocknote"]
    again = composite("RICH_TEXT_V2", {"blocknote": blocknote})
    # Neighbouring lists are one: only the lines between them differ.
    assert str(again["Markdown"]).replace("\n\n", "\n") == MARKDOWN.replace("\n\n", "\n")
    assert again["Blocknote"] == blocknote


def test_an_empty_text_empties_both_forms() -> None:
    assert composite("RICH_TEXT_V2", {"markdown": ""}) == {"Blocknote": None, "Markdown": ""}
    assert composite("RICH_TEXT_V2", {"markdown": None}) == {"Blocknote": None, "Markdown": None}


@pytest.mark.parametrize(
    "line", ["#" * 50_000, "# " * 50_000, "*_" * 50_000, "`" * 50_000, "[" * 50_000, " " * 50_000 + "`"]
)
def test_no_line_is_slow_to_read(line: str) -> None:
    composite("RICH_TEXT_V2", {"markdown": line + "x\n" + line})


def test_blocks_nested_without_end_are_cut() -> None:
    pieces, block = "[]", ""
    for _ in range(300):
        pieces = f'[{{"content":{pieces}}}]'
        block = f'{{"children":[{block}]}}'
    composite("RICH_TEXT_V2", {"blocknote": f'[{{"content":{pieces}}},{block}]'})


def test_broken_blocks_give_what_text_they_have() -> None:
    blocks: Json = [None, 5, {"type": "wild", "content": "plain"}, {"props": 5, "content": [{"text": 5}, "x"]}]
    assert composite("RICH_TEXT_V2", {"blocknote": json.dumps(blocks)})["Markdown"] == "plain"


@pytest.mark.parametrize(
    ("type_name", "scalar", "value"),
    [
        ("LINKS", "acme.com", {"primaryLinkUrl": "acme.com"}),
        ("ADDRESS", "123 Tech Street, SF", {"addressStreet1": "123 Tech Street, SF"}),
        ("CURRENCY", 5_000_000, {"amountMicros": 5_000_000_000_000}),
        ("CURRENCY", 0.1, {"amountMicros": 100_000}),
        ("CURRENCY", "0.0000001", {"amountMicros": "0.1"}),
        ("CURRENCY", None, {"amountMicros": None}),
        ("EMAILS", "a@b.co", {"primaryEmail": "a@b.co"}),
        ("PHONES", "+1987654321", {"primaryPhoneNumber": "+1987654321"}),
        ("RICH_TEXT_V2", "hi", {"markdown": "hi"}),
        ("FULL_NAME", "Ada King Lovelace", {"firstName": "Ada", "lastName": "King Lovelace"}),
    ],
)
def test_a_scalar_stands_for_a_composite(type_name: str, scalar: Json, value: Json) -> None:
    item = field(type_name)
    assert item.type.has_shorthand
    assert item.type.shorthand_write(item, scalar) == value
    item.type.write(item, value)


def by_shorthand(type_name: str, value: Json) -> Json:
    item = field(type_name)
    return item.type.shorthand_filter(item, value)


def test_filters_on_a_shorthand_speak_its_unit() -> None:
    assert by_shorthand("CURRENCY", 10_000) == 10_000_000_000
    assert by_shorthand("CURRENCY", [1, 2.5]) == [1_000_000, 2_500_000]
    assert by_shorthand("EMAILS", "Ann@Example.com") == "ann@example.com"
    assert by_shorthand("PHONES", "+33 6 12 34 56 78") == "612345678"
    assert by_shorthand("PHONES", "+33%") == "+33%"
    assert by_shorthand("PHONES", "612%") == "612%"
