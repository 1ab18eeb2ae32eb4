"""How far somebody has come in the log of a workspace: which transactions they have seen.

Numbers alone would not do. Of two transactions that write at the same time the one with the higher numbers may be
committed first; who then noted the highest number would never see the other. So a cursor says which transactions were
still open when the log was read, as PostgreSQL's snapshots do. (The idea is that of PgQ, the queue of Skytools.)

What one has not seen yet is read in the order of ``seq``. Two changes of one record are then in their true order:
who changes a record second has waited for the first one's commit, and numbers its event after that.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from rapport.events.errors import InvalidEventCursor

_MOST = 2**63
_LONGEST = 20_000  # characters
_MOST_OPEN = 1_000  # transactions: there are no more connections
_TEXT = re.compile(r"(\d{1,19})((?:,\d{1,19})*)(?:/(\d{1,19})((?:,\d{1,19})*)/(\d{1,19}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The transactions before ``next`` except those that were ``open``. Numbers of transactions are xid8."""

    next: int
    open: tuple[int, ...] = ()

    def __str__(self) -> str:
        return ",".join(map(str, (self.next, *self.open)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Behind all events of the transactions ``seen``. With ``until``, in the midst of those that this one has seen
    beyond them: behind the event numbered ``seq``.

    >>> str(Cursor(seen=Snapshot(7, (4, 5))))
    'Nyw0LDU'
    >>> Cursor.read("Nyw0LDU")
    Cursor(seen=Snapshot(next=7, open=(4, 5)), until=None, seq=0)
    """

    seen: Snapshot
    until: Snapshot | None = None
    seq: int = 0

    def __str__(self) -> str:
        text = str(self.seen) if self.until is None else f"{self.seen}/{self.until}/{self.seq}"
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Raises InvalidEventCursor."""
        found = None
        if len(text) <= _LONGEST and text.isascii():
            try:
                decoded = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
            except ValueError:
                raise InvalidEventCursor from None
            found = _TEXT.fullmatch(decoded)
        if found is None:
            raise InvalidEventCursor
        seen, until = _snapshot(found[1], found[2]), None
        if found[3] is not None:
            until = _snapshot(found[3], found[4])
        seq = int(found[5] or 0)
        if max(seen.next, until.next if until else 0, seq) >= _MOST:
            raise InvalidEventCursor
        return cls(seen=seen, until=until, seq=seq)


START: Final = Cursor(seen=Snapshot(0))


def _snapshot(following: str, open_: str) -> Snapshot:
    upper = int(following)
    numbers = tuple(int(each) for each in open_.split(",") if each)
    if len(numbers) > _MOST_OPEN or any(each >= upper for each in numbers):
        raise InvalidEventCursor
    return Snapshot(upper, numbers)
