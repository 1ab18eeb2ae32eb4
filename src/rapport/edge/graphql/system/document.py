"""Takes the system operations out of a document, which may hold record fields as well."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    visit,
)


def restrict(document: DocumentNode, operation: OperationDefinitionNode, names: Collection[str]) -> DocumentNode:
    """A document of only this operation, with only those root fields and what belongs to them.

    Fragments at the root may mix both kinds of field; they are kept with the fields that are wanted.
    """
    return _Restriction(document, frozenset(names)).apply(operation)


def root_fields(document: DocumentNode) -> Iterator[FieldNode]:
    """The root fields of a restricted document, each occurrence once."""
    fragments = {item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)}
    seen: set[str] = set()
    rest = [item.selection_set for item in document.definitions if isinstance(item, OperationDefinitionNode)]
    while rest:
        for selection in rest.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                rest.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                if selection.name.value in fragments:
                    rest.append(fragments[selection.name.value].selection_set)


class _Restriction:
    def __init__(self, document: DocumentNode, names: frozenset[str]) -> None:
        self._names = names
        self._fragments = {
            item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)
        }
        self._at_root: dict[str, FragmentDefinitionNode | None] = {}  # None: under way, or without a wanted field

    def apply(self, operation: OperationDefinitionNode) -> DocumentNode:
        root = self._selections(operation.selection_set)
        bare = replace(operation, selection_set=root, variable_definitions=())
        at_root = {name: fragment for name, fragment in self._at_root.items() if fragment is not None}
        inside: dict[str, FragmentDefinitionNode] = {}
        uses = _Uses()
        rest: list[Node] = [bare, *at_root.values()]
        while rest:
            visit(rest.pop(), uses)
            for name in uses.take_fragments():
                if name not in at_root and name not in inside and name in self._fragments:
                    inside[name] = self._fragments[name]
                    rest.append(inside[name])
        definitions = tuple(
            item for item in operation.variable_definitions or () if item.variable.name.value in uses.variables
        )
        return DocumentNode(
            definitions=(
                replace(operation, selection_set=root, variable_definitions=definitions),
                *at_root.values(),
                *inside.values(),
            )
        )

    def _selections(self, selection_set: SelectionSetNode) -> SelectionSetNode:
        kept: list[FieldNode | InlineFragmentNode | FragmentSpreadNode] = []
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                if selection.name.value in self._names:
                    kept.append(selection)
            elif isinstance(selection, InlineFragmentNode):
                inner = self._selections(selection.selection_set)
                if inner.selections:
                    kept.append(replace(selection, selection_set=inner))
            elif isinstance(selection, FragmentSpreadNode) and self._fragment(selection.name.value) is not None:
                kept.append(selection)
        return SelectionSetNode(selections=tuple(kept))

    def _fragment(self, name: str) -> FragmentDefinitionNode | None:
        if name in self._at_root or name not in self._fragments:
            return self._at_root.get(name)
        self._at_root[name] = None
        fragment = self._fragments[name]
        inner = self._selections(fragment.selection_set)
        if inner.selections:
            self._at_root[name] = replace(fragment, selection_set=inner)
        return self._at_root[name]


class _Uses(Visitor):
    """Collects the variables and the fragments that something uses."""

    def __init__(self) -> None:
        super().__init__()
        self.variables: set[str] = set()
        self._fragments: list[str] = []

    def take_fragments(self) -> list[str]:
        taken, self._fragments = self._fragments, []
        return taken

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.variables.add(node.name.value)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self._fragments.append(node.name.value)
