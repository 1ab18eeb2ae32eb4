"""PHONES: a primary phone number and more of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.composite import CompositeType, Sub
from rapport.metadata.fieldtypes.leaves.json import JSON, parsed_json
from rapport.metadata.fieldtypes.leaves.text import TEXT
from rapport.metadata.fieldtypes.settings import VALUES
from rapport.metadata.fieldtypes.shapes import STRING, list_of, object_of, or_null
from rapport.metadata.fieldtypes.shown import printable, shown
from rapport.metadata.fieldtypes.union import listed, united

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field

_PRIMARY = ("primaryPhoneNumber", "primaryPhoneCountryCode", "primaryPhoneCallingCode")
_ADDITIONAL = ("number", "countryCode", "callingCode")

_PHONE_SHAPE = object_of({"number": STRING, "countryCode": or_null(STRING), "callingCode": or_null(STRING)})


class PhonesType(CompositeType):
    """Phone numbers: national number, ISO country and `+NN` apart. The shorthand is the international number."""

    name = "PHONES"
    graphql_output = "Phones"
    has_shorthand = True
    settings_rules = VALUES
    search_subs = ("primaryPhoneNumber", "additionalPhones")
    search_joined = ("primaryPhoneCallingCode", "primaryPhoneNumber")
    shorthand_sub = "primaryPhoneNumber"
    value_subs = ("primaryPhoneNumber", "additionalPhones")
    example: ClassVar[Json] = {
        "primaryPhoneNumber": "6 12 34 56 78",
        "primaryPhoneCountryCode": "FR",
        "primaryPhoneCallingCode": "+33",
        "additionalPhones": [],
    }
    subs = (
        *(Sub(name=name, leaf=TEXT, in_unique=True) for name in _PRIMARY),
        Sub(name="additionalPhones", leaf=JSON, shape=list_of(_PHONE_SHAPE)),
    )

    def normalised(self, field: "Field", value: Mapping[str, Json]) -> Mapping[str, Json]:
        result: dict[str, Json] = {
            sub: self.coerced(field, sub, item) for sub, item in value.items() if sub != "additionalPhones"
        }
        if result:
            number, country, calling = (_text(result.get(sub)) for sub in _PRIMARY)
            parsed = parsed_phone(number, country, calling)
            if number:
                result.update(zip(_PRIMARY, parsed, strict=True))
        if "additionalPhones" in value:
            label = f"{field.name}.additionalPhones"
            result["additionalPhones"] = _additional(value["additionalPhones"], label)
        return result

    def merge(self, values: Sequence[Mapping[str, Json]], preferred: Mapping[str, Json]) -> Mapping[str, Json]:
        """The preferred primary number; all others are additional ones."""
        primary = next((each for each in (preferred, *values) if each["primaryPhoneNumber"]), preferred)
        found: list[Json] = []
        for each in values:
            found.append(_further(each))
            found += listed(each["additionalPhones"])
        rest = united((item for item in found if _called(item)), _called, without=_called(_further(primary)))
        return {**primary, "additionalPhones": rest or None}

    def shorthand_sql(self, column: Mapping[str, str]) -> str:
        number, calling = column["primaryPhoneNumber"], column["primaryPhoneCallingCode"]
        return f"to_json(case when {number}<>'' then concat({calling},{number}) end)::text"

    def shorthand_write(self, field: "Field", value: Json) -> Json:
        return {"primaryPhoneNumber": value}

    def shorthand_filter(self, field: "Field", value: Json) -> Json:
        """The national number of an international one, as it is stored; patterns and the rest stay as they are."""
        if not isinstance(value, str) or not value.startswith("+") or "%" in value or "_" in value:
            return value
        try:
            return parsed_phone(value, "", "")[0]
        except InvalidValue:
            return value


def parsed_phone(number: str, country: str, calling: str) -> tuple[str | None, str | None, str | None]:
    """National number, ISO country and calling code (`+33`), with what was missing inferred; raises InvalidValue.

    A number that can be read but belongs to no known range is accepted; its country stays unknown.
    """
    # The library's tables are large: they are loaded when the first phone number is written.
    import phonenumbers

    if country and country not in phonenumbers.SUPPORTED_REGIONS:
        raise _error(f"Invalid country code {printable(country)}", "INVALID_PHONE_COUNTRY_CODE")
    regions = _regions(calling)
    if calling and not regions:
        raise _error(f"Invalid calling code {printable(calling)}", "INVALID_PHONE_CALLING_CODE")
    if country and calling and country not in regions:
        raise _error(
            "Provided country code and calling code are conflicting", "CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE"
        )
    if not number:
        return None, country or None, calling or None
    try:
        phone = phonenumbers.parse(number, country or (regions[0] if regions else None))
    except phonenumbers.NumberParseException:
        raise _error(f"Provided phone number is invalid {printable(number)}", "INVALID_PHONE_NUMBER") from None
    inferred_country = phonenumbers.region_code_for_number(phone)
    inferred_calling = f"+{phone.country_code}"
    if country and inferred_country and inferred_country != country:
        raise _error("Provided and inferred country code are conflicting", "CONFLICTING_PHONE_COUNTRY_CODE")
    if calling and inferred_calling != calling:
        raise _error("Provided and inferred calling code are conflicting", "CONFLICTING_PHONE_CALLING_CODE")
    return phonenumbers.national_significant_number(phone), country or inferred_country, inferred_calling


def _regions(calling: str) -> tuple[str, ...]:
    import phonenumbers

    digits = calling.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 3):
        return ()
    return tuple(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits), ()))


def _additional(value: Json, label: str) -> Json:
    """Further numbers as [{number, countryCode, callingCode}], without empty ones; null when none is left."""
    items = parsed_json(value)
    if items is None or items == "":
        return None
    if not isinstance(items, list):
        raise InvalidValue(f'Invalid object value {shown(value)} for field "{label}"')
    result: list[Json] = []
    for item in items:
        if not isinstance(item, dict):
            raise InvalidValue(f'Invalid object value {shown(value)} for field "{label}"')
        given = [_text(None if item.get(key) is None else TEXT.coerce(item[key], label)) for key in _ADDITIONAL]
        if given[0]:
            parsed = parsed_phone(given[0], given[1], given[2])
            result.append(dict(zip(_ADDITIONAL, parsed, strict=True)))
    return result or None


def _text(value: Json) -> str:
    return value.strip() if isinstance(value, str) else ""


def _error(message: str, sub_code: str) -> InvalidValue:
    return InvalidValue(message, sub_code=sub_code, user_message=message)


def _further(phones: Mapping[str, Json]) -> Json:
    """A primary number as one of the additional ones."""
    return {key: phones[sub] for key, sub in zip(_ADDITIONAL, _PRIMARY, strict=True)}


def _called(item: Json) -> str:
    """What one dials: `+33612345678`; '' for no number."""
    if not isinstance(item, dict) or not _text(item.get("number")):
        return ""
    return _text(item.get("callingCode")) + _text(item.get("number"))
