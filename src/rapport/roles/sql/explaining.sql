-- name: find_member
-- Of the workspace $1: the member of the user $2 or with the record $3.
select
    m."userId", m."workspaceMemberId", concat_ws(' ', nullif(u."firstName", ''), nullif(u."lastName", '')) as name,
    u.email, r.id as "roleId", r.label as "roleLabel"
from core."userWorkspace" m
join core."user" u on u.id = m."userId" and u."deletedAt" is null
left join core."roleTarget" t on t."userWorkspaceId" = m.id
left join core.role r on r.id = t."roleId"
where m."workspaceId" = $1 and m."deletedAt" is null and (m."userId" = $2 or m."workspaceMemberId" = $3);

-- name: find_key_and_role
select k.name, r.id as "roleId", r.label as "roleLabel"
from core."apiKey" k
left join core."roleTarget" t on t."apiKeyId" = k.id
left join core.role r on r.id = t."roleId"
where k."workspaceId" = $1 and k.id = $2 and k."deletedAt" is null;
