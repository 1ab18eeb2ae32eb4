"""The model file of the guide is one, and says of every key what it is."""

import re

from rapport.base.ids import new_id
from rapport.metadata.catalog import WorkspaceId
from rapport.metadata.model_file.applying import apply_form
from rapport.metadata.model_file.forms import FIELD_KEYS, OBJECT_KEYS, read_form
from rapport.metadata.model_file.reading import read_yaml
from rapport.metadata.standard.model import standard_catalog
from tests.docs.markdown import ROOT

TEXT = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")


def test_the_example_is_applied_as_written() -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    form = read_form(read_yaml(example.encode()))
    after = apply_form(form, standard_catalog(WorkspaceId(new_id())))
    assert "rocket" in after.by_name
    assert apply_form(form, after) is after


def test_every_key_is_named() -> None:
    section = TEXT.split("## A model as a file")[1].split("\n## ")[0]
    named = set(re.findall(r"`(\w+)", section))
    assert set(OBJECT_KEYS) | set(FIELD_KEYS) <= named
