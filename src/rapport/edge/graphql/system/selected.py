"""Which fields of an operation's result are asked for."""

from collections.abc import Iterable

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLResolveInfo,
    InlineFragmentNode,
    SelectionSetNode,
)

from rapport.access.request import Fields, RequestContext


def selected_fields(info: GraphQLResolveInfo[RequestContext]) -> Fields:
    """The names of the selected fields, nested. What a directive leaves out is in it: too much does no harm."""
    return _fields(info, (node.selection_set for node in info.field_nodes))


def _fields(info: GraphQLResolveInfo[RequestContext], selections: Iterable[SelectionSetNode | None]) -> Fields:
    found: dict[str, list[SelectionSetNode | None]] = {}
    rest = [each for each in selections if each is not None]
    while rest:
        for selection in rest.pop().selections:
            if isinstance(selection, FieldNode):
                if not selection.name.value.startswith("__"):
                    found.setdefault(selection.name.value, []).append(selection.selection_set)
            elif isinstance(selection, InlineFragmentNode):
                rest.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                rest.append(info.fragments[selection.name.value].selection_set)
    return {name: _fields(info, inner) for name, inner in found.items()}
