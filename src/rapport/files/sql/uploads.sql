-- name: replace_logo
-- Gives the logo that there was.
update core.workspace w
set logo = $2, "updatedAt" = now()
from (select id, logo from core.workspace where id = $1 for update) before
where w.id = before.id
returning before.logo;

-- name: avatar_of_member
-- `{schema}` stands for the workspace's schema, quoted.
select "avatarUrl" from {schema}."workspaceMember" where id = $1 and "deletedAt" is null for update;

-- name: paths_of_member
-- Those of the paths $2 whose files the member has uploaded.
select path from core.file where "workspaceId" = $1 and path = any ($2) and "userWorkspaceId" = $3;
