"""Who is asking."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from rapport.access.flags import FLAGS, SETTINGS_FLAGS, TOOL_FLAGS, Flag

NO_ROLE = UUID(int=0)  # the role of one who has none yet


@dataclass(frozen=True, kw_only=True)
class Principal:
    """The caller of one request, made from its token. A user has ``user_id``; an API key has ``api_key_id``."""

    workspace_id: UUID | None  # None: a signed-in user without a workspace
    schema: str | None
    user_id: UUID | None = None
    user_workspace_id: UUID | None = None  # the membership of a user in the workspace
    workspace_member_id: UUID | None = None  # the record that stands for the user there
    api_key_id: UUID | None = None
    name: str = ""  # "First Last" or the key's name: what createdBy shows
    source: Literal["MANUAL", "API", "SYSTEM", "IMPORT"] = "MANUAL"
    auth_provider: str = "password"
    impersonator_user_workspace_id: UUID | None = None  # who acts in the user's name: their membership, which may be
    impersonator_workspace_id: UUID | None = None  # of another workspace,
    impersonator_user_id: UUID | None = None  # and their account
    role_id: UUID | None = None  # None: the server itself, which may do everything; NO_ROLE: nothing
    flags: frozenset[str] = frozenset()
    allowed_ips: tuple[str, ...] | None = None  # addresses and networks from which an API key is accepted; None: all
    expires_at: float | None = None  # seconds since the epoch; None: until revoked
    access_version: int = 0  # version of the rules that apply; part of every plan's key

    def may(self, flag: Flag) -> bool:
        """Whether the caller's role grants the permission."""
        return flag in self.flags


def granted_flags(*, all_settings: bool, all_tools: bool, single: frozenset[str]) -> frozenset[str]:
    """The flags of a role; names that are no flags count for nothing."""
    granted = single & FLAGS
    if all_settings:
        granted |= SETTINGS_FLAGS
    if all_tools:
        granted |= TOOL_FLAGS
    return granted
