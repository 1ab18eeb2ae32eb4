-- Changing roles and who has them. Every statement names the workspace: ids of other ones find nothing.

-- name: lock
-- Changes of roles and of their holders wait for one another, workspace by workspace.
select "defaultRoleId" from core.workspace where id = $1 for no key update;

-- name: find_role
select
    r.id, r."standardId", r.label, r."isEditable", r."canUpdateAllSettings", r."canAccessAllTools",
    r."canReadAllObjectRecords", r."canUpdateAllObjectRecords", r."canSoftDeleteAllObjectRecords",
    r."canDestroyAllObjectRecords", r."canBeAssignedToUsers", r."canBeAssignedToAgents", r."canBeAssignedToApiKeys"
from core.role r
where r."workspaceId" = $1 and r.id = $2;

-- name: lock_role
-- Nobody gets the role any more until the transaction ends.
select id from core.role where "workspaceId" = $1 and id = $2 for update;

-- name: label_taken
select exists (select from core.role where "workspaceId" = $1 and label = $2 and id is distinct from $3);

-- name: add_role
-- No row when the id is taken.
insert into core.role (
    id, "workspaceId", label, description, icon, "canUpdateAllSettings", "canAccessAllTools",
    "canReadAllObjectRecords", "canUpdateAllObjectRecords", "canSoftDeleteAllObjectRecords",
    "canDestroyAllObjectRecords", "canBeAssignedToUsers", "canBeAssignedToAgents", "canBeAssignedToApiKeys"
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (id) do nothing
returning id;

-- name: change_role
-- $3: JSON with the columns that change.
update core.role r
set (
    label, description, icon, "canUpdateAllSettings", "canAccessAllTools", "canReadAllObjectRecords",
    "canUpdateAllObjectRecords", "canSoftDeleteAllObjectRecords", "canDestroyAllObjectRecords", "canBeAssignedToUsers",
    "canBeAssignedToAgents", "canBeAssignedToApiKeys", "updatedAt"
) = (
    select
        n.label, n.description, n.icon, n."canUpdateAllSettings", n."canAccessAllTools", n."canReadAllObjectRecords",
        n."canUpdateAllObjectRecords", n."canSoftDeleteAllObjectRecords", n."canDestroyAllObjectRecords",
        n."canBeAssignedToUsers", n."canBeAssignedToAgents", n."canBeAssignedToApiKeys", now()
    from jsonb_populate_record(r, $3::jsonb) n
)
where r."workspaceId" = $1 and r.id = $2;

-- name: held_by_keys
-- Whether keys that can still be used have the role. An expired one can: its end may be put off.
select exists (
    select from core."roleTarget" t join core."apiKey" k on k.id = t."apiKeyId"
    where t."workspaceId" = $1 and t."roleId" = $2 and k."revokedAt" is null and k."deletedAt" is null
);

-- name: move_targets
update core."roleTarget" set "roleId" = $3, "updatedAt" = now() where "workspaceId" = $1 and "roleId" = $2;

-- name: remove_role
delete from core.role where "workspaceId" = $1 and id = $2;

-- name: find_membership
select m.id, m."userId", t."roleId"
from core."userWorkspace" m
left join core."roleTarget" t on t."userWorkspaceId" = m.id
where m."workspaceId" = $1 and m."workspaceMemberId" = $2 and m."deletedAt" is null;

-- name: find_key
select k.id from core."apiKey" k where k."workspaceId" = $1 and k.id = $2 and k."deletedAt" is null;

-- name: is_last_admin
-- Whether the membership $2 is the only one that can act as an admin.
select array_agg(m.id) = array[$2::uuid]
from core."roleTarget" t
join core.role r on r.id = t."roleId" and r."standardId" = '20202020-0001-0001-0001-000000000001'
join core."userWorkspace" m on m.id = t."userWorkspaceId" and m."deletedAt" is null
join core."user" u on u.id = m."userId" and u."deletedAt" is null and not u.disabled
where t."workspaceId" = $1;
