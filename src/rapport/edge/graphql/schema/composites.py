"""The types of composite fields: `FullName` with its inputs, its filter and its order."""

from rapport.edge.graphql.schema.definitions import Definitions
from rapport.edge.graphql.schema.leaves import Leaves
from rapport.metadata.catalog import Field, Object


def define_composite(definitions: Definitions, leaves: Leaves, item: Object, field: Field) -> str:
    """Defines the types of a field's composite, the same for all fields of its type; gives the output's name."""
    name = str(field.type.graphql_output)
    if name in definitions:
        return name
    shown = [column for column in field.columns if column.reads]
    written = [column for column in field.columns if column.in_input]
    definitions.add("type", name, [f"{each.sub}: {leaves.output(item, field, each.leaf)}" for each in shown])
    for verb in ("Create", "Update"):
        inputs = [f"{each.sub}: {leaves.input(item, field, each.leaf)}" for each in written]
        definitions.add("input", f"{name}{verb}Input", inputs)
    filters = [f"{each.sub}: {leaves.filter(item, field, each.leaf)}" for each in shown]
    definitions.add("input", f"{name}FilterInput", filters)
    definitions.add("input", f"{name}GroupByInput", [f"{each.sub}: Boolean" for each in shown])
    definitions.add("input", f"{name}OrderByInput", [f"{each.sub}: OrderByDirection" for each in shown])
    return name
