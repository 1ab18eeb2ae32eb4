"""Arguments of a document as located values (engine Inputs), and as plain JSON."""

from collections.abc import Mapping

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from rapport.base.errors import BadUserInput
from rapport.engine.inputs import Bakes, EnumLiteral, Input

_LONGEST_INTEGER = 400  # digits; beyond, Python refuses the conversion and no column could hold it


class Absent(Exception):
    """The value is a variable that was not given."""


def arguments_of(node: FieldNode, values: Mapping[str, object], bakes: Bakes) -> dict[str, Input]:
    """The arguments given to a field; one whose variable is absent counts as not given."""
    found: dict[str, Input] = {}
    for argument in node.arguments or ():
        try:
            found[argument.name.value] = located(argument.value, values, bakes)
        except Absent:
            continue
    return found


def located(node: ValueNode, values: Mapping[str, object], bakes: Bakes, named: ObjectFieldNode | None = None) -> Input:
    """A value as an Input: from the variables with its path, or from the document."""
    match node:
        case VariableNode(name=name):
            if name.value not in values:
                raise Absent(name.value)
            return Input(value=values[name.value], bakes=bakes, path=(name.value,), location=node, named=named)
        case ObjectValueNode(fields=fields):
            entries: dict[str, Input] = {}
            for field in fields:
                try:
                    entries[field.name.value] = located(field.value, values, bakes, field)
                except Absent:
                    continue
            return Input(value={}, bakes=bakes, entries=entries, location=node, named=named)
        case ListValueNode(values=elements):
            items = []
            for element in elements:
                try:
                    items.append(located(element, values, bakes))
                except Absent:
                    items.append(Input(value=None, bakes=bakes, location=element))
            return Input(value=[], bakes=bakes, elements=tuple(items), location=node, named=named)
        case _:
            return Input(value=plain(node, values), bakes=bakes, location=node, named=named)


def plain(node: ValueNode, values: Mapping[str, object]) -> object:
    """A value as JSON; a bare enum value is an EnumLiteral. Raises Absent for an absent variable at the top."""
    match node:
        case VariableNode(name=name):
            if name.value not in values:
                raise Absent(name.value)
            return values[name.value]
        case NullValueNode():
            return None
        case BooleanValueNode(value=value):
            return value
        case IntValueNode(value=text):
            return _integer(text)
        case FloatValueNode(value=text):
            return float(text)
        case StringValueNode(value=text):
            return text
        case EnumValueNode(value=text):
            return EnumLiteral(text)
        case ListValueNode(values=elements):
            return [_plain_or_null(element, values) for element in elements]
        case ObjectValueNode(fields=fields):
            found: dict[str, object] = {}
            for field in fields:
                try:
                    found[field.name.value] = plain(field.value, values)
                except Absent:
                    continue
            return found
    raise TypeError(f"Not a value: {node.kind}")


def _plain_or_null(node: ValueNode, values: Mapping[str, object]) -> object:
    try:
        return plain(node, values)
    except Absent:
        return None


def _integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER:
        raise BadUserInput("An integer has too many digits.")
    return int(text)
