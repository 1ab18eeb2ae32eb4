"""The programs in the guide to the clients run, and it names what there is."""

import asyncio
import inspect
import os
import re
import sys
from pathlib import Path

from rapport.client import Client, RapportError
from rapport.client import errors as error_classes
from tests.docs.markdown import ROOT
from tests.imports.asking import importing
from tests.serving import Client as Served

TEXT = (ROOT / "docs" / "sdks.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


async def test_the_programs_run_as_written(served: Served, tmp_path: Path) -> None:
    assert len(PROGRAMS) == 7
    program = "\n".join(PROGRAMS).replace("http://127.0.0.1:3000", served.url).replace("sk_live_…", served.tenant.key)
    (tmp_path / "guide.py").write_text(program, encoding="utf-8")

    async with importing(served):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "guide.py",
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await process.communicate()

    assert process.returncode == 0, printed.decode()
    lines = printed.decode().splitlines()
    assert lines[0] == "John"
    assert {"b'Dear John,'", "Record not found 404 NOT_FOUND"} <= set(lines)
    assert (tmp_path / "people.csv").read_text(encoding="utf-8").startswith("id,city,emails.primaryEmail")


def test_every_method_and_every_error_is_in_the_guide() -> None:
    with Client(base_url="http://127.0.0.1:9") as client:
        methods = {name for name, _ in inspect.getmembers(client.people, inspect.ismethod) if not name.startswith("_")}
    assert {name for name in methods if f"`{name}(" not in TEXT} == set()
    errors = {
        name
        for name, kind in vars(error_classes).items()
        if inspect.isclass(kind) and issubclass(kind, RapportError) and f"`{name}`" not in TEXT
    }
    assert errors == set()
