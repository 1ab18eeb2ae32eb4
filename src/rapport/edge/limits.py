"""What one request may ask for."""

from dataclasses import dataclass

from rapport.base.errors import BadUserInput


class TooComplex(BadUserInput):
    """Query complexity is too high."""

    sub_code = "TOO_COMPLEX_QUERY"


class TooManyFields(TooComplex):
    """Query complexity is too high."""

    def __init__(self, most: int) -> None:
        super().__init__(f"Query complexity is too high. At most {most} fields may be selected.")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """See docs/configuration.md."""

    max_fields: int = 5_000
    max_depth: int = 30
    max_relations: int = 100
    max_cost: int = 1_000_000
    page_size: int = 60
    page_limit: int = 10_000
    max_batch: int = 60
