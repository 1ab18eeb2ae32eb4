"""The storage in a folder or in a bucket of an S3-compatible service, both by way of obstore."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import structlog

from rapport.base.errors import ConfigurationError
from rapport.base.settings import Settings
from rapport.files.storage import Missing, Storage, StorageFailed

if TYPE_CHECKING:
    from obstore.store import ObjectStore, S3Config

WHOLE_BYTES = 1 << 20  # what has no more is sent at once; more in parts
PART_BYTES = 5 << 20  # the least that S3 takes for one of several parts
PARTS_AT_ONCE = 2
READ_BYTES = 256 << 10
LISTED = 500
DELETED_AT_ONCE = 16

_log = structlog.get_logger(__name__)


class ObjectStorage:
    """Objects in a store of obstore, made with the first use: who has no files does not load the library."""

    def __init__(self, make: Callable[[], "ObjectStore"]) -> None:
        self._make = make
        self._made: ObjectStore | None = None

    @property
    def _store(self) -> "ObjectStore":
        if self._made is None:
            with _translated():
                self._made = self._make()
        return self._made

    async def put(self, name: str, parts: AsyncIterable[bytes]) -> None:
        import obstore

        rest = aiter(parts)
        beginning, is_whole = await _beginning(rest)
        with _translated():
            if is_whole:
                await obstore.put_async(self._store, name, beginning)
            else:
                # An error in the parts ends the upload, and the store forgets the parts that it has.
                await obstore.put_async(
                    self._store, name, _chained(beginning, rest), chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE
                )

    async def read(self, name: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        import obstore

        if start >= end:
            return
        with _translated():
            try:
                found = await obstore.get_async(self._store, name, options={"range": (start, end)})
            except FileNotFoundError:
                raise Missing(name) from None
            async for part in found.stream(min_chunk_size=READ_BYTES):
                yield bytes(part)

    async def delete(self, names: Sequence[str]) -> None:
        for start in range(0, len(names), DELETED_AT_ONCE):
            with _translated():
                await asyncio.gather(*(self._delete(name) for name in names[start : start + DELETED_AT_ONCE]))

    async def older_than(self, moment: datetime) -> AsyncIterator[Sequence[str]]:
        import obstore

        with _translated():
            async for page in obstore.list(self._store, chunk_size=LISTED):
                old = [each["path"] for each in page if each["last_modified"] < moment]
                if old:
                    yield old

    async def _delete(self, name: str) -> None:
        import obstore

        await obstore.delete_async(self._store, name)


class LocalStorage(ObjectStorage):
    """Objects in a folder, on the disk when ``put`` returns. What a killed server left goes when they are deleted."""

    def __init__(self, folder: Path) -> None:
        super().__init__(self._open)
        self._folder = folder.absolute()

    async def put(self, name: str, parts: AsyncIterable[bytes]) -> None:
        await super().put(name, parts)
        with _translated():
            await asyncio.to_thread(_flush, self._folder / name, self._folder)

    async def _delete(self, name: str) -> None:
        with suppress(FileNotFoundError):
            await super()._delete(name)
        await asyncio.to_thread(self._clear, name)

    def _clear(self, name: str) -> None:
        """What is being written has the object's name, `#` and a number; obstore does not list it."""
        path = self._folder / name
        for left in path.parent.glob(f"{path.name}#*"):
            left.unlink(missing_ok=True)

    def _open(self) -> "ObjectStore":
        from obstore.store import LocalStore

        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return LocalStore(self._folder)


def storage_of(settings: Settings) -> Storage:
    """The storage that the settings name. Raises ConfigurationError."""
    if not settings.storage_url:
        return LocalStorage(settings.data_dir / "files")
    address = urlsplit(settings.storage_url)
    if address.scheme == "file":
        return LocalStorage(Path(unquote(address.path)))
    if (settings.s3_access_key_id is None) != (settings.s3_secret_access_key is None):
        raise ConfigurationError("RAPPORT_S3_ACCESS_KEY_ID and RAPPORT_S3_SECRET_ACCESS_KEY need each other.")
    return ObjectStorage(lambda: _bucket(settings, address.netloc, address.path.strip("/")))


def _bucket(settings: Settings, bucket: str, prefix: str) -> "ObjectStore":
    from obstore.store import S3Store

    # Not every service knows how to delete several at once.
    config: S3Config = {"region": settings.s3_region, "disable_bulk_delete": True}
    if settings.s3_endpoint:
        config["endpoint"] = settings.s3_endpoint
    if settings.s3_access_key_id and settings.s3_secret_access_key:
        config["access_key_id"] = settings.s3_access_key_id
        config["secret_access_key"] = settings.s3_secret_access_key
    is_open = (settings.s3_endpoint or "").startswith("http://")
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        # A slow client may take long over a large file, but a service that is silent is out of order.
        client_options={"allow_http": is_open, "timeout": "1h", "read_timeout": "1m"},
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Raises StorageFailed for what the library says is wrong, and logs what that is."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, OSError) as error:
        _log.error("the storage of files failed", reason=str(error).partition("\n")[0])
        raise StorageFailed from error


async def _beginning(parts: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """The first megabyte or so, and whether that is all."""
    found, size = [], 0
    async for part in parts:
        found.append(part)
        size += len(part)
        if size > WHOLE_BYTES:
            return b"".join(found), False
    return b"".join(found), True


async def _chained(beginning: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield beginning
    async for part in rest:
        yield part


def _flush(path: Path, top: Path) -> None:
    """Waits until the file and its name are on the disk."""
    while path != top.parent:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        path = path.parent
