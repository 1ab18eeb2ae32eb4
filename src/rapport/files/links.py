"""Signed links to files (system-api.md §25): `<server>/files/<folder…>/<token>/<name>`, good without a bearer.

The token is a JWT of the kind FILE, which names one file name in one workspace.
"""

import base64
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from time import time
from uuid import UUID

from rapport.engine.links import Signer
from rapport.files.errors import FileLinkExpired, InvalidFileLink
from rapport.files.folders import FOLDERS

_HEADER = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")
_STEPS = 288  # in a lifetime: links that are made within five minutes of a day are the same, and browsers keep the file
_MOST_SIGNERS = 1_000  # workspaces
_LONGEST = 2_000  # characters of a path with its token


@dataclass(frozen=True, kw_only=True)
class SignedFile:
    """The path of a file as it is stored, `attachment/0190….pdf`, and the token that goes between its last parts."""

    path: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Linked:
    """What a good link leads to."""

    workspace_id: UUID
    path: str


class FileLinks:
    """Makes links and reads them. No input or output; a link costs some ten microseconds. ``now`` is Unix time."""

    def __init__(
        self,
        app_secret: str,
        *,
        server_url: str,
        lifetime: timedelta,
        now: Callable[[], float] = time,
    ) -> None:
        self._app_secret = app_secret
        self._start = f"{server_url.rstrip('/')}/files/"
        self._lifetime = lifetime
        self._step = lifetime.total_seconds() / _STEPS
        self._now = now
        self._signers = lru_cache(_MOST_SIGNERS)(self._signer)

    def sign(self, workspace_id: UUID, path: str) -> SignedFile:
        """A stored path with its token: what uploads answer with in GraphQL."""
        owner, name = str(workspace_id), json.dumps(path.rpartition("/")[2])
        before, after = _claims_around(owner, self._issued_at(), self._lifetime)
        signed = _HEADER + b"." + _encoded(f"{before}{name}{after}".encode())
        return SignedFile(path=path, token=(signed + b"." + self._signature(owner, signed)).decode())

    def signer(self, workspace_id: UUID) -> Signer:
        """By which PostgreSQL makes the links of a workspace: the same as ``url`` does."""
        return self._signers(workspace_id)

    def url(self, workspace_id: UUID, path: str) -> str:
        """The link to a stored path: for avatars, logos and attachments when they are read.

        What is in none of the folders, such as an absolute address (`https://…`), is given back as it is.
        """
        folder, _, rest = path.partition("/")
        if folder not in FOLDERS or not rest:
            return path
        folders, _, name = path.rpartition("/")
        return f"{self._start}{folders}/{self.sign(workspace_id, path).token}/{name}"

    def stored(self, url: str) -> str:
        """The bare path of one of our links, which is what is to be stored; all else is given back as it is.

        `http://crm.example.com/files/attachment/<token>/a.pdf` → `attachment/a.pdf`. Says nothing about its signature.
        """
        if not url.startswith(self._start):
            return url
        steps = url[len(self._start) :].partition("?")[0].split("/")
        is_signed = len(steps) > 2 and steps[-2].count(".") == 2
        return "/".join((*steps[:-2], steps[-1])) if is_signed else url

    def read(self, path: str) -> Linked:
        """What `attachment/<token>/a.pdf`, the part of a link behind `/files/`, leads to.

        Raises InvalidFileLink (403) or FileLinkExpired (403).
        """
        steps = path.split("/") if len(path) <= _LONGEST else ()
        if len(steps) < 3:
            raise InvalidFileLink
        *folders, token, name = steps
        claims = self._claims(token)
        if claims.get("type") != "FILE" or claims.get("filename") != name:
            raise InvalidFileLink
        folder, end = FOLDERS.get(folders[0]), claims.get("exp")
        is_lasting = folder is not None and folder.is_lasting
        if not is_lasting and not (isinstance(end, int) and end > self._now()):
            raise FileLinkExpired
        return Linked(workspace_id=UUID(str(claims["workspaceId"])), path="/".join((*folders, name)))

    def _claims(self, token: str) -> Mapping[str, object]:
        """What a token says, once its signature is found good. The workspace that it names chooses the key."""
        try:
            signed, _, signature = token.encode("ascii").rpartition(b".")
            header, _, body = signed.partition(b".")
            claims = json.loads(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))
            owner = str(UUID(claims["workspaceId"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise InvalidFileLink from None
        if header != _HEADER or not hmac.compare_digest(signature, self._signature(owner, signed)):
            raise InvalidFileLink
        return dict(claims)

    def _signature(self, owner: str, signed: bytes) -> bytes:
        return _encoded(hmac.digest(self._key(owner), signed, "sha256"))

    def _key(self, owner: str) -> bytes:
        return hashlib.sha256(f"{self._app_secret}{owner}FILE".encode()).hexdigest().encode()

    def _issued_at(self) -> int:
        return int(self._now() // self._step * self._step)

    def _signer(self, workspace_id: UUID) -> Signer:
        owner = str(workspace_id)
        key = self._key(owner)  # as long as a block of SHA-256, so that HMAC takes it as it is
        keys = [bytes(byte ^ pad for byte in key).hex() for pad in (0x36, 0x5C)]

        @lru_cache(maxsize=1)
        def signing_of(issued_at: int) -> str:
            before, after = _claims_around(owner, issued_at, self._lifetime)
            return "\n".join((self._start, f"{_HEADER.decode()}.", before, after, *keys))

        return lambda: signing_of(self._issued_at())


def _claims_around(owner: str, issued_at: int, lifetime: timedelta) -> tuple[str, str]:
    """What a token claims, before and after the name of the file."""
    return (
        f'{{"sub":"{owner}","workspaceId":"{owner}","filename":',
        f',"type":"FILE","iat":{issued_at},"exp":{issued_at + math.floor(lifetime.total_seconds())}}}',
    )


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
