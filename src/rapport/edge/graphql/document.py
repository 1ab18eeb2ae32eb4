"""A GraphQL document: parsed, checked by the rules that need no schema, and narrowed to one operation."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    parse,
)
from graphql.utilities import value_from_ast_untyped
from graphql.validation import (
    ExecutableDefinitionsRule,
    KnownDirectivesRule,
    KnownFragmentNamesRule,
    LoneAnonymousOperationRule,
    NoFragmentCyclesRule,
    NoUndefinedVariablesRule,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    SingleFieldSubscriptionsRule,
    UniqueArgumentNamesRule,
    UniqueDirectivesPerLocationRule,
    UniqueFragmentNamesRule,
    UniqueInputFieldNamesRule,
    UniqueOperationNamesRule,
    UniqueVariableNamesRule,
    validate,
)
from graphql.validation.rules.provided_required_arguments import ProvidedRequiredArgumentsOnDirectivesRule

_RULES = (
    ExecutableDefinitionsRule,
    UniqueOperationNamesRule,
    LoneAnonymousOperationRule,
    UniqueFragmentNamesRule,
    KnownFragmentNamesRule,
    NoFragmentCyclesRule,
    NoUnusedFragmentsRule,
    UniqueVariableNamesRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    KnownDirectivesRule,
    UniqueDirectivesPerLocationRule,
    UniqueArgumentNamesRule,
    UniqueInputFieldNamesRule,
    ProvidedRequiredArgumentsOnDirectivesRule,
    SingleFieldSubscriptionsRule,
)
_MAX_TOKENS = 50_000


@dataclass(frozen=True, kw_only=True)
class Document:
    """One operation of a document with its fragments. ``defaults`` are the variables' default values."""

    node: DocumentNode
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: tuple[str, ...]
    required: frozenset[str]  # variables of a non-null type without default
    defaults: Mapping[str, object]
    is_mutation: bool
    is_subscription: bool


class InvalidDocument(Exception):
    """The document cannot be executed. ``status``: of the HTTP answer."""

    def __init__(self, errors: list[GraphQLError], *, status: int = 200) -> None:
        super().__init__(errors[0].message)
        self.errors = errors
        self.status = status


@lru_cache(maxsize=1)
def _no_schema() -> GraphQLSchema:
    return build_schema("type Query { _: Boolean } type Mutation { _: Boolean } type Subscription { _: Boolean }")


def read_document(text: str, operation_name: str | None) -> Document:
    """The operation to execute. Raises InvalidDocument."""
    try:
        node = parse(text, max_tokens=_MAX_TOKENS)
        operation = _operation(node, operation_name)
        errors = validate(_no_schema(), node, _RULES, max_errors=50)
    except GraphQLError as error:
        raise InvalidDocument([error]) from None
    except RecursionError:
        raise InvalidDocument([GraphQLError("The document is nested too deeply.")]) from None
    if errors:
        raise InvalidDocument(errors)
    variables = operation.variable_definitions or ()
    return Document(
        node=node,
        operation=operation,
        fragments={each.name.value: each for each in node.definitions if isinstance(each, FragmentDefinitionNode)},
        variables=tuple(each.variable.name.value for each in variables),
        required=frozenset(
            each.variable.name.value
            for each in variables
            if each.type.kind == "non_null_type" and each.default_value is None
        ),
        defaults={
            each.variable.name.value: value_from_ast_untyped(each.default_value)
            for each in variables
            if each.default_value is not None
        },
        is_mutation=operation.operation is OperationType.MUTATION,
        is_subscription=operation.operation is OperationType.SUBSCRIPTION,
    )


def _operation(node: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [each for each in node.definitions if isinstance(each, OperationDefinitionNode)]
    if name:
        operations = [each for each in operations if each.name is not None and each.name.value == name][:1]
    if len(operations) != 1:
        raise InvalidDocument([GraphQLError("Could not determine what operation to execute.")], status=400)
    return operations[0]
