"""Where bytes are kept: the port, which knows names and bytes and nothing else."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from rapport.base.errors import Unavailable


class Storage(Protocol):
    """Objects by name, `workspace-0190…/attachment/0190….pdf`. An object is there as a whole or not at all.

    Everything raises StorageFailed when the place where they are kept is out of order.
    """

    async def put(self, name: str, parts: AsyncIterable[bytes]) -> None:
        """Keeps what the parts are together, with constant memory; nothing, when they end in an error."""

    def read(self, name: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """The bytes from ``start`` to before ``end``, in parts. Raises Missing with the first one."""

    async def delete(self, names: Sequence[str]) -> None:
        """Deletes the objects, and what is left of uploads of these names; those that are not there are passed over."""

    def older_than(self, moment: datetime) -> AsyncIterator[Sequence[str]]:
        """The names of all objects that were last changed before, some at a time."""


class Missing(Exception):
    """There is no object of this name."""


class StorageFailed(Unavailable):
    """The files cannot be reached."""

    sub_code = "FILE_STORAGE_UNAVAILABLE"
