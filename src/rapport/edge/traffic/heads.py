"""The heads of HTTP/1.1 answers as bytes. What an application gives cannot end a line, or the head, before its time."""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Final, TypeAlias

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]

_STATUS_LINES: Final = {
    each.value: b"HTTP/1.1 %d %s\r\n" % (each, each.phrase.encode()) for each in HTTPStatus if each >= 200
}
_TEXT: Final = bytes(code for code in range(256) if code == 9 or (code >= 32 and code != 127))  # of a header, or after
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2

_MOST_NAMES: Final = 1_000  # an application might make them up


# The lines of headers as they are sent, each with its end; what they say of the length of the body; whether they say
# that the connection is closed. A tuple without names is made in a tenth of the time.
Fields: TypeAlias = tuple[bytes, int | None, bool]


class Reader:
    """Reads the headers of answers. It knows the names that it has seen: looking at each anew would take longest."""

    def __init__(self) -> None:
        self._plain: set[bytes] = set()  # names that say nothing to us

    def read(self, given: Iterable[tuple[bytes, bytes]]) -> Fields:
        """Names are sent in small letters. Raises ValueError when they cannot be sent, and for two lengths.

        >>> Reader().read([(b"Content-Length", b"5"), (b"content-type", b"text/plain")])
        (b'content-length: 5\\r\\ncontent-type: text/plain\\r\\n', 5, False)
        """
        headers = given if given.__class__ is list else list(given)
        assert isinstance(headers, list)
        plain, length, closes, has_coding, has_capitals = self._plain, None, False, False, False
        for name, value in headers:
            if name in plain:
                continue
            if name == b"content-length":
                if length is not None or not value.isdigit():
                    raise ValueError("The headers of an answer have no length, or more than one.")
                length = int(value)
            elif name == b"transfer-encoding":
                has_coding = True
            elif name == b"connection":
                closes |= b"close" in map(bytes.strip, value.lower().split(b","))
            else:
                has_capitals |= not self._is_small(name)
        if has_capitals:
            return self.read([(name.lower(), value) for name, value in headers])
        if has_coding:  # it is for us to put a body into chunks, and to say so
            return self._without_coding(headers)
        if not headers:
            return b"", None, False
        lines = b"\r\n".join(map(b": ".join, headers))
        # But for the ends of the lines between them nothing is in the headers that is not text.
        if len(lines.translate(None, _TEXT)) != 2 * (len(headers) - 1):
            raise ValueError("The headers of an answer have control characters.")
        return lines + b"\r\n", length, closes

    def _is_small(self, name: bytes) -> bool:
        """Whether there are no capitals in the name of a header; raises ValueError when it is none."""
        if not _NAME.fullmatch(name):
            raise ValueError("The headers of an answer have one whose name is not a name.")
        if name != name.lower():
            return False
        if len(self._plain) < _MOST_NAMES:
            self._plain.add(name)
        return True

    def _without_coding(self, headers: Headers) -> Fields:
        codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
        if codings != [b"chunked"]:
            raise ValueError("An answer is to be sent in a coding other than chunked.")
        others = [each for each in headers if each[0] not in (b"transfer-encoding", b"content-length")]
        return self.read(others)


def status_line(status: int) -> bytes:
    """
    >>> status_line(200), status_line(299)
    (b'HTTP/1.1 200 OK\\r\\n', b'HTTP/1.1 299 \\r\\n')
    """
    known = _STATUS_LINES.get(status)
    if known is not None:
        return known
    if not 200 <= status <= 999:
        raise ValueError(f"{status} is no status of HTTP.")
    return b"HTTP/1.1 %d \r\n" % status
