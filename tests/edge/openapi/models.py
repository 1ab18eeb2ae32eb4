"""A custom object with a field of every type that users can make, and values for them."""

from typing import Any

from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from tests.edge.rest.asking import send
from tests.serving import Client

KINDS = tuple(name for name, kind in FIELD_TYPES.items() if kind.is_creatable and not kind.is_relation)
OPTIONS = [{"value": value, "label": value.title(), "color": "red", "position": at} for at, value in enumerate("AB")]
VALUES: dict[str, object] = {
    "UUID": "a0000000-0000-4000-8000-000000000001",
    "TEXT": 'a "text"',
    "NUMBER": 1.5,
    "NUMERIC": 12345678901234567890,
    "BOOLEAN": True,
    "DATE_TIME": "2026-01-15T10:30:00Z",
    "DATE": "2026-01-15",
    "SELECT": "A",
    "MULTI_SELECT": ["B", "A"],
    "RATING": "RATING_3",
    "POSITION": 4,
    "RAW_JSON": {"a": [1, None]},
    "ARRAY": ["x", "y"],
    "RICH_TEXT": "old",
    "RICH_TEXT_V2": {"markdown": "# New"},
    "ACTOR": {"source": "IMPORT", "context": {"provider": "file"}},
    "ADDRESS": {"addressCity": "Oslo", "addressLat": 59.9, "addressLng": 10.75},
    "CURRENCY": {"amountMicros": 1500000, "currencyCode": "EUR"},
    "EMAILS": {"primaryEmail": "a@b.example", "additionalEmails": ["c@d.example"]},
    "FULL_NAME": {"firstName": "Ada", "lastName": "King"},
    "LINKS": {"primaryLinkUrl": "b.example", "secondaryLinks": [{"label": None, "url": "https://c.example"}]},
    "PHONES": {
        "primaryPhoneNumber": "+33612345678",
        "additionalPhones": [{"number": "612345679", "countryCode": "FR", "callingCode": "+33"}],
    },
}


def field_name(kind: str) -> str:
    return f"some{kind.title().replace('_', '')}"


ROCKET = {field_name(kind): value for kind, value in VALUES.items() if kind in KINDS}


async def make_rockets(client: Client) -> None:
    """The object `rocket`, linked to companies."""

    async def make(path: str, body: dict[str, object]) -> dict[str, Any]:
        answer = await send(client, "POST", f"/metadata/{path}", body)
        assert answer.status_code == 201, answer.text
        (made,) = answer.json()["data"].values()
        assert isinstance(made, dict)
        return made

    names = {"nameSingular": "rocket", "namePlural": "rockets", "labelSingular": "Rocket", "labelPlural": "Rockets"}
    rocket = await make("objects", dict(names))
    for kind in KINDS:
        name = field_name(kind)
        options = OPTIONS if kind in ("SELECT", "MULTI_SELECT") else None
        body = {"objectMetadataId": rocket["id"], "type": kind, "name": name, "label": name, "options": options}
        await make("fields", body)
    found = (await send(client, "GET", "/metadata/objects")).json()["data"]["objects"]
    (company,) = (each for each in found if each["nameSingular"] == "company")
    owner = {
        "type": "MANY_TO_ONE", "targetObjectMetadataId": company["id"], "targetFieldLabel": "Rockets",
        "targetFieldIcon": "IconRocket",
    }  # fmt: skip
    body = {"objectMetadataId": rocket["id"], "type": "RELATION", "name": "owner", "label": "Owner"}
    await make("fields", {**body, "relationCreationPayload": owner})
