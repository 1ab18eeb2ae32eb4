"""Names of time zones."""

from zoneinfo import ZoneInfo

_CERTAIN = "Europe/London"


def is_zone(name: str) -> bool:
    """Whether a time zone has this name: `Europe/Paris`, `UTC`. Offsets are no names.

    On a machine without a time zone database every name may be one; PostgreSQL, which has its own, will tell.

    >>> is_zone("Europe/Paris"), is_zone("Europe/Nowhere"), is_zone("+02:00"), is_zone("../passwd")
    (True, False, False, False)
    """
    return _is_known(name) or (name.replace("/", "").replace("_", "").isalpha() and not _is_known(_CERTAIN))


def _is_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True
