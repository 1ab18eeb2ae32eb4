"""GraphQL requests that bring files: a form of `operations`, `map` and the files, in this order.

https://github.com/jaydenseric/graphql-multipart-request-spec: `operations` is the request's JSON with null where files
belong, `map` says which file belongs where: `{"0": ["variables.file"]}`.

A page of any website can have a browser send such a form here without asking first. That does no harm: nothing that a
browser adds on its own, such as cookies, opens anything; who sends no token is nobody, and nobody may send files.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack

from starlette.types import Receive

from rapport.base.errors import MissingToken
from rapport.edge.body import read_json
from rapport.edge.caller import Caller
from rapport.edge.misuse import BadRequest
from rapport.edge.multipart import Part, read_parts
from rapport.files.errors import FileTooLarge
from rapport.files.uploads import Upload

MULTIPART = b"multipart/form-data"
MOST_FILES = 10
_MOST_PLACES = 100
_MOST_PARTS = 30  # also those that mean nothing to us
_ROOM = 100_000  # bytes for what is around the parts


class FormReader:
    """Reads forms within limits. ``max_json_bytes`` holds for `operations` and for `map`, each."""

    def __init__(self, *, max_json_bytes: int, max_file_bytes: int) -> None:
        self._max_json_bytes = max_json_bytes
        self._max_file_bytes = max_file_bytes
        self._max_bytes = 2 * max_json_bytes + MOST_FILES * max_file_bytes + _ROOM

    async def read(
        self, receive: Receive, headers: Mapping[bytes, bytes], caller: Caller, uploads: ExitStack
    ) -> Mapping[str, object]:
        """The request with its files in the places of the nulls. Leaving ``uploads`` forgets their bytes.

        Raises MissingToken or what is wrong with the token, BadRequest (UnsupportedBody, BodyTooLarge), FileTooLarge.
        """
        if caller.principal is None:
            raise caller.failure or MissingToken
        form = _Form()
        async for part in read_parts(receive, headers, max_bytes=self._max_bytes, max_parts=_MOST_PARTS):
            if part.name == "operations":
                form.take_operations(await part.read(self._max_json_bytes))
            elif part.name == "map":
                form.take_map(await part.read(self._max_json_bytes))
            elif part.filename is not None or part.name in form.places:
                await self._receive(part, form, uploads)
        return form.request()

    async def _receive(self, part: Part, form: "_Form", uploads: ExitStack) -> None:
        form.expect(part.name)
        upload = Upload(filename=part.filename or "", declared_type=part.content_type)
        uploads.callback(upload.close)
        await upload.receive(_within(part, self._max_file_bytes))
        form.put(part.name, upload)


async def _within(part: Part, most: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in part.chunks():
        size += len(chunk)
        if size > most:
            raise FileTooLarge(most)
        yield chunk


class _Form:
    """What has come of a form so far."""

    def __init__(self) -> None:
        self._operations: dict[str, object] | None = None
        self._map_is_there = False
        self.places: dict[str, list[tuple[object, str | int]]] = {}  # by part: containers, and the step in each
        self._missing: dict[str, None] = {}

    def take_operations(self, body: bytes) -> None:
        if self._operations is not None:
            raise BadRequest('The form has "operations" twice.')
        given = read_json(body)
        if isinstance(given, list):
            raise BadRequest("Batching is not supported.")
        if not isinstance(given, dict):
            raise BadRequest('"operations" must be a JSON object.')
        self._operations = given

    def take_map(self, body: bytes) -> None:
        if self._operations is None:
            raise BadRequest('"operations" must come before "map".')
        if self._map_is_there:
            raise BadRequest('The form has "map" twice.')
        given = read_json(body)
        if not isinstance(given, dict):
            raise BadRequest('"map" must be a JSON object: {"0": ["variables.file"]}.')
        if len(given) > MOST_FILES:
            raise BadRequest(f"A request brings at most {MOST_FILES} files.")
        self._map_is_there = True
        taken: set[str] = set()
        for name, paths in given.items():
            if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
                raise BadRequest(f'"map" must have a list of places for "{_short(name)}".')
            self.places[name] = [self._place(path, taken) for path in paths]
            self._missing[name] = None
        if len(taken) > _MOST_PLACES:
            raise BadRequest(f"Files have at most {_MOST_PLACES} places.")

    def _place(self, path: str, taken: set[str]) -> tuple[object, str | int]:
        """The object or list that the path leads into, and the step from there. There must be a null."""
        if path in taken:
            raise BadRequest(f'"map" puts two files into "{_short(path)}".')
        taken.add(path)
        steps = path.split(".")
        found: object = self._operations
        container, step = found, steps[0]
        known: str | int = step
        for step in steps:
            container = found
            known = int(step) if isinstance(found, list) and step.isascii() and step.isdigit() else step
            try:
                found = container[known]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                raise BadRequest(f'"map" says "{_short(path)}", which "operations" does not have.') from None
        if steps[0] != "variables" or len(steps) == 1:
            raise BadRequest(f'"map" says "{_short(path)}", but files belong into "variables".')
        if found is not None:
            raise BadRequest(f'"operations" must have null at "{_short(path)}", where "map" puts a file.')
        return container, known

    def expect(self, name: str) -> None:
        """A file of this name comes. Raises BadRequest."""
        if not self._map_is_there:
            raise BadRequest('"operations" and "map" must come before the files.')
        if name not in self.places:
            raise BadRequest(f'"map" does not say where the file "{_short(name)}" belongs.')
        if name not in self._missing:
            raise BadRequest(f'The form has the file "{_short(name)}" twice.')

    def put(self, name: str, upload: Upload) -> None:
        del self._missing[name]
        for container, step in self.places[name]:
            container[step] = upload  # type: ignore[index]

    def request(self) -> Mapping[str, object]:
        """The request, when all of it has come."""
        if self._operations is None:
            raise BadRequest('The form lacks "operations".')
        if not self._map_is_there:
            raise BadRequest('The form lacks "map".')
        for name in self._missing:
            raise BadRequest(f'The form lacks the file "{_short(name)}", which "map" promises.')
        return self._operations


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:100] + "…"
