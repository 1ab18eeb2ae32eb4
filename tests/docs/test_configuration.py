"""docs/configuration.md says of every setting what the code says of it."""

import re

from rapport.base.settings import Settings
from tests.docs.markdown import ROOT

DOCUMENT = ROOT / "docs" / "configuration.md"


def sections() -> dict[str, str]:
    """The text under each second-level heading, its line breaks and runs of spaces made single spaces."""
    parts = re.split(r"^## (.+)$", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def test_every_setting_has_its_heading_in_the_order_of_the_code() -> None:
    assert list(sections()) == [setting.variable for setting in Settings.declared().values()]


def test_every_section_opens_with_the_description_and_the_default_of_the_code() -> None:
    said = sections()
    for setting in Settings.declared().values():
        default = f"`{setting.default}`" if setting.default else "none"
        expected = f"{setting.description} Default: {default}"
        assert said[setting.variable][: len(expected)] == expected
