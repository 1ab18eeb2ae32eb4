"""How to open a connection to PostgreSQL: address, session settings, and how values travel."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import asyncpg

from rapport.base.errors import ConfigurationError, Unavailable

CONNECT_SECONDS = 10.0
LEAST_VERSION = 15
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # from which PostgreSQL counts


@dataclass(frozen=True, kw_only=True)
class Dialing:
    """The address of a database and the settings of every session on it."""

    dsn: str
    statement_timeout_ms: int = 10_000
    application_name: str = "rapport"

    async def dial(self) -> asyncpg.Connection:
        """A new connection. Raises Unavailable when PostgreSQL does not answer or does not let us in."""
        try:
            raw = await asyncpg.connect(
                self.dsn,
                timeout=CONNECT_SECONDS,
                statement_cache_size=0,  # Connection keeps its own
                server_settings={
                    "application_name": self.application_name,
                    "timezone": "UTC",
                    "datestyle": "ISO",
                    "jit": "off",  # statements are short and prepared: compiling them costs more than it saves
                    "max_parallel_workers_per_gather": "0",
                    "statement_timeout": str(self.statement_timeout_ms),
                },
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
            raise Unavailable(f"The database cannot be reached: {_reason(error)}.") from error
        try:
            # `bpchar` is the type of finished JSON: handed over as it came, without a turn through str.
            await raw.set_type_codec("bpchar", schema="pg_catalog", format="binary", encoder=_as_bytes, decoder=bytes)
            # The driver's own codecs take the first and the last day of Python's calendar for the infinities.
            await raw.set_type_codec(
                "timestamptz", schema="pg_catalog", format="tuple", encoder=_microseconds, decoder=_moment
            )
            await raw.set_type_codec("date", schema="pg_catalog", format="tuple", encoder=_days, decoder=_day)
        except BaseException as error:
            raw.terminate()
            if isinstance(error, (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)):
                raise Unavailable(f"The database cannot be reached: {_reason(error)}.") from error
            raise
        return raw

    async def check(self) -> None:
        """Raises ConfigurationError unless the database can be reached and is one that Rapport can work on."""
        try:
            raw = await self.dial()
        except Unavailable as error:
            raise ConfigurationError(f"DATABASE_URL ({self.address}): {error.message}") from error
        try:
            version = raw.get_server_version()
            encoding = raw.get_settings().server_encoding
        finally:
            await raw.close(timeout=CONNECT_SECONDS)
        if version.major < LEAST_VERSION:
            raise ConfigurationError(
                f"DATABASE_URL ({self.address}): PostgreSQL {version.major} is too old;"
                f" Rapport needs {LEAST_VERSION} or later."
            )
        if encoding.upper() != "UTF8":
            raise ConfigurationError(
                f"DATABASE_URL ({self.address}): the database's encoding is {encoding}; Rapport needs UTF8."
            )

    @property
    def address(self) -> str:
        """Where the database is, without user name and password."""
        try:
            parts = urlsplit(self.dsn)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return "malformed"
        return f"{parts.hostname or 'local'}{port}{parts.path}"


def _as_bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _microseconds(moment: datetime) -> tuple[int]:
    return ((moment - _EPOCH) // timedelta(microseconds=1),)


def _moment(value: tuple[int]) -> datetime:
    return _EPOCH + timedelta(microseconds=value[0])


def _days(day: date) -> tuple[int]:
    return (day.toordinal() - _EPOCH.toordinal(),)


def _day(value: tuple[int]) -> date:
    return date.fromordinal(value[0] + _EPOCH.toordinal())


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return f"no answer within {CONNECT_SECONDS:g} seconds"
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
