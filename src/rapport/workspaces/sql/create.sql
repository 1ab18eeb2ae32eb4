-- name: insert_workspace
-- No row when the subdomain is taken: an error would end the caller's transaction.
insert into core.workspace
    (id, "displayName", subdomain, "schema", "inviteHash", "metadataVersion", "activationStatus")
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (subdomain) do nothing
returning id;

-- name: lock_beginnings
select pg_advisory_xact_lock(hashtext('rapport: a workspace begins'));

-- name: any_workspace
select id from core.workspace where "deletedAt" is null limit 1;

-- name: lock_pending
-- Of two that activate at once, the second waits here and then finds the workspace active.
select "displayName", "schema", "activationStatus" from core.workspace where id = $1 and "deletedAt" is null for update;

-- name: set_active
update core.workspace
set "activationStatus" = 'ACTIVE', "displayName" = $2, "metadataVersion" = $3, "updatedAt" = now()
where id = $1;

-- name: begin_onboarding
-- What a founder still has to do (system-api.md §13). $1: three ids
insert into core."userVar" (id, "userId", "workspaceId", key, value)
select id, $2, $3, key, 'true'
from unnest($1::uuid[], array[
    'ONBOARDING_CREATE_PROFILE_PENDING', 'ONBOARDING_CONNECT_ACCOUNT_PENDING', 'ONBOARDING_INVITE_TEAM_PENDING'
]) step (id, key)
on conflict do nothing;

-- name: founder
-- The membership of a user in a workspace, with what their member record is made of.
select m.id, u.email, u."firstName", u."lastName", m.locale, u."defaultAvatarUrl"
from core."userWorkspace" m
join core."user" u on u.id = m."userId" and u."deletedAt" is null
where m."workspaceId" = $1 and m."userId" = $2 and m."deletedAt" is null;

-- name: enter
update core."userWorkspace" set "workspaceMemberId" = $2, "updatedAt" = now() where id = $1;
