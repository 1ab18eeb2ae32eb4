"""What all live connections of a server share."""

from dataclasses import dataclass

from rapport.base.settings import Settings
from rapport.edge.caller import Callers
from rapport.edge.graphql.live.operations import LiveOperations
from rapport.edge.traffic.audience import LOOK_SECONDS, Audience
from rapport.edge.traffic.cors import Cors
from rapport.edge.traffic.door import Door


@dataclass(frozen=True, kw_only=True)
class LiveLimits:
    """See docs/configuration.md. Times in seconds."""

    max_operations: int  # of one socket at a time
    max_message_bytes: int
    init_seconds: float  # until a client says who it is
    keep_alive_seconds: float  # of silence, until something is sent
    message_seconds: float  # until a message is there
    answer_seconds: float  # until what was sent is taken off

    @classmethod
    def of(cls, settings: Settings) -> "LiveLimits":
        return cls(
            max_operations=settings.max_socket_operations,
            max_message_bytes=settings.max_socket_message_bytes,
            init_seconds=settings.socket_init_timeout.total_seconds(),
            keep_alive_seconds=settings.live_keep_alive.total_seconds(),
            message_seconds=settings.request_body_timeout.total_seconds(),
            answer_seconds=settings.response_timeout.total_seconds(),
        )

    @property
    def look_seconds(self) -> float:
        """How often somebody has to look whether a time is over."""
        times = (self.init_seconds, self.keep_alive_seconds, self.message_seconds, self.answer_seconds)
        return min(*times, LOOK_SECONDS * 4) / 4


@dataclass(frozen=True, kw_only=True)
class Live:
    operations: LiveOperations
    door: Door
    callers: Callers
    audience: Audience
    cors: Cors
    limits: LiveLimits
