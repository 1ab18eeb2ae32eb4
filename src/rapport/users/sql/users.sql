-- name: memberships_of_records
-- The memberships behind member records, of which those that have left already are not there.
select m.id, m."userId", m."workspaceMemberId", u.email
from core."userWorkspace" m
join core."user" u on u.id = m."userId"
where m."workspaceId" = $1 and m."workspaceMemberId" = any($2::uuid[]) and m."deletedAt" is null
order by m.id;

-- name: memberships_of_user
-- In the order in which workspaces are locked.
select m.id, m."userId", m."workspaceId", m."workspaceMemberId", w."schema", w."activationStatus"
from core."userWorkspace" m
join core.workspace w on w.id = m."workspaceId" and w."deletedAt" is null
where m."userId" = $1 and m."deletedAt" is null
order by w.id;

-- name: end_membership
-- The role, the second factor and the refresh tokens go with it; the member record is the caller's matter.
with role_target as (
    delete from core."roleTarget" where "userWorkspaceId" = $1
), second_factor as (
    delete from core."twoFactorAuthenticationMethod" where "userWorkspaceId" = $1
), ended as (
    update core."userWorkspace" set "deletedAt" = now(), "updatedAt" = now() where id = $1
    returning "userId", "workspaceId"
), vars as (
    delete from core."userVar" v using ended
    where v."userId" = ended."userId" and v."workspaceId" = ended."workspaceId"
)
update core."appToken" t
set "revokedAt" = coalesce("revokedAt", now()), "deletedAt" = now(), "updatedAt" = now()
from ended
where t."userId" = ended."userId" and t."workspaceId" = ended."workspaceId" and t."deletedAt" is null;

-- name: is_alone
-- Whether nobody is left in a workspace.
select not exists (select from core."userWorkspace" m where m."workspaceId" = $1 and m."deletedAt" is null);

-- name: lock_user
select email from core."user" where id = $1 and "deletedAt" is null for update;

-- name: delete_user
with revoked as (
    update core."appToken"
    set "revokedAt" = coalesce("revokedAt", now()), "deletedAt" = now(), "updatedAt" = now()
    where "userId" = $1 and "deletedAt" is null
)
update core."user" set "deletedAt" = now(), "updatedAt" = now() where id = $1;

-- name: finish_step
delete from core."userVar" where "userId" = $1 and "workspaceId" = $2 and key = $3;

-- name: editable_profile_fields
select "editableProfileFields" from core.workspace where id = $1;

-- name: member_names
-- `{schema}` stands for the workspace's schema, quoted.
select "userId", "nameFirstName", "nameLastName" from {schema}."workspaceMember" where id = any($1::uuid[]);

-- name: rename_user
-- By their names users are shown as authors.
update core."user" set "firstName" = $2, "lastName" = $3, "updatedAt" = now() where id = $1;
