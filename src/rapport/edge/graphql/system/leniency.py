"""What clients may write although the SDL says otherwise (system-api.md §35.3, §35.4).

A document is rewritten once, before it is validated: the types of variables take the names that their positions expect,
enum values may be quoted, and a type with a shorthand may be selected without fields.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLType,
    ListTypeNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    TypeNode,
    VariableDefinitionNode,
    VariableNode,
    VariablesInAllowedPositionRule,
    Visitor,
    get_named_type,
    is_type_sub_type_of,
    type_from_ast,
    visit,
)

# Variables of these types may stand for one another. The stricter come first: they are what is checked.
_TEXTS = ("UUID", "DateTime", "ConnectionCursor", "ID", "String")

# Input types that different versions of the contract call differently.
_SAME_INPUTS = (
    frozenset({"CreateObjectInput", "CreateOneObjectInput"}),
    frozenset({"UpdateObjectInput", "UpdateOneObjectInput", "UpdateObjectPayload"}),
    frozenset({"CreateFieldInput", "CreateOneFieldMetadataInput"}),
    frozenset({"UpdateFieldInput", "UpdateOneFieldMetadataInput"}),
    frozenset({"ServerlessFunctionIdInput", "GetServerlessFunctionSourceCodeInput"}),
)

# The response key of the one field that a shorthand stands for. No client can mean it: `__` is GraphQL's own.
_LARGEST_WHOLE = 1e15  # beyond, not every whole number is a float

_SHORTHAND_KEY = "__shorthand"


def rewrite(document: DocumentNode, schema: GraphQLSchema, shorthands: Mapping[str, str]) -> DocumentNode:
    """The document in the words of the schema; ``shorthands`` maps types to the field that they stand for."""
    types = TypeInfo(schema)
    usages = _Usages(types)
    visit(document, TypeInfoVisitor(types, usages))
    types = TypeInfo(schema)
    rewritten: DocumentNode = visit(
        document, TypeInfoVisitor(types, _Rewriter(types, schema, shorthands, usages.expected))
    )
    return rewritten


def unfold(value: object) -> object:
    """Puts the scalars of shorthands in the place of the objects that were selected for them.

    Whole numbers are written as JavaScript does: `1`, not `1.0`.
    """
    if isinstance(value, dict):
        if _SHORTHAND_KEY in value:
            return value[_SHORTHAND_KEY]
        return {key: unfold(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unfold(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_WHOLE:
        return int(value)
    return value


def shown_path(path: Sequence[str | int]) -> list[str | int]:
    """The path of an error as the client sees its document."""
    return [step for step in path if step != _SHORTHAND_KEY]


class _Usages(Visitor):
    """Collects the names of the types that the positions of each variable expect."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types
        self.expected: dict[str, set[str]] = {}

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> None:
        self.expected.setdefault(node.variable.name.value, set())

    def enter_variable(self, node: VariableNode, _key: object, parent: object, *_: object) -> None:
        if isinstance(parent, VariableDefinitionNode):
            return  # what the variable is declared as, not what it is used for
        expected = self._types.get_input_type()
        if expected is not None:
            self.expected.setdefault(node.name.value, set()).add(get_named_type(expected).name)


class _Rewriter(Visitor):
    def __init__(
        self,
        types: TypeInfo,
        schema: GraphQLSchema,
        shorthands: Mapping[str, str],
        expected: Mapping[str, set[str]],
    ) -> None:
        super().__init__()
        self._types = types
        self._schema = schema
        self._shorthands = shorthands
        self._expected = expected

    def enter_field(self, node: FieldNode, *_: object) -> FieldNode | None:
        kind = self._types.get_type()
        if node.selection_set is not None or kind is None:
            return None
        stands_for = self._shorthands.get(get_named_type(kind).name)
        if stands_for is None:
            return None
        field = FieldNode(
            name=NameNode(value=stands_for), alias=NameNode(value=_SHORTHAND_KEY), arguments=(), directives=()
        )
        return replace(node, selection_set=SelectionSetNode(selections=(field,)))

    def enter_string_value(self, node: StringValueNode, *_: object) -> EnumValueNode | None:
        expected = self._types.get_input_type()
        if expected is None or not isinstance(get_named_type(expected), GraphQLEnumType):
            return None
        return EnumValueNode(value=node.value, loc=node.loc)

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> VariableDefinitionNode | None:
        expected = self._expected[node.variable.name.value]
        kind = self._relaxed(node.type, expected)
        return None if kind is node.type else replace(node, type=kind)

    def _relaxed(self, declared: TypeNode, expected: set[str]) -> TypeNode:
        if isinstance(declared, ListTypeNode):
            inner = self._relaxed(declared.type, expected)
            return declared if inner is declared.type else replace(declared, type=inner)
        if isinstance(declared, NonNullTypeNode):
            inner = self._relaxed(declared.type, expected)
            assert isinstance(inner, NamedTypeNode | ListTypeNode)
            return declared if inner is declared.type else replace(declared, type=inner)
        assert isinstance(declared, NamedTypeNode)
        name = declared.name.value
        if not expected or (name in expected and name not in _TEXTS):
            return declared
        wanted = min(expected, key=lambda item: (_TEXTS.index(item) if item in _TEXTS else -1, item))
        if wanted == name or not self._is_same(name, wanted):
            return declared
        return replace(declared, name=replace(declared.name, value=wanted))

    def _is_same(self, declared: str, wanted: str) -> bool:
        return (
            declared not in self._schema.type_map
            or (declared in _TEXTS and wanted in _TEXTS)
            or declared.casefold() == wanted.casefold()
            or any(declared in group and wanted in group for group in _SAME_INPUTS)
        )


class LenientVariablesInAllowedPosition(VariablesInAllowedPositionRule):
    """As the standard's rule, but a nullable variable may stand where a value is required (its value decides then)."""

    def leave_operation_definition(self, operation: OperationDefinitionNode, *_: object) -> None:
        for usage in self.context.get_recursive_variable_usages(operation):
            definition = self.var_def_map.get(usage.node.name.value)
            if definition is None or usage.type is None:
                continue
            declared = type_from_ast(self.context.schema, definition.type)
            if declared is not None and not _fits(self.context.schema, declared, usage.type):
                self.report_error(
                    GraphQLError(
                        f"Variable '${usage.node.name.value}' of type '{declared}' used"
                        f" in position expecting type '{usage.type}'.",
                        [definition, usage.node],
                    )
                )


def _fits(schema: GraphQLSchema, declared: GraphQLType, expected: GraphQLInputType) -> bool:
    if isinstance(declared, GraphQLNonNull):
        return _fits(schema, declared.of_type, expected)
    if isinstance(expected, GraphQLNonNull):
        return _fits(schema, declared, expected.of_type)
    if isinstance(declared, GraphQLList) and isinstance(expected, GraphQLList):
        return _fits(schema, declared.of_type, expected.of_type)
    if isinstance(declared, GraphQLList) or isinstance(expected, GraphQLList):
        return False
    name, wanted = get_named_type(declared).name, get_named_type(expected).name
    return (name in _TEXTS and wanted in _TEXTS) or is_type_sub_type_of(schema, declared, expected)
