"""Declared writes: creating, updating and deleting the rows of a described table, with the row read back as the answer.

Each is one transaction. A row of another workspace does not exist; neither does one that a column may point to.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

import asyncpg
import orjson

from rapport.access.changes import AccessChange
from rapport.access.principal import Principal
from rapport.access.request import Plain, RequestContext, Resolver
from rapport.base.errors import BadUserInput, DuplicateEntry, Forbidden, InvalidValue, NotFound, RapportError
from rapport.base.ids import new_id
from rapport.base.spellings import one_spelling
from rapport.engine.statement import Statement
from rapport.engine.tables import write_delete, write_insert, write_presence, write_update
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.leaves.uuid import UUID as UUID_LEAF
from rapport.store.database import Connection, Database
from rapport.system.access_news import AccessNews
from rapport.system.reading import Row, Tables, caller
from rapport.system.registry import Described
from rapport.system.tables import OWN_WORKSPACE

Arguments: TypeAlias = Mapping[str, object]
Verb: TypeAlias = Literal["create", "update", "delete"]


@dataclass(kw_only=True)
class Write:
    """One write under way. Hooks may change ``given`` before the row is written, and use the connection."""

    verb: Verb
    context: RequestContext
    principal: Principal
    connection: Connection = field(init=False)
    id: str
    given: dict[str, object] = field(default_factory=dict)  # the caller's input, names that are no columns included


Hook: TypeAlias = Callable[[Write], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Crud:
    """The writes of one type that need no code of their own. Operations that are not named do not exist.

    The input may come under any of the names in ``inputs``, with `update: {…}` inside or not, and the id in it or
    beside it. ``concerns`` says whose access a write changes, if any.
    """

    of: str  # the type
    create: str | None = None
    update: str | None = None
    delete: str | None = None
    writable: tuple[str, ...] = ()  # columns that callers may give, by the names of the input
    inputs: tuple[str, ...] = ("input",)
    ids: tuple[str, ...] = ("id",)
    not_found: type[RapportError] = NotFound
    taken: type[RapportError] = DuplicateEntry
    before: Hook | None = None
    after: Hook | None = None  # before the row is read back
    concerns: Callable[[Write], AccessChange] | None = None
    delete_answers: Literal["true", "id"] = "true"

    def resolvers(self, db: Database, tables: Tables, news: AccessNews | None = None) -> Mapping[str, Resolver]:
        """The operations by name. Raises ValueError for a declaration that the description does not bear."""
        running = _Running(self, db, tables, news)
        named = {self.create: running.create, self.update: running.update, self.delete: running.delete}
        return {name: resolver for name, resolver in named.items() if name is not None}


class _Running:
    """The resolvers of one declaration."""

    def __init__(self, crud: Crud, db: Database, tables: Tables, news: AccessNews | None) -> None:
        self._crud = crud
        self._db = db
        self._tables = tables
        self._news = news
        self._described: Described = tables.registry[crud.of]
        table = self._described.table
        if table.rows != OWN_WORKSPACE or table.schema != "core":
            raise ValueError(f"{crud.of} is not a table whose rows belong to one workspace: its writes need code")
        self._fields = {**self._described.object.to_one_by_column, **self._described.object.field}
        unknown = [name for name in crud.writable if name not in self._fields]
        if unknown:
            raise ValueError(f"{crud.of} does not describe {', '.join(unknown)}")
        if crud.concerns is not None and news is None:
            raise ValueError(f"writes of {crud.of} change access: they need AccessNews")

    async def create(self, context: RequestContext, arguments: Arguments) -> object:
        principal, given = _member(context), self._given(arguments, is_required=True)
        given_id = given.get("id") if "id" in self._crud.writable else None
        new = str(new_id()) if given_id is None else UUID_LEAF.coerce(given_id, "id")  # type: ignore[arg-type]
        write = Write(verb="create", context=context, principal=principal, id=str(new), given=given)
        async with self._transaction(write):
            await self._hook(self._crud.before, write)
            row = {**self._row(write), "id": write.id, "workspaceId": str(principal.workspace_id)}
            await self._require_references(write, row)
            await self._run(write, write_insert(self._described.object, sorted(row)), row)
            await self._hook(self._crud.after, write)
            return Plain(await self._answer(write))

    async def update(self, context: RequestContext, arguments: Arguments) -> object:
        given = self._given(arguments, is_required=True)
        write = self._write("update", context, arguments, given)
        async with self._transaction(write):
            await self._require(write)
            await self._hook(self._crud.before, write)
            row = self._row(write)
            await self._require_references(write, row)
            if await self._run(write, write_update(self._described.object, sorted(row)), row) is None:
                raise self._crud.not_found()
            await self._hook(self._crud.after, write)
            return Plain(await self._answer(write))

    async def delete(self, context: RequestContext, arguments: Arguments) -> object:
        given = self._given(arguments, is_required=False)
        write = self._write("delete", context, arguments, given)
        async with self._transaction(write):
            await self._require(write)
            await self._hook(self._crud.before, write)
            softly = self._described.table.is_soft_deleted
            if await self._run(write, write_delete(self._described.object, softly=softly), {}) is None:
                raise self._crud.not_found()
            await self._hook(self._crud.after, write)
        return write.id if self._crud.delete_answers == "id" else True

    # -- what the caller gave -----------------------------------------------------------------------------------

    def _given(self, arguments: Arguments, *, is_required: bool) -> dict[str, object]:
        forms = {name: arguments.get(name) for name in self._crud.inputs}
        if not is_required and all(form is None for form in forms.values()):
            return {}
        form = one_spelling(forms)
        assert isinstance(form, Mapping)
        update = form.get("update")
        if not isinstance(update, Mapping):
            return dict(form)
        for name in form.keys() & update.keys():
            if form[name] is not None:
                one_spelling({f"input.{name}": form[name], f"input.update.{name}": update[name]})
        return {**form, **update}

    def _write(self, verb: Verb, context: RequestContext, arguments: Arguments, given: dict[str, object]) -> Write:
        names = {name: arguments.get(name) for name in self._crud.ids}
        wanted = one_spelling({**names, "input.id": given.get("id")})
        try:
            row_id = UUID_LEAF.coerce(str(wanted), "id")
        except InvalidValue:
            raise self._crud.not_found() from None
        return Write(verb=verb, context=context, principal=_member(context), id=str(row_id), given=given)

    def _row(self, write: Write) -> dict[str, Json]:
        """The canonical values of the columns that are given."""
        row: dict[str, Json] = {}
        for name in self._crud.writable:
            if name in write.given and name != "id":
                row.update(self._fields[name].type.write(self._fields[name], _json(write.given[name])))
        return row

    # -- statements ---------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _transaction(self, write: Write) -> AsyncIterator[None]:
        """The write's transaction, which announces what the write does to access."""
        if self._crud.concerns is not None and self._news is not None:
            transaction = self._news.changing(self._crud.concerns(write))
        else:
            transaction = self._db.transaction()
        async with transaction as connection:
            write.connection = connection
            yield

    async def _run(self, write: Write, statement: Statement, row: Mapping[str, Json]) -> object:
        values = {**caller(write.principal), "@id": write.id, "@row": orjson.dumps(row).decode()}
        try:
            return await write.connection.value(statement.sql, *statement.bind(values))
        except asyncpg.UniqueViolationError:
            raise self._crud.taken() from None

    async def _require(self, write: Write) -> None:
        """Hooks run for rows that are there only."""
        if await self._run(write, write_presence(self._described.object), {}) is None:
            raise self._crud.not_found()

    async def _require_references(self, write: Write, row: Mapping[str, Json]) -> None:
        """What a column points to must be there for the caller: PostgreSQL's own check knows of no workspaces."""
        for known in self._described.object.field.values():
            if not known.is_to_one or row.get(known.column.name) is None:
                continue
            presence = write_presence(self._tables.registry.target(known).object)
            values = {**caller(write.principal), "@id": row[known.column.name]}
            if await write.connection.value(presence.sql, *presence.bind(values)) is None:
                raise BadUserInput(f"{known.column.name} is the id of nothing in this workspace.")

    async def _hook(self, hook: Hook | None, write: Write) -> None:
        if hook is not None:
            await hook(write)

    async def _answer(self, write: Write) -> Row:
        fields, principal = write.context.fields, write.principal
        row = await self._tables.read_one(
            self._crud.of, fields, principal, where={"id": write.id}, connection=write.connection
        )
        assert row is not None
        return row


def _member(context: RequestContext) -> Principal:
    if context.principal is None or context.principal.workspace_id is None:
        raise Forbidden
    return context.principal


def _json(value: object) -> Json:
    """An argument as JSON: moments arrive as such."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value  # type: ignore[return-value]  # what else the SDL lets through is JSON
