-- name: add_standard_role
insert into core.role (
    id, "workspaceId", "standardId", label, description, icon, "isEditable", "canUpdateAllSettings",
    "canAccessAllTools", "canReadAllObjectRecords", "canUpdateAllObjectRecords", "canSoftDeleteAllObjectRecords",
    "canDestroyAllObjectRecords", "canBeAssignedToUsers", "canBeAssignedToAgents", "canBeAssignedToApiKeys"
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: set_default_role
update core.workspace set "defaultRoleId" = $2 where id = $1;

-- name: default_role
select "defaultRoleId" from core.workspace where id = $1;

-- name: admin_role
select id from core.role where "workspaceId" = $1 and "standardId" = '20202020-0001-0001-0001-000000000001';

-- name: assign_to_member
insert into core."roleTarget" (id, "workspaceId", "roleId", "userWorkspaceId")
values ($1, $2, $3, $4)
on conflict ("userWorkspaceId") do update set "roleId" = excluded."roleId", "updatedAt" = now();

-- name: assign_to_key
insert into core."roleTarget" (id, "workspaceId", "roleId", "apiKeyId")
values ($1, $2, $3, $4)
on conflict ("apiKeyId") do update set "roleId" = excluded."roleId", "updatedAt" = now();

-- name: role_of_key
select "roleId" from core."roleTarget" where "workspaceId" = $1 and "apiKeyId" = $2;
