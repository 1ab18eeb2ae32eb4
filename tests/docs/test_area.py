"""docs/architecture.md shows how an area is added with code that is there."""

import re

import pytest

from tests.docs.markdown import ROOT


@pytest.mark.parametrize(
    ("heading", "area", "lines"), [("How to add an area", "keys", 20), ("How to show lists in pages", "datamodel", 6)]
)
def test_the_example_is_the_code(heading: str, area: str, lines: int) -> None:
    section = (ROOT / "docs" / "architecture.md").read_text("utf-8").split(f"## {heading}")[1].split("\n## ")[0]
    shown = [
        line.strip() for block in re.findall(r"```[a-z]+\n(.*?)```", section, re.DOTALL) for line in block.splitlines()
    ]
    there = {
        line.strip()
        for file in (ROOT / "src" / "rapport" / area).iterdir()
        if file.suffix in (".py", ".graphql")
        for line in file.read_text("utf-8").splitlines()
    }
    assert len(shown) >= lines
    assert [line for line in shown if line not in there and line != "Table("] == []
