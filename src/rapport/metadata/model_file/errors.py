"""What is wrong with a model file, or with what it would do."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapport.base.errors import BadUserInput

MOST_TOLD = 20


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong. ``place``: `objects.rocket.fields.thrust`, '' for the file as a whole."""

    line: int
    place: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.place + ': ' if self.place else ''}{self.message}"


class InvalidModelFile(BadUserInput):
    """The model file is not valid"""

    sub_code = "INVALID_MODEL_FILE"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        told = [str(fault) for fault in self.faults[:MOST_TOLD]]
        if len(self.faults) > MOST_TOLD:
            told.append(f"and {len(self.faults) - MOST_TOLD} more")
        super().__init__("The model file is not valid\n" + "\n".join(f"  {each}" for each in told))


class DataWouldBeLost(BadUserInput):
    """The change would lose data"""

    sub_code = "DATA_WOULD_BE_LOST"

    def __init__(self, losses: Iterable[str]) -> None:
        self.losses = tuple(losses)
        told = "\n".join(f"  {each}" for each in self.losses)
        super().__init__(f"The change would lose data\n{told}\nWith --allow-loss it is made nevertheless.")


class RecordsInTheWay(BadUserInput):
    """The records of the workspace do not allow the change"""

    sub_code = "RECORDS_IN_THE_WAY"

    def __init__(self, reasons: Iterable[str]) -> None:
        super().__init__(
            "The records of the workspace do not allow the change\n" + "\n".join(f"  {e}" for e in reasons)
        )
