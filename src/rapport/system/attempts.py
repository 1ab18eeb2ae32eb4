"""How often something was tried of late: guesses of passwords and codes, mails asked for, accounts made."""

import hashlib
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from rapport.store.database import Database
from rapport.store.queries import load
from rapport.system.errors import TooManyAttempts

_SQL = load("rapport.system", "sql")


class Attempts:
    """Counts attempts for all processes. Not in the caller's transaction: an attempt counts though it fails.

    A key says what is tried and by or on whom: `sign-in:ines@example.com`. It may be of any length and content.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def count(self, key: str, *, limit: int, window: timedelta) -> None:
        """Counts one attempt; raises TooManyAttempts after ``limit`` of them within ``window``. 0 is no limit."""
        if limit == 0:
            return
        row = await self._db.row(_SQL["count_attempt"], _stored(key), window)
        assert row is not None
        if row["count"] > limit:
            raise TooManyAttempts(row["wait"])

    async def uncount(self, key: str) -> None:
        """Takes one attempt back: it was a success."""
        await self._db.execute(_SQL["uncount_attempt"], _stored(key))

    async def forget(self, key: str) -> None:
        """Begins anew."""
        await self._db.execute(_SQL["forget_attempts"], _stored(key))


def network(address: str) -> str:
    """Whom an address stands for when attempts are counted: who has one IPv6 address has 2⁶⁴ of them.

    >>> network("2001:db8:1:2:3:4:5:6"), network("192.0.2.7"), network("::ffff:192.0.2.7")
    ('2001:db8:1:2::', '192.0.2.7', '192.0.2.7')
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64))


def _stored(key: str) -> str:
    purpose = key.partition(":")[0]
    return f"{purpose}:{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"
