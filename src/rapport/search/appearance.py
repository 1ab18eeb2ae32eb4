"""How a found record is shown: what it is called, and its picture."""

import re
from collections.abc import Sequence

from rapport.metadata.catalog import Field, Object
from rapport.metadata.fieldtypes.base import Column

LOGOS = "https://twenty-icons.com/"  # a client may fetch the logo of a domain there; the server never does
_DOMAIN = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?+(?:[^/?#@]*@)?+(?:www\.)?+([^/?#:\s]+)", re.IGNORECASE)


def label_columns(item: Object) -> tuple[Column, ...]:
    """The columns of the field that names a record, at most two; of a field that nobody may read, the id instead."""
    field = item.field.get(item.label_field)
    if field is None or not field.is_readable or not field.columns:
        field = item.field["id"]
    if field.type.name == "FULL_NAME":
        return (field.column_of["firstName"], field.column_of["lastName"])
    return (_main_column(field),)


def picture_column(item: Object) -> Column | None:
    field = item.field.get(item.image_field) if item.image_field else None
    return None if field is None or not field.is_readable or field.is_to_many else _main_column(field)


def label(texts: Sequence[str | None]) -> str:
    """First and last name are joined by a space even when one is missing; nothing is the name of who has neither.

    >>> label(["Bob", None]), label([None, ""])
    ('Bob ', '')
    """
    return " ".join(text or "" for text in texts) if any(texts) else ""


def picture(item: Object, text: str | None) -> str:
    """Of a picture field that is a link the logo of its domain; else the text of the field is the address."""
    if not text:
        return ""
    field = item.field.get(item.image_field or "")
    return logo(text) if field is not None and field.type.name == "LINKS" else text


def logo(link: str) -> str:
    """The address of a logo; '' for a text that is no link.

    >>> logo("https://www.acme.example.com/about"), logo("")
    ('https://twenty-icons.com/acme.example.com', '')
    """
    match = _DOMAIN.match(link.strip())
    return LOGOS + match[1] if match else ""


def _main_column(field: Field) -> Column:
    """Of a composite field the column that its shorthand is."""
    return field.column_of.get(field.type.shorthand_sub) or field.columns[0]
