"""Durations in settings."""

from datetime import timedelta

import pytest

from rapport.base.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", timedelta(minutes=30)),
        ("60d", timedelta(days=60)),
        ("1.5h", timedelta(minutes=90)),
        ("500ms", timedelta(milliseconds=500)),
        ("10 s", timedelta(seconds=10)),
        ("2W", timedelta(weeks=2)),
        ("1y", timedelta(days=365.25)),
        ("0s", timedelta(0)),
    ],
)
def test_numbers_with_units_are_understood(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text", ["", "m", "5", "0", "500", "-5m", "5 months", "1h30m", "1e3s", "٣m", "inf", "99999999999999999y"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)
