"""Messages on a pipe: four bytes of length, and that many bytes."""

import struct

HEADER = struct.Struct(">I")


def frame(content: bytes) -> bytes:
    """
    >>> frame(b"abc")
    b'\\x00\\x00\\x00\\x03abc'
    """
    return HEADER.pack(len(content)) + content


def length(header: bytes) -> int:
    (size,) = HEADER.unpack(header)
    assert isinstance(size, int)
    return size
