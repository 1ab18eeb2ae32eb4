"""What a run is asked to do: from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rapport.base.settings import Settings

CONNECTIONS = 16  # of the load on the server
MOST_SLICES = 5
LONGEST_SECONDS = 600


class WrongOption(Exception):
    """A variable has a value that means nothing."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """``seconds`` is how long a case runs against the server; as long again it runs in pgbench."""

    cases: tuple[str, ...]
    seconds: int = 5
    data_dir: Path | None = None
    database_url: str | None = None
    pool_size: int = field(default_factory=lambda: Settings().pool_size)

    @classmethod
    def from_environment(cls, known: tuple[str, ...], environment: Mapping[str, str] = os.environ) -> "Options":
        chosen = tuple(name.strip() for name in environment.get("BENCH_CASES", "").split(",") if name.strip())
        unknown = [name for name in chosen if name not in known]
        if unknown:
            raise WrongOption(f"BENCH_CASES: there is no case {', '.join(unknown)}; there are {', '.join(known)}.")
        return cls(
            cases=tuple(name for name in known if not chosen or name in chosen),
            seconds=_whole(environment, "BENCH_SECONDS", 5, LONGEST_SECONDS),
            data_dir=Path(environment["BENCH_DATA_DIR"]).absolute() if environment.get("BENCH_DATA_DIR") else None,
            database_url=environment.get("DATABASE_URL") or None,
            pool_size=_whole(environment, "RAPPORT_POOL_SIZE", Settings().pool_size, 500),
        )

    @property
    def keeps_data(self) -> bool:
        """Whether the records outlive the run."""
        return self.data_dir is not None or self.database_url is not None

    @property
    def slices(self) -> list[int]:
        """The seconds of a case in turns: server, pgbench, server, pgbench …

        >>> Options(cases=(), seconds=7).slices
        [2, 2, 1, 1, 1]
        """
        turns = min(self.seconds, MOST_SLICES)
        return [self.seconds // turns + (turn < self.seconds % turns) for turn in range(turns)]


def _whole(environment: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise WrongOption(f"{name} must be a whole number from 1 to {most}, not {text!r}.")
    return int(text)
