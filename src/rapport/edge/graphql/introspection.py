"""Answers `__schema` and `__type`: by a process of its own that goes away when nobody asks, or from memory."""

import asyncio
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakKeyDictionary

import orjson
from graphql import DocumentNode, OperationDefinitionNode, print_ast

from rapport.base.errors import Timeout
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.roots import INTROSPECTION
from rapport.edge.graphql.schema.cache import SizedCache
from rapport.edge.graphql.schema.flood import refuse_flood
from rapport.edge.graphql.schema.generate import record_schema, schema_sdl, system_schema_sdl
from rapport.edge.graphql.schema.process import IntrospectionFailed, Question, SchemaProcess, Shown
from rapport.edge.graphql.service import Refused
from rapport.edge.graphql.system.document import restrict

IDLE_SECONDS = 60.0
TIME_LIMIT = 20.0  # seconds for one answer; the first one takes about two
MOST_WAITING = 20
_ANSWER_BYTES = 32_000_000  # a full introspection of the standard model has about one million
_TEXT_BYTES = 4_000_000

Digest = bytes


class SystemSchema(Protocol):
    def sdl(self, without: Collection[str] = ()) -> str:
        """The definitions of the system operations, less the types named; they extend Query and Mutation."""


@dataclass(frozen=True, kw_only=True)
class _Text:
    sdl: str
    digest: Digest


class SchemaIntrospector:
    """Workspaces with the same model share their answers: what is remembered belongs to the text of a schema."""

    def __init__(
        self, system: SystemSchema, *, idle_seconds: float = IDLE_SECONDS, time_limit: float = TIME_LIMIT
    ) -> None:
        self._system = system
        self._idle_seconds = idle_seconds
        self._time_limit = time_limit
        self._digests: WeakKeyDictionary[Model, Digest] = WeakKeyDictionary()
        self._system_digest: Digest | None = None
        self._texts: SizedCache[Digest, str] = SizedCache(_TEXT_BYTES, len)
        self._answers: SizedCache[Digest, Shown] = SizedCache(_ANSWER_BYTES, lambda shown: shown.size)
        self._under_way: dict[Digest, asyncio.Task[Shown]] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._process: SchemaProcess | None = None
        self._idle: asyncio.TimerHandle | None = None

    @property
    def process_id(self) -> int | None:
        """The process that holds schemas at the moment, if any does."""
        return self._process.pid if self._process is not None and self._process.is_alive else None

    async def introspect(
        self,
        model: Model | None,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        values: Mapping[str, object],
    ) -> tuple[Mapping[str, object], list[dict[str, object]]]:
        """The `__schema` and `__type` fields of an operation: JSON by response key, ready for orjson, and errors.

        Raises Refused when that part of the document is not valid: then nothing of the document is executed.
        """
        part = restrict(document, operation, INTROSPECTION)
        refuse_flood(part)
        variables = {name: values[name] for name in _variables(part) if name in values}
        digest = self._digest(model) or (await self._text(model)).digest
        key = _digest(digest.hex(), print_ast(part), json.dumps(variables, sort_keys=True))
        shown = self._answers.get(key)
        if shown is None:
            source = document.loc.source.body if document.loc is not None else print_ast(document)
            name = operation.name.value if operation.name is not None else None
            shown = await self._shared(key, model, source, name, variables)
        if not shown.is_valid:
            raise Refused(shown.errors)
        return {name: orjson.Fragment(value) for name, value in shown.parts.items()}, shown.errors

    async def close(self) -> None:
        """Ends the process, and what waits for it."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._retire()
        await asyncio.gather(*self._retiring)

    # -- the schema's text --------------------------------------------------------------------------------------

    def _digest(self, model: Model | None) -> Digest | None:
        return self._system_digest if model is None else self._digests.get(model)

    async def _text(self, model: Model | None) -> _Text:
        """The schema; made in a thread, for it takes some ten milliseconds."""
        digest = self._digest(model)
        known = self._texts.get(digest) if digest is not None else None
        if digest is not None and known is not None:
            return _Text(sdl=known, digest=digest)
        text = await asyncio.to_thread(self._generate, model)
        if model is None:
            self._system_digest = text.digest
        else:
            self._digests[model] = text.digest
        self._texts.put(text.digest, text.sdl)
        return text

    def _generate(self, model: Model | None) -> _Text:
        if model is None:
            sdl = system_schema_sdl(self._system.sdl())
        else:
            sdl = schema_sdl(model.catalog, self._system.sdl(record_schema(model.catalog).names))
        return _Text(sdl=sdl, digest=_digest(sdl))

    # -- the process --------------------------------------------------------------------------------------------

    async def _shared(
        self, key: Digest, model: Model | None, source: str, operation: str | None, variables: Mapping[str, object]
    ) -> Shown:
        """One answer for all who wait for the same; it is finished even when they go away."""
        task = self._under_way.get(key)
        if task is None:
            if len(self._under_way) >= MOST_WAITING:
                raise IntrospectionFailed("Too many schemas are being asked for at the moment. Try again.")
            task = asyncio.create_task(self._answer(key, model, source, operation, variables))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    def _finished(self, key: Digest, task: asyncio.Task[Shown]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # seen, even when nobody waits any more

    async def _answer(
        self, key: Digest, model: Model | None, source: str, operation: str | None, variables: Mapping[str, object]
    ) -> Shown:
        text = await self._text(model)
        shown = await self._ask(Question(sdl=text.sdl, source=source, operation=operation, variables=variables))
        if not shown.errors:  # errors tell places, which differ between documents of one meaning
            self._answers.put(key, shown)
        return shown

    async def _ask(self, question: Question) -> Shown:
        async with self._turn:
            process = await self._ready_process()
            is_answered = False
            try:
                async with asyncio.timeout(self._time_limit):
                    shown = await process.ask(question)
                is_answered = True
            except TimeoutError:
                raise Timeout from None
            finally:
                if is_answered:
                    self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._retire)
                else:
                    self._process = None
                    await process.kill()
        return shown

    async def _ready_process(self) -> SchemaProcess:
        if self._idle is not None:
            self._idle.cancel()
        if self._process is None or not self._process.is_alive:
            try:
                self._process = await SchemaProcess.start()
            except OSError as error:
                raise IntrospectionFailed from error
        return self._process

    def _retire(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        process, self._process = self._process, None
        if process is not None:
            task = asyncio.create_task(process.stop())
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)


def _variables(part: DocumentNode) -> list[str]:
    return [
        each.variable.name.value
        for item in part.definitions
        if isinstance(item, OperationDefinitionNode)
        for each in item.variable_definitions or ()
    ]


def _digest(*texts: str) -> Digest:
    digest = hashlib.blake2b(digest_size=20)
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    return digest.digest()
