"""Links inside the project lead somewhere."""

from pathlib import Path

import pytest

from tests.docs.markdown import FILES, ROOT, anchors, links


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_to_a_file_and_a_heading(file: Path) -> None:
    broken = []
    for link in links(file):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, fragment = link.partition("#")
        target = file.parent / path if path else file
        if not target.exists() or (fragment and fragment not in anchors(target)):
            broken.append(link)
    assert broken == []
