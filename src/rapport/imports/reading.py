"""A file that is in the database in pieces, read from any place on as batches of rows."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from uuid import UUID

from rapport.imports.errors import InvalidFile
from rapport.imports.options import ImportOptions
from rapport.imports.parsing import Row, parse
from rapport.store.database import Database
from rapport.store.queries import load

MOST_ROWS = 1_000
MOST_BYTES = 1_000_000  # of one batch, unless a single row is larger

_SQL = load("rapport.imports")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Rows one after the other: bytes from ``start`` to ``end`` of the file. ``first`` is the first one's number.

    ``ends_piece``: it is the last batch of what was read at once.
    """

    start: int
    end: int
    first: int
    rows: Sequence[Row]
    ends_piece: bool = True


async def batches(
    db: Database, import_id: UUID, options: ImportOptions, *, start: int, first: int, size: int
) -> AsyncGenerator[Batch, None]:
    """The rows from byte ``start`` on, the first of which has the number ``first``. Raises InvalidFile."""
    data, at, begins = b"", start, start
    while begins < size:
        piece = await db.row(_SQL["find_chunk"], import_id, at)
        if piece is None:
            raise InvalidFile("A part of the file is missing.")
        part = piece["data"][at - piece["start"] :]
        at += len(part)
        data += part
        parsed = await asyncio.to_thread(parse, data, options, is_last=at >= size)
        done = 0  # rows
        while done < len(parsed.rows):
            end = _end_of_batch(parsed.ends, done)
            yield Batch(
                start=begins + (parsed.ends[done - 1] if done else 0),
                end=begins + parsed.ends[end - 1],
                first=first + done,
                rows=parsed.rows[done:end],
                ends_piece=end == len(parsed.rows),
            )
            done = end
        if done:
            first += done
            begins += parsed.ends[-1]
            data = data[parsed.ends[-1] :]
        if at >= size:
            return


def _end_of_batch(ends: Sequence[int], begin: int) -> int:
    """The index behind the last row of the batch that begins with this one."""
    end = min(begin + MOST_ROWS, len(ends))
    before = ends[begin - 1] if begin else 0
    while end > begin + 1 and ends[end - 1] - before > MOST_BYTES:
        end = begin + (end - begin) // 2
    return end
