-- name: find_demo
-- The workspace of that subdomain, if the demo's login is a member of it.
select w.id, w."schema"
from core.workspace w
join core."userWorkspace" m on m."workspaceId" = w.id and m."deletedAt" is null
join core."user" u on u.id = m."userId" and u."deletedAt" is null
where w.subdomain = $1 and w."deletedAt" is null and lower(u.email) = lower($2);
