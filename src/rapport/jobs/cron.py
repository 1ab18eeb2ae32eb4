"""Times of the calendar: `0 8 * * 1-5` is eight o'clock on working days, in some time zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from rapport.base.errors import BadUserInput

_FIELDS = 5  # minute, hour, day of the month, month, day of the week
_LONGEST = 200


class InvalidSchedule(BadUserInput):
    """This is not a time of the calendar."""

    sub_code = "INVALID_SCHEDULE"


def next_time(cron: str, zone: str, after: datetime) -> datetime | None:
    """The first time after a moment, in UTC; None when there is none in fifty years. Raises InvalidSchedule.

    A fixed time (`30 2 * * *`) that a clock put forward leaves out comes as soon as there is time again; one that a
    clock put back has twice comes the first time only. What comes every so many minutes or hours goes on as always.

    >>> next_time("30 2 * * *", "Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)).isoformat()
    '2026-03-29T01:00:00+00:00'
    """
    if len(cron) > _LONGEST or len(cron.split()) != _FIELDS:
        raise InvalidSchedule(
            f"A schedule has {_FIELDS} parts: minute, hour, day of the month, month, day of the week."
        )
    try:
        times = CronSim(cron, after.astimezone(_zone(zone)))
    except CronSimError as error:
        raise InvalidSchedule(f"{cron!r} is not a schedule: {error}.") from None
    for time in times:
        found = time.astimezone(UTC)
        if found > after:  # where a clock is put back, the first of two times may be over
            return found
    return None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise InvalidSchedule(f"There is no time zone {name!r}.") from None
