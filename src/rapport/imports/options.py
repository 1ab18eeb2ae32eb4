"""How a file is to be imported."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal, TypeAlias, cast

Format: TypeAlias = Literal["csv", "ndjson"]
Mode: TypeAlias = Literal["create", "update", "upsert"]
OnError: TypeAlias = Literal["skip", "stop"]

MissingLinks: TypeAlias = Literal["error", "empty"]

NULL = "\\N"


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """``match`` names the column by which a row finds the record that is there; ``header`` the columns of a CSV file.
    ``missing_links``: what is done about links to records that are not there.

    ``null``: a cell of a CSV file with this text empties the field. An empty cell leaves it as it is.
    """

    format: Format
    mode: Mode = "create"
    match: str | None = None
    on_error: OnError = "skip"
    missing_links: MissingLinks = "error"
    dry_run: bool = False
    ignore_unknown: bool = False
    null: str = NULL
    delimiter: str = ","
    encoding: str = "utf-8"
    header: tuple[str, ...] = ()

    def payload(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def of(cls, payload: Mapping[str, object]) -> "ImportOptions":
        """From what ``payload`` gives, through JSON."""
        found = cls(format=cast(Format, payload["format"]))
        header = cast("list[str]", payload["header"])
        return replace(found, **{**payload, "header": tuple(header)})  # type: ignore[arg-type]  # our own payload
