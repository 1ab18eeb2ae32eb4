-- What roles may do with objects, fields and settings. The lists travel as JSON, so that each change is one statement.

-- name: object_permissions
-- Those of a role on some objects.
select
    p."objectMetadataId", p."canReadObjectRecords", p."canUpdateObjectRecords", p."canSoftDeleteObjectRecords",
    p."canDestroyObjectRecords"
from core."objectPermission" p
where p."workspaceId" = $1 and p."roleId" = $2 and p."objectMetadataId" = any($3::uuid[]);

-- name: set_object_permissions
-- $3: JSON rows with an id for those that are new.
insert into core."objectPermission" (
    id, "workspaceId", "roleId", "objectMetadataId", "canReadObjectRecords", "canUpdateObjectRecords",
    "canSoftDeleteObjectRecords", "canDestroyObjectRecords"
)
select
    n.id, $1, $2, n."objectMetadataId", n."canReadObjectRecords", n."canUpdateObjectRecords",
    n."canSoftDeleteObjectRecords", n."canDestroyObjectRecords"
from jsonb_populate_recordset(null::core."objectPermission", $3::jsonb) n
on conflict ("roleId", "objectMetadataId") do update set
    "canReadObjectRecords" = excluded."canReadObjectRecords",
    "canUpdateObjectRecords" = excluded."canUpdateObjectRecords",
    "canSoftDeleteObjectRecords" = excluded."canSoftDeleteObjectRecords",
    "canDestroyObjectRecords" = excluded."canDestroyObjectRecords",
    "updatedAt" = now();

-- name: field_permissions
select p."fieldMetadataId", p."canReadFieldValue", p."canUpdateFieldValue"
from core."fieldPermission" p
where p."workspaceId" = $1 and p."roleId" = $2 and p."fieldMetadataId" = any($3::uuid[]);

-- name: set_field_permissions
insert into core."fieldPermission" (
    id, "workspaceId", "roleId", "objectMetadataId", "fieldMetadataId", "canReadFieldValue", "canUpdateFieldValue"
)
select n.id, $1, $2, n."objectMetadataId", n."fieldMetadataId", n."canReadFieldValue", n."canUpdateFieldValue"
from jsonb_populate_recordset(null::core."fieldPermission", $3::jsonb) n
on conflict ("roleId", "fieldMetadataId") do update set
    "canReadFieldValue" = excluded."canReadFieldValue",
    "canUpdateFieldValue" = excluded."canUpdateFieldValue",
    "updatedAt" = now();

-- name: remove_field_permissions
delete from core."fieldPermission"
where "workspaceId" = $1 and "roleId" = $2 and "fieldMetadataId" = any($3::uuid[]);

-- name: remove_other_flags
delete from core."permissionFlag" where "workspaceId" = $1 and "roleId" = $2 and flag <> all($3::text[]);

-- name: add_flags
insert into core."permissionFlag" (id, "workspaceId", "roleId", flag)
select n.id, $1, $2, n.flag from unnest($3::uuid[], $4::text[]) as n (id, flag)
on conflict ("roleId", flag) do nothing;

-- name: remove_row_predicates
delete from core."rowLevelPermissionPredicate"
where "workspaceId" = $1 and "roleId" = $2 and "objectMetadataId" = $3;

-- name: remove_row_groups
delete from core."rowLevelPermissionPredicateGroup"
where "workspaceId" = $1 and "roleId" = $2 and "objectMetadataId" = $3;

-- name: add_row_groups
insert into core."rowLevelPermissionPredicateGroup" (
    id, "workspaceId", "roleId", "objectMetadataId", "parentRowLevelPermissionPredicateGroupId", "logicalOperator",
    "positionInRowLevelPermissionPredicateGroup"
)
select
    n.id, $1, $2, $3, n."parentRowLevelPermissionPredicateGroupId", n."logicalOperator",
    n."positionInRowLevelPermissionPredicateGroup"
from jsonb_populate_recordset(null::core."rowLevelPermissionPredicateGroup", $4::jsonb) n
on conflict (id) do nothing
returning id;

-- name: add_row_predicates
insert into core."rowLevelPermissionPredicate" (
    id, "workspaceId", "roleId", "objectMetadataId", "fieldMetadataId", "rowLevelPermissionPredicateGroupId", operand,
    value, "subFieldName", "workspaceMemberFieldMetadataId", "workspaceMemberSubFieldName",
    "positionInRowLevelPermissionPredicateGroup"
)
select
    n.id, $1, $2, $3, n."fieldMetadataId", n."rowLevelPermissionPredicateGroupId", n.operand, n.value,
    n."subFieldName", n."workspaceMemberFieldMetadataId", n."workspaceMemberSubFieldName",
    n."positionInRowLevelPermissionPredicateGroup"
from jsonb_populate_recordset(null::core."rowLevelPermissionPredicate", $4::jsonb) n
on conflict (id) do nothing
returning id;
