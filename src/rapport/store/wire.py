"""The short way to PostgreSQL: a prepared statement is executed, and the first row handed over, by a few steps in this
file. All else on the connection is the driver's: see docs/decisions/0017-the-short-way-to-postgresql.md.

Source of the messages: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import asyncio
from collections.abc import Callable, Sequence
from struct import Struct

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from rapport.store.encoding import NULL, Encode, Unfit, encoder_of, length

Row = tuple[bytes | None, ...]

_ROW_COMES = b"2\x00\x00\x00\x04D"  # the parameters were taken, and a row follows
_READY = b"Z\x00\x00\x00\x05I"  # for the next statement, in no transaction
_RUN = b"\x00\x00E\x00\x00\x00\x09\x00\x00\x00\x00\x00S\x00\x00\x00\x04"  # columns are text; all rows; then be ready
_COUNT = Struct(">h")
_SIZE = Struct(">i")


class ShortStatement:
    """A prepared statement that can go the short way: parameters that are encoded here, and finished JSON as the first
    column; others are plain text."""

    __slots__ = ("_constant", "_encoders", "_head")

    def __init__(self, name: str, encoders: Sequence[tuple[int, Encode]]) -> None:
        count = _COUNT.pack(len(encoders))
        forms = b"".join(_COUNT.pack(form) for form, _ in encoders)
        self._head = b"\x00" + name.encode() + b"\x00" + count + forms + count
        self._encoders = tuple(encode for _, encode in encoders)
        self._constant = None if encoders else self._message(())

    @classmethod
    def of(cls, name: str, statement: PreparedStatement) -> "ShortStatement | None":
        columns = [column.type.name for column in statement.get_attributes()]
        encoders = [encoder_of(parameter.name) for parameter in statement.get_parameters()]
        known = [each for each in encoders if each is not None]
        if columns[:1] != ["bpchar"] or set(columns[1:]) > {"text"} or len(known) < len(encoders):
            return None
        return cls(name, known)

    def bind(self, values: Sequence[object]) -> bytes:
        """The messages that execute it. Raises Unfit: then the driver knows what to do, or what to say."""
        if len(values) != len(self._encoders):
            raise Unfit
        if self._constant is not None:
            return self._constant
        parts: list[bytes] = []
        for encode, value in zip(self._encoders, values, strict=True):
            if value is None:
                parts.append(NULL)
                continue
            encoded = encode(value)
            parts.append(length(len(encoded)))
            parts.append(encoded)
        return self._message(parts)

    def _message(self, parts: Sequence[bytes]) -> bytes:
        size = len(self._head) + sum(map(len, parts)) + 6  # with its own four bytes, and two for the form of columns
        return b"".join((b"B", length(size), self._head, *parts, _RUN))


class Wire(asyncio.Protocol):
    """Stands between the socket and the driver: what comes while no statement is on the short way is the driver's."""

    __slots__ = ("_buffer", "_driver", "_error", "_first", "_on_end", "_read", "_transport", "is_busy")

    def __init__(self, raw: asyncpg.Connection, on_end: Callable[[Row | None, Exception | None], None]) -> None:
        """``on_end`` is called with the first row (None: there is none) or an error, as soon as PostgreSQL is ready."""
        self._driver: asyncio.Protocol = raw._protocol  # the driver has no door for this
        self._transport: asyncio.Transport = raw._transport
        self._on_end = on_end
        self.is_busy = False
        self._buffer = bytearray()  # of an answer that comes in parts,
        self._read = 0  # of which so many bytes are read
        self._first: Row | None = None
        self._error: Exception | None = None
        self._transport.set_protocol(self)

    def send(self, message: bytes) -> None:
        """Executes a statement. The connection must be the caller's alone until ``on_end`` is called."""
        self.is_busy = True
        self._transport.write(message)

    # -- what comes ---------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if not self.is_busy:
            self._driver.data_received(data)
            return
        if not self._buffer and data.startswith(_ROW_COMES) and data.endswith(_READY):
            end = 6 + _SIZE.unpack_from(data, 6)[0]
            rest = len(data) - len(_READY)
            if end + 5 <= rest and data[end] == 67 and end + 1 + _SIZE.unpack_from(data, end + 1)[0] == rest:  # C
                self.is_busy = False
                self._on_end(_row(data, 10), None)
                return
        self._buffer += data
        self._read_messages()

    def _read_messages(self) -> None:
        buffer, at = self._buffer, self._read
        while len(buffer) >= at + 5:
            size = _SIZE.unpack_from(buffer, at + 1)[0]
            if len(buffer) < at + 1 + size:
                break
            kind = buffer[at]
            if kind == 68 and self._first is None:  # D: a row
                self._first = _row(buffer, at + 5)
            elif kind == 69:  # E: an error
                self._error = _error(bytes(buffer[at + 5 : at + 1 + size]))
            elif kind == 90:  # Z: ready
                first, error, rest = self._first, self._error, bytes(buffer[at + 1 + size :])
                self._buffer, self._read, self._first, self._error = bytearray(), 0, None, None
                self.is_busy = False
                if rest:  # news that came at once
                    self._driver.data_received(rest)
                self._on_end(first, error)
                return
            at += 1 + size
        self._read = at

    # -- the driver's -------------------------------------------------------------------------------------------------

    def connection_lost(self, exc: Exception | None) -> None:
        self._driver.connection_lost(exc)
        if self.is_busy:
            self.is_busy = False
            self._on_end(None, self._error or asyncpg.ConnectionDoesNotExistError("The connection was lost."))

    def eof_received(self) -> bool | None:
        return self._driver.eof_received()

    def pause_writing(self) -> None:
        self._driver.pause_writing()

    def resume_writing(self) -> None:
        self._driver.resume_writing()


def _row(data: bytes | bytearray, at: int) -> Row:
    """The columns of a row whose number of columns is at this place."""
    columns: list[bytes | None] = []
    count = _COUNT.unpack_from(data, at)[0]
    at += 2
    for _ in range(count):
        size = _SIZE.unpack_from(data, at)[0]
        at += 4
        if size < 0:
            columns.append(None)
            continue
        columns.append(bytes(data[at : at + size]))
        at += size
    return tuple(columns)


def _error(body: bytes) -> Exception:
    fields = {part[:1].decode(): part[1:].decode(errors="replace") for part in body.split(b"\x00") if part}
    error: Exception = asyncpg.PostgresError.new(fields)
    return error
