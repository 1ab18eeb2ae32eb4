"""The vocabulary in which the standard objects are written down: data without ids, made into a catalog by ``model``."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from types import MappingProxyType

from rapport.metadata.catalog import OnDelete, RelationKind

OptionSpec = tuple[str, str, str]  # value, label, colour

_NONE: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class RelationSpec:
    """The other side, `person.company`, and what deleting it does to this one."""

    kind: RelationKind
    other: str
    on_delete: OnDelete = "SET_NULL"
    morph_group: str | None = None


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """A field of a standard object. A missing description is made from the labels."""

    name: str
    type: str
    label: str
    icon: str
    description: str | None = None
    nullable: bool = True
    system: bool = False
    read_only: bool = False
    unique: bool = False
    default: object = None
    options: tuple[OptionSpec, ...] = ()
    settings: Mapping[str, object] = dataclass_field(default_factory=lambda: _NONE)
    relation: RelationSpec | None = None


@dataclass(frozen=True, kw_only=True)
class ObjectSpec:
    """A standard object without the fields that every object has."""

    name: str
    plural: str
    label: str
    label_plural: str
    icon: str
    fields: tuple[FieldSpec, ...]
    shortcut: str | None = None
    is_system: bool = False
    is_searchable: bool = False
    is_audit_logged: bool = True
    label_field: str = "id"
    image_field: str | None = None
    duplicate_criteria: tuple[tuple[str, ...], ...] = ()
    unique_constraints: tuple[tuple[str, ...], ...] = ()
    search: tuple[str, ...] = ()  # the fields that the search vector covers; none: no search vector


def field(
    name: str,
    type_name: str,
    label: str,
    icon: str,
    *,
    description: str | None = None,
    nullable: bool = True,
    system: bool = False,
    read_only: bool = False,
    unique: bool = False,
    secret: bool = False,
    default: object = None,
    options: tuple[OptionSpec, ...] = (),
    settings: Mapping[str, object] = _NONE,
) -> FieldSpec:
    return FieldSpec(
        name=name,
        type=type_name,
        label=label,
        icon=icon,
        description=description,
        nullable=nullable,
        system=system,
        read_only=read_only,
        unique=unique,
        default=default,
        options=options,
        settings={**settings, "isSecret": True} if secret else settings,
    )


def to_one(
    name: str,
    other: str,
    label: str,
    icon: str,
    *,
    on_delete: OnDelete = "SET_NULL",
    description: str | None = None,
    nullable: bool = True,
    system: bool = False,
    read_only: bool = False,
) -> FieldSpec:
    """A link to one record of another object, in the column `<name>Id`."""
    return FieldSpec(
        name=name,
        type="RELATION",
        label=label,
        icon=icon,
        description=description,
        nullable=nullable,
        system=system,
        read_only=read_only,
        relation=RelationSpec(kind="MANY_TO_ONE", other=other, on_delete=on_delete),
    )


def morph(
    name: str,
    other: str,
    label: str,
    icon: str,
    *,
    group: str = "target",
    on_delete: OnDelete = "SET_NULL",
    description: str | None = None,
    system: bool = False,
    read_only: bool = False,
) -> FieldSpec:
    """One of several links of which one at most is set."""
    return FieldSpec(
        name=name,
        type="MORPH_RELATION",
        label=label,
        icon=icon,
        description=description,
        system=system,
        read_only=read_only,
        relation=RelationSpec(kind="MANY_TO_ONE", other=other, on_delete=on_delete, morph_group=group),
    )


def to_many(
    name: str,
    other: str,
    label: str,
    icon: str,
    *,
    description: str | None = None,
    nullable: bool = True,
    system: bool = False,
    read_only: bool = False,
) -> FieldSpec:
    """The other end of a link: the records that point here."""
    return FieldSpec(
        name=name,
        type="RELATION",
        label=label,
        icon=icon,
        description=description,
        nullable=nullable,
        system=system,
        read_only=read_only,
        relation=RelationSpec(kind="ONE_TO_MANY", other=other),
    )


_SYSTEM_ACTOR: Mapping[str, object] = MappingProxyType(
    {"source": "'MANUAL'", "name": "'System'", "workspaceMemberId": None}
)
_RELATIVE: Mapping[str, object] = MappingProxyType({"displayFormat": "RELATIVE"})

ID = field(
    "id", "UUID", "Id", "Icon123",
    description="Record identifier", nullable=False, system=True, read_only=True, default="uuid",
)  # fmt: skip
CREATED_AT = field(
    "createdAt", "DATE_TIME", "Creation date", "IconCalendar",
    description="When the record was created", nullable=False, read_only=True, default="now", settings=_RELATIVE,
)  # fmt: skip
UPDATED_AT = field(
    "updatedAt", "DATE_TIME", "Last update", "IconCalendarClock",
    description="When the record was last modified", nullable=False, read_only=True, default="now", settings=_RELATIVE,
)  # fmt: skip
DELETED_AT = field(
    "deletedAt", "DATE_TIME", "Deleted at", "IconCalendarMinus",
    description="When the record was soft-deleted, empty while it is live", read_only=True, settings=_RELATIVE,
)  # fmt: skip
POSITION = field(
    "position", "POSITION", "Position", "IconHierarchy2",
    description="Rank of the record in manual ordering", nullable=False, system=True, default=0,
)  # fmt: skip
CREATED_BY = field(
    "createdBy", "ACTOR", "Created by", "IconCreativeCommonsSa",
    description="Who or what created the record", nullable=False, read_only=True, default=_SYSTEM_ACTOR,
)  # fmt: skip
UPDATED_BY = field(
    "updatedBy", "ACTOR", "Updated by", "IconUserCircle",
    description="Who or what modified the record last", nullable=False, read_only=True, default=_SYSTEM_ACTOR,
)  # fmt: skip
SEARCH_VECTOR = field(
    "searchVector", "TS_VECTOR", "Search vector", "IconUser",
    description="Full-text index of the record", system=True,
)  # fmt: skip

BASE_FIELDS = (ID, CREATED_AT, UPDATED_AT, DELETED_AT)
