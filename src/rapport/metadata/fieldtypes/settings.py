"""What the settings of a field may be: rules for single values, which the field types put together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from rapport.metadata.fieldtypes.base import Json


@dataclass(frozen=True)
class Word:
    """One of these texts."""

    words: tuple[str, ...]

    def misfit(self, value: Json) -> str | None:
        return None if isinstance(value, str) and value in self.words else f"must be one of {', '.join(self.words)}"


@dataclass(frozen=True)
class Whole:
    """A whole number between two others."""

    least: int
    most: int

    def misfit(self, value: Json) -> str | None:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if is_whole and self.least <= value <= self.most:  # type: ignore[operator]
            return None
        return f"must be a whole number from {self.least} to {self.most}"


@dataclass(frozen=True)
class Words:
    """A text that is not long."""

    most: int

    def misfit(self, value: Json) -> str | None:
        if isinstance(value, str) and len(value) <= self.most:
            return None
        return f"must be a text of {self.most} characters at most"


Rule: TypeAlias = Word | Whole | Words
Rules: TypeAlias = Mapping[str, Rule]

# How many values a list may have; a setting of several types.
VALUES: Rules = {"maxNumberOfValues": Whole(1, 1000)}
MOMENTS: Rules = {
    "displayFormat": Word(("RELATIVE", "USER_SETTINGS", "CUSTOM")),
    "customUnicodeDateFormat": Words(100),
}
