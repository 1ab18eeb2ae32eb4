"""The news that what somebody may do has changed: whoever remembers an answer about them has to ask again."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from rapport.access.principal import Principal

ACCESS_CHANGED = "accessChanged"  # the kind of the notification that carries it between processes


@dataclass(frozen=True, kw_only=True)
class AccessChange:
    """Concerns every token of the user, of the API key, or of everybody in the workspace: whichever is named."""

    user_id: UUID | None = None
    api_key_id: UUID | None = None
    workspace_id: UUID | None = None

    def concerns(self, principal: Principal) -> bool:
        """Whether what the principal may do may be another now."""
        return (
            (self.user_id is not None and self.user_id in (principal.user_id, principal.impersonator_user_id))
            or (self.api_key_id is not None and principal.api_key_id == self.api_key_id)
            or (
                self.workspace_id is not None
                and self.workspace_id in (principal.workspace_id, principal.impersonator_workspace_id)
            )
        )

    def payload(self) -> Mapping[str, object]:
        """`{"apiKeyId": "0197…"}`"""
        named = {"userId": self.user_id, "apiKeyId": self.api_key_id, "workspaceId": self.workspace_id}
        return {name: str(value) for name, value in named.items() if value is not None}

    @classmethod
    def from_payload(cls, payload: Mapping[str, object]) -> "AccessChange":
        """Reads what ``payload`` wrote; raises ValueError."""
        return cls(
            user_id=_uuid(payload.get("userId")),
            api_key_id=_uuid(payload.get("apiKeyId")),
            workspace_id=_uuid(payload.get("workspaceId")),
        )


def _uuid(value: object) -> UUID | None:
    return None if value is None else UUID(str(value))
