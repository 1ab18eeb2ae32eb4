-- name: find
-- What is known of the key $3 of the caller $2 in the workspace $1, if it is not older than $4.
select fingerprint, access, status, headers::text as headers, body, coalesce("heldUntil" > now(), false) as "isHeld"
from core."idempotencyKey"
where "workspaceId" = $1 and caller = $2 and key = $3 and "createdAt" > now() - $4::interval;

-- name: claim
-- For the transaction of a change: whether nobody else is about to use the key, and whether somebody has used it.
-- Whoever used it a moment ago may not be seen here yet; `keep` then finds the place taken.
select
    pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', 'idempotency', $1::uuid, $2::text, $3::text), 0))
        as "isFree",
    exists (
        select from core."idempotencyKey"
        where "workspaceId" = $1 and caller = $2 and key = $3 and "createdAt" > now() - $4::interval
    ) as "isUsed";

-- name: keep
-- The answer to a request, or without a status the mark that it is being carried out, for $10 from now.
-- True, or no row when the key is in use: it may be taken over when it is older than $4.
insert into core."idempotencyKey" as k
    ("workspaceId", caller, key, fingerprint, access, status, headers, body, "heldUntil")
values ($1, $2, $3, $5, $6, $7, $8::text::jsonb, $9, now() + $10::interval)
on conflict ("workspaceId", caller, key) do update set
    fingerprint = excluded.fingerprint,
    access = excluded.access,
    status = excluded.status,
    headers = excluded.headers,
    body = excluded.body,
    "heldUntil" = excluded."heldUntil",
    "createdAt" = now()
where k."createdAt" <= now() - $4::interval
returning true;

-- name: settle
-- The answer to a request that was marked.
update core."idempotencyKey" set status = $4, headers = $5::text::jsonb, body = $6, "heldUntil" = null
where "workspaceId" = $1 and caller = $2 and key = $3 and status is null;

-- name: hold
-- The request is carried out for another $4; with no time, nobody will ever know what became of it.
update core."idempotencyKey" set "heldUntil" = now() + $4::interval
where "workspaceId" = $1 and caller = $2 and key = $3 and status is null;

-- name: release
-- Nothing came of the request: the key is free again.
delete from core."idempotencyKey" where "workspaceId" = $1 and caller = $2 and key = $3 and status is null;

-- name: drop_old
-- Those that are older than $1, at most $2 at once.
delete from core."idempotencyKey"
where ("workspaceId", caller, key) in (
    select "workspaceId", caller, key from core."idempotencyKey"
    where "createdAt" < now() - $1::interval order by "createdAt" limit $2
);
