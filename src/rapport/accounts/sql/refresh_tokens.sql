-- name: add_refresh_token
insert into core."appToken" (id, "userId", "workspaceId", type, "expiresAt")
values ($1, $2, $3, 'REFRESH_TOKEN', $4);

-- name: lock_user
-- Renewals of one user follow one another: none can slip in a new token while all are being revoked.
select id from core."user" where id = $1 and "deletedAt" is null for no key update;

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
