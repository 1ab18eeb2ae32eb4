"""Which records are asked for, and in which form."""

from dataclasses import dataclass
from typing import Literal

from rapport.edge.misuse import BadRequest
from rapport.edge.rest.parameters import Parameters
from rapport.edge.rest.records.asked import Asked, Question
from rapport.edge.rest.records.filters import read_filter
from rapport.edge.rest.records.questions import order_values

Format = Literal["csv", "ndjson"]
_SHOWN = 80  # characters of what the client sent


@dataclass(frozen=True, kw_only=True)
class ExportQuestion:
    """``columns``: the names of those that are asked for; None for all. ``is_safe``: for spreadsheets."""

    question: Question
    format: Format
    columns: tuple[str, ...] | None
    is_safe: bool


def export_question(plural: str, parameters: Parameters) -> ExportQuestion:
    """`?format=csv&fields=name.firstName,city&filter=city[eq]:Oslo`. Raises BadRequest."""
    filter_, of_texts = read_filter(parameters)
    values = order_values(parameters)
    if filter_ is not None:
        values["filter"] = filter_
    depth = parameters.text("depth")
    if depth not in (None, "0"):
        raise BadRequest(f"'depth={depth[:_SHOWN]}' parameter invalid. Exports have the depth 0")
    return ExportQuestion(
        question=Question.of(Asked(verb="list", plural=plural, of_texts=of_texts), values),
        format=_format(parameters.text("format")),
        columns=_columns(parameters.text("fields")),
        is_safe=parameters.flag("csv_safe", "csvSafe") is True,
    )


def _format(text: str | None) -> Format:
    match text:
        case "csv" | "ndjson":
            return text
        case None:
            raise BadRequest("'format' is missing. Should be csv or ndjson")
    raise BadRequest(f"'format={text[:_SHOWN]}' parameter invalid. Allowed values are csv, ndjson")


def _columns(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(dict.fromkeys(each.strip() for each in text.split(",")))
