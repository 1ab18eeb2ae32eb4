"""What can be wrong with the data that a caller wants to be written, beside the content of a value."""

from collections.abc import Iterable

from rapport.base.errors import BadUserInput
from rapport.engine.problems import suggest
from rapport.metadata.catalog import Field, Object


def input_type(item: Object, *, creating: bool) -> str:
    """`PersonCreateInput`"""
    return f"{item.type_name}{'Create' if creating else 'Update'}Input"


def composite_input(found: Field, *, creating: bool) -> str:
    """`FullNameCreateInput`"""
    return f"{found.type.graphql_output}{'Create' if creating else 'Update'}Input"


def unique_input(item: Object, unique: Field) -> str:
    """`CompanyDomainNameWhereInput`, what names a record by a unique composite field"""
    return f"{item.type_name}{unique.name[0].upper()}{unique.name[1:]}WhereInput"


class UnfitData(BadUserInput):
    """The data is not of the type of its input.

    ``words`` are those of GraphQL's own type check for the same. ``path`` leads to what is at fault, from the whole of
    the data.
    """

    sub_code = "INVALID_ARGS_DATA"

    def __init__(self, message: str, words: str) -> None:
        super().__init__(message)
        self.words = words
        self.path: tuple[str | int, ...] = ()

    def within(self, *steps: str | int) -> "UnfitData":
        """The same error, of data inside of which this data is."""
        self.path = (*steps, *self.path)
        return self


class UnknownName(UnfitData):
    """The data has a name, the last of ``path``, that its type does not have."""

    def __init__(self, name: str, type_name: str, known: Iterable[str], message: str | None = None) -> None:
        words = f'Field "{name}" is not defined by type "{type_name}".'
        super().__init__(message or words, words + suggest(name, list(known)))


class UnknownField(UnknownName):
    """The data names a field that its object does not have."""

    def __init__(self, item: Object, name: str, *, creating: bool) -> None:
        fields = (each.name for each in item.field.values() if each.is_to_one or each.is_writable)
        message = f'Object {item.name} doesn\'t have any "{name}" field.'
        super().__init__(name, input_type(item, creating=creating), (*fields, *item.to_one_by_column), message)


class UnknownSubField(UnknownName):
    """The data names a sub-field that its composite does not have."""

    def __init__(self, found: Field, sub: str, *, creating: bool) -> None:
        known = (name for name, column in found.column_of.items() if column.in_input)
        message = f'Unknown subfield {sub} for {found.type.name} field "{found.name}"'
        super().__init__(sub, composite_input(found, creating=creating), known, message)


class Misfit(UnfitData):
    """A value is of the wrong kind for its field's scalar type."""

    def __init__(self, words: str, message: str | None = None) -> None:
        super().__init__(message or words, words)


class TooManyRecords(BadUserInput):
    """More records at once than one request may write."""

    sub_code = "TOO_MANY_RECORDS_TO_UPDATE"


class UnknownUnique(UnknownName):
    """Records cannot be found by this field: it is not unique."""
