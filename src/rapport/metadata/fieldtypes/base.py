"""What a field type is: a set of leaf columns and the rules for values that enter and leave them.

A ``Leaf`` is the behaviour of one column. A ``FieldType`` is what users pick (TEXT, EMAILS …): one leaf, or several for
a composite. Neither does I/O; both are shared, immutable instances.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field
    from rapport.metadata.fieldtypes.settings import Rule
    from rapport.metadata.fieldtypes.shapes import Shape, Use

Measure = Literal["countTrue", "countFalse", "min", "max", "avg", "sum"]

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"


def quoted_cell(text: str) -> str:
    """SQL of a field of CSV from SQL of its text."""
    return f"""'"'||replace({text},'"','""')||'"'"""


class Leaf:
    """The behaviour of one column.

    Two forms of a value: *canonical* is plain JSON that PostgreSQL casts to the column's type (writes travel as one
    jsonb parameter; numeric beyond float is a string, timestamps are ISO strings); *param* is what asyncpg wants for
    ``$n::sql_type`` (str for uuid, datetime for timestamptz, Decimal for numeric, list for arrays).
    """

    sql_type: ClassVar[str]  # `text`, `timestamptz(3)`, `text[]`
    scalar: str  # GraphQL output type: `String`, `[String]`, `OpportunityStageEnum`
    input_scalar: str  # GraphQL input type, most often the same
    filter_type: str  # `StringFilter`
    operators: tuple[str, ...]  # GraphQL operator names in the order of the schema, `eq` … `is`
    orderable: bool = True
    raw_quoted: bool = False  # the JSON text is `"` + column + `"` with nothing to escape (uuid, enum values)
    empty_is_null: bool = False  # '' and NULL are one value in filters (core-api.md §2.2)
    is_path: bool = False  # of a file: readers are shown a link that opens it
    empty_sql: str | None = None  # SQL literals that count as empty beside NULL: `'{}','[]'`

    def shape(self, use: "Use") -> "Shape":
        """The JSON Schema of a value, not null, where REST answers or is given it."""
        raise NotImplementedError

    def json_sql(self, column: str) -> str:
        """SQL text expression giving the value's JSON; NULL when the column is NULL (the caller adds coalesce)."""
        raise NotImplementedError

    def cell_sql(self, column: str, *, is_guarded: bool = False) -> str:
        """SQL text expression giving the value as a field of CSV (RFC 4180); NULL when the column is NULL.

        ``is_guarded``: no spreadsheet takes it for a formula.
        """
        return quoted_cell(self.json_sql(column))

    def order_sql(self, column: str) -> str:
        """The expression rows are sorted and compared by."""
        return column

    def order_json_sql(self, column: str) -> str:
        """As ``json_sql``, for the value that a cursor keeps."""
        return self.json_sql(column)

    def order_param(self, value: Json, label: str) -> object:
        """The value of a cursor as the driver wants it for ``order_type``; raises InvalidValue."""
        return self.param(value, label)

    @property
    def order_type(self) -> str:
        """The SQL type of a cursor's value."""
        return self.sql_type

    def order_param_sql(self, parameter: str) -> str:
        """Turns a bound cursor value into something comparable with ``order_sql``."""
        return parameter

    # -- groups (core-api.md §1.5) --------------------------------------------------------------------------------

    groupable: bool = True

    def group_sql(self, column: str) -> str:
        """The value that rows are grouped by and distinct values are counted of: equal for equal values, also as text.

        What counts as empty is NULL here.
        """
        return column

    def group_json_sql(self, group: str) -> str:
        """The JSON of a value of ``group_sql``, NULL when it is; numbers and booleans become strings."""
        return self.json_sql(group)

    def coerce(self, value: Json, label: str) -> Json:
        """A written value (never None) in canonical form; raises InvalidValue with the contract's words."""
        raise NotImplementedError

    def param(self, value: Json, label: str) -> object:
        """A filter or cursor value (never None) as asyncpg's parameter; raises InvalidValue."""
        raise NotImplementedError

    def read_text(self, text: str) -> Json:
        """The filter value that is meant by a text, where there are only texts: in the address of a request."""
        return text


@dataclass(frozen=True, kw_only=True)
class Column:
    """A table column. ``name`` is unquoted (`nameFirstName`), ``sub`` the sub-field or ''."""

    name: str
    leaf: Leaf
    sub: str = ""
    nullable: bool = True
    default_sql: str | None = None
    generated_sql: str | None = None  # STORED expression (search vectors)
    in_unique: bool = True  # part of a unique constraint on the field
    in_input: bool = True  # may be written by callers
    reads: bool = True  # selectable


class FieldType:
    """A type of field: which columns it has and how a value given by a caller becomes their values."""

    name: ClassVar[str]  # `TEXT`
    graphql_output: ClassVar[str | None] = None  # composite type name (`FullName`), None for atomic types
    is_relation: ClassVar[bool] = False
    has_shorthand: ClassVar[bool] = False
    search_subs: ClassVar[tuple[str, ...]] = ()  # the sub-fields ('' for an atomic field) that full-text search covers
    search_joined: ClassVar[tuple[str, ...]] = ()  # sub-fields that are searched as one word

    def columns(self, field: "Field") -> tuple[Column, ...]:
        raise NotImplementedError

    def write(self, field: "Field", value: Json) -> Mapping[str, Json]:
        """Column name → canonical value, for a value given for the whole field (None clears it).

        A composite merges: only the given sub-fields appear in the result. Raises InvalidValue.
        """
        raise NotImplementedError

    # -- OpenAPI (core-api.md §8): what REST answers and is given -------------------------------------------------

    example: ClassVar[Json] = None  # a value that a record may be created with

    def shape(self, field: "Field", use: "Use") -> "Shape":
        """The JSON Schema of a value of the field. Relations have none: they are shown by their join columns."""
        raise NotImplementedError

    # -- definitions (system-api.md §15): what callers may say when they make or change a field of the type ---------

    is_creatable: ClassVar[bool] = True  # by callers
    may_be_unique: ClassVar[bool] = True
    may_have_default: ClassVar[bool] = True
    has_options: ClassVar[bool] = False
    fixed_options: ClassVar[tuple[tuple[str, str], ...]] = ()  # value and label, where callers do not choose them
    settings_rules: ClassVar[Mapping[str, "Rule"]] = MappingProxyType({})

    def empty_default(self) -> Json:
        """The default of a field that must have a value, unless another is given; None: there is none.

        Like all defaults of fields, it is spelled as the metadata spell it (see ``defaults``).
        """
        return None

    def spelled_default(self, field: "Field", given: Json) -> Json:
        """A default value (never None) as the metadata spell it; raises InvalidValue when no record could have it."""
        raise NotImplementedError

    def change_of_settings(self, before: Mapping[str, Json], after: Mapping[str, Json]) -> str | None:
        """Why a field cannot come from these settings to those; None when it can."""
        return None

    # -- aggregates (core-api.md §1.4): those of every field, and these --------------------------------------------

    value_subs: ClassVar[tuple[str, ...]] = ()  # the sub-fields without which a composite is empty; () stands for all
    measures: ClassVar[tuple[Measure, ...]] = ()
    measured_sub: ClassVar[str] = ""  # the sub-field that the measures are of

    # -- merging (core-api.md §7.8): one record takes the place of several --------------------------------------------

    def has_value(self, values: Mapping[str, Json]) -> bool:
        """Whether a record has anything here, by its columns (sub-fields). Empty texts, lists and objects are none."""
        return any(value not in (None, "", [], {}) for value in values.values())

    def merge(self, values: Sequence[Mapping[str, Json]], preferred: Mapping[str, Json]) -> Mapping[str, Json]:
        """The columns, by sub-field, of the record that takes the place of several that have a value.

        ``values`` are theirs, in the order of the records; ``preferred`` is the one of them to keep where there can be
        only one.
        """
        return preferred

    # -- shorthand (design §6): the scalar that stands for a composite in the older dialect ------------------------

    def shorthand_sql(self, column: Mapping[str, str]) -> str:
        """SQL text expression giving the shorthand's JSON (NULL for none), from quoted column refs by sub-field."""
        raise NotImplementedError

    def shorthand_write(self, field: "Field", value: Json) -> Json:
        """The composite value that a scalar stands for: `"acme.com"` → `{"primaryLinkUrl": "acme.com"}`."""
        raise NotImplementedError

    shorthand_sub: ClassVar[str] = ""  # the sub-field that a directly applied filter operator or order compares
    shorthand_defaults: ClassVar[Mapping[str, Json]] = MappingProxyType(
        {}
    )  # sub-fields that a *create* by shorthand sets as well

    def shorthand_filter(self, field: "Field", value: Json) -> Json:
        """A filter value in the unit of the sub-field: for CURRENCY 10000 → 10000000000 micros."""
        return value
