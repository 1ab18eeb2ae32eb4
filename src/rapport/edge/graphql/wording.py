"""Turns graphql-core's messages into the words that clients of the contract know (those of GraphQL.js 16)."""

import re

from graphql import GraphQLInputObjectType, GraphQLSchema

_QUOTED = re.compile(r"(?<![\w\"])'([^'\n]*)'(?!\w)")
_VARIABLE = re.compile(r"Variable '\$(\w+)' has invalid value(?: at [^:]+)?: (.*)", re.DOTALL)
_NULL = re.compile(r"Expected value of non-null type '([^']+)' not to be None\.")
_ABSENT = re.compile(r"Expected a value of non-null type '([^']+)' to be provided\.")
_REQUIRED = re.compile(r"Expected value of type '(\w+)' to include required field '(\w+)', found: .*", re.DOTALL)
_UNKNOWN = re.compile(
    r"Expected value of type '(\w+)' not to include unknown field '(\w+)'[.,] ?(Did you mean [^?]*\?)?.*", re.DOTALL
)
_NO_OBJECT = re.compile(r"Expected value of type '([^']+)' to be an object, found: .*", re.DOTALL)
_ARGUMENT = re.compile(r"Argument '[\w<>]+\.(\w+)\((\w+):\)' of type '([^']+)' is required, but it was not provided\.")
_DIRECTIVE_ARGUMENT = re.compile(
    r"Argument '(@\w+)\((\w+):\)' of type '([^']+)' is required, but it was not provided\."
)
_PLACE = re.compile(r"(Directive '@\w+' may not be used on )([a-z ]+)\.")


def standard_words(message: str, schema: GraphQLSchema | None = None) -> str:
    """A message about a document in the standard's words; the schema helps where graphql-core leaves a type out.

    >>> standard_words("Cannot query field 'x' on type 'Person'.")
    'Cannot query field "x" on type "Person".'
    """
    variable = _VARIABLE.fullmatch(message)
    if variable is not None:
        return _variable(variable[1], variable[2], schema)
    message = _NULL.sub(r"Expected value of type '\1', found null.", message)
    return _double_quotes(_rephrase(message, schema))


def _variable(name: str, problem: str, schema: GraphQLSchema | None) -> str:
    absent = _ABSENT.fullmatch(problem)
    if absent is not None:
        return f'Variable "${name}" of required type "{absent[1]}" was not provided.'
    problem = _NULL.sub(r"Expected non-nullable type '\1' not to be null.", problem)
    return _double_quotes(_rephrase(problem, schema))


def _rephrase(message: str, schema: GraphQLSchema | None) -> str:
    required = _REQUIRED.fullmatch(message)
    if required is not None:
        owner = schema.get_type(required[1]) if schema is not None else None
        kind = str(owner.fields[required[2]].type) if isinstance(owner, GraphQLInputObjectType) else required[1]
        return f"Field '{required[2]}' of required type '{kind}' was not provided."
    unknown = _UNKNOWN.fullmatch(message)
    if unknown is not None:
        suggestion = f" {unknown[3]}" if unknown[3] else ""
        return f"Field '{unknown[2]}' is not defined by type '{unknown[1]}'.{suggestion}"
    message = _NO_OBJECT.sub(r"Expected type '\1' to be an object.", message)
    message = _PLACE.sub(lambda found: f"{found[1]}{found[2].upper().replace(' ', '_')}.", message)
    missing = r"argument '\2' of type '\3' is required, but it was not provided."
    message = _DIRECTIVE_ARGUMENT.sub(rf"Directive '\1' {missing}", message)
    return _ARGUMENT.sub(rf"Field '\1' {missing}", message)


def _double_quotes(message: str) -> str:
    return _QUOTED.sub(r'"\1"', message)
