"""Runs the system operations of a document: everything at the GraphQL endpoint that is not about records."""

import inspect
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from graphql import (
    DocumentNode,
    GraphQLFieldResolver,
    GraphQLResolveInfo,
    GraphQLSchema,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    OperationDefinitionNode,
    VariablesInAllowedPositionRule,
    default_field_resolver,
    execute,
    get_variable_values,
    specified_rules,
    validate,
)

from rapport.access.principal import Principal
from rapport.access.request import RequestContext, Resolver, fields_of
from rapport.base.errors import BadUserInput, Forbidden, MissingToken, PermissionDenied, RapportError
from rapport.edge.errors import graphql_error, variable_error
from rapport.edge.graphql.system.document import restrict, root_fields
from rapport.edge.graphql.system.leniency import LenientVariablesInAllowedPosition, rewrite, shown_path, unfold
from rapport.edge.graphql.system.plain import PlainExecutor
from rapport.edge.graphql.system.selected import selected_fields
from rapport.edge.graphql.system.sources import Access, Root, read_sources
from rapport.edge.graphql.wording import standard_words
from rapport.metadata.evolution.collisions import ApiNames

# Aliases would otherwise turn one request into a thousand guesses of a password.
MOST_FIELDS = 100
MOST_PUBLIC_FIELDS = 5
MOST_ERRORS = 50

_RULES = tuple(
    LenientVariablesInAllowedPosition if rule is VariablesInAllowedPositionRule else rule
    for rule in specified_rules
    if rule not in (NoUnusedFragmentsRule, NoUnusedVariablesRule)  # for the whole document, not for this part of it
)


class InvalidRequest(Exception):
    """The document or its variables are not valid: nothing was executed. ``errors`` are ready for the response."""

    def __init__(self, errors: Sequence[Mapping[str, object]]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = tuple(errors)


@dataclass(frozen=True, kw_only=True)
class PreparedOperations:
    """The system part of one operation, validated. Depends on the document only, and may be kept with it."""

    document: DocumentNode
    is_public: bool  # whether everybody may call all of it


@dataclass(frozen=True, kw_only=True)
class SystemResult:
    """Values by response key, in the order of the document; None when a field that must not be null failed."""

    data: Mapping[str, object] | None
    errors: tuple[Mapping[str, object], ...] = ()


class SystemOperations:
    """The operations of all areas."""

    def __init__(self, schema_sources: Sequence[str], resolvers: Mapping[str, Resolver]) -> None:
        self._sources = read_sources(schema_sources)
        self._resolvers = dict(resolvers)
        declared = self.query_fields | self.mutation_fields
        if declared != self._resolvers.keys():
            odd = ", ".join(sorted(declared ^ self._resolvers.keys()))
            raise ValueError(f"either the SDL or the resolver is missing of: {odd}")

    @cached_property
    def names(self) -> ApiNames:
        """What no object may be called after."""
        return ApiNames(
            queries=self.query_fields, mutations=self.mutation_fields, types=frozenset(self._schema.type_map)
        )

    @property
    def query_fields(self) -> frozenset[str]:
        return frozenset(self._sources.access["Query"])

    @property
    def mutation_fields(self) -> frozenset[str]:
        return frozenset(self._sources.access["Mutation"])

    @property
    def of_model(self) -> frozenset[str]:
        """The queries whose answers follow from the data model alone."""
        return self._sources.of_model

    @property
    def access(self) -> Mapping[Root, Mapping[str, Access]]:
        """Who may call which operation."""
        return self._sources.access

    def sdl(self, without: Collection[str] = ()) -> str:
        """The definitions, with `extend type Query` and `extend type Mutation`, less the types named."""
        return self._sources.without(without)

    def prepare(
        self, document: DocumentNode, operation: OperationDefinitionNode, names: Collection[str] | None = None
    ) -> PreparedOperations:
        """Takes the system root fields out of an operation and validates them; raises InvalidRequest.

        ``names``: which root fields are meant, when not all that have the name of a system operation.
        """
        rules = self._sources.access[_root(operation)]
        part = restrict(document, operation, rules.keys() if names is None else rules.keys() & set(names))
        fields = list(root_fields(part))
        publics = sum(rules[field.name.value].who == "PUBLIC" for field in fields)
        if len(fields) > MOST_FIELDS or publics > MOST_PUBLIC_FIELDS:
            problem = BadUserInput("The document calls too many operations at once.", sub_code="TOO_COMPLEX_QUERY")
            raise InvalidRequest([graphql_error(problem)])
        part = rewrite(part, self._schema, self._sources.shorthands)
        errors = validate(self._schema, part, _RULES, max_errors=MOST_ERRORS, allow_empty_selection_sets=False)
        if errors:
            raise InvalidRequest([graphql_error(error, schema=self._schema) for error in errors])
        return PreparedOperations(document=part, is_public=publics == len(fields))

    def check(self, prepared: PreparedOperations, variables: Mapping[str, object]) -> None:
        """Whether the variables fit, before anything of a mixed document is executed; raises InvalidRequest."""
        (operation,) = (item for item in prepared.document.definitions if isinstance(item, OperationDefinitionNode))
        definitions = operation.variable_definitions or ()
        values = get_variable_values(self._schema, definitions, dict(variables), max_errors=MOST_ERRORS)
        if isinstance(values, list):
            raise InvalidRequest([variable_error(standard_words(error.message, self._schema)) for error in values])

    async def run(
        self, prepared: PreparedOperations, variables: Mapping[str, object], context: RequestContext
    ) -> SystemResult:
        """Executes; mutations one after the other. Raises InvalidRequest when the variables do not fit."""
        self.check(prepared, variables)
        result = execute(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=dict(variables),
            field_resolver=self._resolve,
            executor_class=PlainExecutor,
        )
        if inspect.isawaitable(result):
            result = await result
        errors = [
            graphql_error(error, path=shown_path(error.path or ()), schema=self._schema)
            for error in result.errors or ()
        ]
        data = unfold(result.data)
        return SystemResult(data=data if isinstance(data, dict) else None, errors=tuple(errors))

    @property
    def _schema(self) -> GraphQLSchema:
        return self._sources.schema

    @cached_property
    def _guarded_resolvers(self) -> Mapping[Root, Mapping[str, GraphQLFieldResolver]]:
        return {
            root: {name: _guarded(self._resolvers[name], access) for name, access in rules.items()}
            for root, rules in self._sources.access.items()
        }

    def _resolve(self, source: object, info: GraphQLResolveInfo[RequestContext], **arguments: object) -> object:
        """An operation at the root; below it, a value of what its resolver gave."""
        operations = self._guarded_resolvers.get(info.parent_type.name)  # type: ignore[call-overload]
        if operations is None:
            return default_field_resolver(source, info, **arguments)
        return operations[info.field_name](source, info, **arguments)


def _guarded(resolver: Resolver, access: Access) -> GraphQLFieldResolver:
    async def resolve(_source: object, info: GraphQLResolveInfo[RequestContext], **arguments: object) -> object:
        refusal = _refusal(access, info.context.principal)
        if refusal is not None:
            raise refusal
        selection = selected_fields(info)
        return await resolver(replace(info.context, selection=selection, fields=fields_of(selection)), arguments)

    return resolve


def _refusal(access: Access, principal: Principal | None) -> RapportError | None:
    """Why a caller may not; None when they may."""
    if access.who == "PUBLIC":
        return None
    if principal is None:
        return MissingToken()
    is_fit = {
        "USER": principal.user_id is not None,
        "MEMBER": principal.workspace_id is not None,
        "PERSON": principal.user_workspace_id is not None,
    }
    if not is_fit[access.who]:
        return Forbidden()
    if access.flag is not None and not principal.may(access.flag):
        return PermissionDenied()
    return None


def _root(operation: OperationDefinitionNode) -> Root:
    return "Mutation" if operation.operation.value == "mutation" else "Query"
