-- name: add_mailed_token
insert into core."appToken" (id, "userId", "workspaceId", type, value, "expiresAt", context)
values ($1, $2, $3, $4, $5, now() + $6::interval, $7::text::jsonb);

-- name: find_mailed_token
select t.id, t."userId", t."workspaceId", t.context ->> 'email' as email
from core."appToken" t
where t.type = $1 and t.value = $2 and t."expiresAt" > now() and t."revokedAt" is null and t."deletedAt" is null;

-- name: delete_mailed_tokens
delete from core."appToken" where type = $1 and "userId" = $2;
