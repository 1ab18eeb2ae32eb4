"""Columns that hold one or several of a field's options."""

from collections.abc import Sequence

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json, Leaf, quoted_cell
from rapport.metadata.fieldtypes.shapes import STRING, Shape, Use, list_of
from rapport.metadata.fieldtypes.shown import printable, shown
from rapport.metadata.fieldtypes.storable import obstacle
from rapport.metadata.names import literal

ENUM = "ENUM"  # the scalar of these leaves: the caller puts the enum's name in its place


class SelectLeaf(Leaf):
    """One option. A leaf does not know its object, so ``scalar`` is the marker ENUM: see ``enum_name``.

    ``options`` are the allowed values in order; ``fixed_name`` is set for enums that belong to no field.
    """

    sql_type = "text"
    scalar = ENUM
    input_scalar = ENUM
    filter_type = f"{ENUM}Filter"
    operators = ("eq", "neq", "in", "containsAny", "is", "isEmptyArray")

    def __init__(self, options: Sequence[str], *, fixed_name: str | None = None) -> None:
        self.options = tuple(options)
        self.fixed_name = fixed_name
        # Options are GraphQL names, which need no escaping; should one slip in that is not, it is escaped.
        self.raw_quoted = all(option.isascii() and option.isidentifier() for option in options)
        self._allowed = frozenset(options)

    def enum_name(self, type_name: str, field_name: str) -> str:
        """`OpportunityStageEnum`, from the object's type name and the field's name. Its filter appends `Filter`."""
        return self.fixed_name or f"{type_name}{field_name[:1].upper()}{field_name[1:]}Enum"

    def shape(self, use: Use) -> Shape:
        return {"type": "string", "enum": list(self.options)} if self.options else STRING

    def check_sql(self, column: str) -> str:
        """The condition that a row of the table must satisfy."""
        return f"{column} = any({self._array_sql()})"

    def json_sql(self, column: str) -> str:
        return f"'\"'||{column}||'\"'" if self.raw_quoted else f"to_json({column})::text"

    def cell_sql(self, column: str, *, is_guarded: bool = False) -> str:
        return column if self.raw_quoted else quoted_cell(column)

    def order_sql(self, column: str) -> str:
        return f"array_position({self._array_sql()},{column})"

    def order_param_sql(self, parameter: str) -> str:
        return f"array_position({self._array_sql()},{parameter})"

    def coerce(self, value: Json, label: str) -> Json:
        if not isinstance(value, str):
            raise InvalidValue(f'Invalid string value {shown(value)} for text field "{label}"')
        if value not in self._allowed:
            raise InvalidValue(f"Invalid value '{printable(value)}' for field \"{label}\"")
        return value

    def param(self, value: Json, label: str) -> object:
        # An option that does not exist is no error in a filter: it matches nothing.
        if not isinstance(value, str):
            raise InvalidValue(f'Invalid string value {shown(value)} for text field "{label}"')
        if reason := obstacle(value):
            raise InvalidValue(f"Invalid value '{printable(value)}' for field \"{label}\"{reason}")
        return value

    def _array_sql(self) -> str:
        return f"array[{','.join(literal(option) for option in self.options)}]::text[]"


class MultiSelectLeaf(SelectLeaf):
    """Any number of options, each at most once in the answer of the filters; a single one is taken for a list."""

    sql_type = "text[]"
    scalar = f"[{ENUM}]"
    input_scalar = f"[{ENUM}]"
    empty_sql = "'{}'"

    def __init__(self, options: Sequence[str]) -> None:
        super().__init__(options)
        self.raw_quoted = False

    def shape(self, use: Use) -> Shape:
        return list_of(super().shape(use))

    def check_sql(self, column: str) -> str:
        return f"{column} <@ {self._array_sql()} and array_position({column},null) is null"

    def json_sql(self, column: str) -> str:
        return f"to_json({column})::text"

    def cell_sql(self, column: str, *, is_guarded: bool = False) -> str:
        return quoted_cell(self.json_sql(column))

    def group_sql(self, column: str) -> str:
        return f"nullif({column},'{{}}')"

    def order_sql(self, column: str) -> str:
        return column

    def order_param_sql(self, parameter: str) -> str:
        return parameter

    def order_param(self, value: Json, label: str) -> object:
        return [self.param(item, label) for item in (value if isinstance(value, list) else [value])]

    def coerce(self, value: Json, label: str) -> Json:
        items = value if isinstance(value, list) else [value]
        for item in items:
            if not isinstance(item, str):
                raise InvalidValue(f'Invalid value {shown(item)} for field "{label} - Array values need to be string"')
            if item not in self._allowed:
                raise InvalidValue(f"Invalid value '{printable(item)}' for multi select field \"{label}\"")
        return list(items)
