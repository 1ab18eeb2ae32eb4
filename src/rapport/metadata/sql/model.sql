-- The data model of a workspace: one statement to write all of it, one to read all of it.

-- name: insert_objects
-- $1: a JSON array of objects with the columns' names as keys
insert into core."objectMetadata" (
    id, "workspaceId", "nameSingular", "namePlural", "labelSingular", "labelPlural", description, icon, shortcut,
    "isCustom", "isSystem", "isActive", "isSearchable", "isAuditLogged", "labelIdentifierFieldName",
    "imageIdentifierFieldName", "duplicateCriteria", "uniqueConstraints", "targetTableName", position
)
select
    id, "workspaceId", "nameSingular", "namePlural", "labelSingular", "labelPlural", description, icon, shortcut,
    "isCustom", "isSystem", "isActive", "isSearchable", "isAuditLogged", "labelIdentifierFieldName",
    "imageIdentifierFieldName", "duplicateCriteria", "uniqueConstraints", "targetTableName", position
from jsonb_populate_recordset(null::core."objectMetadata", $1::jsonb);

-- name: insert_fields
-- $1: a JSON array of objects with the columns' names as keys
insert into core."fieldMetadata" (
    id, "workspaceId", "objectMetadataId", name, label, type, description, icon, "isNullable", "isSystem",
    "isUIReadOnly", "isUnique", "isActive", "isCustom", "defaultValue", options, settings, relation, "morphId", position
)
select
    id, "workspaceId", "objectMetadataId", name, label, type, description, icon, "isNullable", "isSystem",
    "isUIReadOnly", "isUnique", "isActive", "isCustom", "defaultValue", options, settings, relation, "morphId", position
from jsonb_populate_recordset(null::core."fieldMetadata", $1::jsonb);

-- name: load_model
-- $1: workspace id. One row: schema, version, and the objects with their fields as JSON text
select
    workspace."schema",
    workspace."metadataVersion" as version,
    coalesce((
        select jsonb_agg(
            to_jsonb(object) || jsonb_build_object('fields', coalesce((
                select jsonb_agg(to_jsonb(field) order by field.position, field.id)
                from core."fieldMetadata" field
                where field."objectMetadataId" = object.id
            ), '[]'))
            order by object.position, object.id
        )
        from core."objectMetadata" object
        where object."workspaceId" = workspace.id
    ), '[]')::text as objects
from core.workspace
where workspace.id = $1::uuid and workspace."deletedAt" is null;

-- name: model_version
-- $1: workspace id
select "metadataVersion" from core.workspace where id = $1::uuid and "deletedAt" is null;
