import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from bench.processes import Processes, cpu_seconds, end, parent_of, reaped_seconds, resident_mb

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
BUSY = "import time\nwhile time.process_time() < 0.2: pass\nprint('busy', flush=True)\ninput()"
TREE = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"


@pytest.fixture
def busy() -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen([sys.executable, "-c", TREE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "busy\n"
    yield process
    assert process.stdin is not None
    process.stdin.close()
    process.stdout.close()
    process.wait(10)


def test_the_time_of_a_tree_has_that_of_the_children(busy: "subprocess.Popen[str]") -> None:
    processes = Processes.now()
    whole = processes.tree(busy.pid)
    (child,) = whole - {busy.pid}
    assert parent_of(child) == busy.pid
    assert cpu_seconds(whole) >= 0.2
    assert processes.tree(busy.pid, without=child) == {busy.pid}


def test_the_time_of_children_that_have_ended_is_kept(busy: "subprocess.Popen[str]") -> None:
    before = reaped_seconds(os.getpid())
    assert busy.stdin is not None
    busy.stdin.close()
    busy.wait(10)
    assert reaped_seconds(os.getpid()) >= before + 0.2


def test_a_process_that_has_ended_has_used_nothing() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert cpu_seconds({process.pid}) == 0
    assert parent_of(process.pid) is None
    with pytest.raises(FileNotFoundError):
        resident_mb(process.pid)


def test_memory_is_counted_in_megabytes(busy: "subprocess.Popen[str]") -> None:
    assert 1 < resident_mb(busy.pid) < 100


def test_a_process_that_does_not_want_to_end_is_killed() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    started = time.monotonic()
    end(process, 0.2)
    assert process.poll() is not None
    assert time.monotonic() - started < 10
