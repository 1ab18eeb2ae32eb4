"""Who is asking."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Principal:
    """The caller of one request, made from its token. A user has ``user_id``; an API key has ``api_key_id``."""

    workspace_id: UUID | None  # None: a signed-in user without a workspace
    schema: str | None
    user_id: UUID | None = None
    workspace_member_id: UUID | None = None
    api_key_id: UUID | None = None
    name: str = ""  # "First Last" or the key's name: what createdBy shows
    source: Literal["MANUAL", "API", "SYSTEM", "IMPORT"] = "MANUAL"
    expires_at: float | None = None  # seconds since the epoch; None: until revoked
    access_version: int = 0  # version of the rules that apply; part of every plan's key
