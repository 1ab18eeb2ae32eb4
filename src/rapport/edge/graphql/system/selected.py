"""Which fields of an operation's result are asked for, with which arguments and under which keys."""

from collections.abc import Iterable
from typing import TypeAlias

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
)

from rapport.access.request import RequestContext, Selected, Selection
from rapport.edge.limits import TooComplex

MOST_FIELDS = 5_000  # fragments in fragments can ask for any number of fields in few words

_Info: TypeAlias = GraphQLResolveInfo[RequestContext]
_Places: TypeAlias = dict[str, list[tuple[GraphQLNamedType, FieldNode]]]  # by response key, with the types they are of


def selected_fields(info: _Info) -> Selection:
    """What is selected of the field that is being resolved. Raises TooComplex."""
    return _Walk(info).inside(info.return_type, (node.selection_set for node in info.field_nodes))


class _Walk:
    def __init__(self, info: _Info) -> None:
        self._info = info
        self._fields = 0

    def inside(self, kind: GraphQLOutputType, sets: Iterable[SelectionSetNode | None]) -> Selection:
        found: _Places = {}
        spread: set[str] = set()
        for each in sets:
            if each is not None:
                self._collect(get_named_type(kind), each, found, spread)
        return tuple(self._selected(key, nodes) for key, nodes in found.items())

    def _collect(self, kind: GraphQLNamedType, selections: SelectionSetNode, found: _Places, spread: set[str]) -> None:
        for each in selections.selections:
            if each.directives and not self._is_included(each):
                continue
            if isinstance(each, FieldNode):
                found.setdefault(each.alias.value if each.alias else each.name.value, []).append((kind, each))
            elif isinstance(each, InlineFragmentNode):
                condition = each.type_condition
                inner = kind if condition is None else self._info.schema.type_map[condition.name.value]
                self._collect(inner, each.selection_set, found, spread)
            elif isinstance(each, FragmentSpreadNode) and each.name.value not in spread:
                spread.add(each.name.value)
                fragment = self._info.fragments[each.name.value]
                inner = self._info.schema.type_map[fragment.type_condition.name.value]
                self._collect(inner, fragment.selection_set, found, spread)

    def _is_included(self, node: SelectionNode) -> bool:
        values = self._info.variable_values
        skip = get_directive_values(GraphQLSkipDirective, node, values)
        include = get_directive_values(GraphQLIncludeDirective, node, values)
        return not (skip and skip["if"]) and (include is None or bool(include["if"]))

    def _selected(self, key: str, nodes: list[tuple[GraphQLNamedType, FieldNode]]) -> Selected:
        self._fields += 1
        if self._fields > MOST_FIELDS:
            raise TooComplex(f"Query complexity is too high. An operation selects more than {MOST_FIELDS} fields.")
        kind, node = nodes[0]
        name = node.name.value
        if name.startswith("__") or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            return Selected(key=key, name=name, parent=kind.name)
        known = kind.fields[name]
        return Selected(
            key=key,
            name=name,
            parent=kind.name,
            arguments=get_argument_values(known, node, self._info.variable_values) if known.args else {},
            inside=self.inside(known.type, (each.selection_set for _, each in nodes)),
        )
