"""CURRENCY: an amount of money, counted in millionths."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.composite import CompositeType, Sub
from rapport.metadata.fieldtypes.leaves.number import NUMERIC
from rapport.metadata.fieldtypes.leaves.text import TEXT
from rapport.metadata.fieldtypes.settings import Rules, Whole, Word

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class CurrencyType(CompositeType):
    """An amount and its currency. The shorthand is the amount in units, of the currency it had, or else of USD."""

    name = "CURRENCY"
    graphql_output = "Currency"
    has_shorthand = True
    settings_rules: ClassVar[Rules] = {"format": Word(("short", "full")), "decimals": Whole(0, 100)}
    shorthand_sub = "amountMicros"
    value_subs = ("amountMicros",)  # a currency alone is no amount
    measures = ("min", "max", "avg", "sum")
    measured_sub = "amountMicros"
    shorthand_defaults = MappingProxyType({"currencyCode": "USD"})
    example: ClassVar[Json] = {"amountMicros": 1_500_000_000, "currencyCode": "EUR"}
    subs = (
        Sub(name="amountMicros", leaf=NUMERIC, in_unique=True),
        Sub(name="currencyCode", leaf=TEXT, in_unique=True),
    )

    def has_value(self, values: Mapping[str, Json]) -> bool:
        return values["amountMicros"] is not None  # a currency alone is no amount

    def shorthand_sql(self, column: Mapping[str, str]) -> str:
        # A product is exact where a quotient is rounded.
        return f"trim_scale({column['amountMicros']}*0.000001)::text"

    def shorthand_write(self, field: "Field", value: Json) -> Json:
        return {"amountMicros": None if value is None else _micros(value, field.name)}

    def shorthand_filter(self, field: "Field", value: Json) -> Json:
        if isinstance(value, list):
            return [self.shorthand_filter(field, item) for item in value]
        return value if value is None else _micros(value, field.name)


def _micros(units: Json, label: str) -> Json:
    number = NUMERIC.param(units, label)
    assert isinstance(number, Decimal)
    return NUMERIC.coerce(format(number.scaleb(6), "f"), label)
