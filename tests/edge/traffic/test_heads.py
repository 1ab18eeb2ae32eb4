"""Headers of answers as bytes: none of them can be more than one header."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rapport.edge.traffic.heads import Reader, status_line

NAMES = st.binary(min_size=0, max_size=6) | st.sampled_from([b"x-a", b"X-B", b"etag", b"set-cookie"])
VALUES = st.binary(max_size=12) | st.sampled_from([b"", b"a\r\nb: c", b"a\nb", b"a\rb", b"\0", b"a\tb", b"\xff"])
ALLOWED = set(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def sendable(name: bytes, value: bytes) -> bool:
    """The slow way to say it: RFC 9110, 5.1 and 5.5."""
    if not name or not set(name) <= ALLOWED:
        return False
    return all(code == 9 or (code >= 32 and code != 127) for code in value)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=5))
@example([(b"a", b"\r\n"), (b"b", b"")])
@example([(b"a: b\r\nc", b"d")])
def test_what_is_read_from_the_lines_is_what_was_given(headers: list[tuple[bytes, bytes]]) -> None:
    reader = Reader()
    if all(sendable(*each) for each in headers):
        for _ in range(2):  # also when it knows the names
            lines, length, closes = reader.read(headers)
            split = [tuple(line.split(b": ", 1)) for line in lines.split(b"\r\n")[:-1]]
            assert split == [(name.lower(), value) for name, value in headers]
            assert (length, closes) == (None, False)
    else:
        with pytest.raises(ValueError, match="headers of an answer"):
            reader.read(headers)


def test_the_names_that_are_known_have_an_end() -> None:
    reader = Reader()
    for number in range(3_000):
        name = b"x-%d" % number
        assert reader.read([(name, b"")]) == (name + b": \r\n", None, False)
    assert len(reader._plain) == 1_000
    assert reader.read([(b"x-2999", b"1")]) == (b"x-2999: 1\r\n", None, False)


def test_what_headers_say_of_the_body_and_the_connection() -> None:
    reader = Reader()
    assert reader.read([]) == (b"", None, False)
    assert reader.read(iter([(b"content-length", b"12")])) == (b"content-length: 12\r\n", 12, False)
    assert reader.read([(b"Connection", b"Keep-Alive, Close")]) == (b"connection: Keep-Alive, Close\r\n", None, True)
    assert reader.read([(b"connection", b"keep-alive")]) == (b"connection: keep-alive\r\n", None, False)
    # A body is either counted or in chunks, and the latter is the server's to do.
    given = [(b"Content-Length", b"1"), (b"Transfer-Encoding", b"Chunked"), (b"a", b"b")]
    assert reader.read(given) == (b"a: b\r\n", None, False)
    with pytest.raises(ValueError, match="coding"):
        reader.read([(b"transfer-encoding", b"gzip")])
    for wrong in (b"", b"-1", b"+1", b"1 ", b"0x1", b"1, 1", "٣".encode()):
        with pytest.raises(ValueError, match="length"):
            reader.read([(b"content-length", wrong)])
    with pytest.raises(ValueError, match="length"):
        reader.read([(b"content-length", b"1"), (b"Content-Length", b"1")])


def test_status_lines() -> None:
    assert status_line(200) == b"HTTP/1.1 200 OK\r\n"
    assert status_line(499) == b"HTTP/1.1 499 \r\n"
    for wrong in (0, 99, 100, 103, 1_000):  # the first of several heads is not an answer
        with pytest.raises(ValueError, match="no status"):
            status_line(wrong)
