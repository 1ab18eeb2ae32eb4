-- name: drop_if_expired
-- One that has expired is none: its id is free, and its queries are forgotten.
delete from core."eventStream" where "workspaceId" = $1 and id = $2 and "expiresAt" <= now();

-- name: make_room
-- How many other streams a caller has. Beyond $4 of them those go that no connection holds, the longest unused first.
-- $1: workspace; $2: id of the one to come; $3: owner; $5: a held one lasts at least as long.
with own as (
    select id, "expiresAt", "closedAt" is not null or "expiresAt" < now() + $5::interval as "isIdle"
    from core."eventStream"
    where owner = $3 and "workspaceId" = $1 and id <> $2
),
idle as (
    select id from own where "isIdle" order by "expiresAt" limit greatest(0, (select count(*) from own) - $4::int + 1)
),
gone as (
    delete from core."eventStream" s using idle where s."workspaceId" = $1 and s.id = idle.id returning 1
)
select (select count(*) from own) - (select count(*) from gone);

-- name: open_stream
-- Nothing comes back when it is somebody else's. $1: workspace; $2: id; $3: owner; $4: how long it lives.
insert into core."eventStream" ("workspaceId", id, owner, "expiresAt") values ($1, $2, $3, now() + $4::interval)
on conflict ("workspaceId", id) do update set "expiresAt" = excluded."expiresAt", "closedAt" = null
where "eventStream".owner = excluded.owner
returning true;

-- name: find_owner
select owner from core."eventStream" where "workspaceId" = $1 and id = $2 and "expiresAt" > now();

-- name: change_stream
-- Makes its queries known as other ones; false when there is none. $1: workspace; $2: id; $3: how long it lives.
update core."eventStream"
set "expiresAt" = now() + $3::interval, revision = nextval('core."eventStreamRevision"')
where "workspaceId" = $1 and id = $2 and "expiresAt" > now()
returning true;

-- name: count_queries
-- Without the one with the id $3.
select count(*) from core."eventStreamQuery" where "workspaceId" = $1 and "streamId" = $2 and id <> $3;

-- name: put_query
insert into core."eventStreamQuery" ("workspaceId", "streamId", id, signature) values ($1, $2, $3, $4::jsonb)
on conflict ("workspaceId", "streamId", id) do update set signature = excluded.signature;

-- name: drop_query
delete from core."eventStreamQuery" where "workspaceId" = $1 and "streamId" = $2 and id = $3;

-- name: find_queries
-- Of the streams $2 that there are, the revision, and the queries of those whose revision is not the one in $3 (JSON
-- by id). $1: workspace.
select s.id, s.revision,
       case when s.revision <> known.revision then coalesce((
           select jsonb_object_agg(q.id, q.signature)
           from core."eventStreamQuery" q
           where q."workspaceId" = s."workspaceId" and q."streamId" = s.id
       ), '{}')::text end as queries
from unnest($2::text[], $3::bigint[]) known (id, revision)
join core."eventStream" s on s."workspaceId" = $1 and s.id = known.id
where s."expiresAt" > now();

-- name: renew
-- Streams that connections hold. $1, $2: workspaces and ids; $3: how long they live.
update core."eventStream" s set "expiresAt" = now() + $3::interval, "closedAt" = null
from unnest($1::uuid[], $2::text[]) held ("workspaceId", id)
where s."workspaceId" = held."workspaceId" and s.id = held.id and s."expiresAt" > now();

-- name: close_stream
-- $1: workspace; $2: id; $3: how long it lives.
update core."eventStream" set "closedAt" = now(), "expiresAt" = now() + $3::interval
where "workspaceId" = $1 and id = $2 and "expiresAt" > now();

-- name: drop_expired
delete from core."eventStream" where "expiresAt" <= now();
