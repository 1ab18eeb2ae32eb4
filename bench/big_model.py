"""A data model much larger than the standard one: many custom objects with many fields, each linked to the next."""

from collections.abc import Mapping

from rapport.metadata.catalog import Catalog
from rapport.metadata.evolution.fields import create_field
from rapport.metadata.evolution.objects import create_object
from rapport.metadata.fieldtypes.base import Json

# Of each type: what is selected of a field, and what stands in its columns.
KINDS = ("TEXT", "NUMBER", "BOOLEAN", "DATE_TIME", "SELECT", "CURRENCY", "LINKS", "ARRAY")
SELECTION: Mapping[str, str] = {
    "CURRENCY": " { amountMicros currencyCode }",
    "LINKS": " { primaryLinkUrl primaryLinkLabel }",
}
OPTIONS: Json = [
    {"value": value, "label": value.capitalize(), "color": "red", "position": position}
    for position, value in enumerate(("ONE", "TWO", "THREE"))
]


def enlarged(catalog: Catalog, *, objects: int, fields: int) -> Catalog:
    """The catalog with objects `thing0`, `thing1` …; the last of their fields is a link to the next."""
    ids = []
    for number in range(objects):
        given: dict[str, Json] = {
            "nameSingular": f"thing{number}",
            "namePlural": f"things{number}",
            "labelSingular": f"Thing {number}",
            "labelPlural": f"Things {number}",
        }
        catalog, object_id = create_object(catalog, given)
        ids.append(object_id)
    for number, object_id in enumerate(ids):
        for place in range(fields - 1):
            kind = kind_of(place)
            given = {"name": f"field{place}", "label": f"Field {place}", "type": kind}
            if kind == "SELECT":
                given["options"] = OPTIONS
            catalog, _ = create_field(catalog, object_id, given)
        payload: Json = {
            "type": "MANY_TO_ONE",
            "targetObjectMetadataId": str(ids[(number + 1) % len(ids)]),
            "targetFieldLabel": "Earlier",
            "targetFieldIcon": "IconLink",
        }
        given = {"name": "later", "label": "Later", "type": "RELATION", "relationCreationPayload": payload}
        catalog, _ = create_field(catalog, object_id, given)
    return catalog


def kind_of(place: int) -> str:
    return KINDS[place % len(KINDS)]


def selection(fields: int) -> str:
    """`field0 field5 { amountMicros currencyCode } …`"""
    return " ".join(f"field{place}{SELECTION.get(kind_of(place), '')}" for place in range(fields - 1))
