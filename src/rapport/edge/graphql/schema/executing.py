"""Executes introspection against a schema that is built from its text."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import orjson
from graphql import (
    DocumentNode,
    GraphQLSchema,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    OperationDefinitionNode,
    VariablesInAllowedPositionRule,
    build_ast_schema,
    execute_sync,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import MaxIntrospectionDepthRule

from rapport.edge.errors import graphql_error
from rapport.edge.graphql.roots import INTROSPECTION
from rapport.edge.graphql.system.document import restrict
from rapport.edge.graphql.system.leniency import LenientVariablesInAllowedPosition
from rapport.edge.limits import TooComplex

_KEPT_SCHEMAS = 2
_MOST_ERRORS = 50
MOST_BYTES = 64_000_000  # of an answer; what tools ask of a model with 500 objects has 15 million

_RULES = (
    *(
        LenientVariablesInAllowedPosition if rule is VariablesInAllowedPositionRule else rule
        for rule in specified_rules
        # Those are for the whole document, which was checked; this is a part of it.
        if rule not in (NoUnusedFragmentsRule, NoUnusedVariablesRule, MaxIntrospectionDepthRule)
    ),
    MaxIntrospectionDepthRule,
)


@dataclass(frozen=True, kw_only=True)
class Executed:
    """JSON by response key. ``is_valid`` is false when nothing was executed, for the reasons in the errors."""

    is_valid: bool
    parts: Mapping[str, bytes]
    errors: list[dict[str, object]]


def introspect(sdl: str, source: str, operation_name: str | None, variables: Mapping[str, object]) -> Executed:
    """The introspection fields of one operation of a document, which has been parsed before."""
    schema = _schema(sdl)
    document = _narrowed(source, operation_name)
    errors = validate(schema, document, _RULES, max_errors=_MOST_ERRORS)
    if errors:
        return Executed(is_valid=False, parts={}, errors=[graphql_error(each, schema=schema) for each in errors])
    result = execute_sync(schema, document, variable_values=dict(variables))
    parts = {key: orjson.dumps(value) for key, value in (result.data or {}).items()}
    if sum(map(len, parts.values())) > MOST_BYTES:
        refusal = TooComplex("Query complexity is too high. The answer would be too large.")
        return Executed(is_valid=False, parts={}, errors=[graphql_error(refusal)])
    return Executed(
        is_valid=result.data is not None,
        parts=parts,
        errors=[graphql_error(each, schema=schema) for each in result.errors or ()],
    )


@lru_cache(maxsize=_KEPT_SCHEMAS)
def _schema(sdl: str) -> GraphQLSchema:
    """Valid by the tests of what generates it, which saves the time of checking it."""
    return build_ast_schema(parse(sdl, no_location=True), assume_valid=True, assume_valid_sdl=True)


def _narrowed(source: str, operation_name: str | None) -> DocumentNode:
    document = parse(source)
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    (operation,) = (
        each
        for each in operations
        if len(operations) == 1 or (each.name is not None and each.name.value == operation_name)
    )
    return restrict(document, operation, INTROSPECTION)
