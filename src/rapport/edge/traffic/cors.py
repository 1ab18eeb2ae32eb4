"""Which pages of other sites may read answers. Tokens are bearers, never cookies: a page can only use its own."""

from collections.abc import Collection

from starlette.types import Message, Scope, Send

from rapport.edge.answer import ALLOW_ORIGIN, EXPOSED

_VARY = (b"vary", b"origin")


class Cors:
    """``origins``: `https://app.example.com` and the like; `*` is all."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = None if "*" in origins else frozenset(each.encode() for each in origins)

    def may_connect(self, origin: str | None, host: str | None) -> bool:
        """Whether a page of this origin may open a WebSocket, of which browsers do not ask first. Others than pages
        have no origin. The server's own pages need not be named."""
        if self._origins is None or origin is None:
            return True
        return origin.encode("latin-1") in self._origins or origin.partition("://")[2] == host

    def around(self, scope: Scope, send: Send) -> Send:
        """How to answer a request: what says that all pages may read it becomes what this page may."""
        for name, value in scope["headers"]:
            if name == b"origin":
                origin = value
                break
        else:
            if self._origins is None:
                return send  # no page asks
            origin = None

        async def send_allowing(message: Message) -> None:
            if message["type"] == "http.response.start" and ALLOW_ORIGIN in message["headers"]:
                message["headers"] = self._allowing(origin, message["headers"])
            await send(message)

        return send_allowing

    def _allowing(self, origin: bytes | None, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        if self._origins is None:
            return [*headers, EXPOSED]
        rest = [each for each in headers if each != ALLOW_ORIGIN]
        if origin not in self._origins:
            return [*rest, _VARY]
        return [*rest, (ALLOW_ORIGIN[0], origin), EXPOSED, _VARY]
