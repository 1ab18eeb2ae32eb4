"""ACTOR: who or what did something."""

from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.composite import CompositeType, Sub
from rapport.metadata.fieldtypes.leaves.json import JSON
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf
from rapport.metadata.fieldtypes.leaves.text import TEXT
from rapport.metadata.fieldtypes.leaves.uuid import UUID

SOURCES = (
    "EMAIL", "CALENDAR", "WORKFLOW", "AGENT", "API", "IMPORT", "MANUAL", "SYSTEM", "WEBHOOK", "APPLICATION",
)  # fmt: skip

_SOURCE = SelectLeaf(SOURCES, fixed_name="ActorSourceEnum")


class ActorType(CompositeType):
    """An author. Callers may tell the source and its context; who it was, the server knows itself."""

    name = "ACTOR"
    graphql_output = "Actor"
    value_subs = ("source", "workspaceMemberId", "name")
    may_be_unique = False
    subs = (
        Sub(name="source", leaf=_SOURCE),
        Sub(name="workspaceMemberId", leaf=UUID, in_input=False),
        Sub(name="name", leaf=TEXT, in_input=False),
        Sub(name="context", leaf=JSON),
    )

    def empty_default(self) -> Json:
        return {"source": "'MANUAL'", "workspaceMemberId": None, "name": "'System'", "context": None}
