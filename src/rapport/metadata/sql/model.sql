-- The data model of a workspace: statements to write what changed of it, one to read all of it.

-- name: put_objects
-- $1: a JSON array of objects with the columns' names as keys. New rows come after those that there are, in their order.
insert into core."objectMetadata" (
    id, "workspaceId", "nameSingular", "namePlural", "labelSingular", "labelPlural", description, icon, shortcut,
    "isCustom", "isSystem", "isActive", "isSearchable", "isAuditLogged", "isUIReadOnly", "isLabelSyncedWithName",
    "standardOverrides", "labelIdentifierFieldName", "imageIdentifierFieldName", "duplicateCriteria",
    "uniqueConstraints", "targetTableName", position
)
select
    id, "workspaceId", "nameSingular", "namePlural", "labelSingular", "labelPlural", description, icon, shortcut,
    "isCustom", "isSystem", "isActive", "isSearchable", "isAuditLogged", "isUIReadOnly", "isLabelSyncedWithName",
    "standardOverrides", "labelIdentifierFieldName", "imageIdentifierFieldName", "duplicateCriteria",
    "uniqueConstraints", "targetTableName", position + coalesce((
        select max(known.position) + 1 from core."objectMetadata" known where known."workspaceId" = given."workspaceId"
    ), 0)
from jsonb_populate_recordset(null::core."objectMetadata", $1::jsonb) given
on conflict (id) do update set
    "nameSingular" = excluded."nameSingular",
    "namePlural" = excluded."namePlural",
    "labelSingular" = excluded."labelSingular",
    "labelPlural" = excluded."labelPlural",
    description = excluded.description,
    icon = excluded.icon,
    shortcut = excluded.shortcut,
    "isCustom" = excluded."isCustom",
    "isSystem" = excluded."isSystem",
    "isActive" = excluded."isActive",
    "isSearchable" = excluded."isSearchable",
    "isAuditLogged" = excluded."isAuditLogged",
    "isUIReadOnly" = excluded."isUIReadOnly",
    "isLabelSyncedWithName" = excluded."isLabelSyncedWithName",
    "standardOverrides" = excluded."standardOverrides",
    "labelIdentifierFieldName" = excluded."labelIdentifierFieldName",
    "imageIdentifierFieldName" = excluded."imageIdentifierFieldName",
    "duplicateCriteria" = excluded."duplicateCriteria",
    "uniqueConstraints" = excluded."uniqueConstraints",
    "targetTableName" = excluded."targetTableName",
    "updatedAt" = now();

-- name: drop_objects
-- $1: ids
delete from core."objectMetadata" where id = any($1::uuid[]);

-- name: put_fields
-- $1: as for objects
insert into core."fieldMetadata" (
    id, "workspaceId", "objectMetadataId", name, label, type, description, icon, "isNullable", "isSystem",
    "isUIReadOnly", "isUnique", "isActive", "isCustom", "isLabelSyncedWithName", "standardOverrides",
    "defaultValue", options, settings, relation, "morphId", position
)
select
    id, "workspaceId", "objectMetadataId", name, label, type, description, icon, "isNullable", "isSystem",
    "isUIReadOnly", "isUnique", "isActive", "isCustom", "isLabelSyncedWithName", "standardOverrides",
    "defaultValue", options, settings, relation, "morphId", position + coalesce((
        select max(known.position) + 1 from core."fieldMetadata" known where known."objectMetadataId" = given."objectMetadataId"
    ), 0)
from jsonb_populate_recordset(null::core."fieldMetadata", $1::jsonb) given
on conflict (id) do update set
    "objectMetadataId" = excluded."objectMetadataId",
    name = excluded.name,
    label = excluded.label,
    type = excluded.type,
    description = excluded.description,
    icon = excluded.icon,
    "isNullable" = excluded."isNullable",
    "isSystem" = excluded."isSystem",
    "isUIReadOnly" = excluded."isUIReadOnly",
    "isUnique" = excluded."isUnique",
    "isActive" = excluded."isActive",
    "isCustom" = excluded."isCustom",
    "isLabelSyncedWithName" = excluded."isLabelSyncedWithName",
    "standardOverrides" = excluded."standardOverrides",
    "defaultValue" = excluded."defaultValue",
    options = excluded.options,
    settings = excluded.settings,
    relation = excluded.relation,
    "morphId" = excluded."morphId",
    "updatedAt" = now();

-- name: drop_fields
-- $1: ids
delete from core."fieldMetadata" where id = any($1::uuid[]);

-- name: put_indexes
-- $1: a JSON array of objects with the columns' names as keys
insert into core."indexMetadata" (
    id, "workspaceId", "objectMetadataId", name, "isUnique", "isCustom", "indexType", "indexWhereClause"
)
select
    id, "workspaceId", "objectMetadataId", name, "isUnique", "isCustom", "indexType", "indexWhereClause"
from jsonb_populate_recordset(null::core."indexMetadata", $1::jsonb)
on conflict (id) do update set
    "objectMetadataId" = excluded."objectMetadataId",
    name = excluded.name,
    "isUnique" = excluded."isUnique",
    "isCustom" = excluded."isCustom",
    "indexType" = excluded."indexType",
    "indexWhereClause" = excluded."indexWhereClause",
    "updatedAt" = now();

-- name: drop_indexes
-- $1: ids
delete from core."indexMetadata" where id = any($1::uuid[]);

-- name: put_index_fields
-- $1: a JSON array of objects with the columns' names as keys
insert into core."indexFieldMetadata" (
    id, "workspaceId", "indexMetadataId", "fieldMetadataId", "subFieldName", "order"
)
select
    id, "workspaceId", "indexMetadataId", "fieldMetadataId", "subFieldName", "order"
from jsonb_populate_recordset(null::core."indexFieldMetadata", $1::jsonb)
on conflict (id) do update set
    "indexMetadataId" = excluded."indexMetadataId",
    "fieldMetadataId" = excluded."fieldMetadataId",
    "subFieldName" = excluded."subFieldName",
    "order" = excluded."order",
    "updatedAt" = now();

-- name: drop_index_fields
-- $1: ids
delete from core."indexFieldMetadata" where id = any($1::uuid[]);

-- name: load_model
-- $1: workspace id. One row: schema, version, and the objects with their fields as JSON text. As json, not jsonb, which
-- takes ten times as long.
select
    workspace."schema",
    workspace."metadataVersion" as version,
    coalesce((
        select json_agg(whole order by whole.position, whole.id)
        from (
            select
                object.*,
                coalesce((
                    select json_agg(field order by field.position, field.id)
                    from (
                        select
                            id, name, label, type, description, icon, "isNullable", "isSystem", "isUIReadOnly",
                            "isUnique", "isActive", "isCustom", "isLabelSyncedWithName", "standardOverrides",
                            "defaultValue", options, settings, relation, position
                        from core."fieldMetadata"
                        where "objectMetadataId" = object.id
                    ) field
                ), '[]') as fields,
                coalesce((
                    select json_agg(json_build_object('id', index.id, 'isUnique', index."isUnique", 'parts', (
                        select json_agg(part order by part."order")
                        from core."indexFieldMetadata" part where part."indexMetadataId" = index.id
                    )) order by index."createdAt", index.id)
                    from core."indexMetadata" index
                    where index."objectMetadataId" = object.id and index."isCustom"
                ), '[]') as indexes
            from core."objectMetadata" object
            where object."workspaceId" = workspace.id
        ) whole
    ), '[]')::text as objects
from core.workspace
where workspace.id = $1::uuid and workspace."deletedAt" is null;

-- name: model_version
-- $1: workspace id
select "metadataVersion" from core.workspace where id = $1::uuid and "deletedAt" is null;

-- name: lock_model
-- $1: workspace id. Whoever changes a model waits for whoever is changing it.
select "metadataVersion" from core.workspace where id = $1::uuid and "deletedAt" is null for no key update;

-- name: raise_version
-- $1: workspace id
update core.workspace set "metadataVersion" = "metadataVersion" + 1 where id = $1::uuid returning "metadataVersion";

-- name: table_size
-- $1: qualified name of a table. Bytes, without indexes
select pg_table_size(to_regclass($1::text));

-- name: is_valid_index
-- $1: qualified name of an index
select indisvalid from pg_catalog.pg_index where indexrelid = to_regclass($1::text);

-- name: ruled_values
-- $1: ids of fields. What row-level permissions compare them with
select "fieldMetadataId" as field, value::text as value
from core."rowLevelPermissionPredicate"
where "fieldMetadataId" = any($1::uuid[]) and value is not null;
