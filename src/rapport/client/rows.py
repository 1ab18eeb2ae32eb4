"""Rows of an export, put together from the parts in which they arrive."""

import json

from rapport.client.call import Record
from rapport.client.errors import ConnectionFailed


class Rows:
    """A row is a line of JSON; a part may end anywhere in it."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, part: bytes) -> list[Record]:
        """The rows that end in this part.

        >>> rows = Rows()
        >>> rows.feed(b'{"n":1}\\n{"n":'), rows.feed(b'2}\\n'), rows.end()
        ([{'n': 1}], [{'n': 2}], None)
        """
        *lines, self._rest = (self._rest + part).split(b"\n")
        return [json.loads(line) for line in lines]

    def end(self) -> None:
        """Raises ConnectionFailed when there is a row that never ended."""
        if self._rest:
            raise ConnectionFailed("The answer broke off in the middle of a row")
