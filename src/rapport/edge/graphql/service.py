"""Answers GraphQL requests: finds or makes the plan, runs it, and puts the answer together."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Protocol
from uuid import UUID

import asyncpg
import orjson
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode

from rapport.access.request import RequestContext
from rapport.base.errors import Forbidden, RapportError, Unauthenticated
from rapport.edge.answer import Answer
from rapport.edge.errors import graphql_error, variable_error
from rapport.edge.freshness import Models, with_model
from rapport.edge.graphql.kept import KeptAnswers
from rapport.edge.graphql.misfits import describe
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.mutations import RootMutation
from rapport.edge.graphql.planning import Planner, refused_for
from rapport.edge.graphql.plans import Compiled, Entry
from rapport.edge.graphql.queries import FieldError, Query, split_query
from rapport.edge.graphql.request import Refused, Request
from rapport.edge.graphql.roots import location
from rapport.edge.graphql.system import InvalidRequest, SystemOperations
from rapport.edge.graphql.uploads import misplaced_upload
from rapport.edge.limits import Limits, TooComplex
from rapport.edge.misuse import MethodNotAllowed, refusal_headers
from rapport.engine.problems import Problem
from rapport.engine.statement import Statement
from rapport.records.actor import actor_values
from rapport.records.failures import STALE, WriteConflict, refused_read
from rapport.store.database import Database

_LONGEST_SHARED = 20_000  # characters of a document that is kept for all models

__all__ = ["GraphQLService", "Introspector", "Refused", "Request"]


class Introspector(Protocol):
    async def introspect(
        self,
        model: Model | None,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        values: Mapping[str, object],
    ) -> tuple[Mapping[str, object], list[dict[str, object]]]:
        """The `__schema` and `__type` fields of an operation: data and errors."""


class GraphQLService:
    def __init__(
        self,
        *,
        database: Database,
        models: Models,
        system: SystemOperations,
        introspector: Introspector,
        planner: Planner,
        limits: Limits,
        ring: Callable[[UUID], None] = lambda workspace_id: None,
    ) -> None:
        """``ring`` is told the workspace of each document that may have changed records."""
        self._database = database
        self._models = models
        self._ring = ring
        self._system = system
        self._introspector = introspector
        self._limits = limits
        self._planner = planner
        self._kept = KeptAnswers()

    def forget(self, model: Model) -> None:
        """Drops what follows from a model that is no longer current."""
        self._planner.forget(model)
        self._kept.forget(model)

    async def answer(self, request: Request) -> Answer:
        """The response to a request; every failure is an error in it."""
        principal = request.principal
        try:
            if principal is None or principal.workspace_id is None:
                return await self._attempt(request, None)
            return await with_model(self._models, principal, partial(self._attempt, request), refusals=(Refused,))
        except Refused as refused_request:
            return Answer(body=orjson.dumps({"errors": refused_request.errors}), status=refused_request.status)
        except RapportError as error:
            is_of_http = isinstance(error, (Unauthenticated, Forbidden, MethodNotAllowed))
            body = orjson.dumps({"errors": [graphql_error(error)]})
            return Answer(body=body, status=error.status if is_of_http else 200, headers=refusal_headers(error))
        except RecursionError:
            problem = TooComplex("Query complexity is too high. The document or its variables are nested too deeply.")
            return Answer(body=orjson.dumps({"errors": [graphql_error(problem)]}))
        except asyncpg.DataError as error:
            shown = graphql_error(refused_read(error) or error)
            return Answer(body=orjson.dumps({"errors": [shown], "data": None}))
        except Exception as error:  # noqa: BLE001  # the edge: what nobody foresaw is logged and told without details
            return Answer(body=orjson.dumps({"errors": [graphql_error(error)], "data": None}))

    async def _attempt(self, request: Request, model: Model | None) -> Answer:
        entry = self._planner.entry(request, model)
        if entry.document.is_subscription:
            raise Refused([graphql_error(GraphQLError("Subscriptions are not served over this transport."))])
        if request.reads_only and entry.document.is_mutation:
            raise MethodNotAllowed(("POST",), "Can only perform a mutation operation from a POST request.")
        if request.has_uploads and (misplaced := misplaced_upload(entry.document, request.variables)):
            raise Refused([variable_error(misplaced)], status=400)
        values = self._planner.values(entry.document, request, model)
        compiled = self._planner.plan(entry, request, model, values)
        if compiled.query is not None and compiled.roots.only_records:
            answer = await self._query(entry, compiled, request, model, values)
        else:
            answer = await self._execute(entry, compiled, request, model, values)
        if model is not None and entry.document.is_mutation:
            self._ring(model.catalog.workspace_id)
        if not request.wants_cost:
            return answer
        cost = orjson.dumps({"cost": {"cost": compiled.cost, "limit": self._limits.max_cost}})
        return replace(answer, body=answer.body[:-1] + b',"extensions":' + cost + b"}")

    async def _execute(
        self, entry: Entry, compiled: Compiled, request: Request, model: Model | None, values: Mapping[str, object]
    ) -> Answer:
        if compiled.roots.only_records and compiled.roots.records:
            return await self._mutate(compiled, request, model, values)
        if model is None or not compiled.is_of_model:
            return await self._mixed(entry, compiled, request, model, values)
        given = {name: values[name] for name in entry.document.variables if name in values}
        key = self._kept.key(model, request.query, request.operation_name, given)
        kept = self._kept.get(key)
        if kept is not None and not await self._is_outdated(request, model):
            return Answer(body=kept)  # the news of a change may be on its way to this process
        answer = await self._mixed(entry, compiled, request, model, values)
        if answer.body.startswith(b'{"data"'):
            self._kept.put(key, answer.body)
        return answer

    # -- queries ------------------------------------------------------------------------------------------------

    async def _query(
        self, entry: Entry, compiled: Compiled, request: Request, model: Model | None, values: Mapping[str, object]
    ) -> Answer:
        query, statement, bound = self._bind(entry, compiled, request, model, values)
        if not query.has_single:
            body = await self._database.value(statement.sql, *bound)
            errors = query.errors
        else:
            row = await self._database.columns(statement.sql, *bound)
            assert row is not None
            body, absent = row
            errors = (*query.errors, *query.absent(absent.decode())) if absent else query.errors
        assert isinstance(body, bytes)
        if not errors:
            return Answer(body=body)
        shown = orjson.dumps([_field_error(error) for error in errors])
        return Answer(body=b'{"errors":' + shown + b"," + body[1:])

    def _bind(
        self, entry: Entry, compiled: Compiled, request: Request, model: Model | None, values: Mapping[str, object]
    ) -> tuple[Query, Statement, list[object]]:
        query = compiled.query
        assert query is not None
        assert query.statement is not None
        try:
            return query, query.statement, query.statement.bind(values)
        except RapportError:
            # A plan made for other values of the same shape. A new one says exactly what is wrong with these.
            query = self._planner.compile(Entry.of(entry.document), request, model, values).query
            assert query is not None
            assert query.statement is not None
            return query, query.statement, query.statement.bind(values)

    # -- mutations ----------------------------------------------------------------------------------------------

    def _rows(self, mutations: list[RootMutation], values: Mapping[str, object]) -> list[object]:
        """The rows to write for each root field, or what is wrong with them.

        What GraphQL's type check would find in the data refuses the whole document, before anything is executed.
        """
        found: list[object] = []
        problems: list[Problem] = []
        for mutation in mutations:
            try:
                found.append(mutation.rows(values))
            except RapportError as error:
                found.append(error)
                problem = describe(error, mutation.data)
                if problem is not None:
                    problems.append(problem)
        if problems:
            raise refused_for(problems)
        return found

    async def _mutate(
        self, compiled: Compiled, request: Request, model: Model | None, values: Mapping[str, object]
    ) -> Answer:
        data, errors = await self._changes(compiled.mutations, request, model, values)
        body = b'{"data":{' + b",".join(b'"' + key.encode() + b'":' + value for key, value in data.items()) + b"}}"
        if errors:
            body = b'{"errors":' + orjson.dumps(errors) + b"," + body[1:]
        return Answer(body=body)

    async def _changes(
        self,
        mutations: list[RootMutation],
        request: Request,
        model: Model | None,
        values: Mapping[str, object],
        *,
        begun: bool = False,
    ) -> tuple[dict[str, bytes], list[dict[str, object]]]:
        """Executes root fields one after the other: the JSON of each value, and the errors.

        ``begun``: other parts of the document are executed already, so it cannot be executed anew.
        """
        rows = self._rows(mutations, values)
        data: dict[str, bytes] = {}
        errors: list[dict[str, object]] = []
        assert request.principal is not None
        actor = actor_values(request.principal, request.caller.address)
        for mutation, given in zip(mutations, rows, strict=True):
            try:
                try:
                    data[mutation.key] = await self._change(mutation, given, {**values, **actor})
                except STALE:
                    if not data and not begun:
                        raise  # nothing is done yet: the request can be executed anew
                    raise WriteConflict from None
            except Exception as error:
                can_repeat = not data and not begun
                if can_repeat and (not isinstance(error, RapportError) or await self._is_outdated(request, model)):
                    raise
                # Even for what nobody foresaw: the caller must learn of the root fields that were executed before.
                data[mutation.key] = b"null"
                errors.append(graphql_error(error, path=[mutation.key], locations=location(mutation.node)))
        return data, errors

    async def _is_outdated(self, request: Request, model: Model | None) -> bool:
        """Whether the model that the request was planned for is older than the one in the database."""
        assert request.principal is not None
        return model is not None and await self._models.is_outdated(request.principal, model)

    async def _change(self, mutation: RootMutation, rows: object, values: dict[str, object]) -> bytes:
        """Executes one root field; the JSON of its value."""
        if isinstance(rows, RapportError):
            raise rows
        # A client that hangs up must not leave its change half known: the change runs to its end.
        return await asyncio.shield(mutation.run(self._database, rows, values))

    # -- documents with system operations or introspection ------------------------------------------------------

    async def _mixed(
        self, entry: Entry, compiled: Compiled, request: Request, model: Model | None, values: Mapping[str, object]
    ) -> Answer:
        """The parts are made apart and joined at the top level, in the order of the document."""
        document = entry.document
        data: dict[str, bytes] = {each.key: orjson.dumps(compiled.roots.type_name) for each in compiled.roots.typenames}
        errors: list[dict[str, object]] = []
        if compiled.mutations:
            self._rows(compiled.mutations, values)  # refuses the document before anything of it is executed
        if compiled.system is not None:
            caller = request.caller
            context = RequestContext(
                principal=caller.principal,
                token=caller.token,
                address=caller.address,
                origin=caller.origin,
                host=caller.host,
            )
            try:
                result = await self._system.run(compiled.system, values, context)
            except InvalidRequest as error:
                raise Refused([dict(each) for each in error.errors], status=400) from None
            errors.extend(map(dict, result.errors))
            for each in compiled.roots.system:
                data[each.key] = orjson.dumps((result.data or {}).get(each.key))
            if result.data is None:
                return Answer(body=orjson.dumps({"errors": errors, "data": None}))
        if compiled.roots.introspection:
            found, failed = await self._introspector.introspect(
                model and model.unrestricted, document.node, document.operation, values
            )
            errors.extend(failed)
            for each in compiled.roots.introspection:
                data[each.key] = orjson.dumps(found.get(each.key))
        if compiled.query is not None and compiled.roots.records:
            query, _, _ = self._bind(entry, compiled, request, model, values)
            errors.extend(_field_error(each) for each in query.errors)
            for index, (key, statement, is_single) in enumerate(split_query(query)):
                row = await self._database.row(statement.sql, *statement.bind(values))
                assert row is not None
                data[key] = row[0][len(b'{"data":{"' + key.encode() + b'":') : -2]
                if is_single and row[1]:
                    errors.extend(_field_error(each) for each in query.absent(str(index)))
        if compiled.mutations and compiled.roots.records:
            begun = compiled.system is not None
            changed, failed = await self._changes(compiled.mutations, request, model, values, begun=begun)
            data |= changed
            errors.extend(failed)
        ordered = {key: orjson.Fragment(data[key]) for key in compiled.roots.order}
        body: dict[str, object] = {"errors": errors} if errors else {}
        body["data"] = ordered
        return Answer(body=orjson.dumps(body))


def _field_error(error: FieldError) -> dict[str, object]:
    return graphql_error(error.error, path=[error.key], locations=location(error.node))
