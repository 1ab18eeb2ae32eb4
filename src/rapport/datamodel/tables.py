"""What clients see of the data model."""

from rapport.system.tables import (
    ID,
    TIMES,
    WORKSPACE_ID,
    ColumnField,
    Table,
    column,
    connection,
    to_many,
    to_one,
)

_IN_ORDER = ("position", "id")

# What was made by users belongs to another application than what every workspace has.
_APPLICATION = column(
    "applicationId", "UUID", sql='case when this."isCustom" then @customApplication else @standardApplication end'
)

_IS_OVERRIDDEN = column(
    "overridesId", "UUID", nullable=True, sql='case when this."standardOverrides" is not null then this.id end'
)


def _overridable(name: str, *, nullable: bool = False) -> ColumnField:
    """What users call it, or else what it came with."""
    return column(name, nullable=nullable, sql=f"""coalesce(this."standardOverrides" ->> '{name}', this."{name}")""")


def _override(name: str, type_name: str = "TEXT") -> ColumnField:
    operator = "->" if type_name == "RAW_JSON" else "->>"
    return column(name, type_name, nullable=True, sql=f"""this."standardOverrides" {operator} '{name}'""")


def _field_named(name: str, by: str) -> ColumnField:
    """The id of the object's field whose name the object has in the column ``by``."""
    named = f'f."objectMetadataId" = this.id and f.name = this."{by}"'
    return column(name, "UUID", nullable=True, sql=f'(select f.id from core."fieldMetadata" f where {named})')  # noqa: S608


OBJECT = Table(
    type="Object",
    name="objectMetadata",
    fields=(
        ID,
        WORKSPACE_ID,
        column("nameSingular"),
        column("namePlural"),
        _overridable("labelSingular"),
        _overridable("labelPlural"),
        _overridable("description", nullable=True),
        _overridable("icon", nullable=True),
        column("shortcut", nullable=True),
        column("isCustom", "BOOLEAN"),
        column("isSystem", "BOOLEAN"),
        column("isActive", "BOOLEAN"),
        column("isRemote", "BOOLEAN"),
        column("isSearchable", "BOOLEAN"),
        column("isUIReadOnly", "BOOLEAN"),
        column("isLabelSyncedWithName", "BOOLEAN"),
        column("duplicateCriteria", "RAW_JSON", nullable=True),
        _field_named("labelIdentifierFieldMetadataId", "labelIdentifierFieldName"),
        _field_named("imageIdentifierFieldMetadataId", "imageIdentifierFieldName"),
        _IS_OVERRIDDEN,
        to_one("standardOverrides", "ObjectStandardOverrides", by="overridesId"),
        _APPLICATION,
        column("position", "NUMBER"),
        connection("fields", "Field", by="objectMetadataId", order=_IN_ORDER),
        to_many("fieldsList", "Field", by="objectMetadataId", order=_IN_ORDER),
        connection("indexMetadatas", "Index", by="objectMetadataId"),
        to_many("indexMetadataList", "Index", by="objectMetadataId"),
        *TIMES,
    ),
)

OBJECT_OVERRIDES = Table(
    type="ObjectStandardOverrides",
    name="objectMetadata",
    fields=(
        ID,
        _override("labelSingular"),
        _override("labelPlural"),
        _override("description"),
        _override("icon"),
        _override("translations", "RAW_JSON"),
    ),
)

FIELD = Table(
    type="Field",
    name="fieldMetadata",
    fields=(
        ID,
        WORKSPACE_ID,
        column("objectMetadataId", "UUID"),
        to_one("object", "Object", by="objectMetadataId"),
        column("name"),
        _overridable("label"),
        column("type"),
        _overridable("description", nullable=True),
        _overridable("icon", nullable=True),
        column("isCustom", "BOOLEAN"),
        column("isSystem", "BOOLEAN"),
        column("isActive", "BOOLEAN"),
        column("isNullable", "BOOLEAN"),
        column("isUIReadOnly", "BOOLEAN"),
        column("isLabelSyncedWithName", "BOOLEAN"),
        # Of a field that users made clients are told only that it is unique, not that it is not.
        column(
            "isUnique",
            "BOOLEAN",
            nullable=True,
            sql="""case when this."isUnique" or this.name = 'id' then true when not this."isCustom" then false end""",
        ),
        column("defaultValue", "RAW_JSON", nullable=True),
        column("options", "RAW_JSON", nullable=True),
        column("settings", "RAW_JSON", nullable=True),
        _IS_OVERRIDDEN,
        to_one("standardOverrides", "StandardOverrides", by="overridesId"),
        column("relationId", "UUID", nullable=True, sql="case when this.type = 'RELATION' then this.id end"),
        to_one("relation", "Relation"),
        column("morphId", "UUID", nullable=True),
        to_many("morphRelations", "Relation", by="morphId", of="morphId", order=_IN_ORDER, optional=True),
        _APPLICATION,
        column("position", "NUMBER"),
        *TIMES,
    ),
)

FIELD_OVERRIDES = Table(
    type="StandardOverrides",
    name="fieldMetadata",
    fields=(
        ID,
        _override("label"),
        _override("description"),
        _override("icon"),
        _override("translations", "RAW_JSON"),
    ),
)

# The row of a field is also one side of a relation.
RELATION = Table(
    type="Relation",
    name="fieldMetadata",
    rows='this."workspaceId" = @workspace and this.relation is not null',
    fields=(
        ID,
        column("type", sql="this.relation ->> 'kind'"),
        column("sourceFieldMetadataId", "UUID", sql="this.id"),
        to_one("sourceFieldMetadata", "Field"),
        column("sourceObjectMetadataId", "UUID", sql='this."objectMetadataId"'),
        to_one("sourceObjectMetadata", "Object"),
        column("targetFieldMetadataId", "UUID", sql="(this.relation ->> 'targetFieldId')::uuid"),
        to_one("targetFieldMetadata", "Field"),
        column("targetObjectMetadataId", "UUID", sql="(this.relation ->> 'targetObjectId')::uuid"),
        to_one("targetObjectMetadata", "Object"),
        column("morphId", "UUID", nullable=True),
        column("position", "NUMBER"),
    ),
)

INDEX = Table(
    type="Index",
    name="indexMetadata",
    fields=(
        ID,
        WORKSPACE_ID,
        column("objectMetadataId", "UUID"),
        column("name"),
        column("isUnique", "BOOLEAN"),
        column("isCustom", "BOOLEAN"),
        column("indexType"),
        column("indexWhereClause", nullable=True),
        connection("objectMetadata", "Object", by="id", of="objectMetadataId"),
        to_many("indexFieldMetadataList", "IndexField", by="indexMetadataId", order=("order", "id")),
        connection("indexFieldMetadatas", "IndexField", by="indexMetadataId", order=("order", "id")),
        *TIMES,
    ),
)

INDEX_FIELD = Table(
    type="IndexField",
    name="indexFieldMetadata",
    fields=(
        ID,
        column("indexMetadataId", "UUID"),
        column("fieldMetadataId", "UUID"),
        column("subFieldName", nullable=True, sql="""nullif(this."subFieldName", '')"""),
        column("order", "NUMBER"),
        *TIMES,
    ),
)

TABLES = (OBJECT, OBJECT_OVERRIDES, FIELD, FIELD_OVERRIDES, RELATION, INDEX, INDEX_FIELD)
