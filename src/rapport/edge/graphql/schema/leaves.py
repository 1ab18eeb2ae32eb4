"""How columns appear in types: their scalars, their enums and their filters."""

from rapport.edge.graphql.schema.definitions import Definitions, member
from rapport.metadata.catalog import Field, Object
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.select import ENUM, SelectLeaf

_LISTS = frozenset({"in", "containsAny"})
_TEXTS = frozenset({"like", "ilike", "startsWith", "endsWith", "regex", "iregex", "containsIlike", "search"})


class Leaves:
    """Names the types of columns, and defines those that are first named."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    def output(self, item: Object, field: Field, leaf: Leaf) -> str:
        """`String`, `[String]`, `OpportunityStageEnum` …"""
        return self._spelled(leaf.scalar, item, field, leaf)

    def input(self, item: Object, field: Field, leaf: Leaf) -> str:
        return self._spelled(leaf.input_scalar, item, field, leaf)

    def filter(self, item: Object, field: Field, leaf: Leaf) -> str:
        """`StringFilter`, `OpportunityStageEnumFilter` …: an input with the operators of the leaf and no other."""
        name = self._spelled(leaf.filter_type, item, field, leaf)
        scalar = name.removesuffix("Filter")
        self._definitions.add("input", name, (f"{each}: {_operand(each, scalar)}" for each in leaf.operators))
        return name

    def _spelled(self, name: str, item: Object, field: Field, leaf: Leaf) -> str:
        if not isinstance(leaf, SelectLeaf):
            return name
        enum = leaf.enum_name(item.type_name, field.name)
        labels = {option.value: option.label for option in field.options}
        values = (member(value, labels.get(value)) for value in leaf.options)
        self._definitions.add("enum", enum, values, None if leaf.fixed_name else f"{item.label}: {field.label}")
        return name.replace(ENUM, enum)


def _operand(operator: str, scalar: str) -> str:
    if operator == "is":
        return "FilterIs"
    if operator == "isEmptyArray":
        return "Boolean"
    if operator in _TEXTS:
        return "String"
    return f"[{scalar}]" if operator in _LISTS else scalar
