"""Commands that the documents and the start page name exist."""

import re
import subprocess

import pytest
from typer.testing import CliRunner

from rapport.cli.main import commands as program
from tests.docs.markdown import FILES, ROOT, code

TASKS = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
START_PAGE = ROOT / "ui" / "index.html"


def lines() -> list[str]:
    found = [line for file in FILES for line in code(file)]
    return found + re.findall(r"<code>(.*?)</code>", START_PAGE.read_text(encoding="utf-8"), re.DOTALL)


def commands() -> list[str]:
    """The words after `rapport`, up to the first option or value: "serve", "apikey create"."""
    found = (re.match(r"(?:\.venv/bin/)?rapport((?: [a-z][a-z-]*)+)", line.strip()) for line in lines())
    return sorted({match[1].strip() for match in found if match})


def test_every_task_named_is_in_the_makefile() -> None:
    named = {match[1] for line in lines() if (match := re.match(r"make ([a-z]+)\b", line.strip()))}
    assert named - TASKS == set()


def test_the_readme_names_the_tasks_that_start_and_test_the_server() -> None:
    assert {"make run", "make test"} <= set(code(ROOT / "README.md"))


def test_make_help_lists_every_task() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    assert set(re.findall(r"^make ([a-z]+) ", shown, re.MULTILINE)) == TASKS


def test_the_documents_name_commands_at_all() -> None:
    assert "serve" in commands()


@pytest.mark.parametrize("command", commands())
def test_every_command_named_exists(command: str) -> None:
    ran = CliRunner().invoke(program(), [*command.split(), "--help"])
    assert ran.exit_code == 0, ran.output
