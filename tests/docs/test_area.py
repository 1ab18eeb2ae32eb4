"""docs/architecture.md shows how an area is added with code that is there."""

import re

from tests.docs.markdown import ROOT

SOURCES = ROOT / "src" / "rapport" / "keys"


def test_the_example_of_an_area_is_the_code() -> None:
    section = (ROOT / "docs" / "architecture.md").read_text("utf-8").split("## How to add an area")[1].split("\n## ")[0]
    shown = [
        line.strip() for block in re.findall(r"```[a-z]+\n(.*?)```", section, re.DOTALL) for line in block.splitlines()
    ]
    there = {
        line.strip()
        for file in SOURCES.iterdir()
        if file.suffix in (".py", ".graphql")
        for line in file.read_text("utf-8").splitlines()
    }
    assert len(shown) > 20
    assert [line for line in shown if line not in there and line != "Table("] == []
