"""GraphQL's own check of a value's kind, before the field type looks at its content."""

from rapport.engine.scalars import misfit, printed
from rapport.metadata.catalog import Field, Object
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf
from rapport.records.misfits import Misfit


def check_kind(found: Field, leaf: Leaf, value: object, item: Object) -> None:
    """GraphQL's own check of a value's kind, before the field type looks at its content."""
    if type(value) is str and leaf.input_scalar == "String":
        return  # by far the most common; a bare enum value is a class of its own
    each = value if isinstance(value, list) and leaf.input_scalar.startswith("[") else [value]
    for one in each:
        if one is None:
            continue
        message = misfit(leaf.input_scalar.strip("[]!"), one)
        if isinstance(leaf, SelectLeaf) and one not in leaf.options:
            enum = leaf.enum_name(item.type_name, found.name)
            message = (
                f'Value "{one}" does not exist in "{enum}" enum.' if isinstance(one, str) else _not_enum(enum, one)
            )
        if message is not None:
            raise Misfit(message)


def _not_enum(enum: str, value: object) -> str:
    return f'Enum "{enum}" cannot represent non-string value: {printed(value)}.'
