"""The texts in cells of CSV files as values of the fields that they are for."""

from collections.abc import Callable, Mapping
from functools import partial

from rapport.imports.columns import Given
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.leaves.json import parsed_json
from rapport.metadata.fieldtypes.leaves.number import FloatLeaf, IntegerLeaf
from rapport.metadata.fieldtypes.leaves.select import MultiSelectLeaf, SelectLeaf

Read = Callable[[str], Json]

_BOOLEANS: Mapping[str, Json] = {
    "true": True, "yes": True, "1": True, "false": False, "no": False, "0": False,
}  # fmt: skip


def reader_of(given: Given) -> Read | None:
    """What makes a value of a text; None when the text is the value. What it cannot read it leaves as it is."""
    if not given.sub and given.field.type.graphql_output is not None:
        return partial(_bracketed, "{")
    leaf = given.field.column_of[given.sub].leaf
    if isinstance(leaf, MultiSelectLeaf):
        return partial(_options, _labels(given))
    if isinstance(leaf, SelectLeaf):
        return partial(_option, _labels(given))
    if isinstance(leaf, FloatLeaf | IntegerLeaf):
        return lambda text: leaf.read_text(text.strip())
    match leaf.sql_type:
        case "boolean":
            return lambda text: _BOOLEANS.get(text.strip().lower(), text)
        case "text[]":
            return partial(_bracketed, "[")
        case "text" | "jsonb":
            return None
        case _:
            return str.strip


def _bracketed(bracket: str, text: str) -> Json:
    """JSON, if the text begins like it."""
    return parsed_json(text) if text.lstrip().startswith(bracket) else text


def _labels(given: Given) -> Mapping[str, str]:
    """The field's options by themselves, and by what people call them."""
    labels = {option.label.casefold(): option.value for option in given.field.options}
    return labels | {option.value: option.value for option in given.field.options}


def _option(labels: Mapping[str, str], text: str) -> Json:
    return labels.get(text) or labels.get(text.strip().casefold(), text)


def _options(labels: Mapping[str, str], text: str) -> Json:
    """`["A", "B"]`, `A;B`, `A, B` and `A` are lists of options."""
    given = _bracketed("[", text)
    if isinstance(given, list):
        return given
    parts = text.split(";") if ";" in text else text.split(",")
    return [_option(labels, part.strip()) for part in parts if part.strip()]
