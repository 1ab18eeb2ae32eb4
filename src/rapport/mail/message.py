"""A finished mail, and its way through the queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Message:
    """A finished mail."""

    id: str
    to: str
    template: str
    subject: str
    text: str
    html: str
    written_at: datetime

    def payload(self) -> Mapping[str, str]:
        """As a job carries it."""
        return {
            "id": self.id,
            "to": self.to,
            "template": self.template,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "writtenAt": self.written_at.isoformat(),
        }

    @classmethod
    def of(cls, payload: object) -> "Message":
        """The mail that a job carries."""
        assert isinstance(payload, dict)
        rest = {name: str(value) for name, value in payload.items() if name != "writtenAt"}
        return cls(written_at=datetime.fromisoformat(str(payload["writtenAt"])), **rest)
