"""The schemas of an object's records: as they are created, updated and answered (core-api.md §8)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rapport.edge.openapi.names import Names
from rapport.edge.openapi.parts import Part, array, schema
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.shapes import Shape, Use, or_null

# The server sets these; that a client may choose the first ones when it creates a record is no matter of forms.
_OWN = frozenset({"id", "createdAt", "updatedAt", "deletedAt"})
_TEXTS = {"handle": "somebody@example.com"}  # examples of texts that are not as good as any other


@dataclass(frozen=True, kw_only=True)
class SchemaNames:
    """What the schemas of an object are called: `Company`, `CompanyForUpdate`, `CompanyForResponse`."""

    create: str
    update: str
    answer: str


def schema_names(catalog: Catalog, names: Names) -> Mapping[str, SchemaNames]:
    """By the objects' names. An object `noteForUpdate` is not taken for what updates a note."""
    created = {item.name: names.take(item.type_name) for item in shown_objects(catalog)}
    return {
        item.name: SchemaNames(
            create=created[item.name],
            update=names.take(f"{item.type_name}ForUpdate"),
            answer=names.take(f"{item.type_name}ForResponse"),
        )
        for item in shown_objects(catalog)
    }


def shown_objects(catalog: Catalog) -> list[Object]:
    """The objects of which the caller may read records."""
    return [item for item in catalog.by_name.values() if item.rights.read]


def record_schemas(catalog: Catalog, item: Object, names: Mapping[str, SchemaNames]) -> Iterator[tuple[str, Part]]:
    own = names[item.name]
    if item.rights.update:
        yield own.create, _given(item, "create")
        yield own.update, _given(item, "update")
    yield own.answer, _answered(catalog, item, names)


def _given(item: Object, use: Use) -> Part:
    fields = [field for field in item.field.values() if _is_given(field)]
    found: dict[str, object] = {"type": "object"}
    if item.description:
        found["description"] = item.description
    required = [
        key(field) for field in fields if not field.is_nullable and field.default is None and not field.is_to_one
    ]
    if use == "create" and required:
        found["required"] = required
    found["properties"] = {key(field): described(field, shape(field, use)) for field in fields}
    if use == "create":
        found["example"] = example(item)
    return found


def _answered(catalog: Catalog, item: Object, names: Mapping[str, SchemaNames]) -> Part:
    """Own fields first; what is linked is there with depth, as far as the caller may see it."""
    properties: dict[str, Part] = {}
    for field in item.field.values():
        if not field.is_to_many and field.is_readable and field.type.name != "TS_VECTOR":
            properties[key(field)] = described(field, shape(field, "answer"))
    for field in item.field.values():
        if field.relation is None or field.relation.target_object not in names:
            continue
        target = schema(names[field.relation.target_object].answer)
        properties[field.name] = array(target) if field.is_to_many else {"oneOf": [target, {"type": "null"}]}
    return {"type": "object", "properties": properties}


def _is_given(field: Field) -> bool:
    return field.name not in _OWN and field.is_writable and field.may_update


def key(field: Field) -> str:
    """The name under which a record has the field: `companyId` for a link to a company."""
    return field.column.name if field.is_to_one else field.name


def shape(field: Field, use: Use) -> Shape:
    if not field.is_to_one:
        return field.type.shape(field, use)
    link = field.column.leaf.shape(use)
    return link if use == "create" else or_null(link)


def described(field: Field, shape: Shape) -> Part:
    return {**shape, "description": field.description} if field.description else shape


def example(item: Object) -> Mapping[str, Json]:
    """A record that can be created: with what its type has an example of, and with all that it must have."""
    found: dict[str, Json] = {}
    for field in item.field.values():
        if not _is_given(field) or field.is_to_one:
            continue
        if field.type.example is not None:
            found[field.name] = field.type.example
        elif field.name == item.label_field and field.type.name == "TEXT":
            found[field.name] = _TEXTS.get(field.name, f"{item.label} 1")
    return found
