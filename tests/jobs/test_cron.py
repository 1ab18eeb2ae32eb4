"""Times of the calendar, where clocks are put forward and back."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from rapport.jobs.cron import InvalidSchedule, next_time


def following(cron: str, zone: str, after: str, count: int) -> list[str]:
    """So many times, one after the other, as a process that is started anew each time would find them."""
    found, moment = [], datetime.fromisoformat(after)
    for _ in range(count):
        time = next_time(cron, zone, moment)
        assert time is not None
        found.append(f"{time:%Y-%m-%dT%H:%M}")
        moment = time
    return found


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        ("0 8 * * 1-5", "UTC", "2026-01-02T08:00Z", ["2026-01-05T08:00", "2026-01-06T08:00"]),
        ("0 8 * * 1-5", "America/New_York", "2026-01-02T08:00Z", ["2026-01-02T13:00", "2026-01-05T13:00"]),
        ("*/20 * * * *", "Asia/Kathmandu", "2026-01-02T08:01Z", ["2026-01-02T08:15", "2026-01-02T08:35"]),
        ("0 0 L * *", "UTC", "2026-02-01T00:00Z", ["2026-02-28T00:00", "2026-03-31T00:00"]),
        ("0 0 29 2 *", "UTC", "2026-02-01T00:00Z", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        # Put forward from 2:00 to 3:00 on 2026-03-29: half past two is at three, and hours go on.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-29T01:00", "2026-03-30T00:30"]),
        ("0 * * * *", "Europe/Berlin", "2026-03-28T23:30Z", ["2026-03-29T00:00", "2026-03-29T01:00"]),
        # Put back from 3:00 to 2:00 on 2026-10-25: half past two is there once, each hour twice.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", ["2026-10-25T00:30", "2026-10-26T01:30"]),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10Z", ["2026-10-26T01:30"]),
        ("0 * * * *", "Europe/Berlin", "2026-10-24T23:30Z", ["2026-10-25T00:00", "2026-10-25T01:00"]),
        ("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:00Z", ["2026-10-25T00:30", "2026-10-25T01:00"]),
    ],
)
def test_the_next_times_of_a_schedule(cron: str, zone: str, after: str, expected: list[str]) -> None:
    assert following(cron, zone, after, len(expected)) == expected


@pytest.mark.parametrize("cron", ["* * * * *", "*/7 1-5 * * *", "15 2 * * *", "0 0 1 * *", "59 23 * * 0"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Gaza"])
def test_times_always_go_on(cron: str, zone: str) -> None:
    """From each minute of days on which clocks change."""
    for day in (
        datetime(2026, 3, 29, tzinfo=UTC),
        datetime(2026, 10, 25, tzinfo=UTC),
        datetime(2026, 4, 4, tzinfo=UTC),
    ):
        moments = [day + timedelta(minutes=10 * number, seconds=1) for number in range(-60, 200)]
        times = [next_time(cron, zone, moment) for moment in moments]
        assert all(time is not None and time > moment for time, moment in zip(times, moments, strict=True))
        assert all(before is not None and after is not None and before <= after for before, after in pairwise(times))


@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("", "UTC"),
        ("* * * *", "UTC"),
        ("* * * * * *", "UTC"),  # seconds
        ("60 * * * *", "UTC"),
        ("*/0 * * * *", "UTC"),
        ("0 0 30 2 *", "UTC"),
        ("x * * * *", "UTC"),
        ("@daily", "UTC"),
        (",".join(["1"] * 200) + " * * * *", "UTC"),
        ("* * * * *", "Mars/Olympus"),
        ("* * * * *", "../../etc/passwd"),
        ("* * * * *", ""),
    ],
)
def test_what_is_no_schedule_is_refused(cron: str, zone: str) -> None:
    with pytest.raises(InvalidSchedule):
        next_time(cron, zone, datetime(2026, 1, 1, tzinfo=UTC))
