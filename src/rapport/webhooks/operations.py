"""Which events a webhook is told of: `person.created`, `person.*`, `*.created`, `*.*` (system-api.md §10)."""

import re
from collections.abc import Sequence

from rapport.webhooks.errors import InvalidOperation

EVERYTHING = "*.*"
UPSERTED = "upserted"
ACTIONS = ("created", "updated", "deleted", "restored", "destroyed", UPSERTED)
MOST_OPERATIONS = 200
# Objects come and go, so any name will do: a webhook may be there before the object that it is about.
_OPERATION = re.compile(rf"(?:\*|[a-z][a-zA-Z0-9]{{0,62}})\.(?:\*|{'|'.join(ACTIONS)})", re.ASCII)
_SHOWN = 80  # characters of what the client sent


def normalised_operations(given: Sequence[str]) -> list[str]:
    """Each once, in their order; raises InvalidOperation.

    >>> normalised_operations(["person.*", "*.created", "person.*"])
    ['person.*', '*.created']
    """
    if not given:
        raise InvalidOperation(f"A webhook without operations would be told of nothing: {EVERYTHING} is all events.")
    found = dict.fromkeys(given)
    if len(found) > MOST_OPERATIONS:
        raise InvalidOperation(f"A webhook has at most {MOST_OPERATIONS} operations.")
    for operation in found:
        if _OPERATION.fullmatch(operation) is None:
            raise InvalidOperation(
                f'"{operation[:_SHOWN]}" is no operation of a webhook. Operations are events such as'
                f" person.created, person.*, *.created or *.*; the actions are {', '.join(ACTIONS)}."
            )
    return list(found)


def operations_for(object_name: str, action: str) -> tuple[str, ...]:
    """The operations by which an event is asked for.

    >>> operations_for("person", "created")
    ('person.created', 'person.*', '*.created', '*.*')
    """
    return (f"{object_name}.{action}", f"{object_name}.*", f"*.{action}", EVERYTHING)
