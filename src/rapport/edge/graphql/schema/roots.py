"""The root fields on records, in their full form: older names and arguments are served, but not shown."""

from collections.abc import Iterator

from rapport.edge.graphql.model import Model, RootField
from rapport.edge.graphql.schema.definitions import member
from rapport.edge.graphql.schema.records import connection_arguments

_DONE = {
    "create": "Creates",
    "update": "Changes",
    "delete": "Deletes, so that it can be restored:",
    "restore": "Restores what was deleted:",
    "destroy": "Deletes for good:",
}


def query_fields(model: Model) -> Iterator[str]:
    for name, root in model.queries.items():
        item = root.object
        if root.many:
            definition = f"{name}{connection_arguments(item)}: {item.type_name}Connection"
            yield member(definition, f"{item.label_plural}, a page at a time")
        else:
            definition = f"{name}(filter: {item.type_name}FilterInput!): {item.type_name}"
            yield member(definition, f"One record: {item.label}")


def mutation_fields(model: Model) -> Iterator[str]:
    for name, root in model.mutations.items():
        if name == _full_name(root):
            kind = f"[{root.object.type_name}]" if root.many else root.object.type_name
            label = root.object.label_plural if root.many else root.object.label
            yield member(f"{name}({_arguments(root)}): {kind}", f"{_DONE[root.verb]} {label}")


def _full_name(root: RootField) -> str:
    """`createPeople`, which some call `createManyPeople`."""
    name = root.object.plural if root.many else root.object.name
    return f"{root.verb}{name[0].upper()}{name[1:]}"


def _arguments(root: RootField) -> str:
    name = root.object.type_name
    which = f"filter: {name}FilterInput!" if root.many else "id: UUID!"
    match root.verb:
        case "create":
            data = f"[{name}CreateInput!]!" if root.many else f"{name}CreateInput!"
            return f"data: {data}, upsert: Boolean"
        case "update":
            return f"{which}, data: {name}UpdateInput!"
    return which
