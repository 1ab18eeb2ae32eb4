"""The types of one object's records: what is read, written, filtered and ordered."""

from collections.abc import Iterator

from rapport.edge.graphql.schema.composites import define_composite
from rapport.edge.graphql.schema.definitions import Definitions, member
from rapport.edge.graphql.schema.groups import connection_members, define_groups
from rapport.edge.graphql.schema.leaves import Leaves
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.records.misfits import unique_input


def connection_arguments(item: Object) -> str:
    """The arguments of a field that gives a page of the object's records."""
    name = item.type_name
    return (
        "(first: Int, last: Int, offset: Int, before: String, after: String, "
        f"filter: {name}FilterInput, orderBy: [{name}OrderByInput])"
    )


class Records:
    """Defines the types of objects, one after the other."""

    def __init__(self, definitions: Definitions, catalog: Catalog) -> None:
        self._definitions = definitions
        self._catalog = catalog
        self._leaves = Leaves(definitions)

    def define(self, item: Object) -> None:
        add, name = self._definitions.add, item.type_name
        add("type", name, self._outputs(item), item.description or item.label)
        add("type", f"{name}Edge", [f"node: {name}!", "cursor: Cursor"])
        add("type", f"{name}Connection", connection_members(item))
        add("input", f"{name}CreateInput", self._inputs(item, "Create"))
        add("input", f"{name}UpdateInput", self._inputs(item, "Update"))
        add("input", f"{name}FilterInput", self._filters(item))
        add("input", f"{name}OrderByInput", self._orders(item))
        define_groups(self._definitions, self._catalog, item)

    def _fields(self, item: Object) -> Iterator[Field]:
        """The fields that can be read; a relation needs its other end."""
        for field in item.field.values():
            if field.relation is not None:
                if field.relation.target_object in self._catalog.by_name:
                    yield field
            elif any(column.reads for column in field.columns):
                yield field

    def _outputs(self, item: Object) -> Iterator[str]:
        for field in self._fields(item):
            description = field.description or field.label
            # A record always has a value that must not be null, but what it is linked to may be deleted.
            required = "" if field.is_nullable else "!"
            if field.is_to_many:
                target = self._catalog.target(field)
                yield member(
                    f"{field.name}{connection_arguments(target)}: {target.type_name}Connection{required}", description
                )
            elif field.is_to_one:
                yield member(f"{field.name}: {self._catalog.target(field).type_name}", description)
                yield member(f"{field.column.name}: {field.column.leaf.scalar}", f"Id of {field.name}")
            elif field.type.graphql_output is None:
                kind = self._leaves.output(item, field, field.column.leaf)
                yield member(f"{field.name}: {kind}{required}", description)
            else:
                kind = define_composite(self._definitions, self._leaves, item, field)
                yield member(f"{field.name}: {kind}{required}", description)

    def _inputs(self, item: Object, verb: str) -> Iterator[str]:
        for field in self._fields(item):
            required = "!" if verb == "Create" and not field.is_nullable and field.default is None else ""
            if field.is_to_one:
                # One of the two is enough, so neither is required.
                yield f"{field.name}: {self._relation_input(self._catalog.target(field))}"
                yield f"{field.column.name}: {field.column.leaf.input_scalar}"
            elif field.is_to_many:
                yield f"{field.name}: {self._nested_create(self._catalog.target(field))}"
            elif not any(column.in_input for column in field.columns):
                continue
            elif field.type.graphql_output is None:
                yield f"{field.name}: {self._leaves.input(item, field, field.column.leaf)}{required}"
            else:
                yield f"{field.name}: {field.type.graphql_output}{verb}Input{required}"

    def _relation_input(self, target: Object) -> str:
        name = target.type_name
        add = self._definitions.add
        created = member(f"create: {name}CreateInput", "Creates the record that this one is to point to, along with it")
        connected = member(f"connect: {name}ConnectInput", "Points to a record that is there")
        disconnected = member("disconnect: Boolean", "Points to none; false changes nothing")
        add("input", f"{name}RelationInput", [connected, disconnected, created])
        add("input", f"{name}ConnectInput", [member(f"where: {name}WhereUniqueInput", "Which record it is")])
        unique = "One live record, by its id or by what no two of them share"
        add("input", f"{name}WhereUniqueInput", self._unique_fields(target), unique)
        return f"{name}RelationInput"

    def _nested_create(self, target: Object) -> str:
        name = f"{target.type_name}NestedCreateInput"
        created = f"create: [{target.type_name}CreateInput!]!"
        self._definitions.add("input", name, [member(created, "Creates records that point to this one, along with it")])
        return name

    def _unique_fields(self, target: Object) -> Iterator[str]:
        """The ways to name one record: its id, or the value of a unique field."""
        yield "id: UUID"
        for field in self._fields(target):
            if not field.is_unique:
                continue
            if field.type.graphql_output is None:
                yield f"{field.name}: {self._leaves.input(target, field, field.column.leaf)}"
                continue
            name = unique_input(target, field)
            subs = [f"{column.sub}: {column.leaf.input_scalar}" for column in field.columns if column.in_unique]
            self._definitions.add("input", name, subs)
            yield f"{field.name}: {name}"

    def _filters(self, item: Object) -> Iterator[str]:
        for field in self._fields(item):
            if field.is_to_one:
                yield f"{field.name}: {self._catalog.target(field).type_name}FilterInput"
                yield f"{field.column.name}: {self._leaves.filter(item, field, field.column.leaf)}"
            elif field.type.graphql_output is not None:
                yield f"{field.name}: {field.type.graphql_output}FilterInput"
            elif field.is_to_many:
                yield f"{field.name}: {self._list_filter(self._catalog.target(field))}"
            else:
                yield f"{field.name}: {self._leaves.filter(item, field, field.column.leaf)}"
        name = f"{item.type_name}FilterInput"
        yield from (f"and: [{name}]", f"or: [{name}]", f"not: {name}")

    def _list_filter(self, target: Object) -> str:
        """The filter of a to-many relation."""
        name, inner = f"{target.type_name}ListFilterInput", f"{target.type_name}FilterInput"
        members = [
            member(f"some: {inner}", "At least one related record matches"),
            member(f"none: {inner}", "No related record matches"),
            member(f"every: {inner}", "Every related record matches; also when there is none"),
        ]
        self._definitions.add("input", name, members)
        return name

    def _orders(self, item: Object) -> Iterator[str]:
        for field in self._fields(item):
            if field.is_to_one:
                yield f"{field.name}: {self._catalog.target(field).type_name}OrderByInput"
                yield f"{field.column.name}: OrderByDirection"
            elif field.type.graphql_output is not None:
                yield f"{field.name}: {field.type.graphql_output}OrderByInput"
            elif not field.is_to_many:
                yield f"{field.name}: OrderByDirection"
