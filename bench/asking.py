"""Asks a server over one connection that is kept open, and says how long each answer took."""

import http.client
import json
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass

_IDLE_SECONDS = 3.0


class WrongAnswer(Exception):
    """The server did not answer as it should have."""


@dataclass(frozen=True, kw_only=True)
class Timed:
    """Milliseconds of the first request and of later ones, and the size of the answer in bytes."""

    first: float
    repeated: float
    size: int


class Asker:
    """Speaks GraphQL to a server with one API key."""

    def __init__(self, host: str, port: int, key: str) -> None:
        self._http = http.client.HTTPConnection(host, port, timeout=60)
        self._used = time.monotonic()
        self._headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}

    def _ready(self) -> None:
        """Servers hang up when nothing has been asked for a while."""
        if time.monotonic() > self._used + _IDLE_SECONDS:
            self._http.close()
        if self._http.sock is None:
            self._http.connect()

    def ask(self, query: str, variables: Mapping[str, object] | None = None) -> tuple[dict[str, object], float, int]:
        """The data, milliseconds, and bytes. Raises WrongAnswer for errors."""
        self._ready()
        body = json.dumps({"query": query, "variables": dict(variables or {})})
        begun = time.perf_counter()
        self._http.request("POST", "/graphql", body, self._headers)
        text = self._http.getresponse().read()
        self._used = time.monotonic()
        took = (time.perf_counter() - begun) * 1000
        answer = json.loads(text)
        if "errors" in answer or not isinstance(answer.get("data"), dict):
            raise WrongAnswer(f"{query[:200]}: {text[:500]!r}")
        return answer["data"], took, len(text)

    def timed(self, query: str, *, times: int = 15) -> Timed:
        _, first, size = self.ask(query)
        return Timed(first=first, repeated=statistics.median(self.ask(query)[1] for _ in range(times)), size=size)

    def close(self) -> None:
        self._http.close()
