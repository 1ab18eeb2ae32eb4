"""The headers of a request, each under its name."""

from collections.abc import Iterable, Mapping

from starlette.types import Scope

from rapport.edge.misuse import BadRequest

_SOLE = (b"authorization", b"idempotency-key")  # whose second value might be somebody else's
_LISTS = frozenset({b"if-match", b"if-none-match"})  # that may go on in a second line


class RepeatedHeader(BadRequest):
    """A header was sent more than once."""

    def __init__(self, name: bytes) -> None:
        shown = "-".join(word.capitalize() for word in name.decode().split("-"))
        super().__init__(f"The header '{shown}' was sent more than once.")


def read_headers(scope: Scope) -> Mapping[bytes, bytes]:
    """Of several with one name the last counts, unless they are a list in parts. Raises RepeatedHeader."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if len(headers) != len(scope["headers"]):
        headers.update(_repeated(scope["headers"]))
    return headers


def _repeated(sent: Iterable[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    """The lists, put together."""
    lines: dict[bytes, list[bytes]] = {}
    for name, value in sent:
        lines.setdefault(name, []).append(value)
    for name in _SOLE:
        if len(lines.get(name, ())) > 1:
            raise RepeatedHeader(name)
    return {name: b", ".join(values) for name, values in lines.items() if name in _LISTS}
