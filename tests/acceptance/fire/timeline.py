"""What the data model was at which time: the truth that answers are held against.

A slot is a place in the API that may be empty, `person.nick` or `ships`. What fills it is known by a tag that goes with
it when it is renamed and that no other thing ever gets.
"""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

GRACE_SECONDS = 0.1  # how long a process may go on serving what is no longer there

Tag = str


@dataclass
class _State:
    """What filled a slot. ``until`` is when the change that ended it was acknowledged."""

    tag: Tag | None
    since: float
    until: float = math.inf


class Timeline:
    def __init__(self, grace: float = GRACE_SECONDS) -> None:
        self._grace = grace
        self._slots: dict[str, list[_State]] = {}
        self.changes: list[tuple[float, float, str]] = []  # begin, end, label

    def now(self, slot: str) -> Tag | None:
        """What fills the slot now, as far as is known."""
        states = self._slots.get(slot)
        return states[-1].tag if states else None

    def last(self, slot: str) -> Tag | None:
        """What fills the slot, or filled it last."""
        tags = [state.tag for state in self._slots.get(slot, ()) if state.tag]
        return tags[-1] if tags else None

    def filled(self, *prefixes: str) -> tuple[str, ...]:
        """The slots with such a beginning that something fills now."""
        return tuple(slot for slot in self._slots if slot.startswith(prefixes) and self.now(slot) is not None)

    @contextmanager
    def changing(self, label: str, effects: Mapping[str, Tag | None]) -> Iterator[None]:
        """A change that is asked for when the block begins and acknowledged when it ends."""
        begun = time.monotonic()
        for slot, tag in effects.items():
            states = self._slots.setdefault(slot, [_State(None, -math.inf)])
            states.append(_State(tag, begun))
        yield
        ended = time.monotonic()
        for slot in effects:
            self._slots[slot][-2].until = ended
        self.changes.append((begun, ended, label))

    def possible(self, slot: str, asked: float, answered: float) -> frozenset[Tag | None]:
        """What may have answered a request. New things have to be there at once, old ones may linger."""
        return frozenset(
            state.tag
            for state in self._slots.get(slot, [_State(None, -math.inf)])
            if state.since <= answered and state.until + (self._grace if state.tag else 0.0) >= asked
        )

    def is_filled_by(self, tag: Tag) -> bool:
        """Whether the thing is anywhere now, as far as is known."""
        return any(states[-1].tag == tag for states in self._slots.values())
