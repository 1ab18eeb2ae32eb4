"""What can be wrong with the data that a caller wants to be written, beside the content of a value."""

from rapport.base.errors import BadUserInput
from rapport.metadata.catalog import Field, Object


def input_type(item: Object, *, creating: bool) -> str:
    """`PersonCreateInput`"""
    return f"{item.type_name}{'Create' if creating else 'Update'}Input"


def unique_input(item: Object, unique: Field) -> str:
    """`CompanyDomainNameWhereInput`, what names a record by a unique composite field"""
    return f"{item.type_name}{unique.name[0].upper()}{unique.name[1:]}WhereInput"


class UnknownField(BadUserInput):
    """The data names a field that its object does not have."""

    sub_code = "INVALID_ARGS_DATA"

    def __init__(self, item: Object, name: str, *, creating: bool) -> None:
        super().__init__(f'Object {item.name} doesn\'t have any "{name}" field.')
        self.name = name
        self.type_name = input_type(item, creating=creating)


class Misfit(BadUserInput):
    """A value is of the wrong kind for its field's scalar type."""

    sub_code = "INVALID_ARGS_DATA"


class TooManyRecords(BadUserInput):
    """More records at once than one request may write."""

    sub_code = "TOO_MANY_RECORDS_TO_UPDATE"


class UnknownUnique(BadUserInput):
    """Records cannot be found by this field: it is not unique."""

    sub_code = "INVALID_ARGS_DATA"

    def __init__(self, name: str, type_name: str) -> None:
        super().__init__(f'Field "{name}" is not defined by type "{type_name}".')


class UnknownSubField(BadUserInput):
    """The data names a sub-field that its composite does not have."""

    sub_code = "INVALID_ARGS_DATA"

    def __init__(self, found: Field, sub: str, *, creating: bool) -> None:
        super().__init__(f'Unknown subfield {sub} for {found.type.name} field "{found.name}"')
        self.sub = sub
        self.type_name = f"{found.type.graphql_output}{'Create' if creating else 'Update'}Input"
