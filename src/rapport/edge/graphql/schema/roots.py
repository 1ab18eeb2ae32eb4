"""The root fields on records, in their full form: older names and arguments are served, but not shown."""

from collections.abc import Iterator

from rapport.edge.graphql.model import Model, RootField
from rapport.edge.graphql.schema.definitions import member
from rapport.edge.graphql.schema.groups import group_arguments
from rapport.edge.graphql.schema.records import connection_arguments

_DONE = {
    "create": "Creates",
    "update": "Changes",
    "delete": "Deletes, so that it can be restored:",
    "restore": "Restores what was deleted:",
    "destroy": "Deletes for good:",
    "merge": "Makes one record of several, the one at conflictPriorityIndex; dryRun only shows it:",
}


def query_fields(model: Model) -> Iterator[str]:
    for name, root in model.queries.items():
        item = root.object
        if root.verb == "group":
            definition = f"{name}{group_arguments(item)}: [{item.type_name}GroupByConnection]"
            yield member(definition, f"{item.label_plural} in groups of equal values, with aggregates of each group")
        elif root.verb == "duplicates":
            definition = f"{name}(ids: [UUID], data: [{item.type_name}CreateInput]): [{item.type_name}Connection]"
            yield member(definition, f"Live records that seem to be the same, for each given: {item.label_plural}")
        elif root.many:
            definition = f"{name}{connection_arguments(item)}: {item.type_name}Connection"
            yield member(definition, f"{item.label_plural}, a page at a time")
        else:
            definition = f"{name}(filter: {item.type_name}FilterInput!): {item.type_name}"
            yield member(definition, f"One record: {item.label}")


def mutation_fields(model: Model) -> Iterator[str]:
    for name, root in model.mutations.items():
        if name == _full_name(root):
            kind = f"[{root.object.type_name}]" if root.many and root.verb != "merge" else root.object.type_name
            label = root.object.label_plural if root.many else root.object.label
            yield member(f"{name}({_arguments(root)}): {kind}", f"{_DONE[root.verb]} {label}")


def subscription_fields(model: Model) -> Iterator[str]:
    for name, root in model.subscriptions.items():
        item = root.object
        given = f"filter: {item.type_name}FilterInput, id: UUID"
        if "updatedFields" in root.arguments:
            given += ', "Only changes of one of these fields" updatedFields: [String!]'
        shown = "it was" if root.action == "destroyed" else "it is then"
        yield member(f"{name}({given}): {item.type_name}", f"When one was {root.action}, as {shown}: {item.label}")


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
            return f'data: {data}, "Updates what is there already: by its id or by what is unique" upsert: Boolean'
        case "update":
            return f"{which}, data: {name}UpdateInput!"
        case "merge":
            return "ids: [UUID!]!, conflictPriorityIndex: Int!, dryRun: Boolean"
    return which
