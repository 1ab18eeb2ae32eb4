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
    w."accessVersion"
from core."apiKey" k
join core.workspace w on w.id = k."workspaceId" and w."deletedAt" is null
where k."keyHash" = $1 and k."deletedAt" is null;

-- name: revoke_key
update core."apiKey"
set "revokedAt" = coalesce("revokedAt", now()), "updatedAt" = now()
where id = $1 and "workspaceId" = $2 and "deletedAt" is null
returning id;
