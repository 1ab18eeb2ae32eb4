"""What the doctor finds: one thing that is not as it ought to be, and what would mend it."""

from dataclasses import dataclass
from typing import Literal

from rapport.metadata.serial import Row

RowTable = Literal["objects", "fields", "indexes", "index_fields"]


@dataclass(frozen=True, kw_only=True)
class RowChange:
    """A row of the metadata as it ought to be; None: it ought not to be."""

    table: RowTable
    before: Row | None
    after: Row | None

    @property
    def id(self) -> str:
        row = self.before or self.after
        assert row is not None
        return str(row["id"])


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Something that one side has and the other has not, or has otherwise."""

    table: str = ""  # of the workspace; '' for what is not about one
    what: str  # `column "name"`, `index "ix_person_companyId"`
    problem: str  # `is missing`, `is not in the metadata`, `is text, should be uuid`
    statements: tuple[str, ...] = ()  # that would mend it
    row: RowChange | None = None  # that would mend it
    is_safe: bool = False  # mending it loses nothing that is not made anew
    stops: bool = False  # the rows of the metadata are no model: nothing more can be said of the workspace

    def __str__(self) -> str:
        return f'table "{self.table}": {self.what} {self.problem}' if self.table else f"{self.what} {self.problem}"
