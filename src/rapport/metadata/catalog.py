"""The catalog: an immutable snapshot of one workspace's data model."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NewType
from uuid import UUID

from rapport.metadata.fieldtypes.base import Column, FieldType, Json

WorkspaceId = NewType("WorkspaceId", UUID)

RelationKind = Literal["MANY_TO_ONE", "ONE_TO_MANY"]
OnDelete = Literal["CASCADE", "SET_NULL", "RESTRICT", "NO_ACTION"]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One value of a SELECT, MULTI_SELECT or RATING field."""

    id: UUID
    value: str
    label: str
    color: str
    position: int


@dataclass(frozen=True, kw_only=True)
class Relation:
    """One side of a relation. The MANY_TO_ONE side owns the join column."""

    kind: RelationKind
    target_object: str  # nameSingular of the other object
    target_field: str  # name of the field on the other side
    join_column: str  # the uuid column (`companyId`), on whichever side has it
    on_delete: OnDelete = "SET_NULL"
    morph_group: str | None = None  # `target` for targetPerson, targetCompany …


@dataclass(frozen=True, kw_only=True)
class CustomIndex:
    """An index that users added: over fields, or parts of composite fields (`("<id of name>", "lastName")`)."""

    id: UUID
    parts: tuple[tuple[UUID, str], ...]  # field id and sub-field, '' for an atomic field
    is_unique: bool = False


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What the one for whom a catalog was made may do with an object's records. The defaults: everything."""

    read: bool = True
    update: bool = True  # and create
    soft_delete: bool = True  # and restore
    destroy: bool = True
    rows: Hashable = None  # a condition of the engine: other records do not exist for them


EVERY_RIGHT = Rights()


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of an object: what the metadata says of it, and its type's behaviour."""

    id: UUID
    name: str
    type: FieldType
    label: str
    description: str | None = None
    icon: str | None = None
    is_nullable: bool = True
    is_system: bool = False
    is_unique: bool = False
    is_active: bool = True
    is_custom: bool = False
    is_read_only: bool = False  # for people in the web app; the API may write
    is_label_synced: bool = False  # the name follows the label
    overrides: Mapping[str, Json] | None = None  # what users call a standard field
    default: object = None  # plain JSON, as stored: "uuid", "now", "'NEW'", false, 0, {…}
    options: tuple[Option, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    relation: Relation | None = None
    is_reachable: bool = True  # false for a relation whose other object, or a list whose link, is not active
    may_read: bool = True  # the one for whom the catalog was made
    may_update: bool = True  # likewise; what may not be read may not be updated

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The table columns of the field; none for the ONE_TO_MANY side of a relation."""
        return self.type.columns(self)

    @cached_property
    def column(self) -> Column:
        """The only column of an atomic field or of a MANY_TO_ONE relation."""
        (column,) = self.columns
        return column

    @cached_property
    def column_of(self) -> Mapping[str, Column]:
        """Columns by sub-field name (`firstName`); the key of an atomic field is ''."""
        return {column.sub: column for column in self.columns}

    @cached_property
    def is_writable(self) -> bool:
        """Whether callers may give it a value; relations are written by other rules."""
        return any(column.in_input for column in self.columns)

    @property
    def is_readable(self) -> bool:
        """Whether callers may see it: secrets can be neither selected nor filtered nor sorted by."""
        return self.is_to_many or any(column.reads for column in self.columns)

    @property
    def is_to_one(self) -> bool:
        return self.relation is not None and self.relation.kind == "MANY_TO_ONE"

    @property
    def is_to_many(self) -> bool:
        return self.relation is not None and self.relation.kind == "ONE_TO_MANY"


@dataclass(frozen=True, kw_only=True)
class Object:
    """An object (record type) of a workspace."""

    id: UUID
    name: str  # nameSingular
    plural: str
    label: str
    label_plural: str
    description: str | None = None
    icon: str | None = None
    shortcut: str | None = None
    is_custom: bool = False
    is_system: bool = False
    is_active: bool = True
    is_searchable: bool = False
    is_audit_logged: bool = True
    label_field: str = "id"
    image_field: str | None = None
    is_read_only: bool = False  # for people in the web app; the API may write
    is_label_synced: bool = False  # the names follow the labels
    overrides: Mapping[str, Json] | None = None  # what users call a standard object
    duplicate_criteria: tuple[tuple[str, ...], ...] = ()  # groups of column names
    unique_constraints: tuple[tuple[str, ...], ...] = ()  # groups of column names, without ("id",)
    table: str = ""  # `person`; custom objects `_rocket`
    view: Hashable = None  # what stands for the table in reads: a View of the engine
    fields: tuple[Field, ...] = ()
    custom_indexes: tuple[CustomIndex, ...] = ()
    rights: Rights = EVERY_RIGHT

    @cached_property
    def field(self) -> Mapping[str, Field]:
        """Active fields by name: those that there are for whom the catalog was made."""
        return {item.name: item for item in self.fields if item.is_active and item.is_reachable and item.may_read}

    @cached_property
    def readable_fields(self) -> frozenset[str]:
        """The names of those whose values may be shown: changes of others are told to nobody."""
        return frozenset(name for name, item in self.field.items() if item.is_readable)

    @cached_property
    def denied(self) -> frozenset[str]:
        """Names of fields and join columns (`companyId`) that there are, but not for whom the catalog was made."""
        hidden = [item for item in self.fields if item.is_active and item.is_reachable and not item.may_read]
        columns = {item.relation.join_column for item in hidden if item.relation and item.is_to_one}
        return frozenset({item.name for item in hidden} | columns)

    @cached_property
    def to_one_by_column(self) -> Mapping[str, Field]:
        """MANY_TO_ONE fields by join column (`companyId`)."""
        return {item.relation.join_column: item for item in self.field.values() if item.relation and item.is_to_one}

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return tuple(column for item in self.fields for column in item.columns)

    @property
    def type_name(self) -> str:
        return self.name[0].upper() + self.name[1:]


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """All objects of one workspace at one version of its model."""

    workspace_id: WorkspaceId
    schema: str
    version: int
    objects: tuple[Object, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Object]:
        """Active objects by nameSingular."""
        return {item.name: item for item in self.objects if item.is_active}

    @cached_property
    def has_row_rules(self) -> bool:
        """Whether some records do not exist for whom the catalog was made."""
        return any(item.rights.rows is not None for item in self.objects)

    @cached_property
    def by_plural(self) -> Mapping[str, Object]:
        return {item.plural: item for item in self.objects if item.is_active}

    def target(self, item: Field) -> Object:
        """The object at the other end of a relation field."""
        assert item.relation is not None
        return self.by_name[item.relation.target_object]
