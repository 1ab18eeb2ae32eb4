"""What is wrong with data as GraphQL's own type check says it, and where it stands in the document."""

from graphql import ListValueNode, Node, ObjectValueNode, ValueNode, VariableNode

from rapport.base.errors import RapportError
from rapport.engine.problems import Problem
from rapport.records.misfits import UnfitData, UnknownName


def describe(error: RapportError, data: ValueNode | None) -> Problem | None:
    """The problem that GraphQL's own type check would have found in the data; None for other errors."""
    if not isinstance(error, UnfitData):
        return None
    place: Node | None = data
    for step in error.path:
        if isinstance(step, int):
            place = place.values[step] if isinstance(place, ListValueNode) else place  # one stands for a list of one
        elif isinstance(place, ObjectValueNode):
            named = next((each for each in place.fields if each.name.value == step), None)
            if named is None:
                break
            place = named.value
            if isinstance(error, UnknownName) and step == error.path[-1]:
                return Problem(message=error.words, location=named)
    return Problem(message=error.words, location=place, in_variable=isinstance(place, VariableNode))
