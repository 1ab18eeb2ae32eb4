"""`POST /rest/people/import` and `/rest/imports`: records from files."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from datetime import datetime
from uuid import UUID

import orjson
from starlette.types import Receive

from rapport.access.principal import Principal
from rapport.base.errors import Forbidden
from rapport.edge.answer import Answer
from rapport.edge.body import media_type
from rapport.edge.freshness import Models
from rapport.edge.misuse import BadRequest, CutShort, UnsupportedBody
from rapport.edge.rest.parameters import Parameters
from rapport.edge.rest.records.objects import object_named
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.router import Route
from rapport.imports.errors import FileTooLarge
from rapport.imports.options import NULL, Format, ImportOptions, Mode
from rapport.imports.parsing import ENCODINGS
from rapport.imports.service import ImportService
from rapport.imports.storing import Import, shown
from rapport.metadata.catalog import Catalog

_SHOWN = 80  # characters of what the client sent
_FIRST_ERRORS = 10
_PAGE, _MOST = 20, 200  # imports in a list
_FORMATS: Mapping[bytes, Format] = {
    b"text/csv": "csv", b"application/csv": "csv", b"application/x-ndjson": "ndjson", b"application/ndjson": "ndjson",
    b"application/jsonl": "ndjson",
}  # fmt: skip
_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", ",": ",", ";": ";", "\t": "\t"}
_COLUMNS = ("row", "column", "message", "value", "recordId")


def import_routes(imports: ImportService, models: Models) -> Iterable[Route]:
    at = _Imports(imports, models)
    one = "imports/{id}"
    yield Route(methods=("POST",), path="{objects}/import", handler=at.start, is_streamed=True)
    yield Route(methods=("GET",), path="imports", handler=at.all)
    yield Route(methods=("GET",), path=one, handler=at.one)
    yield Route(methods=("GET",), path=f"{one}/errors", handler=at.errors)
    yield Route(methods=("POST",), path=f"{one}/cancel", handler=at.cancel)
    yield Route(methods=("POST",), path=f"{one}/undo", handler=at.undo)


class _Imports:
    def __init__(self, imports: ImportService, models: Models) -> None:
        self._imports = imports
        self._models = models

    async def start(self, request: RestRequest) -> Answer:
        principal = _member(request)
        options = read_options(request.parameters, request.headers)
        delimiter = _delimiter(request.parameters)
        announced = request.headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced[:20]) > self._imports.max_bytes:
            raise FileTooLarge(self._imports.max_bytes)
        catalog = await self._catalog(principal)
        item = object_named(catalog, request.path["objects"])
        found = await self._imports.start(
            principal,
            catalog,
            item,
            options,
            _parts(request.receive),
            delimiter=delimiter,
            address=request.caller.address,
        )
        return await self._shown(found, status=202)

    async def all(self, request: RestRequest) -> Answer:
        limit = request.parameters.limit(default=_PAGE, most=_MOST)
        found, count = await self._imports.all(
            _member(request), limit=limit, offset=request.parameters.whole("offset") or 0
        )
        body = {"data": {"imports": [_described(each) for each in found]}, "totalCount": count}
        return Answer(body=orjson.dumps(body))

    async def one(self, request: RestRequest) -> Answer:
        return await self._shown(await self._imports.find(_member(request), UUID(request.id)))

    async def errors(self, request: RestRequest) -> Answer:
        found = await self._imports.find(_member(request), UUID(request.id))
        form = request.parameters.text("format") or "ndjson"
        if form not in ("csv", "ndjson"):
            raise BadRequest(f"'format={form[:_SHOWN]}' parameter invalid. Allowed values are csv, ndjson")
        media = b"text/csv; charset=utf-8; header=present" if form == "csv" else b"application/x-ndjson"
        return Answer(stream=self._lines(found.id, is_csv=form == "csv"), media_type=media)

    async def cancel(self, request: RestRequest) -> Answer:
        return await self._shown(await self._imports.cancel(_member(request), UUID(request.id)))

    async def undo(self, request: RestRequest) -> Answer:
        principal = _member(request)
        catalog = await self._catalog(principal)
        found = await self._imports.undo(principal, catalog, UUID(request.id), address=request.caller.address)
        return await self._shown(found, status=202)

    async def _catalog(self, principal: Principal) -> Catalog:
        """The data model as it is now: an import is worth a look whether the one in memory is."""
        model = self._models.known(principal) or await self._models.load(principal)
        if await self._models.is_outdated(principal, model):
            model = await self._models.reload(principal, model)
        return model.catalog

    async def _shown(self, found: Import, *, status: int = 200) -> Answer:
        problems = await self._imports.first_problems(found.id, _FIRST_ERRORS)
        body = {"data": {"import": {**_described(found), "errors": [shown(each) for each in problems]}}}
        location = ((b"location", f"/rest/imports/{found.id}".encode()),) if status == 202 else ()
        return Answer(body=orjson.dumps(body), status=status, headers=location)

    async def _lines(self, import_id: UUID, *, is_csv: bool) -> AsyncGenerator[bytes, None]:
        if is_csv:
            yield ",".join(_COLUMNS).encode() + b"\r\n"
        lines: list[bytes] = []
        async for each in self._imports.problems(import_id):
            values = shown(each)
            lines.append(_csv_line(values) if is_csv else orjson.dumps(values) + b"\n")
            if len(lines) == _MOST:
                yield b"".join(lines)
                lines = []
        yield b"".join(lines)


def read_options(parameters: Parameters, headers: Mapping[bytes, bytes]) -> ImportOptions:
    """What the address and the headers say of an import. Raises BadRequest."""
    if headers.get(b"content-encoding", b"identity") not in (b"", b"identity"):
        raise UnsupportedBody("Compressed bodies are not supported.")
    format_ = _FORMATS.get(media_type(headers))
    if format_ is None:
        raise UnsupportedBody("The body must be CSV (Content-Type: text/csv) or lines of JSON (application/x-ndjson).")
    match, mode = parameters.text("match"), parameters.text("mode")
    on_error = parameters.text("on_error", "onError") or "skip"
    if mode not in (None, "create", "update", "upsert"):
        raise _wrong("mode", mode, "create, update, upsert")
    if mode in ("update", "upsert") and match is None:
        raise BadRequest(f"'mode={mode}' needs 'match', the column by which records are found, eg: match=id")
    if on_error not in ("skip", "stop"):
        raise _wrong("on_error", on_error, "skip, stop")
    missing = parameters.text("missing_links", "missingLinks") or "error"
    if missing not in ("error", "empty"):
        raise _wrong("missing_links", missing, "error, empty")
    if "\0" in (parameters.text("null") or ""):
        raise BadRequest("'null' is invalid. Should be a text without zero characters")
    return ImportOptions(
        format=format_,
        mode=_mode(mode, match),
        match=match,
        on_error="stop" if on_error == "stop" else "skip",
        missing_links="empty" if missing == "empty" else "error",
        dry_run=parameters.flag("dry_run", "dryRun") is True,
        ignore_unknown=parameters.flag("ignore_unknown", "ignoreUnknown") is True,
        null=parameters.text("null") or NULL,
        encoding=_encoding(headers) if format_ == "csv" else "utf-8",
    )


def _mode(given: str | None, match: str | None) -> Mode:
    match given:
        case "create" | "update" | "upsert":
            return given
    return "create" if match is None else "upsert"


def _encoding(headers: Mapping[bytes, bytes]) -> str:
    for parameter in headers.get(b"content-type", b"").decode("latin-1").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            wanted = value.strip().strip('"').lower()
            if wanted not in ENCODINGS:
                raise UnsupportedBody(f"The charset must be one of {', '.join(ENCODINGS)}.")
            return wanted
    return "utf-8"


def _delimiter(parameters: Parameters) -> str | None:
    text = parameters.text("delimiter")
    if text is not None and text not in _DELIMITERS:
        raise _wrong("delimiter", text, "comma, semicolon, tab")
    return None if text is None else _DELIMITERS[text]


def _wrong(name: str, value: str, allowed: str) -> BadRequest:
    return BadRequest(f"'{name}={value[:_SHOWN]}' parameter invalid. Allowed values are {allowed}")


def _member(request: RestRequest) -> Principal:
    principal = request.caller.principal
    if principal is None or principal.workspace_id is None:
        raise Forbidden
    return principal


async def _parts(receive: Receive) -> AsyncGenerator[bytes, None]:
    """The body as it comes. Raises CutShort when the client leaves before its end."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CutShort
        part: bytes = message.get("body", b"")
        if part:
            yield part
        if not message.get("more_body"):
            return


def _described(found: Import) -> dict[str, object]:
    options = found.options
    return {
        "id": str(found.id),
        "object": found.object,
        "state": found.state,
        "reason": found.reason,
        "format": options.format,
        "mode": options.mode,
        "match": options.match,
        "onError": options.on_error,
        "missingLinks": options.missing_links,
        "dryRun": options.dry_run,
        "progress": found.progress,
        "size": found.size,
        "rows": found.processed,
        "created": found.created,
        "updated": found.updated,
        "unchanged": found.unchanged,
        "failed": found.failed,
        "undone": found.undone,
        "kept": found.kept,
        "createdBy": found.starter_name,
        "createdAt": _moment(found.created_at),
        "startedAt": _moment(found.started_at),
        "finishedAt": _moment(found.finished_at),
    }


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _csv_line(values: Mapping[str, object]) -> bytes:
    cells = ("" if values[name] is None else str(values[name]) for name in _COLUMNS)
    return (",".join('"' + cell.replace('"', '""') + '"' if cell else "" for cell in cells) + "\r\n").encode()
