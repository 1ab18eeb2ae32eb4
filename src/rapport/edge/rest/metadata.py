"""`/rest/metadata/objects` and `/rest/metadata/fields`: the data model."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import orjson

from rapport.edge.answer import Answer
from rapport.edge.misuse import BadRequest
from rapport.edge.rest.operations import Operations
from rapport.edge.rest.paging import read_paging
from rapport.edge.rest.parameters import Parameters
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.router import Route

MOST = 1_000  # of one page, and without a limit

_FIELD = """
  id type name label description icon isCustom isActive isSystem isNullable createdAt updatedAt defaultValue options
  relation {
    type
    targetObjectMetadata { id nameSingular namePlural }
    targetFieldMetadata { id name }
    sourceObjectMetadata { id nameSingular namePlural }
    sourceFieldMetadata { id name }
  }
"""
_OBJECT = f"""
  id nameSingular namePlural isCustom isActive isSystem createdAt updatedAt
  labelIdentifierFieldMetadataId imageIdentifierFieldMetadataId labelSingular labelPlural icon
  fields: fieldsList {{ {_FIELD} }}
"""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A kind of things that a data model is made of, and what of them is shown."""

    singular: str
    plural: str
    type: str
    create_input: str
    update_input: str
    shown: str

    @cached_property
    def all(self) -> str:
        return f"""query ($paging: CursorPaging, $filter: {self.type}Filter) {{
          {self.plural}(paging: $paging, filter: $filter) {{
            edges {{ node {{ {self.shown} }} }}
            pageInfo {{ hasNextPage startCursor endCursor }}
          }}
        }}"""

    @cached_property
    def one(self) -> str:
        return f"query ($id: UUID!) {{ {self.singular}(id: $id) {{ {self.shown} }} }}"

    @cached_property
    def create(self) -> str:
        field = f"createOne{self.type}(input: $input)"
        return f"mutation ($input: {self.create_input}!) {{ {field} {{ {self.shown} }} }}"

    @cached_property
    def update(self) -> str:
        field = f"updateOne{self.type}(input: $input)"
        return f"mutation ($input: {self.update_input}!) {{ {field} {{ {self.shown} }} }}"

    @cached_property
    def delete(self) -> str:
        return f"mutation ($id: UUID!) {{ deleteOne{self.type}(id: $id) {{ id }} }}"


PARTS = (
    Part(
        singular="object",
        plural="objects",
        type="Object",
        create_input="CreateOneObjectInput",
        update_input="UpdateOneObjectInput",
        shown=_OBJECT,
    ),
    Part(
        singular="field",
        plural="fields",
        type="Field",
        create_input="CreateOneFieldMetadataInput",
        update_input="UpdateOneFieldMetadataInput",
        shown=_FIELD,
    ),
)


def metadata_routes(operations: Operations) -> Iterable[Route]:
    for part in PARTS:
        yield from _routes(part, operations)


def _routes(part: Part, operations: Operations) -> Iterable[Route]:
    async def show_all(request: RestRequest) -> Answer:
        variables = {
            "paging": read_paging(request.parameters, default=MOST, most=MOST),
            "filter": read_filter(request.parameters),
        }
        return Answer(body=unfold(part.plural, await operations.run(part.all, variables, request.caller)))

    async def show(request: RestRequest) -> Answer:
        return Answer(body=await operations.run(part.one, {"id": request.id}, request.caller))

    async def create(request: RestRequest) -> Answer:
        variables = {"input": await request.json_object()}
        return Answer(body=await operations.run(part.create, variables, request.caller), status=201)

    async def update(request: RestRequest) -> Answer:
        variables = {"input": {"id": request.id, "update": await request.json_object()}}
        return Answer(body=await operations.run(part.update, variables, request.caller))

    async def delete(request: RestRequest) -> Answer:
        return Answer(body=await operations.run(part.delete, {"id": request.id}, request.caller))

    path = f"metadata/{part.plural}"
    yield Route(methods=("GET",), path=path, handler=show_all)
    yield Route(methods=("POST",), path=path, handler=create)
    yield Route(methods=("GET",), path=f"{path}/{{id}}", handler=show)
    yield Route(methods=("PATCH", "PUT"), path=f"{path}/{{id}}", handler=update)
    yield Route(methods=("DELETE",), path=f"{path}/{{id}}", handler=delete)


def read_filter(parameters: Parameters) -> object:
    """The filter, an object of JSON: `?filter={"isCustom":{"is":true}}`. Raises BadRequest."""
    text = parameters.text("filter")
    try:
        value = None if text is None else orjson.loads(text)
    except ValueError:
        value = text
    if not isinstance(value, dict | None) or any(name.startswith("filter[") for name in parameters.names):
        raise BadRequest('\'filter\' is invalid. Should be an object of JSON, eg: {"isCustom":{"is":true}}')
    return value


def unfold(plural: str, body: bytes) -> bytes:
    """A connection as REST has it: `{"data": {"objects": […]}, "pageInfo": {…}}`"""
    connection = orjson.loads(body)["data"][plural]
    nodes = [edge["node"] for edge in connection["edges"]]
    return orjson.dumps({"data": {plural: nodes}, "pageInfo": connection["pageInfo"]})
