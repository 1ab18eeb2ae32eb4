"""Makes documents when they are first asked for, and keeps them for as long as the data model stays as it is."""

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

import orjson

from rapport.access.principal import Principal
from rapport.edge.freshness import Models
from rapport.edge.graphql.model import Model
from rapport.edge.openapi.core import core_document
from rapport.edge.openapi.metadata import metadata_document
from rapport.edge.openapi.parts import Part

Kind = Literal["core", "metadata"]
_Extent: TypeAlias = frozenset[str]  # "known", and what of it the caller may: DATA_MODEL, API_KEYS_AND_WEBHOOKS
_Key: TypeAlias = tuple[UUID | None, Kind, _Extent]  # the model it is about, and how much is told of it

_FRAME: _Extent = frozenset()
_KNOWN: _Extent = frozenset({"known"})

MOST_BYTES = 16_000_000  # of a process; one document has about 30,000


@dataclass(frozen=True, kw_only=True)
class Document:
    """``packed`` is the JSON, compressed with gzip."""

    packed: bytes
    tag: bytes  # for ETag

    @property
    def text(self) -> bytes:
        return gzip.decompress(self.packed)


class Documents:
    """``url`` is the server's address, ``version`` the program's, ``is_flat`` the shape of errors."""

    def __init__(self, models: Models, *, url: str, version: str, is_flat: bool, most_bytes: int = MOST_BYTES) -> None:
        self._models = models
        self._url = url.rstrip("/")
        self._version = version
        self._is_flat = is_flat
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[_Key, Document] = OrderedDict()
        self._making = asyncio.Lock()

    async def get(self, kind: Kind, principal: Principal | None) -> Document:
        """The document as the caller's role sees the data model; for those without a workspace, the frame of it."""
        if principal is None or principal.workspace_id is None:
            return await self._find((None, kind, _FRAME), None)
        if kind == "metadata":
            rights = frozenset(flag for flag in ("DATA_MODEL", "API_KEYS_AND_WEBHOOKS") if principal.may(flag))
            return await self._find((None, kind, _KNOWN | rights), None)
        model = self._models.known(principal) or await self._models.load(principal)
        if await self._models.is_outdated(principal, model):
            model = await self._models.reload(principal, model)
        return await self._find((model.key, kind, _KNOWN), model)

    def forget(self, model: Model) -> None:
        """The model is no longer current."""
        for key in [key for key in self._kept if key[0] == model.key]:
            self._drop(key)

    async def _find(self, key: _Key, model: Model | None) -> Document:
        found = self._kept.get(key)
        if found is None:
            async with self._making:  # who waits for the same finds it made
                found = self._kept.get(key)
                if found is None:
                    found = await asyncio.to_thread(self._make, key, model)
                    self._keep(key, found)
        self._kept.move_to_end(key)
        return found

    def _make(self, key: _Key, model: Model | None) -> Document:
        _, kind, extent = key
        text = orjson.dumps(self._content(kind, model, extent))
        digest = hashlib.blake2b(text, digest_size=16).hexdigest()
        return Document(packed=gzip.compress(text, 6, mtime=0), tag=f'W/"{digest}"'.encode())

    def _content(self, kind: Kind, model: Model | None, extent: _Extent) -> Part:
        if kind == "metadata":
            return metadata_document(
                is_known="known" in extent,
                may_change="DATA_MODEL" in extent,
                has_webhooks="API_KEYS_AND_WEBHOOKS" in extent,
                url=self._url,
                version=self._version,
                is_flat=self._is_flat,
            )
        catalog = None if model is None else model.catalog
        return core_document(catalog, url=self._url, version=self._version, is_flat=self._is_flat)

    def _keep(self, key: _Key, document: Document) -> None:
        self._kept[key] = document
        self._bytes += len(document.packed)
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: _Key) -> None:
        self._bytes -= len(self._kept.pop(key).packed)
