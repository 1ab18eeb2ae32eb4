"""docs/security.md names tests that exist, every requirement of its chapters, and every action of the audit log."""

import ast
import re

import pytest

from rapport.audit.actions import ACTIONS
from tests.docs.markdown import ROOT

DOCUMENT = ROOT / "docs" / "security.md"
STATES = {"holds", "partly", "gap", "n/a"}
# ASVS 4.0.3 at levels 1 and 2, by chapter and section: how many requirements, without those withdrawn or of level 3.
SECTIONS = {
    "2.1": range(1, 13),
    "2.2": range(1, 4),
    "2.3": range(1, 4),
    "2.4": range(1, 6),
    "2.5": range(1, 8),
    "2.6": range(1, 4),
    "2.7": range(1, 7),
    "2.8": range(1, 8),
    "2.9": range(1, 4),
    "2.10": range(1, 5),
    "3.1": range(1, 2),
    "3.2": range(1, 5),
    "3.3": range(1, 5),
    "3.4": range(1, 6),
    "3.5": range(1, 4),
    "3.7": range(1, 2),
    "4.1": (1, 2, 3, 5),
    "4.2": range(1, 3),
    "4.3": range(1, 4),
}


def rows() -> list[list[str]]:
    """The cells of every line of a table that begins with a number."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    found = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| "))
    return [cells for cells in found if re.fullmatch(r"\d+\.\d+\.\d+", cells[0])]


def named_tests() -> list[str]:
    return sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", DOCUMENT.read_text(encoding="utf-8"))))


def test_every_requirement_has_its_line() -> None:
    expected = [f"{section}.{number}" for section, numbers in SECTIONS.items() for number in numbers]
    assert [cells[0] for cells in rows()] == expected


@pytest.mark.parametrize("cells", rows(), ids=lambda cells: cells[0])
def test_a_line_says_what_holds_and_how(cells: list[str]) -> None:
    assert len(cells) == 4
    assert cells[2] in STATES
    assert len(cells[1]) > 10
    assert len(cells[3]) > 10


@pytest.mark.parametrize("name", named_tests())
def test_every_test_named_exists(name: str) -> None:
    path, _, function = name.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_action_of_the_audit_log_is_explained_in_its_order() -> None:
    listed = re.findall(r"^\| `(\w+)` \| .+ \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == list(ACTIONS)
