"""Files: putting them on the server, and taking them from there."""

import mimetypes
from collections.abc import Callable
from pathlib import PurePath
from typing import Generic, TypeVar

from rapport.client import reading
from rapport.client.call import Call, Content, Record, Repeating, Upload, below, demand_content

OneT = TypeVar("OneT")
BytesT = TypeVar("BytesT")

_UNKNOWN = "application/octet-stream"


class FileCollection(Generic[OneT, BytesT]):
    def __init__(self, one: Callable[[Call[Record]], OneT], content: Callable[[Call[bytes]], BytesT]) -> None:
        self._one = one
        self._content = content

    def upload(self, content: Content, *, name: str | None = None, media_type: str | None = None) -> OneT:
        """`{"id", "url", "filename", "mimeType", "size"}` of the new file.

        ``content`` is bytes or a file that is open for reading in binary mode, which is read from its beginning. It is
        not the name of a file: that is a TypeError.
        """
        call = Call(
            method="POST",
            path=below("rest", "files"),
            upload=_upload(content, name, media_type),
            read=reading.bare,
            repeating=Repeating.WITH_KEY,
        )
        return self._one(call)

    def download(self, which: str, /) -> BytesT:
        """The whole file."""
        return self._content(Call(method="GET", path=below("rest", "files", which), read=reading.content))

    def delete(self, which: str, /) -> OneT:
        """Deletes the file for good."""
        path = below("rest", "files", which)
        return self._one(Call(method="DELETE", path=path, read=reading.bare, if_gone={"id": which}))


def _upload(content: Content, name: str | None, media_type: str | None) -> Upload:
    if name is None:
        found = None if isinstance(content, bytes) else getattr(content, "name", None)
        name = PurePath(found).name if isinstance(found, str) else "file"
    kind = media_type or mimetypes.guess_type(name)[0] or _UNKNOWN
    return Upload(name=name, content=demand_content(content), media_type=kind)
