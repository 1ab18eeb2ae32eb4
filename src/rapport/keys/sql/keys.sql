-- name: add_key
insert into core."apiKey" (id, "workspaceId", name, "keyHash", "expiresAt")
values ($1, $2, $3, $4, $5);

-- name: find_key
select
    k.id,
    k.name,
    k."workspaceId",
    k."revokedAt" is not null as "isRevoked",
    coalesce(k."expiresAt" <= now(), false) as "isExpired",
    extract(epoch from k."expiresAt")::float8 as "expiresAt",
    w."schema",
    w."accessVersion",
    k."allowedIps",
    r.id as "roleId",
    r."canUpdateAllSettings",
    r."canAccessAllTools",
    array(select f.flag from core."permissionFlag" f where f."roleId" = r.id) as flags
from core."apiKey" k
join core.workspace w on w.id = k."workspaceId" and w."deletedAt" is null
left join core."roleTarget" t on t."apiKeyId" = k.id
left join core.role r on r.id = t."roleId"
where k."keyHash" = $1 and k."deletedAt" is null;

-- name: revoke_key
update core."apiKey"
set "revokedAt" = coalesce("revokedAt", now()), "updatedAt" = now()
where id = $1 and "workspaceId" = $2 and "deletedAt" is null
returning id;
