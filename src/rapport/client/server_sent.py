"""Server-sent events, put together from the parts in which they arrive."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, kw_only=True)
class ServerSent:
    """One event. ``id`` is None where it has none; without ``data`` it says no more than its id."""

    name: str = "message"
    data: str = ""
    id: str | None = None


class ServerSentEvents:
    """A part may end anywhere."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._name = ""
        self._data: list[str] = []
        self._id: str | None = None

    def feed(self, part: bytes) -> Iterator[ServerSent]:
        """The events that end in this part.

        >>> events = ServerSentEvents()
        >>> list(events.feed(b': hello\\nid: 1\\nda')), list(events.feed(b'ta: a\\ndata: b\\n\\nid: 2\\n\\n:\\n\\n'))
        ([], [ServerSent(name='message', data='a\\nb', id='1'), ServerSent(name='message', data='', id='2')])
        """
        self._rest.append(part)
        if b"\n" not in part and b"\r" not in part:
            return
        *lines, last = _LINE_END.split(b"".join(self._rest))
        self._rest = [last]
        if part.endswith(b"\r"):  # perhaps half of a line end
            self._rest = [lines.pop() + b"\r"]
        for line in lines:
            found = self._line(line.decode("utf-8", "replace"))
            if found is not None:
                yield found

    def _line(self, line: str) -> ServerSent | None:
        if line == "":
            return self._end()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "event":
                self._name = value
            case "data":
                self._data.append(value)
            case "id":
                self._id = value
        return None

    def _end(self) -> ServerSent | None:
        found = None
        if self._data or self._id is not None:
            found = ServerSent(name=self._name or "message", data="\n".join(self._data), id=self._id)
        self._name, self._data, self._id = "", [], None
        return found
