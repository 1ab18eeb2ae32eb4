"""What documents are made of: schemas, operations and references to what is defined once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

Part: TypeAlias = Mapping[str, object]

UUID: Part = {"type": "string", "format": "uuid"}
STRING: Part = {"type": "string"}
BOOLEAN: Part = {"type": "boolean"}
INTEGER: Part = {"type": "integer"}
MAYBE_STRING: Part = {"type": ["string", "null"]}


def schema(name: str) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}


def parameter(name: str) -> Part:
    return {"$ref": f"#/components/parameters/{name}"}


def response(name: str) -> Part:
    return {"$ref": f"#/components/responses/{name}"}


def header(name: str) -> Part:
    return {"$ref": f"#/components/headers/{name}"}


def array(items: Part) -> Part:
    return {"type": "array", "items": items}


def whole(**properties: Part) -> Part:
    """An object that has all of these."""
    return {"type": "object", "required": list(properties), "properties": properties}


def data(**properties: Part) -> Part:
    """The envelope of answers: `{"data": {…}}`."""
    return whole(data=whole(**properties))


def json(content: Part) -> Part:
    return {"application/json": {"schema": content}}


def body(content: Part) -> Part:
    """The body of a request, which must be there."""
    return {"required": True, "content": json(content)}


def answer(content: Part, description: str, *, is_tagged: bool = False) -> Part:
    """``is_tagged``: it has an ETag."""
    headers = {"headers": {"ETag": header("ETag")}} if is_tagged else {}
    return {"description": description, **headers, "content": json(content)}


def operation(
    id_: str,
    summary: str,
    *,
    tag: str,
    answers: Mapping[str, Part],
    failures: Iterable[str],
    parameters: Sequence[str] = (),
    body: Part | None = None,
) -> Part:
    """``failures`` and ``parameters`` are defined once, among the components; ``failures`` are statuses."""
    found: dict[str, object] = {"tags": [tag], "summary": summary, "operationId": id_}
    if parameters:
        found["parameters"] = [parameter(each) for each in parameters]
    if body is not None:
        found["requestBody"] = body
    found["responses"] = {**answers, **{status: response(status) for status in failures}}
    return found
