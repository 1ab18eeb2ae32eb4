"""What is wrong with data in the words of GraphQL's own type check."""

from rapport.base.errors import RapportError
from rapport.records.misfits import Misfit, UnknownField, UnknownSubField, UnknownUnique


def describe(error: RapportError) -> str | None:
    """The message of an error in the data that GraphQL's own type check would have found; None for other errors."""
    match error:
        case UnknownField(name=name, type_name=type_name):
            return f'Field "{name}" is not defined by type "{type_name}".'
        case UnknownSubField(sub=sub, type_name=type_name):
            return f'Field "{sub}" is not defined by type "{type_name}".'
        case UnknownUnique() | Misfit():
            return error.message
    return None
