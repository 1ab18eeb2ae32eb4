-- name: memberships
-- The workspaces that a user is in, or one of them ($2), and what their addresses and ways of signing in depend on.
select
    w.*,
    m.id as "userWorkspaceId",
    m."workspaceMemberId",
    coalesce(r."canUpdateAllSettings", false)
        or exists (select from core."permissionFlag" f where f."roleId" = r.id and f.flag = 'SSO_BYPASS')
        as "maySkipSso"
from core."userWorkspace" m
join core.workspace w on w.id = m."workspaceId" and w."deletedAt" is null
left join core."roleTarget" t on t."userWorkspaceId" = m.id
left join core.role r on r.id = t."roleId"
where m."userId" = $1 and m."deletedAt" is null and ($2::uuid is null or m."workspaceId" = $2)
order by m."createdAt", m.id;

-- name: workspaces
select * from core.workspace where id = any ($1::uuid[]) and "deletedAt" is null;

-- name: workspace_of_link
select * from core.workspace where "inviteHash" = $1 and "deletedAt" is null;

-- name: begin_onboarding
-- What somebody who joins still has to do (system-api.md §13). $1: two ids
insert into core."userVar" (id, "userId", "workspaceId", key, value)
select id, $2, $3, key, 'true'
from unnest($1::uuid[], array['ONBOARDING_CREATE_PROFILE_PENDING', 'ONBOARDING_CONNECT_ACCOUNT_PENDING']) step (id, key)
on conflict do nothing;

-- name: set_member_email
-- `{schema}` stands for the workspace's schema, quoted. $3: the user. The log tells of it as of any record.
with old as (
    select * from {schema}."workspaceMember" where id = $1 and "userEmail" is distinct from $2 for update
),
changed as (
    update {schema}."workspaceMember" m set "userEmail" = $2, "updatedAt" = now() from old where m.id = old.id returning m.*
)
insert into {schema}.event (action, object, "recordId", "updatedFields", before, after, actor)
select 'updated', 'workspaceMember', changed.id, '{userEmail}', to_jsonb(old.*) - 'searchVector',
       to_jsonb(changed.*) - 'searchVector', jsonb_build_object(
           'source', 'MANUAL',
           'name', concat_ws(' ', nullif(changed."nameFirstName", ''), nullif(changed."nameLastName", '')),
           'userId', $3::uuid, 'workspaceMemberId', changed.id, 'apiKeyId', null
       )
from changed
join old on old.id = changed.id;
