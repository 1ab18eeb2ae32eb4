"""The token that a client sends when it opens a connection: the names under which clients send it differ."""

from collections.abc import Mapping
from typing import Final

_NAMES: Final = ("authorization", "token", "authtoken", "accesstoken", "apikey")


def token_of(payload: Mapping[str, object] | None) -> str | None:
    """The bearer among the parameters of a connection, or among the `headers` in them; in small or capital letters.

    >>> token_of({"Authorization": "Bearer abc"}), token_of({"headers": {"authorization": "Bearer abc"}})
    ('abc', 'abc')
    >>> token_of({"authToken": "abc"}), token_of({"lang": "en"})
    ('abc', None)
    """
    given = {name.lower(): value for name, value in (payload or {}).items()}
    for name in _NAMES:
        value = given.get(name)
        if isinstance(value, str) and value.strip():
            scheme, _, rest = value.strip().partition(" ")
            return rest.strip() if scheme.lower() == "bearer" and rest else value.strip()
    headers = given.get("headers")
    return (
        token_of({name: value for name, value in headers.items() if name.lower() != "headers"})
        if isinstance(headers, dict)
        else None
    )
