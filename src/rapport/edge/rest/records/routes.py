"""The routes of records."""

from collections.abc import Iterable, Mapping
from functools import partial
from uuid import UUID

from rapport.edge.answer import Answer
from rapport.edge.misuse import BadRequest
from rapport.edge.rest.errors import RESERVED, InvalidId, NoSuchPath
from rapport.edge.rest.records.asked import Asked, Question, Verb
from rapport.edge.rest.records.changes import read_merge
from rapport.edge.rest.records.preconditions import (
    IF_NONE_MATCH,
    MisplacedCondition,
    demand_none,
    has_it,
    is_conditional,
    read_states,
)
from rapport.edge.rest.records.questions import (
    group_question,
    list_question,
    many_question,
    one_question,
    read_depth,
    read_removal,
    unless_changed,
)
from rapport.edge.rest.records.service import RecordService
from rapport.edge.rest.records.tags import tag_header
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.router import Route
from rapport.records.duplicates import check_search
from rapport.records.misfits import TooManyRecords

_MANY, _ONE = "{objects}", "{objects}/{id}"
_CHANGE = ("PATCH", "PUT")


def record_routes(records: RecordService) -> Iterable[Route]:
    at = _Handlers(records)
    yield Route(methods=("GET",), path=_MANY, handler=at.list)
    yield Route(methods=("POST",), path=_MANY, handler=at.create, is_atomic=True)
    yield Route(methods=_CHANGE, path=_MANY, handler=at.update_many)
    yield Route(methods=("DELETE",), path=_MANY, handler=at.delete_many)
    yield Route(methods=("GET",), path=_ONE, handler=at.one)
    yield Route(methods=_CHANGE, path=_ONE, handler=at.update)
    yield Route(methods=("DELETE",), path=_ONE, handler=at.delete)
    yield Route(methods=("GET",), path=f"{_MANY}/groupBy", handler=at.groups)
    yield Route(methods=("POST",), path=f"{_MANY}/duplicates", handler=at.duplicates, is_atomic=True)
    yield Route(methods=("POST",), path=f"batch/{_MANY}", handler=at.create_many, is_atomic=True)
    yield Route(methods=_CHANGE, path=f"batch/{_MANY}", handler=at.update_each)
    yield Route(methods=("DELETE",), path=f"batch/{_MANY}", handler=at.delete_each)
    yield Route(methods=_CHANGE, path=f"restore/{_MANY}", handler=at.restore_many)
    for path in (f"restore/{_ONE}", f"{_ONE}/restore"):
        yield Route(methods=_CHANGE, path=path, handler=at.restore)
    for path in (f"{_MANY}/merge", f"{_ONE}/merge"):
        yield Route(methods=_CHANGE, path=path, handler=at.merge)


class _Handlers:
    def __init__(self, records: RecordService) -> None:
        self._records = records

    # -- reads --------------------------------------------------------------------------------------------------

    async def list(self, request: RestRequest) -> Answer:
        question = list_question(request.path["objects"], request.query)
        return Answer(body=await self._records.read(request.caller, question))

    async def one(self, request: RestRequest) -> Answer:
        question = _about_one(request, "one", depth=1)
        body = await self._records.read(request.caller, question)
        headers = tag_header(body, is_partial=question.asked.is_partial)
        if is_conditional(request.headers) and has_it(request.headers, headers[0][1]):
            return Answer(status=304, headers=headers)
        return Answer(body=body, headers=headers)

    async def groups(self, request: RestRequest) -> Answer:
        question = group_question(request.path["objects"], request.parameters)
        has_envelope = request.parameters.flag("envelope") is True
        body = await self._records.read(request.caller, question)
        if has_envelope:
            body = b'{"data":{"' + question.asked.plural.encode() + b'GroupBy":' + body + b"}}"
        return Answer(body=body)

    async def duplicates(self, request: RestRequest) -> Answer:
        body = await request.json_object()
        given = {name: body[name] for name in ("ids", "data") if body.get(name) is not None}
        check_search(has_ids="ids" in given, data=given.get("data"))
        values = {name: each if isinstance(each, list) else [each] for name, each in given.items()}
        asked = Asked(
            verb="duplicates",
            plural=request.path["objects"],
            depth=read_depth(request.parameters, 0),
            count=sum(map(len, values.values())),
        )
        found = await self._records.read(request.caller, Question.of(asked, values))
        return Answer(body=b'{"data":' + found + b"}")

    # -- changes of one record ----------------------------------------------------------------------------------

    async def create(self, request: RestRequest) -> Answer:
        return await self._create(request, await request.json_object(), many=False)

    async def update(self, request: RestRequest) -> Answer:
        question = _change_of_one(request, "update")
        body = await self._records.change(request.caller, question, await request.json_object())
        return Answer(body=body, headers=tag_header(body))

    async def delete(self, request: RestRequest) -> Answer:
        question = _change_of_one(request, read_removal(request.parameters))
        body = await self._records.change(request.caller, question)
        if question.asked.verb == "destroy":
            return Answer(body=body)
        # The whole record, for its tag: with it the record can be restored as it is now, or not at all.
        told = body[: body.index(b":", body.index(b":") + 1) + 1] + f'{{"id":"{UUID(request.id)}"}}}}}}'.encode()
        return Answer(body=told, headers=tag_header(body))

    async def restore(self, request: RestRequest) -> Answer:
        body = await self._records.change(request.caller, _change_of_one(request, "restore"))
        return Answer(body=body, headers=tag_header(body))

    # -- changes of those that a filter finds ---------------------------------------------------------------------

    async def update_many(self, request: RestRequest) -> Answer:
        question = _about_found(request, "update")
        return Answer(body=await self._records.change(request.caller, question, await request.json_object()))

    async def delete_many(self, request: RestRequest) -> Answer:
        question = _about_found(request, read_removal(request.parameters))
        return Answer(body=await self._records.change(request.caller, question))

    async def restore_many(self, request: RestRequest) -> Answer:
        question = _about_found(request, "restore")
        return Answer(body=await self._records.change(request.caller, question))

    # -- changes of those in the body -----------------------------------------------------------------------------

    async def create_many(self, request: RestRequest) -> Answer:
        return await self._create(request, await request.json_list(), many=True)

    async def update_each(self, request: RestRequest) -> Answer:
        question = _about_many(request, "update", is_keyed=True)
        return Answer(body=await self._records.change(request.caller, question, await request.json_list()))

    async def delete_each(self, request: RestRequest) -> Answer:
        body = await request.json()
        ids = body.get("ids") if isinstance(body, dict) else body
        if not isinstance(ids, list):
            raise BadRequest("The body must be a JSON array of ids, or an object with the array 'ids'.")
        most = self._records.max_batch
        if len(ids) > most:
            raise TooManyRecords(f"Maximum number of records to delete is {most}.")
        question = _about_many(request, read_removal(request.parameters), {"filter": {"id": {"in": ids}}})
        return Answer(body=await self._records.change(request.caller, question))

    async def merge(self, request: RestRequest) -> Answer:
        survivor = request.id if "id" in request.path else None
        merge = read_merge(await request.json_object(), survivor)
        return Answer(body=await self._records.merge(request.caller, _about_many(request, "merge"), merge))

    async def _create(self, request: RestRequest, data: object, *, many: bool) -> Answer:
        demand_none(request.headers)
        parameters = request.parameters
        asked = Asked(verb="create", plural=request.path["objects"], many=many, depth=read_depth(parameters, 0))
        is_upsert = parameters.flag("upsert") is True
        question = Question.of(asked, {})
        shown = _created_many if many else _created
        within = None if request.once is None else partial(request.once.run, shown=shown)
        body = await self._records.change(request.caller, question, data, is_upsert=is_upsert, within=within)
        return shown(body)


def _created(body: bytes) -> Answer:
    return Answer(body=body, status=201, headers=tag_header(body))


def _created_many(body: bytes) -> Answer:
    return Answer(body=body, status=201)


def _about_one(request: RestRequest, verb: Verb, *, depth: int = 0) -> Question:
    return one_question(verb, request.path["objects"], _id(request), request.query, depth=depth)


def _change_of_one(request: RestRequest, verb: Verb) -> Question:
    """With the condition of the request, if it has one. Raises InvalidTags."""
    question = _about_one(request, verb)
    if not is_conditional(request.headers):
        return question
    if IF_NONE_MATCH in request.headers:
        raise MisplacedCondition
    states = read_states(request.headers)
    return question if states is None else unless_changed(question, states)


def _about_found(request: RestRequest, verb: Verb) -> Question:
    """All that the filter finds. Raises MisplacedCondition."""
    demand_none(request.headers)
    return many_question(verb, request.path["objects"], request.parameters)


def _id(request: RestRequest) -> str:
    """Raises InvalidId, and NoSuchPath for other paths of two words that do not lead to records."""
    try:
        return request.id
    except InvalidId:
        if request.path["objects"] in RESERVED:
            raise NoSuchPath from None
        raise


def _about_many(
    request: RestRequest, verb: Verb, values: Mapping[str, object] | None = None, *, is_keyed: bool = False
) -> Question:
    demand_none(request.headers)
    depth = read_depth(request.parameters, 0)
    asked = Asked(verb=verb, plural=request.path["objects"], many=True, depth=depth, is_keyed=is_keyed)
    return Question.of(asked, values or {})
