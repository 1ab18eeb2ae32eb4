"""`/rest/files`: uploading, reading and deleting files (seed 000)."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from uuid import UUID

import orjson

from rapport.access.flags import Flag
from rapport.access.principal import Principal
from rapport.base.errors import PermissionDenied
from rapport.edge.answer import Answer
from rapport.edge.files import file_answer
from rapport.edge.misuse import BadRequest
from rapport.edge.multipart import Part, read_parts
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.router import Route
from rapport.files.folders import Folder
from rapport.files.links import FileLinks
from rapport.files.service import File, FileService

FIELD = "file"
_ROOM = 100_000  # bytes for what is around the file
_ONE = f'The form must have one file, in its field "{FIELD}".'


def file_routes(files: FileService, links: FileLinks) -> Iterable[Route]:
    async def upload(request: RestRequest) -> Answer:
        principal = _allowed(request, "UPLOAD_FILE")
        form = read_parts(request.receive, request.headers, max_bytes=files.max_bytes + _ROOM)
        async for part in form:
            if part.filename is None:
                continue
            if part.name != FIELD:
                raise BadRequest(_ONE)
            file = await files.store(
                _only(part, form),
                filename=part.filename,
                declared_type=part.content_type,
                folder=Folder.File,
                principal=principal,
            )
            return Answer(body=orjson.dumps(_shown(file, links)), status=201)
        raise BadRequest(_ONE)

    async def show(request: RestRequest) -> Answer:
        opened = await files.open(UUID(request.id), _allowed(request, "DOWNLOAD_FILE"))
        return await file_answer(opened, request.headers)

    async def delete(request: RestRequest) -> Answer:
        file = await files.delete(UUID(request.id), _allowed(request, "UPLOAD_FILE"))
        return Answer(body=orjson.dumps({"id": str(file.id)}))

    yield Route(methods=("POST",), path="files", handler=upload, is_streamed=True)
    yield Route(methods=("GET",), path="files/{id}", handler=show)
    yield Route(methods=("DELETE",), path="files/{id}", handler=delete)


async def _only(part: Part, form: AsyncIterator[Part]) -> AsyncGenerator[bytes, None]:
    """The bytes of the one file. The form is read to its end with them, so that nothing is kept of a wrong one."""
    async for chunk in part.chunks():
        yield chunk
    async for other in form:
        if other.filename is not None:
            raise BadRequest(_ONE)


def _allowed(request: RestRequest, flag: Flag) -> Principal:
    principal = request.caller.principal
    if principal is None or principal.workspace_id is None or not principal.may(flag):
        raise PermissionDenied
    return principal


def _shown(file: File, links: FileLinks) -> dict[str, object]:
    return {
        "id": str(file.id),
        "url": links.url(file.workspace_id, file.path),
        "filename": file.name,
        "mimeType": file.mime_type,
        "size": file.size,
    }
