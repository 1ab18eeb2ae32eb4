-- name: find_starter
-- $1: workspace; $2: membership or null; $3: API key or null. Who acts, with what they may do now; no row when they are
-- gone. A key must not have been revoked, nor have run out.
select
    w.schema,
    w."metadataVersion",
    w."accessVersion",
    r.id as "roleId",
    coalesce(r."canUpdateAllSettings", false) as "canUpdateAllSettings",
    coalesce(r."canAccessAllTools", false) as "canAccessAllTools",
    array(select f.flag from core."permissionFlag" f where f."roleId" = r.id) as flags,
    coalesce(k.name, trim(u."firstName" || ' ' || u."lastName")) as name,
    m."userId",
    m."workspaceMemberId"
from core.workspace w
left join core."userWorkspace" m on m.id = $2 and m."workspaceId" = w.id and m."deletedAt" is null
left join core."user" u on u.id = m."userId" and u."deletedAt" is null and not u.disabled
left join core."apiKey" k
    on k.id = $3 and k."workspaceId" = w.id and k."deletedAt" is null and k."revokedAt" is null
    and exists (
        select from core."apiKeyToken" t where t."apiKeyId" = k.id and (t."expiresAt" is null or t."expiresAt" > now())
    )
join core."roleTarget" target on target."userWorkspaceId" = m.id or target."apiKeyId" = k.id
join core.role r on r.id = target."roleId"
where w.id = $1 and w."deletedAt" is null and (u.id is not null or k.id is not null);
