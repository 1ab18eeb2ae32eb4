"""The guide for operators lists every metric, with its labels and what it means."""

import re

from rapport.edge.metrics.known import METRICS
from tests.docs.markdown import ROOT


def test_every_metric_has_its_line_in_its_order() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(rapport_\w+)` \| (.+) \| (.+) \|$", text, re.MULTILINE)
    assert listed == [
        (metric.name, ", ".join(f"`{label}`" for label in metric.labels) or "–", metric.help) for metric in METRICS
    ]
