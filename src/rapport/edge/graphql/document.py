"""A GraphQL document: parsed, checked by the rules that need no schema, and narrowed to one operation."""

from collections.abc import Callable, Mapping
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

from rapport.edge.graphql.parsing import TooManyTokens, parse_document

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
MOST_TOKENS = 30_000  # to read so many takes a third of a second
_BYTES = (2_000, 500, 4)  # of memory that a document takes: in any case, for each token and for each character


@dataclass(frozen=True, kw_only=True)
class Document:
    """One operation of a document with its fragments. ``defaults`` are the variables' default values."""

    node: DocumentNode
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: tuple[str, ...]
    required: frozenset[str]  # variables of a non-null type without default
    defaults: Mapping[str, object]
    weight: int  # bytes of memory, about
    is_mutation: bool
    is_subscription: bool


class InvalidDocument(Exception):
    """The document cannot be executed. ``status``: of the HTTP answer."""

    def __init__(self, errors: list[GraphQLError], *, status: int = 200) -> None:
        super().__init__(errors[0].message)
        self.errors = errors
        self.status = status


class TooLong(InvalidDocument):
    """It has more tokens than it may have."""


@lru_cache(maxsize=1)
def _no_schema() -> GraphQLSchema:
    return build_schema("type Query { _: Boolean } type Mutation { _: Boolean } type Subscription { _: Boolean }")


def read_document(
    text: str,
    operation_name: str | None,
    *,
    most_fields: int | None = None,
    most_tokens: int = MOST_TOKENS,
    check: Callable[[OperationDefinitionNode], None] = lambda operation: None,
) -> Document:
    """The operation to execute. Raises InvalidDocument, TooManyFields, and what ``check`` does.

    ``check`` looks at it before it is validated, which takes longer than to parse it.
    """
    try:
        node = parse_document(text, most_tokens=most_tokens, most_fields=most_fields)
        operation = _operation(node, operation_name)
        check(operation)
        errors = validate(_no_schema(), node, _RULES, max_errors=50)
    except TooManyTokens as error:
        raise TooLong([error.error]) from None
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
        weight=_BYTES[0] + _BYTES[1] * node.token_count + _BYTES[2] * len(text),
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
