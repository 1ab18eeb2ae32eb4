-- name: impersonation_right
-- Whether the holder of membership $1 may act as user $2 in workspace $3, and what stands against it. In their own
-- workspace their role decides; in another one, their being an admin of the server and that workspace's consent.
select
    iu.id as "impersonatorUserId",
    im."workspaceId" as "impersonatorWorkspaceId",
    im."workspaceId" = w.id as "isSameWorkspace",
    iu."sessionsEndedAt",
    iu.id = $2 as "isOneself",
    w."allowImpersonation",
    case
        when im."workspaceId" = w.id then coalesce(
            r."canUpdateAllSettings"
            or exists (select from core."permissionFlag" f where f."roleId" = r.id and f.flag = 'IMPERSONATE'),
            false
        )
        else iu."canImpersonate"
    end as "isEntitled",
    m.id as "userWorkspaceId",
    w."displayName",
    w.subdomain,
    w."customDomain",
    w."isCustomDomainEnabled",
    u.email
from core."userWorkspace" im
join core."user" iu on iu.id = im."userId" and iu."deletedAt" is null and not iu.disabled
join core.workspace iw on iw.id = im."workspaceId" and iw."deletedAt" is null
join core.workspace w on w.id = $3 and w."deletedAt" is null
left join core."roleTarget" t on t."userWorkspaceId" = im.id
left join core.role r on r.id = t."roleId"
left join core."userWorkspace" m on m."workspaceId" = w.id and m."userId" = $2 and m."deletedAt" is null
left join core."user" u on u.id = m."userId" and u."deletedAt" is null and not u.disabled
where im.id = $1 and im."deletedAt" is null;
