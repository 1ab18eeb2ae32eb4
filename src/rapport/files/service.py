"""Keeping files: the row and the bytes of each, which never disagree for long.

A row is written as pending before the bytes, and becomes stored after them. A deletion marks the row, deletes the
bytes, then the row. What a crash leaves between two of these steps is swept (sweeping.py).
"""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import structlog

from rapport.access.principal import Principal
from rapport.base.errors import Forbidden, RapportError
from rapport.base.ids import new_id
from rapport.files.errors import FileNotFound, FileTooLarge, UploadTooSlow
from rapport.files.folders import FOLDERS, Folder
from rapport.files.names import extension, harmless
from rapport.files.storage import Missing, Storage
from rapport.files.types import SNIFFED, sniff
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.files")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class File:
    """What is known of a stored file."""

    id: UUID
    workspace_id: UUID
    folder: Folder
    path: str  # `attachment/0190….pdf`: what records and the contract call the file by
    name: str  # as it was called where it came from, made harmless: no path, no control characters
    size: int  # bytes
    mime_type: str  # found in its bytes
    checksum: str  # sha-256 in hex
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A file that can be read."""

    file: File
    storage: Storage

    async def parts(self, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """The bytes from ``start`` to before ``end``, as one asks for the next. Raises FileNotFound with the first."""
        file = self.file
        read = self.storage.read(storage_name(file.workspace_id, file.path), start, file.size if end is None else end)
        try:
            async with aclosing(read) as parts:
                async for part in parts:
                    yield part
        except Missing:
            _log.error("the bytes of a file are missing", file_id=str(file.id), path=file.path)
            raise FileNotFound from None


class FileService:
    """Files of workspaces. Nobody's permissions are checked here; tenants never reach each other's files."""

    def __init__(self, db: Database, storage: Storage, *, max_bytes: int) -> None:
        self._db = db
        self._storage = storage
        self.max_bytes = max_bytes

    async def store(
        self,
        parts: AsyncIterable[bytes],
        *,
        filename: str,
        declared_type: str | None = None,
        folder: Folder,
        principal: Principal,
        within: str = "",
        stem: UUID | None = None,
    ) -> File:
        """Keeps the bytes as a new file of the principal's workspace, with constant memory.

        Its path is `<folder>[/<within>]/<stem>.<ext>`; ``within`` is ours (`original`, `96`), never the client's, the
        stem the file's id unless one is given (sizes of one picture share it). The type is found in the bytes; what
        was declared counts only where they leave it open. Bytes that one has already: ``one_part(data)``.

        Raises FileTooLarge, StorageFailed, UploadTooSlow, or what ``parts`` raise; then nothing is kept.
        """
        workspace_id = _workspace_id(principal)
        name, file_id = harmless(filename), new_id()
        path = "/".join(filter(None, (folder.value, within, f"{stem or file_id}{extension(name)}")))
        bytes_of = _Measured(parts, most=self.max_bytes)
        mime_type = sniff(await bytes_of.look(SNIFFED), name=name, declared=declared_type)
        await self._db.execute(
            _SQL["add_pending"],
            file_id, workspace_id, folder.value, path, name, mime_type, principal.user_workspace_id,
            principal.api_key_id,
        )  # fmt: skip
        try:
            await self._storage.put(storage_name(workspace_id, path), bytes_of)
            row = await self._db.row(_SQL["set_stored"], file_id, bytes_of.size, bytes_of.checksum)
            if row is None:
                raise UploadTooSlow
        except BaseException:
            await self._drop(file_id, workspace_id, path, is_marked=False)
            raise
        return _file(row)

    async def find(self, file_id: UUID, principal: Principal) -> File:
        """Raises FileNotFound, also when it is another workspace's."""
        row = await self._db.row(_SQL["find_file"], file_id, _workspace_id(principal))
        if row is None:
            raise FileNotFound
        return _file(row)

    async def open(self, file_id: UUID, principal: Principal) -> Opened:
        """Raises FileNotFound, also when it is another workspace's."""
        return Opened(file=await self.find(file_id, principal), storage=self._storage)

    async def open_path(self, workspace_id: UUID, path: str) -> Opened:
        """By the stored path. For links, which say which workspace is meant. Raises FileNotFound."""
        row = await self._db.row(_SQL["find_path"], workspace_id, path) if path.isprintable() else None
        if row is None:
            raise FileNotFound
        return Opened(file=_file(row), storage=self._storage)

    async def delete(self, file_id: UUID, principal: Principal) -> File:
        """Deletes the row and the bytes; gives what it was. Raises FileNotFound."""
        row = await self._db.row(_SQL["mark_deleted"], file_id, _workspace_id(principal))
        if row is None:
            raise FileNotFound
        file = _file(row)
        await self._drop(file_id, file.workspace_id, file.path, is_marked=True)
        return file

    async def mark_deleted(self, connection: Connection, workspace_id: UUID, paths: Sequence[str]) -> None:
        """Deletes files together with what points to them, in the caller's transaction: they are gone when it is
        committed, their bytes with the next sweep. Paths that are no files of the workspace are passed over."""
        await connection.execute(_SQL["mark_paths_deleted"], workspace_id, list(paths))

    async def _drop(self, file_id: UUID, workspace_id: UUID, path: str, *, is_marked: bool) -> None:
        """Deletes the bytes, then the row. What fails here is left to the sweep."""
        try:
            if not is_marked:
                await self._db.execute(_SQL["mark_discarded"], file_id)
            await self._storage.delete([storage_name(workspace_id, path)])
            await self._db.execute(_SQL["drop_deleted"], [file_id])
        except (RapportError, asyncpg.PostgresError) as error:
            _log.warning("a file is left to the sweep", file_id=str(file_id), reason=str(error))


async def one_part(data: bytes) -> AsyncGenerator[bytes, None]:
    """Bytes as the parts of a stream."""
    yield data


def storage_name(workspace_id: UUID, path: str) -> str:
    """What the storage calls a file by (system-api.md §25)."""
    return f"workspace-{workspace_id}/{path}"


class _Measured:
    """Parts that are counted and summed up on their way."""

    def __init__(self, parts: AsyncIterable[bytes], *, most: int) -> None:
        self._parts = aiter(parts)
        self._most = most
        self._seen: list[bytes] = []
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def checksum(self) -> str:
        return self._hash.hexdigest()

    async def look(self, size: int) -> bytes:
        """The first bytes, which are still part of all. Raises FileTooLarge."""
        found = 0
        while found < size:
            try:
                part = await anext(self._parts)
            except StopAsyncIteration:
                break
            self._seen.append(part)
            found += len(part)
        if found > self._most:
            raise FileTooLarge(self._most)
        return b"".join(self._seen)[:size]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._seen:
            yield self._measure(part)
        self._seen.clear()
        async for part in self._parts:
            yield self._measure(part)

    def _measure(self, part: bytes) -> bytes:
        self.size += len(part)
        if self.size > self._most:
            raise FileTooLarge(self._most)
        self._hash.update(part)
        return part


def _workspace_id(principal: Principal) -> UUID:
    if principal.workspace_id is None:
        raise Forbidden
    return principal.workspace_id


def _file(row: Mapping[str, object]) -> File:
    size, created_at = row["size"], row["createdAt"]
    assert isinstance(size, int)
    assert isinstance(created_at, datetime)
    return File(
        id=UUID(str(row["id"])),
        workspace_id=UUID(str(row["workspaceId"])),
        folder=FOLDERS[str(row["folder"])],
        path=str(row["path"]),
        name=str(row["name"]),
        size=size,
        mime_type=str(row["mimeType"]),
        checksum=str(row["checksum"]),
        created_at=created_at,
    )
