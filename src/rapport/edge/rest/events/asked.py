"""Which events are asked for, and from where on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from rapport.edge.misuse import BadRequest
from rapport.edge.rest.parameters import Parameters
from rapport.events.cursor import Cursor
from rapport.events.errors import InvalidEventCursor

# What a caller is told: what happened, except that a record may come into what they may see, or leave it.
ToldAction: TypeAlias = Literal["created", "updated", "deleted", "restored", "destroyed", "shown", "hidden"]
ACTIONS: Final[tuple[ToldAction, ...]] = get_args(ToldAction)
PAGE_SIZE: Final = 60
MOST: Final = 1_000  # of one page
LONGEST_WAIT: Final = 30  # seconds
NOW: Final = "now"
LAST_EVENT_ID: Final = b"last-event-id"

_AFTER: Final = ("after", "starting_after", "startingAfter")
_SHOWN = 80  # characters of what the client sent
_DIGITS = 15  # a number with more of them is larger than any limit


@dataclass(frozen=True, kw_only=True)
class Asked:
    """``objects``: names as they were given, singular or plural; None for all that the caller may read.

    ``actions``: None for all.
    """

    objects: tuple[str, ...] | None = None
    actions: frozenset[str] | None = None
    limit: int = PAGE_SIZE
    has_before: bool = False  # what changed records were before is told, too


# Behind this; `now`: behind everything that has happened. None: from the oldest event that is kept.
After: TypeAlias = Cursor | Literal["now"] | None


def read_asked(parameters: Parameters) -> Asked:
    """`?objects=person,companies&actions=created,updated&limit=500&before=true`. Raises BadRequest."""
    objects, actions = parameters.text("objects"), parameters.text("actions")
    return Asked(
        objects=None if objects is None else tuple(dict.fromkeys(_listed(objects))),
        actions=None if actions is None else frozenset(map(_action, _listed(actions))),
        limit=_within(parameters, "limit", default=PAGE_SIZE, least=1, most=MOST),
        has_before=parameters.flag("before") is True,
    )


def read_after(parameters: Parameters, headers: Mapping[bytes, bytes]) -> After:
    """Where the client is. What a browser has seen of a stream goes before the address that it asks again.

    Raises InvalidEventCursor, also for an empty one: whoever has lost their place is not to get everything anew.
    """
    text = headers.get(LAST_EVENT_ID, b"").decode("latin-1").strip() or parameters.text(*_AFTER)
    if text is None:
        if any(parameters.texts(name) for name in _AFTER):
            raise InvalidEventCursor
        return None
    return NOW if text == NOW else Cursor.read(text)


def read_wait(parameters: Parameters) -> int:
    """Seconds. Raises BadRequest."""
    return _within(parameters, "wait", default=0, least=0, most=LONGEST_WAIT)


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",")]


def _action(name: str) -> str:
    if name not in ACTIONS:
        raise BadRequest(f"action '{name[:_SHOWN]}' is invalid. Allowed values are {', '.join(ACTIONS)}")
    return name


def _within(parameters: Parameters, name: str, *, default: int, least: int, most: int) -> int:
    """What is more than ``most`` is taken for it. Raises BadRequest."""
    text = parameters.text(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit():
        number = min(int(text), most) if len(text) <= _DIGITS else most
        if number >= least:
            return number
    raise BadRequest(f"{name} '{text[:_SHOWN]}' is invalid. Should be an integer from {least} to {most}")
