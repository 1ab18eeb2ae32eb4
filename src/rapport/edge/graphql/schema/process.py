"""The server's end of the process that holds full schemas."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

import rapport
from rapport.base.errors import Unavailable
from rapport.edge.graphql.schema.frames import HEADER, frame, length

_MODULE = "rapport.edge.graphql.schema.worker"
_BUFFER = 1 << 20
_PATIENCE = 2.0  # seconds until a process that was asked to end is ended


class IntrospectionFailed(Unavailable):
    """The schema cannot be shown at the moment. Try again."""

    sub_code = "INTROSPECTION_FAILED"


@dataclass(frozen=True, kw_only=True)
class Question:
    """``source`` is the document as the client sent it, so that errors point to the right places."""

    sdl: str
    source: str
    operation: str | None
    variables: Mapping[str, object]

    def encode(self) -> bytes:
        content = {
            "sdl": self.sdl,
            "source": self.source,
            "operation": self.operation,
            "variables": dict(self.variables),
        }
        return json.dumps(content).encode()


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An answer: JSON by response key, and errors ready for the response."""

    is_valid: bool
    parts: Mapping[str, bytes]
    errors: list[dict[str, object]]

    @property
    def size(self) -> int:
        return sum(map(len, self.parts.values()))


class SchemaProcess:
    """A running process. It answers one question at a time; after an exception it is of no more use."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._questions = process.stdin
        self._answers = process.stdout

    @classmethod
    async def start(cls) -> "SchemaProcess":
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                *("-P", "-m", _MODULE),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_BUFFER,
                env=_environment(),
                start_new_session=True,  # what is typed at the server's terminal is not for it
            )
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, question: Question) -> Shown:
        """Raises IntrospectionFailed when the process ends instead of answering."""
        try:
            self._questions.write(frame(question.encode()))
            await self._questions.drain()
            head = orjson.loads(await self._frame())
            parts = {key: await self._frame() for key in head["keys"]}
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise IntrospectionFailed from error
        return Shown(is_valid=head["isValid"], parts=parts, errors=head["errors"])

    async def stop(self) -> None:
        """Lets an idle process end by itself, and ends one that does not."""
        self._questions.close()
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _frame(self) -> bytes:
        return await self._answers.readexactly(length(await self._answers.readexactly(HEADER.size)))


def _environment() -> dict[str, str]:
    """Ours without the settings, among which are secrets; with the place where this package was found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAPPORT_", "DATABASE_URL"))}
    found = [str(Path(rapport.__file__).parents[1]), *filter(None, [kept.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(found)}
