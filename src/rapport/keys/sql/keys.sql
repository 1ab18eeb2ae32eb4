-- name: add_key
insert into core."apiKey" (id, "workspaceId", name, "expiresAt")
values ($1, $2, $3, $4);

-- name: add_token
insert into core."apiKeyToken" (id, "apiKeyId", "tokenHash", "expiresAt")
values ($1, $2, $3, $4);

-- name: find_key
select
    k.id,
    k.name,
    k."workspaceId",
    k."revokedAt" is not null as "isRevoked",
    coalesce(s."expiresAt" <= now(), false) as "isExpired",
    extract(epoch from s."expiresAt")::float8 as "expiresAt",
    case when w."activationStatus" <> 'PENDING_CREATION' then w."schema" end as "schema", -- before, there is none
    w."accessVersion",
    k."allowedIps",
    r.id as "roleId",
    r."canUpdateAllSettings",
    r."canAccessAllTools",
    array(select f.flag from core."permissionFlag" f where f."roleId" = r.id) as flags
from core."apiKeyToken" s
join core."apiKey" k on k.id = s."apiKeyId" and k."deletedAt" is null
join core.workspace w on w.id = k."workspaceId" and w."deletedAt" is null
left join core."roleTarget" t on t."apiKeyId" = k.id
left join core.role r on r.id = t."roleId"
where s."tokenHash" = $1;

-- name: lock_key
-- A key of the workspace, which nobody else changes until the transaction ends.
select "revokedAt" is not null as "isRevoked", coalesce("expiresAt" <= now(), false) as "isExpired"
from core."apiKey"
where id = $1 and "workspaceId" = $2 and "deletedAt" is null
for update;

-- name: revoke_key
update core."apiKey"
set "revokedAt" = coalesce("revokedAt", now()), "updatedAt" = now()
where id = $1 and "workspaceId" = $2 and "deletedAt" is null
returning id;

-- name: note_use
-- Other processes note the use of the key, too.
update core."apiKey"
set "lastUsedAt" = now()
where id = $1 and ("lastUsedAt" is null or "lastUsedAt" < now() - interval '1 minute');

-- name: find_role
-- The row stays until the transaction ends.
select "canBeAssignedToApiKeys" from core.role where id = $1 and "workspaceId" = $2 for key share;

-- name: list_roles
select id, label from core.role where "workspaceId" = $1 order by label, id;
