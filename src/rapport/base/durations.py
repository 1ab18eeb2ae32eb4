"""Durations as settings write them: `30m`, `60d`, `1.5h`, `500ms`; never without the unit."""

import re
from datetime import timedelta

_UNITS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_557_600_000,
}
_PATTERN = re.compile(r"(\d+(?:\.\d+)?) ?(ms|[smhdwy])", re.ASCII)


def parse_duration(text: str) -> timedelta:
    """The duration a text stands for; raises ValueError.

    >>> parse_duration("30m")
    datetime.timedelta(seconds=1800)
    >>> parse_duration("1500 ms")
    datetime.timedelta(seconds=1, microseconds=500000)
    """
    match = _PATTERN.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError("must be a duration with its unit, such as 30s, 15m, 12h or 60d")
    try:
        return timedelta(milliseconds=float(match[1]) * _UNITS[match[2]])
    except OverflowError:
        raise ValueError("is too long a duration") from None
