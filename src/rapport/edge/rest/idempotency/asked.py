"""What a request with a key is known by."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from rapport.access.principal import Principal
from rapport.edge.body import media_type
from rapport.edge.rest.idempotency.errors import MOST_CHARACTERS, InvalidKey

_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')  # a string of RFC 8941
_PLAIN = re.compile(r"[ -~]+")
_ESCAPE = re.compile(r"\\(.)")


class Identity(NamedTuple):
    """Whose key it is, and which."""

    workspace_id: UUID
    caller: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Keyed:
    """``fingerprint`` is the same for requests that ask for the same. ``access``: the rights of the caller."""

    identity: Identity
    fingerprint: bytes
    access: str


def read_key(header: bytes) -> str:
    """The key, in quotes as the IETF's draft has it or without. Raises InvalidKey.

    >>> read_key(b'"a\\\\"b"'), read_key(b" 9f-3 ")
    ('a"b', '9f-3')
    """
    text = header.decode("latin-1").strip(" \t")
    if text.startswith('"'):
        quoted = _QUOTED.fullmatch(text)
        text = _ESCAPE.sub(r"\1", quoted[1]) if quoted else ""
    if len(text) > MOST_CHARACTERS or _PLAIN.fullmatch(text) is None:
        raise InvalidKey
    return text


def caller_of(principal: Principal) -> str:
    """Who shares a key with whom: nobody but the same API key, or the same user in the same workspace."""
    owner = f"key {principal.api_key_id}" if principal.api_key_id else f"user {principal.user_workspace_id}"
    if principal.impersonator_user_workspace_id is None:
        return owner
    return f"{owner} by {principal.impersonator_user_workspace_id}"


def access_of(principal: Principal) -> str:
    """Changes whenever the caller may see more or less than before."""
    return f"{principal.role_id} {principal.access_version}"


def fingerprint(
    path: str, values: Mapping[str, str], query: bytes, headers: Mapping[bytes, bytes], body: bytes | None
) -> bytes:
    """What a request asks for, as a digest. Of a body that is read as it comes, ``None``, only length and kind count.

    The token may be a parameter of the address, and another one the next time.
    """
    if b"token=" in query:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        query = urlencode([pair for pair in pairs if pair[0] != "token"]).encode()
    parts = [path.encode(), *(part.encode("utf-8", "surrogatepass") for pair in values.items() for part in pair)]
    parts += [query, media_type(headers)]
    parts += [headers.get(b"content-length", b""), b"streamed"] if body is None else [body, b"whole"]
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.digest()
