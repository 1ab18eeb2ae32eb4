"""Whatever step a server is killed at, the sweep leaves rows and bytes that agree."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import asyncpg
import pytest

from rapport.access.principal import Principal
from rapport.base.errors import Forbidden
from rapport.base.ids import new_id
from rapport.base.settings import Settings
from rapport.files.errors import FileNotFound, FileTooLarge, UploadTooSlow
from rapport.files.folders import Folder
from rapport.files.service import File, FileService, one_part
from rapport.files.storage import Storage, StorageFailed
from rapport.files.stores import LocalStorage, storage_of
from rapport.files.sweeping import Sweeper
from rapport.store.database import Database
from tests.conftest import Inhabited
from tests.files.bucket import bucket

LATER = datetime.now(UTC) + timedelta(days=2)


class Killed(BaseException):
    """kill -9: nothing that comes after has any effect."""


@dataclass(kw_only=True)
class Fate:
    """How many more steps there are."""

    steps: int

    def step(self) -> None:
        if self.steps <= 0:
            raise Killed
        self.steps -= 1


@dataclass(frozen=True)
class MortalDatabase:
    """The statements that files need, until fate strikes."""

    db: Database
    fate: Fate

    async def execute(self, sql: str, *args: object) -> str:
        self.fate.step()
        return await self.db.execute(sql, *args)

    async def row(self, sql: str, *args: object) -> asyncpg.Record | None:
        self.fate.step()
        return await self.db.row(sql, *args)

    async def rows(self, sql: str, *args: object) -> list[asyncpg.Record]:
        self.fate.step()
        return await self.db.rows(sql, *args)


@dataclass(frozen=True)
class MortalStorage:
    storage: Storage
    fate: Fate

    async def put(self, name: str, parts: AsyncIterable[bytes]) -> None:
        self.fate.step()
        await self.storage.put(name, parts)

    def read(self, name: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        return self.storage.read(name, start, end)

    async def delete(self, names: Sequence[str]) -> None:
        self.fate.step()
        await self.storage.delete(names)

    async def older_than(self, moment: datetime) -> AsyncIterator[Sequence[str]]:
        self.fate.step()
        async for names in self.storage.older_than(moment):
            yield names


def principal(workspace_id: UUID) -> Principal:
    return Principal(workspace_id=workspace_id, schema=None, user_workspace_id=new_id())


async def keep(service: FileService, who: Principal, data: bytes = b"hello", name: str = "a.txt") -> File:
    return await service.store(one_part(data), filename=name, folder=Folder.File, principal=who)


async def state(db: Database, storage: Storage) -> tuple[list[tuple[str, str]], list[str]]:
    """The rows, with their states, and the objects, by path."""
    rows = await db.rows("select path, state from core.file order by path")
    names = [name async for page in storage.older_than(LATER) for name in page]
    return [(row["path"], row["state"]) for row in rows], sorted(name.partition("/")[2] for name in names)


async def heal(db: Database, storage: Storage) -> None:
    await db.execute("""update core.file set "createdAt" = "createdAt" - interval '61 minutes'""")
    await Sweeper(db, storage, now=lambda: LATER).sweep()


async def agree(db: Database, storage: Storage) -> list[str]:
    """The paths of the files there are, in both places."""
    rows, names = await state(db, storage)
    assert rows == [(name, "stored") for name in names]
    return names


async def test_a_server_may_be_killed_at_every_step(inhabited: Inhabited, tmp_path: Path) -> None:
    db, who = inhabited.database, principal(inhabited.tenant.workspace_id)
    storage = LocalStorage(tmp_path)
    service = FileService(db, storage, max_bytes=1_000)
    other = await keep(service, who, b"stays", "stays.txt")

    async def upload(mortal: FileService) -> None:
        await keep(mortal, who)

    async def too_large(mortal: FileService) -> None:
        with pytest.raises(FileTooLarge):
            await mortal.store(large(), filename="b", folder=Folder.File, principal=who)

    async def deletion(mortal: FileService) -> None:
        file = await keep(service, who)
        await mortal.delete(file.id, who)

    async def large() -> AsyncGenerator[bytes, None]:
        for _ in range(3):
            yield b"x" * 4_500

    for act, least in ((upload, 3), (too_large, 5), (deletion, 3)):
        for steps in range(20):
            mortal = Fate(steps=steps)
            told = FileService(
                cast("Database", MortalDatabase(db, mortal)), MortalStorage(storage, mortal), max_bytes=10_000
            )
            try:
                await act(told)
            except Killed:
                await heal(db, storage)
                left = await agree(db, storage)
                assert other.path in left
                for path in left:
                    file = await service.open_path(who.workspace_id or new_id(), path)
                    assert b"".join([part async for part in file.parts()]) in (b"stays", b"hello")
            else:
                assert steps == least, act
                break
            await db.execute("delete from core.file where path <> $1", other.path)
            await heal(db, storage)
            assert await agree(db, storage) == [other.path]
        else:
            pytest.fail("it never ends")
        rows, names = await state(db, storage)
        assert [path for path, _ in rows] == names  # without a sweep


async def test_the_sweep_may_be_killed_too_and_ends_what_it_began(inhabited: Inhabited, tmp_path: Path) -> None:
    db, workspace_id = inhabited.database, inhabited.tenant.workspace_id
    storage = LocalStorage(tmp_path)
    service = FileService(db, storage, max_bytes=1_000)
    for steps in range(30):
        who = principal(workspace_id)
        kept = await keep(service, who)
        gone, pending = await keep(service, who), await keep(service, who)
        elsewhere = await keep(service, principal(new_id()))  # of a workspace that was deleted
        async with db.transaction() as connection:
            await service.mark_deleted(connection, workspace_id, [gone.path, elsewhere.path, "none"])
        await db.execute("update core.file set state = 'pending' where id = $1", pending.id)
        await storage.put(f"workspace-{workspace_id}/file/nobody-knows", one_part(b"x"))
        await storage.put(f"workspace-{new_id()}/file/of-another-server", one_part(b"x"))
        await storage.put("strange", one_part(b"x"))
        await db.execute("""update core.file set "createdAt" = "createdAt" - interval '61 minutes'""")
        fate = Fate(steps=steps)
        mortal = Sweeper(cast("Database", MortalDatabase(db, fate)), MortalStorage(storage, fate), now=lambda: LATER)
        try:
            await mortal.sweep()
        except Killed:
            await heal(db, storage)
        else:
            fate.steps = 0
        rows, names = await state(db, storage)
        assert rows == [(kept.path, "stored")]
        assert sorted(names) == sorted([kept.path, "file/of-another-server", ""])
        await db.execute("delete from core.file")
        await storage.delete([name async for page in storage.older_than(LATER) for name in page])
        if fate.steps == 0 and steps > 8:
            break
    else:
        pytest.fail("it never ends")


async def test_the_sweep_leaves_alone_what_is_young(inhabited: Inhabited, tmp_path: Path) -> None:
    db, who = inhabited.database, principal(inhabited.tenant.workspace_id)
    storage = LocalStorage(tmp_path)
    service = FileService(db, storage, max_bytes=1_000)
    file = await keep(service, who)
    await db.execute("update core.file set state = 'pending'")
    await storage.put(f"workspace-{who.workspace_id}/file/new", one_part(b"x"))
    before = await state(db, storage)

    await Sweeper(db, storage).sweep()

    assert await state(db, storage) == before
    assert before == ([(file.path, "pending")], sorted([file.path, "file/new"]))


async def test_an_upload_that_is_swept_meanwhile_fails_and_leaves_nothing(inhabited: Inhabited, tmp_path: Path) -> None:
    db, who = inhabited.database, principal(inhabited.tenant.workspace_id)
    storage = LocalStorage(tmp_path)

    async def slow() -> AsyncGenerator[bytes, None]:
        yield b"x" * 5_000
        await heal(db, storage)
        yield b"y"

    with pytest.raises(UploadTooSlow):
        await FileService(db, storage, max_bytes=10_000).store(slow(), filename="a", folder=Folder.File, principal=who)
    assert await state(db, storage) == ([], [])


async def test_an_upload_that_is_cancelled_leaves_nothing(inhabited: Inhabited, tmp_path: Path) -> None:
    db, who = inhabited.database, principal(inhabited.tenant.workspace_id)
    storage = LocalStorage(tmp_path)
    begun = asyncio.Event()

    async def endless() -> AsyncGenerator[bytes, None]:
        yield b"x" * 5_000
        begun.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(
        FileService(db, storage, max_bytes=10_000).store(endless(), filename="a", folder=Folder.File, principal=who)
    )
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await state(db, storage) == ([], [])


async def test_a_storage_that_fails_loses_no_file_and_blocks_no_deletion(inhabited: Inhabited) -> None:
    db, who = inhabited.database, principal(inhabited.tenant.workspace_id)
    async with bucket() as (found, url):
        settings = Settings(
            storage_url="s3://bucket", s3_endpoint=url, s3_access_key_id="key", s3_secret_access_key="secret"
        )
        storage = storage_of(settings)
        service = FileService(db, storage, max_bytes=1_000)
        file = await keep(service, who)
        found.is_down = True
        with pytest.raises(StorageFailed):
            await keep(service, who)
        assert (await service.delete(file.id, who)).path == file.path
        with pytest.raises(FileNotFound):
            await service.find(file.id, who)
        await Sweeper(db, storage, now=lambda: LATER).sweep()  # raises nothing: other chores are to be done
        assert list(found.objects) == [f"workspace-{who.workspace_id}/{file.path}"]

        found.is_down = False
        await heal(db, storage)
        assert await state(db, storage) == ([], [])


async def test_files_of_a_workspace_that_is_deleted_are_nobodys_and_swept(inhabited: Inhabited, tmp_path: Path) -> None:
    db, who = inhabited.database, principal(inhabited.tenant.workspace_id)
    storage = LocalStorage(tmp_path)
    service = FileService(db, storage, max_bytes=1_000)
    file = await keep(service, who)
    assert who.workspace_id is not None
    await db.execute('delete from core."roleTarget"')
    await db.execute("delete from core.workspace where id = $1", who.workspace_id)

    with pytest.raises(FileNotFound):
        await service.open_path(who.workspace_id, file.path)
    await Sweeper(db, storage).sweep()
    assert await state(db, storage) == ([], [])


async def test_bytes_that_are_lost_are_no_crash(inhabited: Inhabited, tmp_path: Path) -> None:
    db, who = inhabited.database, principal(inhabited.tenant.workspace_id)
    storage = LocalStorage(tmp_path)
    service = FileService(db, storage, max_bytes=1_000)
    file = await keep(service, who)
    await storage.delete([f"workspace-{who.workspace_id}/{file.path}"])

    opened = await service.open(file.id, who)
    with pytest.raises(FileNotFound):
        await anext(opened.parts())


async def test_what_is_known_of_a_file(inhabited: Inhabited, tmp_path: Path) -> None:
    db, who = inhabited.database, principal(inhabited.tenant.workspace_id)
    service = FileService(db, LocalStorage(tmp_path), max_bytes=1_000)
    stem = new_id()

    file = await service.store(
        one_part(b"%PDF-1.4"), filename="../Röport.PDF", folder=Folder.ProfilePicture, principal=who,
        within="original", stem=stem,
    )  # fmt: skip

    assert file.path == f"profile-picture/original/{stem}.pdf"
    assert (file.name, file.size, file.mime_type) == ("Röport.PDF", 8, "application/pdf")
    assert file.checksum == hashlib.sha256(b"%PDF-1.4").hexdigest()
    assert await service.find(file.id, who) == file
    assert (await service.open_path(file.workspace_id, file.path)).file == file
    assert await db.value('select "userWorkspaceId" from core.file') == who.user_workspace_id
    for stranger in (principal(new_id()),):
        with pytest.raises(FileNotFound):
            await service.find(file.id, stranger)
        with pytest.raises(FileNotFound):
            await service.delete(file.id, stranger)
    with pytest.raises(Forbidden):
        await service.find(file.id, Principal(workspace_id=None, schema=None))
    with pytest.raises(FileTooLarge):
        await keep(service, who, b"x" * 1_001)
    assert (await keep(service, who, b"x" * 1_000)).size == 1_000
