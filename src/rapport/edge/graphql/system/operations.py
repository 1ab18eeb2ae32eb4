"""Runs the system operations of a document: everything at the GraphQL endpoint that is not about records."""

import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
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
from graphql.execution import create_source_event_stream

from rapport.access.principal import Principal
from rapport.access.request import RequestContext, Resolver, Said, Source, Written, fields_of
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

    def __init__(
        self,
        schema_sources: Sequence[str],
        resolvers: Mapping[str, Resolver],
        subscriptions: Mapping[str, Source] = MappingProxyType({}),
    ) -> None:
        self._sources = read_sources(schema_sources)
        self._resolvers = dict(resolvers)
        self._subscriptions = dict(subscriptions)
        odd = (self.query_fields | self.mutation_fields) ^ self._resolvers.keys()
        odd |= self.fields_of("Subscription") ^ self._subscriptions.keys()
        if odd:
            raise ValueError(f"either the SDL or the resolver is missing of: {', '.join(sorted(odd))}")

    @cached_property
    def names(self) -> ApiNames:
        """What no object may be called after."""
        return ApiNames(
            queries=self.query_fields, mutations=self.mutation_fields, types=frozenset(self._schema.type_map)
        )

    @property
    def query_fields(self) -> frozenset[str]:
        return self.fields_of("Query")

    @property
    def mutation_fields(self) -> frozenset[str]:
        return self.fields_of("Mutation")

    def fields_of(self, root: Root) -> frozenset[str]:
        return frozenset(self._sources.access[root])

    def fields(self, operation: OperationDefinitionNode) -> frozenset[str]:
        """The root fields of that kind of operation."""
        return self.fields_of(_root(operation))

    def public(self, operation: OperationDefinitionNode) -> Collection[str]:
        """The root fields of that kind of operation that everybody may ask for."""
        return self._public[_root(operation)]

    @cached_property
    def _public(self) -> Mapping[Root, frozenset[str]]:
        return {
            root: frozenset(name for name, access in rules.items() if access.who == "PUBLIC") | {"__typename"}
            for root, rules in self._sources.access.items()
        }

    @property
    def of_model(self) -> frozenset[str]:
        """The queries whose answers follow from the data model alone."""
        return self._sources.of_model

    @property
    def access(self) -> Mapping[Root, Mapping[str, Access]]:
        """Who may call which operation."""
        return self._sources.access

    def sdl(self, without: Collection[str] = ()) -> str:
        """The definitions, with `extend type Query` and so on for the other roots, less the types named."""
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
        return await self._execute(prepared, variables, context)

    async def _execute(
        self,
        prepared: PreparedOperations,
        variables: Mapping[str, object],
        context: RequestContext,
        said: Said | None = None,
    ) -> SystemResult:
        result = execute(
            self._schema,
            prepared.document,
            root_value=said,
            context_value=context,
            variable_values=dict(variables),
            field_resolver=self._resolve,
            executor_class=PlainExecutor,
        )
        if inspect.isawaitable(result):
            result = await result
        errors = [self._shown(error) for error in result.errors or ()]
        data = unfold(result.data)
        return SystemResult(data=data if isinstance(data, dict) else None, errors=tuple(errors))

    async def listen(
        self, prepared: PreparedOperations, variables: Mapping[str, object], context: RequestContext
    ) -> AsyncGenerator[tuple[SystemResult | bytes, str | None], None]:
        """Executes a subscription: its results, each with its cursor.

        A result that is written already is the JSON of the one root field's value. Raises InvalidRequest when the
        subscription cannot be begun.
        """
        self.check(prepared, variables)
        executor = PlainExecutor.build(
            self._schema,
            prepared.document,
            context_value=context,
            raw_variable_values=dict(variables),
            subscribe_field_resolver=self._begin,
        )
        if isinstance(executor, list):
            raise InvalidRequest([graphql_error(error, schema=self._schema) for error in executor])
        begun = create_source_event_stream(executor)
        if inspect.isawaitable(begun):
            begun = await begun
        if isinstance(begun, ExecutionResult):
            raise InvalidRequest([self._shown(error) for error in begun.errors or ()])
        return self._results(begun, prepared, variables, context)

    async def _results(
        self,
        said: AsyncIterable[Said],
        prepared: PreparedOperations,
        variables: Mapping[str, object],
        context: RequestContext,
    ) -> AsyncGenerator[tuple[SystemResult | bytes, str | None], None]:
        assert isinstance(said, AsyncGenerator)
        async with aclosing(said):
            async for each in said:
                if isinstance(each.value, Written):
                    yield each.value.json, each.cursor
                else:
                    yield await self._execute(prepared, variables, context, each), each.cursor

    @property
    def _schema(self) -> GraphQLSchema:
        return self._sources.schema

    def _shown(self, error: GraphQLError) -> dict[str, object]:
        return graphql_error(error, path=shown_path(error.path or ()), schema=self._schema)

    @cached_property
    def _guarded_resolvers(self) -> Mapping[Root, Mapping[str, GraphQLFieldResolver]]:
        found: dict[Root, Mapping[str, GraphQLFieldResolver]] = {
            root: {name: _guarded(self._resolvers[name], access) for name, access in rules.items()}
            for root, rules in self._sources.access.items()
            if root != "Subscription"
        }
        return found | {"Subscription": dict.fromkeys(self.fields_of("Subscription"), _said)}

    @cached_property
    def _guarded_subscriptions(self) -> Mapping[str, GraphQLFieldResolver]:
        rules = self._sources.access["Subscription"]
        return {name: _guarded(self._subscriptions[name], access) for name, access in rules.items()}

    def _begin(self, source: object, info: GraphQLResolveInfo[RequestContext], **arguments: object) -> object:
        """What a subscription listens to."""
        return self._guarded_subscriptions[info.field_name](source, info, **arguments)

    def _resolve(self, source: object, info: GraphQLResolveInfo[RequestContext], **arguments: object) -> object:
        """An operation at the root; below it, a value of what its resolver gave."""
        operations = self._guarded_resolvers.get(info.parent_type.name)  # type: ignore[call-overload]
        if operations is None:
            return default_field_resolver(source, info, **arguments)
        return operations[info.field_name](source, info, **arguments)


def _said(source: object, _info: GraphQLResolveInfo[RequestContext], **_arguments: object) -> object:
    """The value of a subscription's field."""
    assert isinstance(source, Said)
    if isinstance(source.value, Exception):
        raise source.value
    return source.value


def _guarded(resolver: Resolver | Source, access: Access) -> GraphQLFieldResolver:
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
    match operation.operation.value:
        case "mutation":
            return "Mutation"
        case "subscription":
            return "Subscription"
    return "Query"
