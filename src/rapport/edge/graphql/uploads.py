"""Files among the variables: where they may be."""

from collections.abc import Mapping

from graphql import ListTypeNode, NamedTypeNode, NonNullTypeNode, TypeNode

from rapport.edge.graphql.document import Document
from rapport.files.uploads import Upload

# The types of variables that files may be in. What is an Upload inside of them is checked with the rest of the value.
_TYPES = frozenset({"Upload", "CreateFileInput"})


def misplaced_upload(document: Document, variables: Mapping[str, object]) -> str | None:
    """What is wrong, when a file is the value, or inside the value, of a variable that takes none."""
    for definition in document.operation.variable_definitions or ():
        name = definition.variable.name.value
        if _named(definition.type) not in _TYPES and _has_upload(variables.get(name)):
            return f'Variable "${name}" takes no file: only variables of the type Upload do.'
    return None


def _named(kind: TypeNode) -> str:
    if isinstance(kind, ListTypeNode | NonNullTypeNode):
        return _named(kind.type)
    assert isinstance(kind, NamedTypeNode)
    return kind.name.value


def _has_upload(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_has_upload, value.values()))
    if isinstance(value, list):
        return any(map(_has_upload, value))
    return isinstance(value, Upload)
