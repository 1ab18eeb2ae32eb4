"""`rapport serve`: start, stop, and what happens when the database goes away."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.cli.program import Serving, rapport, serving, start

EVENTS = {"events": {"status": "up", "lagSeconds": 0.0}}
HEALTHY = {"status": "ok", "info": EVENTS, "error": {}, "details": EVENTS}


def postmaster_pid(folder: Path) -> int:
    return int((folder / ".rapport" / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def is_gone(pid: int) -> bool:
    shown = subprocess.run(["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()[:1] in ("", "Z")


def wait_until_healthy(server: Serving) -> None:
    give_up = time.monotonic() + 20
    while server.health().status_code != 200:
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_it_starts_with_its_own_postgresql_and_takes_everything_along_when_it_ends(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        response = server.health()
        assert (response.status_code, response.json()) == (200, HEALTHY)
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        assert server.ready["pid"] == server.process.pid
        assert set(server.ready) == {"url", "workspaceId", "email", "password", "apiKey", "pid"}
        assert server.ready_file.stat().st_mode & 0o777 == 0o600
        assert server.url in server.output.read_text()
        postgresql = postmaster_pid(tmp_path)
        assert server.stop() == 0
    assert is_gone(postgresql)
    assert not server.ready_file.exists()
    assert "Traceback" not in server.output.read_text()


def test_it_obeys_port_and_host_of_the_environment(tmp_path: Path, database_dsn: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ready = tmp_path / "ready.json"
    with serving(tmp_path, "--port", str(port), DATABASE_URL=database_dsn) as server:
        assert server.url == f"http://127.0.0.1:{port}"
        assert ready.exists()
        assert server.health().status_code == 200


def test_ctrl_c_ends_it_as_well(tmp_path: Path, database_dsn: str) -> None:
    with serving(tmp_path, DATABASE_URL=database_dsn) as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0
        assert "Traceback" not in server.output.read_text()


@pytest.mark.parametrize("delay", [0.05, 0.5, 0.8, 1.1])
def test_being_told_to_stop_while_it_starts_leaves_nothing_running(tmp_path: Path, delay: float) -> None:
    server = start(tmp_path)
    time.sleep(delay)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(30) in (0, -signal.SIGTERM)  # before our code runs at all, the signal is the kernel's
    assert not (tmp_path / ".rapport" / "postgres" / "postmaster.pid").exists()
    assert "Traceback" not in server.output.read_text()


def test_it_starts_again_after_it_was_killed(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        server.process.kill()
        server.process.wait()
    server.ready_file.unlink()
    with serving(tmp_path) as server:
        assert server.health().status_code == 200


def test_it_starts_its_postgresql_again_when_that_was_killed(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        before = postmaster_pid(tmp_path)
        os.kill(before, signal.SIGKILL)
        wait_until_healthy(server)
        assert postmaster_pid(tmp_path) != before or is_gone(before)
        assert server.stop() == 0


def test_it_says_that_it_is_not_well_while_the_database_does_not_answer(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        postgresql = postmaster_pid(tmp_path)
        os.kill(postgresql, signal.SIGSTOP)  # first, so that no more sessions begin while the others are stopped
        children = subprocess.run(
            ["/bin/ps", "-o", "pid=", "--ppid", str(postgresql)], capture_output=True, text=True, check=True
        )
        processes = [postgresql, *map(int, children.stdout.split())]
        for pid in processes[1:]:
            os.kill(pid, signal.SIGSTOP)
        try:
            response = server.health()
        finally:
            for pid in processes:
                os.kill(pid, signal.SIGCONT)
        assert response.status_code == 503
        assert response.json()["status"] == "error"
        wait_until_healthy(server)


def test_a_second_server_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        second = rapport("serve", "--port", "0", cwd=tmp_path)
        assert second.returncode == 1
        assert second.stderr.startswith("rapport: The data directory ")
        assert f"in use by another Rapport (process {server.process.pid})" in second.stderr
        assert second.stderr.count("\n") == 1
        assert server.health().status_code == 200


def test_a_port_in_use_is_one_clear_line_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = rapport("serve", cwd=tmp_path, PORT=str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"rapport: Port {port} on 127.0.0.1 cannot be used: Address already in use. Choose another with PORT.\n"
    )
    assert not (tmp_path / ".rapport").exists()


@pytest.mark.parametrize(
    ("arguments", "variables", "message"),
    [
        ((), {"PORT": "http"}, "PORT must be a whole number"),
        (("--port", "70000"), {}, "PORT must be a whole number"),
        ((), {"PORT": "0", "RAPPORT_POOL_SIZE": "many"}, "RAPPORT_POOL_SIZE must be a whole number"),
        (("--port", "0", "--host", "no such host"), {}, "RAPPORT_HOST: no such host is not an address to listen on"),
        (("--port", "0"), {"DATABASE_URL": "postgresql://u:hunter22@127.0.0.1:1/x"}, "DATABASE_URL (127.0.0.1:1/x): "),
        (("--port", "0", "--data-dir", "file/data"), {}, "The secret in file/data/app-secret cannot be kept or read"),
        (("--port", "0", "--ready-file", "file/ready"), {}, "The ready file file/ready cannot be written"),
    ],
)
def test_what_cannot_work_is_one_clear_line(
    tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str], message: str
) -> None:
    (tmp_path / "file").touch()
    done = rapport("serve", *arguments, cwd=tmp_path, **variables)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"rapport: {message}")
    assert done.stderr.count("\n") == 1
    assert "hunter22" not in done.stderr


def test_requests_in_progress_are_answered_before_it_ends(tmp_path: Path, database_dsn: str) -> None:
    with serving(tmp_path, DATABASE_URL=database_dsn) as server, httpx.Client() as client:
        assert client.get(f"{server.url}/healthz").status_code == 200
        begin = time.monotonic()
        assert server.stop() == 0  # although the client keeps its connection
        assert time.monotonic() - begin < 5
