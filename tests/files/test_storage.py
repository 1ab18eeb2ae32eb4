"""Both storages do what the port promises: the folder, and a bucket over HTTP."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rapport.base.errors import ConfigurationError
from rapport.base.settings import Settings
from rapport.files.service import one_part
from rapport.files.storage import Missing, Storage, StorageFailed
from rapport.files.stores import WHOLE_BYTES, LocalStorage, storage_of
from tests.files.bucket import Bucket, bucket

LATER = datetime.now(UTC) + timedelta(days=1)
KINDS = ("folder", "bucket")


@asynccontextmanager
async def opened(kind: str, folder: Path) -> AsyncIterator[tuple[Storage, Bucket | None]]:
    if kind == "folder":
        yield storage_of(Settings(data_dir=folder)), None
        return
    async with bucket() as (found, url):
        settings = {
            "RAPPORT_STORAGE_URL": "s3://bucket/crm/eu",
            "RAPPORT_S3_ENDPOINT": url,
            "RAPPORT_S3_ACCESS_KEY_ID": "key",
            "RAPPORT_S3_SECRET_ACCESS_KEY": "secret",
        }
        yield storage_of(Settings.from_environment(settings)), found


async def parts(count: int, size: int = 65_536, *, error: Exception | None = None) -> AsyncGenerator[bytes, None]:
    for number in range(count):
        yield bytes([number % 251]) * size
    if error:
        raise error


def files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]


async def read(storage: Storage, name: str, start: int, end: int) -> bytes:
    return b"".join([part async for part in storage.read(name, start, end)])


async def names(storage: Storage, moment: datetime = LATER) -> list[str]:
    return sorted([name async for page in storage.older_than(moment) for name in page])


@pytest.mark.parametrize("kind", KINDS)
async def test_objects_small_and_large_come_back_whole_and_in_part(kind: str, tmp_path: Path) -> None:
    large = b"".join([part async for part in parts(200)])
    assert len(large) > 2 * 5 * WHOLE_BYTES  # in three parts at least
    async with opened(kind, tmp_path) as (storage, _):
        await storage.put("workspace-1/file/a.txt", one_part(b"hello"))
        await storage.put("workspace-1/file/empty", one_part(b""))
        await storage.put("workspace-1/file/original/large", parts(200))

        assert await read(storage, "workspace-1/file/a.txt", 0, 5) == b"hello"
        assert await read(storage, "workspace-1/file/a.txt", 1, 3) == b"el"
        assert await read(storage, "workspace-1/file/empty", 0, 0) == b""
        found = await read(storage, "workspace-1/file/original/large", 0, len(large))
        assert hashlib.sha256(found).digest() == hashlib.sha256(large).digest()
        assert await read(storage, "workspace-1/file/original/large", 65_530, 65_540) == large[65_530:65_540]
        assert await names(storage) == [
            "workspace-1/file/a.txt", "workspace-1/file/empty", "workspace-1/file/original/large",
        ]  # fmt: skip
        assert await names(storage, datetime.now(UTC) - timedelta(days=1)) == []

        await storage.delete(["workspace-1/file/a.txt", "workspace-1/none", "workspace-1/file/original/large"])
        assert await names(storage) == ["workspace-1/file/empty"]
        with pytest.raises(Missing):
            await read(storage, "workspace-1/file/a.txt", 0, 5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 300])
async def test_an_upload_that_fails_leaves_nothing(kind: str, count: int, tmp_path: Path) -> None:
    error = KeyError("the sender went away")
    async with opened(kind, tmp_path) as (storage, found):
        with pytest.raises(KeyError) as raised:
            await storage.put("workspace-1/file/a", parts(count, error=error))
        assert raised.value is error
        assert await names(storage) == []
        if found is None:
            assert files(tmp_path) == []
        else:
            await asyncio.sleep(0.05)
            assert (found.objects, found.uploads) == ({}, {})


@pytest.mark.parametrize("kind", KINDS)
async def test_a_storage_that_is_out_of_order_says_so(kind: str, tmp_path: Path) -> None:
    async with opened(kind, tmp_path) as (storage, found):
        if found is None:
            (tmp_path / "files").mkdir()
            (tmp_path / "files" / "workspace-1").write_text("a file where a folder belongs")
        else:
            found.is_down = True
            with pytest.raises(StorageFailed):
                await names(storage)
            with pytest.raises(StorageFailed):
                await read(storage, "workspace-1/a", 0, 1)
            with pytest.raises(StorageFailed):
                await storage.delete(["workspace-1/a"])
        with pytest.raises(StorageFailed):
            await storage.put("workspace-1/a", one_part(b"x"))


async def test_what_a_killed_server_left_in_the_folder_is_deleted_with_its_name(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    left: list[Path] = []

    async def watched() -> AsyncGenerator[bytes, None]:
        async for part in parts(300):
            yield part
        left.extend(files(tmp_path))
        raise KeyError

    with pytest.raises(KeyError):
        await storage.put("workspace-1/a.txt", watched())
    (unfinished,) = left
    unfinished.write_bytes(b"half of it")  # as if there had been no time to tidy up

    assert await names(storage) == []
    await storage.delete(["workspace-1/a.txt"])
    assert not unfinished.exists()


def test_settings_that_name_no_storage_are_refused(tmp_path: Path) -> None:
    for address in ("s3://", "https://example.com/x", "file://host/x", "s3://key:secret@bucket", "/srv", "s3://b?x=1"):
        with pytest.raises(ConfigurationError, match="RAPPORT_STORAGE_URL must be an address"):
            Settings.from_environment({"RAPPORT_STORAGE_URL": address})
    with pytest.raises(ConfigurationError, match="need each other"):
        storage_of(Settings(storage_url="s3://bucket", s3_access_key_id="x"))
    assert "hidden!" not in repr(Settings.from_environment({"RAPPORT_S3_SECRET_ACCESS_KEY": "hidden!"}))
    storage_of(Settings(data_dir=tmp_path / "none"))
    assert not (tmp_path / "none").exists()  # nothing is made before there are files
