"""GraphQL's own check of a value's kind, before the field type looks at its content."""

from rapport.base.errors import InvalidValue
from rapport.engine.problems import not_in_enum
from rapport.engine.scalars import misfit
from rapport.metadata.catalog import Field, Object
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf
from rapport.records.misfits import Misfit


def check_kind(found: Field, leaf: Leaf, value: object, item: Object, *, label: str) -> None:
    """Raises Misfit. ``label`` is how messages call the value."""
    if type(value) is str and takes_any_text(leaf):
        return  # by far the most common; a bare enum value is a class of its own
    is_list = isinstance(value, list) and leaf.input_scalar.startswith("[")
    for index, one in enumerate(value if is_list else [value]):  # type: ignore[arg-type,var-annotated]
        if one is None:
            continue
        words = misfit(leaf.input_scalar.strip("[]!"), one)
        if isinstance(leaf, SelectLeaf) and one not in leaf.options:
            words = not_in_enum(leaf.enum_name(item.type_name, found.name), leaf.options, one)
        if words is not None:
            problem = Misfit(words, _refusal(leaf, value, label))
            raise problem.within(index) if is_list else problem


def takes_any_text(leaf: Leaf) -> bool:
    """Whether GraphQL has nothing to say about a text given for it."""
    return leaf.input_scalar == "String"


def _refusal(leaf: Leaf, value: object, label: str) -> str | None:
    """What the field type itself says of the value."""
    try:
        leaf.coerce(value, label)  # type: ignore[arg-type]
    except InvalidValue as error:
        return error.message
    return None
