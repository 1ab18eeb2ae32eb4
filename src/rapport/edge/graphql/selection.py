"""The fields that a selection really asks for: fragments expanded, directives applied, equal keys merged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    InlineFragmentNode,
    SelectionSetNode,
    ValueNode,
    VariableDefinitionNode,
    print_ast,
)

from rapport.edge.graphql.arguments import Absent, located
from rapport.edge.limits import TooComplex, TooManyFields
from rapport.engine.inputs import Bakes
from rapport.engine.problems import Problems
from rapport.engine.scalars import misfit


@dataclass(frozen=True, kw_only=True)
class Selected:
    """A response key and the nodes that select it (several where selections were merged)."""

    key: str
    nodes: tuple[FieldNode, ...]

    @property
    def name(self) -> str:
        return self.nodes[0].name.value

    @property
    def node(self) -> FieldNode:
        return self.nodes[0]

    @property
    def selections(self) -> list[SelectionSetNode]:
        return [node.selection_set for node in self.nodes if node.selection_set is not None]


@dataclass(kw_only=True)
class Selector:
    """Collects the fields of selections of one operation, within the limits."""

    fragments: Mapping[str, FragmentDefinitionNode]
    definitions: Mapping[str, VariableDefinitionNode]
    values: Mapping[str, object]
    bakes: Bakes
    problems: Problems
    known_type: frozenset[str]
    max_fields: int
    max_depth: int
    count: int = 0  # of fields so far
    _printed: dict[int, list[tuple[str, str]]] = field(default_factory=dict)  # arguments, by the node's id

    def collect(self, selections: Iterable[SelectionSetNode], type_name: str, depth: int) -> list[Selected]:
        if depth > self.max_depth:
            raise TooComplex(f"Query complexity is too high. Selections may be nested {self.max_depth} deep at most.")
        found: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for selection in selections:
            self._collect(selection, type_name, found, visited)
        return [Selected(key=key, nodes=tuple(nodes)) for key, nodes in found.items()]

    def _collect(
        self, selection: SelectionSetNode, type_name: str, found: dict[str, list[FieldNode]], visited: set[str]
    ) -> None:
        if not selection.selections and selection.loc is not None:
            raise GraphQLSyntaxError(selection.loc.source, selection.loc.end - 1, 'Expected Name, found "}".')
        for node in selection.selections:
            if node.directives and not self._included(node.directives):
                continue
            match node:
                case FieldNode():
                    self._field(node, found)
                case FragmentSpreadNode(name=name):
                    if name.value not in visited:
                        visited.add(name.value)
                        fragment = self.fragments[name.value]
                        self._spread(fragment, node, name.value, type_name, found, visited)
                case InlineFragmentNode():
                    self._spread(node, node, None, type_name, found, visited)

    def _spread(
        self,
        fragment: FragmentDefinitionNode | InlineFragmentNode,
        place: FragmentSpreadNode | InlineFragmentNode,
        name: str | None,
        type_name: str,
        found: dict[str, list[FieldNode]],
        visited: set[str],
    ) -> None:
        wanted = fragment.type_condition.name.value if fragment.type_condition is not None else type_name
        if wanted == type_name:
            self._collect(fragment.selection_set, type_name, found, visited)
        elif wanted not in self.known_type:
            self.problems.at(f'Unknown type "{wanted}".', fragment.type_condition)
        else:
            shown = f'Fragment "{name}"' if name else "Fragment"
            self.problems.at(
                f'{shown} cannot be spread here as objects of type "{type_name}" can never be of type "{wanted}".',
                place,
            )

    def _field(self, node: FieldNode, found: dict[str, list[FieldNode]]) -> None:
        self.count += 1
        if self.count > self.max_fields:
            raise TooManyFields(self.max_fields)
        key = (node.alias or node.name).value
        nodes = found.setdefault(key, [])
        if nodes:
            reason = self._conflict(nodes[0], node)
            if reason is not None:
                hint = "Use different aliases on the fields to fetch both if this was intentional."
                self.problems.at(f'Fields "{key}" conflict because {reason}. {hint}', (nodes[0], node))
        nodes.append(node)

    def _conflict(self, first: FieldNode, second: FieldNode) -> str | None:
        if first.name.value != second.name.value:
            return f'"{first.name.value}" and "{second.name.value}" are different fields'
        if (first.arguments or second.arguments) and self._printed_arguments(first) != self._printed_arguments(second):
            return "they have differing arguments"
        return None

    def _printed_arguments(self, node: FieldNode) -> list[tuple[str, str]]:
        """Of each node once: a first one may have thousands to be compared with, or a fragment be used as often."""
        known = self._printed.get(id(node))
        if known is None:
            known = sorted((argument.name.value, print_ast(argument.value)) for argument in node.arguments or ())
            self._printed[id(node)] = known
        return known

    def _included(self, directives: Iterable[DirectiveNode]) -> bool:
        included = True
        for directive in directives:
            name = directive.name.value
            if name not in ("skip", "include"):
                continue
            condition = _condition(directive)
            try:
                given = located(condition, self.values, self.bakes)
            except Absent:
                raise GraphQLError(
                    f'Argument "if" of required type "Boolean!" was provided the variable "{print_ast(condition)}" '
                    "which was not provided a runtime value.",
                    condition,
                ) from None
            value = given.bake()
            if isinstance(value, bool):
                included = included and value == (name == "include")
            elif value is not None:
                self.problems.add(str(misfit("Boolean", value)), given)
            elif given.path is None:
                self.problems.add('Expected value of type "Boolean!", found null.', given)
            else:
                raise GraphQLError('Argument "if" of non-null type "Boolean!" must not be null.', condition)
        return included


def _condition(directive: DirectiveNode) -> ValueNode:
    """The value of the only argument, `if`; the document was checked to have it."""
    assert directive.arguments
    return directive.arguments[0].value
