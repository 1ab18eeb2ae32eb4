"""Finds or makes the plans of documents, for the model and for the shape of the values that come with them."""

from collections.abc import Mapping, Sequence

from graphql import FieldNode, GraphQLError, OperationDefinitionNode, print_ast

from rapport.base.errors import MissingToken
from rapport.edge.errors import graphql_error, validation_error, variable_error
from rapport.edge.graphql.document import MOST_TOKENS, Document, InvalidDocument, TooLong, read_document
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.mutations import compile_mutations
from rapport.edge.graphql.plans import Compiled, Entry
from rapport.edge.graphql.queries import compile_query
from rapport.edge.graphql.request import Refused, Request
from rapport.edge.graphql.roots import Translation, location
from rapport.edge.graphql.schema.cache import SizedCache
from rapport.edge.graphql.schema.flood import refuse_many_roots
from rapport.edge.graphql.subscribing import compile_watch
from rapport.edge.graphql.system import InvalidRequest, SystemOperations
from rapport.edge.limits import Limits, TooComplex
from rapport.edge.plans import PlanCache
from rapport.engine.costs import cost_of
from rapport.engine.inputs import Bakes
from rapport.engine.links import SIGNER
from rapport.engine.problems import Problem, Problems, TooManyProblems
from rapport.files.links import FileLinks
from rapport.records.restricted import Hooks

MOST_TOKENS_OF_STRANGERS = 2_000  # in a document without an access token: signing in takes far fewer
LONGEST_DOCUMENT = 1_000_000  # characters: to look at so many takes a fifth of a second, be it one text
LONGEST_KEPT = 32_000  # characters of a document; a longer one is compiled each time
_PLAN_BYTES = 64_000_000
_DOCUMENT_BYTES = 16_000_000


class Planner:
    def __init__(
        self, *, system: SystemOperations, limits: Limits, cache_size: int, links: FileLinks, hooks: Hooks
    ) -> None:
        """``cache_size``: documents whose plans are kept."""
        self._system = system
        self._limits = limits
        self._links = links
        self._hooks = hooks
        self._plans = PlanCache[Entry](cache_size, _PLAN_BYTES)
        # Reading a document takes longer than planning it, and depends on no model.
        self._documents = SizedCache[tuple[str, str | None], Document](_DOCUMENT_BYTES, lambda each: each.weight)

    def forget(self, model: Model) -> None:
        """Drops the plans of a model that is no longer current."""
        self._plans.forget(model)

    def entry(self, request: Request, model: Model | None) -> Entry:
        """The document with the plans that it has already. Raises Refused."""
        asked = (request.query, request.operation_name)
        if len(request.query) > LONGEST_KEPT:
            return Entry.of(self._read(request))
        entry = self._plans.get(model, asked)
        if entry is None:
            document = self._documents.get(asked)
            if document is None:
                document = self._read(request)
                self._documents.put(asked, document)
            entry = Entry.of(document)
            self._plans.put(model, asked, entry)
        return entry

    def _read(self, request: Request) -> Document:
        """Raises Refused and TooComplex; for strangers also what is wrong with their token."""
        query, name, most_fields = request.query, request.operation_name, self._limits.max_fields
        if len(query) > LONGEST_DOCUMENT:
            raise TooComplex(
                f"Query complexity is too high. A document may have {LONGEST_DOCUMENT} characters at most;"
                " pass values as variables."
            )
        try:
            if request.principal is not None:
                return read_document(query, name, most_fields=most_fields, most_tokens=MOST_TOKENS)
            return read_document(
                query,
                name,
                most_fields=most_fields,
                most_tokens=MOST_TOKENS_OF_STRANGERS,
                check=lambda operation: self._demand_public(request, operation),
            )
        except TooLong as error:
            if request.principal is None:
                raise request.caller.failure or MissingToken() from None
            raise _refused(error) from None
        except InvalidDocument as error:
            raise _refused(error) from None

    def _demand_public(self, request: Request, operation: OperationDefinitionNode) -> None:
        """Refuses strangers a document when its first look tells that they may not have it."""
        public = self._system.public(operation)
        for each in operation.selection_set.selections:
            if isinstance(each, FieldNode) and not each.directives and each.name.value not in public:
                raise request.caller.failure or MissingToken()

    def values(self, document: Document, request: Request, model: Model | None) -> dict[str, object]:
        """The values of the variables, and what the server adds to them. Raises Refused."""
        values: dict[str, object] = {}
        if document.variables:
            given = request.variables
            values = {name: given[name] for name in document.variables if name in given}
            for name, default in document.defaults.items():
                values.setdefault(name, default)
            missing = [name for name in document.required if values.get(name) is None]
            if missing:
                found = [_missing_variable(document, name, name in values) for name in sorted(missing)]
                raise Refused(found, status=400)
        if model is not None:
            values[SIGNER] = self._links.signer(model.catalog.workspace_id)
            if model.catalog.has_row_rules and request.principal is not None:
                values["@member"] = request.principal.workspace_member_id
        return values

    def plan(self, entry: Entry, request: Request, model: Model | None, values: Mapping[str, object]) -> Compiled:
        """The plan for such values. Raises Refused, and RapportErrors."""
        compiled = entry.find(values)
        if compiled is None:
            compiled = self.compile(entry, request, model, values)
        if request.principal is None:
            self._demand_token(request, compiled)
        return compiled

    def compile(self, entry: Entry, request: Request, model: Model | None, values: Mapping[str, object]) -> Compiled:
        """A new plan. Raises as above."""
        document = entry.document
        system = self._system.fields(document.operation)
        translation = Translation.begin(document, model, values, self._limits)
        try:
            roots = translation.roots(system)
            if request.principal is None and translation.problems.items:
                raise request.caller.failure or MissingToken()
            refuse_many_roots([each.name for each in roots.introspection])
            compiled = Compiled(roots=roots)
            if document.is_subscription:
                compiled.watch = compile_watch(translation, roots)
                compiled.cost = 0 if compiled.watch is None else compiled.watch.cost
            elif model is not None and document.is_mutation:
                compiled.mutations = compile_mutations(translation, roots, model.catalog.schema, self._hooks)
                compiled.cost = sum(mutation.cost for mutation in compiled.mutations)
            elif model is not None:
                compiled.query = compile_query(translation, roots, model.catalog.schema)
                compiled.cost = cost_of(compiled.query.read)
            if roots.system:
                names = {each.name for each in roots.system}
                compiled.system = self._system.prepare(document.node, document.operation, names)
                compiled.is_of_model = roots.only_system and names <= self._system.of_model
        except GraphQLError as error:
            raise Refused([graphql_error(error)]) from None
        except TooManyProblems:
            if request.principal is None:
                raise request.caller.failure or MissingToken() from None
            self._refuse(translation.problems)
            raise
        except InvalidRequest as error:
            found = map(_problem, _in_document(translation.problems.items))
            raise Refused([*found, *map(dict, error.errors)]) from None
        self._refuse(translation.problems)
        if compiled.cost > self._limits.max_cost:
            limit = self._limits.max_cost
            raise TooComplex(f"Query complexity is too high. The document costs {compiled.cost}, the limit is {limit}.")
        if not compiled.errors:  # errors belong to these values, not to all values of this shape
            compiled.fields = translation.selector.count
            self._remember(entry, request, model, values, translation.bakes, compiled)
        return compiled

    def _remember(
        self,
        entry: Entry,
        request: Request,
        model: Model | None,
        values: Mapping[str, object],
        bakes: Bakes,
        compiled: Compiled,
    ) -> None:
        asked = (request.query, request.operation_name)
        entry.remember(values, bakes, compiled)
        if len(request.query) <= LONGEST_KEPT and self._plans.get(model, asked) is entry:
            self._plans.put(model, asked, entry)  # it has become heavier

    def _demand_token(self, request: Request, compiled: Compiled) -> None:
        """Without a token there are only the public operations (and `__typename`)."""
        is_public = not compiled.roots.introspection and (compiled.system is None or compiled.system.is_public)
        if not is_public or (request.caller.failure is not None and compiled.system is None):
            raise request.caller.failure or MissingToken()

    def _refuse(self, problems: Problems) -> None:
        if problems.items:
            raise refused_for(problems.items)


def refused_for(problems: Sequence[Problem]) -> Refused:
    """Values are looked at only when they came with a document that is right."""
    in_document = _in_document(problems)
    if in_document:
        return Refused([_problem(each) for each in in_document])
    return Refused([variable_error(each.message) for each in problems], status=400)


def _refused(error: InvalidDocument) -> Refused:
    return Refused([graphql_error(each) for each in error.errors], status=error.status)


def _in_document(problems: Sequence[Problem]) -> list[Problem]:
    return [each for each in problems if not each.in_variable]


def _problem(problem: Problem) -> dict[str, object]:
    return validation_error(problem.message, location(problem.location))


def _missing_variable(document: Document, name: str, is_null: bool) -> dict[str, object]:
    (definition,) = [each for each in document.operation.variable_definitions or () if each.variable.name.value == name]
    kind = print_ast(definition.type)
    message = (
        f'Variable "${name}" of non-null type "{kind}" must not be null.'
        if is_null
        else f'Variable "${name}" of required type "{kind}" was not provided.'
    )
    return variable_error(message)
