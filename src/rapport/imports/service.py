"""Imports as their callers see them: started, looked at, cancelled and undone."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import orjson

from rapport.access.principal import Principal
from rapport.base.errors import PermissionDenied
from rapport.base.ids import new_id
from rapport.imports.acting import FLAG, Starter, demand_importable
from rapport.imports.columns import Columns
from rapport.imports.converting import Converter, check_header
from rapport.imports.errors import (
    FileTooLarge,
    ImportNotFound,
    InvalidFile,
    InvalidOption,
    TooManyImports,
    UnknownColumns,
    WrongState,
)
from rapport.imports.options import ImportOptions
from rapport.imports.parsing import (
    BOM,
    LARGEST_ROW,
    MOST_COLUMNS,
    TOO_MANY_COLUMNS,
    delimiter_of,
    demand_text,
    parse,
    read_header,
    separator_line,
)
from rapport.imports.running import RUN
from rapport.imports.storing import Import, import_of, last_event
from rapport.imports.undoing import UNDO
from rapport.jobs.queue import Jobs
from rapport.metadata.catalog import Catalog, Object
from rapport.store.database import Database
from rapport.store.queries import load

CHUNK = 1_000_000  # bytes
MOST_UNFINISHED = 20  # of one workspace
ABANDONED = timedelta(hours=1)
_MOST_EMPTY = 1_000_000  # bytes before the first record
_AT_ONCE = 500

_SQL = load("rapport.imports")


class ImportService:
    def __init__(self, db: Database, jobs: Jobs, *, max_bytes: int) -> None:
        self._db = db
        self._jobs = jobs
        self.max_bytes = max_bytes

    # -- starting -------------------------------------------------------------------------------------------------

    async def start(
        self,
        principal: Principal,
        catalog: Catalog,
        item: Object,
        options: ImportOptions,
        parts: AsyncIterator[bytes],
        *,
        delimiter: str | None,
        address: str | None,
    ) -> Import:
        """Takes the file in, and lets a job write it. ``catalog`` is the one that the principal sees, ``address``
        the one from which they ask.

        Raises NotImportable, PermissionDenied, InvalidOption, UnknownColumns, ForbiddenColumn, InvalidFile,
        FileTooLarge and TooManyImports.
        """
        self._demand(principal)
        demand_importable(item, options)
        sizes = _Limited(parts, self.max_bytes)
        beginning, options, skipped = await _begin(sizes, catalog, item, options, delimiter)
        import_id = new_id()
        async with self._db.transaction() as connection:
            await connection.value(_SQL["lock_imports"], principal.workspace_id)
            if int(str(await connection.value(_SQL["count_unfinished"], principal.workspace_id))) >= MOST_UNFINISHED:
                raise TooManyImports
            await connection.execute(
                _SQL["add_import"],
                import_id,
                principal.workspace_id,
                item.id,
                item.plural,
                orjson.dumps(options.payload()).decode(),
                principal.user_workspace_id,
                principal.api_key_id,
                principal.name,
                address,
                principal.impersonator_user_workspace_id,
            )
        try:
            await self._receive(import_id, beginning, sizes)
            async with self._db.transaction() as connection:
                next_row = 2 if options.format == "csv" else 1
                if await connection.value(_SQL["finish_receiving"], import_id, skipped, next_row) is None:
                    raise WrongState("The import was cancelled.")
                await self._jobs.enqueue(connection, RUN, {"import": str(import_id)})
        except BaseException:
            await self._db.execute(_SQL["forget_receiving"], import_id)
            raise
        return await self.find(principal, import_id)

    async def _receive(self, import_id: UUID, beginning: bytes, parts: "_Limited") -> None:
        held, size, start = [beginning], len(beginning), 0
        async for part in parts:
            held.append(part)
            size += len(part)
            if size >= CHUNK:
                start = await self._add(import_id, start, b"".join(held))
                held, size = [], 0
        if size:
            await self._add(import_id, start, b"".join(held))

    async def _add(self, import_id: UUID, start: int, data: bytes) -> int:
        if await self._db.execute(_SQL["add_chunk"], import_id, start, data) == "INSERT 0 0":
            raise WrongState("The import was cancelled.")
        return start + len(data)

    # -- looking --------------------------------------------------------------------------------------------------

    async def find(self, principal: Principal, import_id: UUID) -> Import:
        """Raises ImportNotFound."""
        self._demand(principal)
        row = await self._db.row(_SQL["find_import"], principal.workspace_id, import_id)
        if row is None:
            raise ImportNotFound
        return import_of(row)

    async def all(self, principal: Principal, *, limit: int, offset: int) -> tuple[list[Import], int]:
        """Those of the workspace, the newest first, and how many there are."""
        self._demand(principal)
        rows = await self._db.rows(_SQL["list_imports"], principal.workspace_id, limit, offset)
        count = await self._db.value(_SQL["count_imports"], principal.workspace_id)
        return [import_of(row) for row in rows], int(str(count))

    async def first_problems(self, import_id: UUID, limit: int) -> list[asyncpg.Record]:
        return await self._db.rows(_SQL["first_problems"], import_id, limit)

    async def problems(self, import_id: UUID) -> AsyncGenerator[asyncpg.Record, None]:
        """All that are kept, in the order in which they were found."""
        last = 0
        while rows := await self._db.rows(_SQL["next_problems"], import_id, last, _AT_ONCE):
            for row in rows:
                yield row
            last = rows[-1]["number"]

    # -- ending ---------------------------------------------------------------------------------------------------

    async def cancel(self, principal: Principal, import_id: UUID) -> Import:
        """What is written stays. Raises ImportNotFound and WrongState."""
        self._demand(principal)
        async with self._db.transaction() as connection:
            row = await connection.row(_SQL["lock_import"], principal.workspace_id, import_id)
            if row is None:
                raise ImportNotFound
            if row["state"] not in ("receiving", "queued", "running"):
                raise WrongState(f"An import that is {row['state']} cannot be cancelled.")
            await connection.execute(_SQL["end_import"], import_id, "cancelled", None)
            await connection.execute(_SQL["drop_chunks"], import_id)
            await connection.execute(_SQL["drop_keys"], import_id)
        return await self.find(principal, import_id)

    async def undo(self, principal: Principal, catalog: Catalog, import_id: UUID, *, address: str | None) -> Import:
        """Lets a job undo it; ``address``: from which they ask. Raises ImportNotFound, WrongState, PermissionDenied."""
        self._demand(principal)
        async with self._db.transaction() as connection:
            row = await connection.row(_SQL["lock_import"], principal.workspace_id, import_id)
            if row is None:
                raise ImportNotFound
            if row["state"] not in ("done", "failed", "cancelled"):
                raise WrongState(f"An import that is {row['state']} cannot be undone.")
            found = import_of(row)
            if found.options.dry_run or not (found.created or found.updated):
                raise WrongState("There is nothing to undo.")
            item = next((each for each in catalog.by_name.values() if each.id == found.object_id), None)
            if item is None or not item.rights.update or (found.created and not item.rights.destroy):
                raise PermissionDenied
            await connection.execute(_SQL["begin_undo"], import_id, await last_event(connection, catalog.schema) + 1)
            starter = Starter.of(principal, address)
            await self._jobs.enqueue(connection, UNDO, {"import": str(import_id), **starter.payload()})
        return await self.find(principal, import_id)

    def _demand(self, principal: Principal) -> None:
        """Raises PermissionDenied."""
        if principal.workspace_id is None or not principal.may(FLAG):
            raise PermissionDenied


async def clean_up(db: Database, keep: timedelta) -> None:
    """Drops what nobody needs any more: old imports, files whose senders have gone; ends those that no worker can."""
    await db.execute(_SQL["drop_abandoned"], ABANDONED)
    await db.execute(_SQL["end_orphans"])
    await db.execute(_SQL["drop_left_chunks"])
    while (await db.execute(_SQL["drop_old"], keep, 10)).endswith(" 10"):
        pass


class _Limited:
    """The parts of a file. Raises FileTooLarge when they are more than ``most`` bytes."""

    def __init__(self, parts: AsyncIterator[bytes], most: int) -> None:
        self._parts = parts
        self._most = most
        self._left = most

    def __aiter__(self) -> "_Limited":
        return self

    async def __anext__(self) -> bytes:
        part = await anext(self._parts)
        self._left -= len(part)
        if self._left < 0:
            raise FileTooLarge(self._most)
        return part


async def _begin(
    parts: _Limited, catalog: Catalog, item: Object, options: ImportOptions, delimiter: str | None
) -> tuple[bytes, ImportOptions, int]:
    """So much of the file that its columns are known; the options with them; and how much is to be passed over."""
    held: list[bytes] = []
    size = wanted = 0
    while True:
        part = await anext(parts, None)
        is_last = part is None
        held.append(part or b"")
        size += len(held[-1])
        if size < wanted and not is_last:
            continue
        data = b"".join(held)
        held = [data]
        wanted = min(2 * size, LARGEST_ROW + 1)  # who sends it in crumbs must not have all of it read with each
        if options.format == "ndjson" and size > _MOST_EMPTY and data.isspace():
            raise InvalidFile(f"The file begins with more than {_MOST_EMPTY} bytes of empty lines.")
        demand_text(data)
        skipped = len(BOM) if data.startswith(BOM) else 0
        if options.format == "ndjson":
            found = parse(data[skipped:], options, is_last=is_last)
            first = next((row for row in found.rows if isinstance(row, dict)), None)
            if first is not None:
                _check_record(catalog, item, options, first)
                return data, options, skipped
            if found.rows and not is_last and any(row is not None for row in found.rows):
                return data, options, skipped
        else:
            told = separator_line(data[skipped:])
            skipped += told[1] if told else 0
            line = data[skipped:].partition(b"\n")[0].decode(options.encoding, "replace")
            options = replace(options, delimiter=delimiter or (told[0] if told else delimiter_of(line)))
            header = read_header(data[skipped:], options, is_last=is_last)
            if header is not None:
                names, end = header
                options = replace(options, header=tuple(names))
                check_header(Columns(catalog, item), options)
                _check_match(catalog, item, options)
                return data, options, skipped + end
        if is_last:
            if options.format == "ndjson" and any(row is not None for row in found.rows):
                return data, options, skipped
            raise InvalidFile("The file is empty.")


def _check_record(catalog: Catalog, item: Object, options: ImportOptions, record: dict[str, object]) -> None:
    """Raises UnknownColumns, ForbiddenColumn, InvalidFile and InvalidOption."""
    if len(record) > MOST_COLUMNS:
        raise InvalidFile(TOO_MANY_COLUMNS)
    Converter(catalog, item, options)
    columns = Columns(catalog, item)
    unknown = [name for name in record if columns.find(name) is None and not columns.is_link(name)]
    if unknown and not options.ignore_unknown:
        raise UnknownColumns(unknown, columns.known)


def _check_match(catalog: Catalog, item: Object, options: ImportOptions) -> None:
    """Raises InvalidOption."""
    converter = Converter(catalog, item, options)
    if converter.match is not None and converter.match.name not in converter.names:
        raise InvalidOption(f"The file has no column '{options.match}' to match by.")
