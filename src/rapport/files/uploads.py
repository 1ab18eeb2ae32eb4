"""Files that came with a request: their bytes, until somebody keeps them, in memory or, when they are many, on disk."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable
from typing import BinaryIO

IN_MEMORY = 1_000_000  # bytes; more of them go to a file that has no name and so vanishes with the process
_PART = 262_144


class Upload:
    """A file as the client sent it. What it says of its name and type is nothing to rely on."""

    def __init__(self, *, filename: str, declared_type: str | None = None) -> None:
        self.filename = filename
        self.declared_type = declared_type
        self.size = 0
        self._buffer = bytearray()
        self._file: BinaryIO | None = None

    def __repr__(self) -> str:
        return f"Upload({self.filename[:100]!r})"  # what GraphQL's messages show

    async def receive(self, parts: AsyncIterable[bytes]) -> None:
        """Takes the bytes. What ``parts`` raise leaves an upload that is good for nothing but to be closed."""
        async for part in parts:
            self.size += len(part)
            self._buffer += part
            if len(self._buffer) > IN_MEMORY:
                await asyncio.to_thread(self._flush)
        if self._file is not None:
            await asyncio.to_thread(self._flush)

    async def parts(self) -> AsyncGenerator[bytes, None]:
        """The bytes, from the first; as often as one likes until it is closed."""
        if self._file is None:
            yield bytes(self._buffer)
            return
        start = 0
        while part := await asyncio.to_thread(self._read, start):
            yield part
            start += len(part)

    async def beginning(self, size: int) -> bytes:
        if self._file is None:
            return bytes(self._buffer[:size])
        return (await asyncio.to_thread(self._read, 0))[:size]

    async def read(self) -> bytes:
        """All bytes at once."""
        return b"".join([part async for part in self.parts()])

    def close(self) -> None:
        """Forgets the bytes."""
        self._buffer = bytearray()
        if self._file is not None:
            self._file.close()

    def _flush(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
        self._file.write(self._buffer)
        self._buffer = bytearray()

    def _read(self, start: int) -> bytes:
        assert self._file is not None
        self._file.seek(start)
        return self._file.read(_PART)
