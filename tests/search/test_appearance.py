"""What found records are called, and their pictures, whatever fields an object is shown by."""

from dataclasses import replace

import pytest

from rapport.metadata.catalog import Object
from rapport.search.appearance import label_columns, logo, picture, picture_column
from tests.edge.graphql.models import field, with_rockets

ROCKET = with_rockets().by_name["rocket"]


@pytest.mark.parametrize(
    ("label_field", "columns"),
    [
        ("name", ["name"]),
        ("crew", ["crew"]),
        ("tags", ["tags"]),
        ("someFullName", ["someFullNameFirstName", "someFullNameLastName"]),
        ("someEmails", ["someEmailsPrimaryEmail"]),
        ("someActor", ["someActorSource"]),
        ("owner", ["ownerId"]),
        ("id", ["id"]),
        ("secret", ["id"]),
        ("old", ["id"]),
        ("missing", ["id"]),
    ],
)
def test_a_record_is_called_by_the_columns_of_its_label_field(label_field: str, columns: list[str]) -> None:
    assert [each.name for each in label_columns(replace(ROCKET, label_field=label_field))] == columns


def shown(image_field: str | None) -> Object:
    return replace(ROCKET, image_field=image_field, fields=(*ROCKET.fields, field("site", "LINKS")))


def test_a_picture_is_the_address_in_a_text_or_the_logo_of_a_domain() -> None:
    site, text = shown("site"), shown("name")
    columns = [picture_column(item) for item in (site, text, shown(None), shown("secret"), shown("missing"))]
    assert [column and column.name for column in columns] == ["sitePrimaryLinkUrl", "name", None, None, None]
    assert picture(site, "acme.example.com") == "https://twenty-icons.com/acme.example.com"
    assert picture(text, "https://x.example.com/a.png") == "https://x.example.com/a.png"
    assert (picture(site, None), picture(text, "")) == ("", "")


@pytest.mark.parametrize(
    ("link", "domain"),
    [
        ("https://acme.example.com", "acme.example.com"),
        ("HTTP://www.acme.example.com:8080/a/b?c=d#e", "acme.example.com"),
        ("acme.example.com/", "acme.example.com"),
        ("https://user:secret@acme.example.com/", "acme.example.com"),
        (" acme ", "acme"),
    ],
)
def test_a_logo_is_that_of_the_domain_of_a_link(link: str, domain: str) -> None:
    assert logo(link) == f"https://twenty-icons.com/{domain}"


@pytest.mark.parametrize("link", ["", " ", "https://", "/path", "?", "#x"])
def test_what_is_no_link_has_no_logo(link: str) -> None:
    assert logo(link) == ""
