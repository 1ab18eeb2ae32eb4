-- name: find_user_by_email
select id, email, "firstName", "lastName", "passwordHash"
from core."user"
where lower(email) = lower($1) and "deletedAt" is null;

-- name: find_user
select id, trim("firstName" || ' ' || "lastName") as name
from core."user"
where id = $1 and "deletedAt" is null;

-- name: add_user
-- No row when the address is taken: an error would end the caller's transaction.
insert into core."user" (id, email, "passwordHash", "firstName", "lastName")
values ($1, $2, $3, $4, $5)
on conflict (lower(email)) where "deletedAt" is null do nothing
returning id;

-- name: find_member
-- One row for a living user; the workspace's and the membership's columns are null where those are gone.
select
    trim(u."firstName" || ' ' || u."lastName") as name,
    w.id as "workspaceId",
    w."schema",
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

-- name: workspaces_of_user
select w.id, w."displayName", w.subdomain, m.id as "userWorkspaceId", m."workspaceMemberId"
from core."userWorkspace" m
join core.workspace w on w.id = m."workspaceId" and w."deletedAt" is null
where m."userId" = $1 and m."deletedAt" is null
order by m."createdAt", m.id;

-- name: add_member
insert into core."userWorkspace" (id, "userId", "workspaceId", "workspaceMemberId")
values ($1, $2, $3, $4);
