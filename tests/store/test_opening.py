"""Opening the database that the settings name."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from rapport.base.errors import ConfigurationError, Unavailable
from rapport.base.settings import Settings
from rapport.store.embedded import InUse
from rapport.store.migrate import migrate
from rapport.store.opening import open_database


def settings(data_dir: Path, **more: str) -> Settings:
    return Settings.from_environment({"RAPPORT_DATA_DIR": str(data_dir), **more})


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


async def test_the_address_of_the_settings_is_used_and_no_server_started(tmp_path: Path, database_dsn: str) -> None:
    async with open_database(settings(tmp_path / "data", DATABASE_URL=database_dsn)) as db:
        assert await db.value("select count(*) from core.migration") != 0
    assert not (tmp_path / "data").exists()


async def test_without_an_address_the_embedded_server_runs_for_the_length_of_the_block(tmp_path: Path) -> None:
    async with open_database(settings(tmp_path / "data")) as db:
        assert await db.value("select 1") == 1
    assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()


async def test_a_second_opening_joins_in_or_is_refused(tmp_path: Path) -> None:
    async with open_database(settings(tmp_path / "data"), attach=False) as first:
        await first.script("create table t as select 1 as a")
        async with open_database(settings(tmp_path / "data")) as second:
            assert await second.value("select a from t") == 1
        with pytest.raises(InUse):
            async with open_database(settings(tmp_path / "data"), attach=False):
                pass
        assert await first.value("select a from t") == 1


async def test_a_server_that_dies_is_started_again(tmp_path: Path) -> None:
    async with open_database(settings(tmp_path / "data")) as db:
        await db.script("create table t as select 1 as a")
        os.kill(postmaster(tmp_path / "data"), signal.SIGKILL)
        for _ in range(200):
            await asyncio.sleep(0.05)
            try:
                assert await db.value("select a from t") == 1
                break
            except Unavailable:
                continue
        assert await db.value("select a from t") == 1


async def test_being_stopped_while_the_server_starts_leaves_none_behind(tmp_path: Path) -> None:
    async def open_and_wait() -> None:
        async with open_database(settings(tmp_path / "data")):
            await asyncio.sleep(60)

    for delay in (0.1, 0.3, 0.01):
        task = asyncio.create_task(open_and_wait())
        await asyncio.sleep(delay)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()
    async with open_database(settings(tmp_path / "data")) as db:
        assert await db.value("select 1") == 1


async def test_a_wrong_address_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        async with open_database(settings(tmp_path / "data", DATABASE_URL="postgresql://u:p@127.0.0.1:1/db")):
            pass


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("role=pg_read_all_data", "permission denied for database"),
        ("default_transaction_read_only=on", "cannot execute CREATE SCHEMA in a read-only transaction"),
    ],
)
async def test_a_database_that_cannot_be_migrated_is_a_clear_error(
    tmp_path: Path, empty_database_dsn: str, setting: str, problem: str
) -> None:
    separator = "&" if "?" in empty_database_dsn else "?"
    address = f"{empty_database_dsn}{separator}{setting}"
    with pytest.raises(ConfigurationError) as caught:
        async with open_database(settings(tmp_path / "data", DATABASE_URL=address)) as db:
            await migrate(db)
    assert problem in caught.value.message
    assert "DATABASE_URL" in caught.value.message
    assert "\n" not in caught.value.message


async def test_a_disk_that_is_full_is_a_clear_error(tmp_path: Path) -> None:
    lacks_room = "do $$ begin raise exception 'no room' using errcode = 'disk_full'; end $$"
    with pytest.raises(Unavailable, match="The database's disk is full"):
        async with open_database(settings(tmp_path / "data")) as db:
            await db.script(lacks_room)
