"""Which verbs callers may not use on which objects: records that the server itself keeps (core-api.md §7.9)."""

from rapport.base.errors import Forbidden
from rapport.metadata.catalog import Object

_ALL = frozenset({"create", "update", "delete", "restore", "destroy", "merge"})

# Members come from invitations and sign-ups; runs and triggers are what workflows leave behind.
_REFUSED = {
    "workspaceMember": frozenset({"create", "merge"}),
    "workflowRun": _ALL,
    "workflowAutomatedTrigger": _ALL,
}


class MethodNotAllowed(Forbidden):
    """Method not allowed."""

    sub_code = "METHOD_NOT_ALLOWED"


def check_verb(item: Object, verb: str) -> None:
    """Raises MethodNotAllowed."""
    if verb in _REFUSED.get(item.name, frozenset()):
        raise MethodNotAllowed
