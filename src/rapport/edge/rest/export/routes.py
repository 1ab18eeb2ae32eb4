"""`GET /rest/people/export?format=csv`"""

from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime

import asyncpg

from rapport.access.principal import Principal
from rapport.base.errors import Forbidden, PermissionDenied
from rapport.edge.answer import Answer
from rapport.edge.freshness import Models, with_model
from rapport.edge.graphql.model import Model
from rapport.edge.hanging_up import unless_gone
from rapport.edge.limits import Limits
from rapport.edge.rest.errors import OperationFailed
from rapport.edge.rest.export.asked import ExportQuestion, Format, export_question
from rapport.edge.rest.export.statements import compile_export
from rapport.edge.rest.records.given import Given
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.router import Route
from rapport.engine.problems import TooManyProblems
from rapport.records.failures import refused_read
from rapport.store.streaming import Streams

_MEDIA_TYPES: dict[Format, bytes] = {
    "csv": b"text/csv; charset=utf-8; header=present",
    "ndjson": b"application/x-ndjson",
}


def export_routes(streams: Streams, models: Models, limits: Limits) -> Iterable[Route]:
    yield Route(methods=("GET",), path="{objects}/export", handler=_Exports(streams, models, limits).export)


class _Exports:
    def __init__(self, streams: Streams, models: Models, limits: Limits) -> None:
        self._streams = streams
        self._models = models
        self._limits = limits

    async def export(self, request: RestRequest) -> Answer:
        principal = request.caller.principal
        if principal is None or principal.workspace_id is None:
            raise Forbidden
        if not principal.may("EXPORT_CSV"):
            raise PermissionDenied
        plural = request.path["objects"]
        asked = export_question(plural, request.parameters)
        try:
            opening = with_model(
                self._models, principal, lambda model: self._open(model, principal, asked), refusals=(OperationFailed,)
            )
            stream = await unless_gone(request.receive, opening)
        except asyncpg.DataError as error:
            raise (refused_read(error) or error) from None
        name = f"{plural}-{datetime.now(UTC):%Y-%m-%d}.{asked.format}"
        disposition = (b"content-disposition", f'attachment; filename="{name}"'.encode())
        return Answer(stream=stream, media_type=_MEDIA_TYPES[asked.format], headers=(disposition,))

    async def _open(self, model: Model, principal: Principal, asked: ExportQuestion) -> AsyncGenerator[bytes, None]:
        question = asked.question
        given = Given(catalog=model.catalog, asked=question.asked, values=question.values, limits=self._limits)
        try:
            compiled = compile_export(given, asked)
        except TooManyProblems:
            given.refuse()
            raise
        bound = compiled.statement.bind({**question.values, "@member": principal.workspace_member_id})
        return await self._streams.open(principal.workspace_id, compiled.statement.sql, *bound, head=compiled.head)
