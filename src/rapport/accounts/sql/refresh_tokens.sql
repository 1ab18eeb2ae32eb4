-- name: add_refresh_token
-- Those of the user that have expired go, by the way.
with expired as (
    delete from core."appToken" where "userId" = $2 and type = 'REFRESH_TOKEN' and "expiresAt" < now()
)
insert into core."appToken" (id, "userId", "workspaceId", type, "expiresAt")
values ($1, $2, $3, 'REFRESH_TOKEN', $4);

-- name: find_refresh_token
-- $3: how long after its first use a token may be used once more (two tabs renewing at once).
select coalesce("revokedAt" < now() - $3::interval, false) as "isReused"
from core."appToken"
where id = $1 and "userId" = $2 and type = 'REFRESH_TOKEN' and "deletedAt" is null;

-- name: revoke_refresh_token
update core."appToken" set "revokedAt" = coalesce("revokedAt", now()), "updatedAt" = now() where id = $1;

-- name: revoke_refresh_tokens_of_user
-- Deleted as well as revoked: one that is only just revoked could still be used.
update core."appToken"
set "revokedAt" = coalesce("revokedAt", now()), "deletedAt" = now(), "updatedAt" = now()
where "userId" = $1 and type = 'REFRESH_TOKEN' and "deletedAt" is null;

-- name: add_bare_token
-- Revoked from the start: there is no JWT that names it.
insert into core."appToken" (id, "userId", "workspaceId", type, "expiresAt", "revokedAt")
values ($1, $2, $3, 'REFRESH_TOKEN', $4, now())
returning id, type, "expiresAt", "createdAt", "updatedAt";
