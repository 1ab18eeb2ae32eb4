-- name: find_user_by_email
select * from core."user" where lower(email) = lower($1) and "deletedAt" is null;

-- name: find_user
select * from core."user" where id = $1 and "deletedAt" is null;

-- name: lock_user
-- What changes a user's sessions, memberships or address follows one another.
select * from core."user" where id = $1 and "deletedAt" is null for no key update;

-- name: add_user
-- No row when the address is taken: an error would end the caller's transaction.
insert into core."user" (id, email, "passwordHash", "firstName", "lastName", locale)
values ($1, $2, $3, $4, $5, $6)
on conflict (lower(email)) where "deletedAt" is null do nothing
returning *;

-- name: verify_user
update core."user" set "isEmailVerified" = true, "updatedAt" = now() where id = $1 and not "isEmailVerified";

-- name: change_email
-- No row when the address is taken, or was taken at this moment.
update core."user" u set email = $2, "isEmailVerified" = true, "updatedAt" = now()
where u.id = $1 and not exists (
    select from core."user" other where lower(other.email) = lower($2) and other."deletedAt" is null and other.id <> u.id
)
returning u.id;

-- name: change_password
update core."user" set "passwordHash" = $2, "updatedAt" = now() where id = $1;

-- name: end_sessions
update core."user" set "sessionsEndedAt" = $2 where id = $1;

-- name: make_server_admin
update core."user" set "canImpersonate" = true, "canAccessFullAdminPanel" = true where id = $1;

-- name: find_member
-- One row for a living user; the workspace's and the membership's columns are null where those are gone.
select
    trim(u."firstName" || ' ' || u."lastName") as name,
    u.disabled,
    u."sessionsEndedAt",
    w.id as "workspaceId",
    case when w."activationStatus" <> 'PENDING_CREATION' then w."schema" end as "schema", -- before, there is none
    w."accessVersion",
    w."activationStatus" in ('PENDING_CREATION', 'ONGOING_CREATION') as "isBeingMade",
    m.id as "userWorkspaceId",
    m."workspaceMemberId",
    r.id as "roleId",
    r."canUpdateAllSettings",
    r."canAccessAllTools",
    array(select f.flag from core."permissionFlag" f where f."roleId" = r.id) as flags
from core."user" u
left join core.workspace w on w.id = $2 and w."deletedAt" is null
left join core."userWorkspace" m
    on m.id = $3 and m."userId" = u.id and m."workspaceId" = w.id and m."deletedAt" is null
left join core."roleTarget" t on t."userWorkspaceId" = m.id
left join core.role r on r.id = t."roleId"
where u.id = $1 and u."deletedAt" is null;
