-- name: personal_invitation
-- Locked: of two who come with one token at once, the second finds it gone.
select t.id, t."workspaceId", t.context ->> 'email' as email, t."expiresAt"
from core."appToken" t
join core.workspace w on w.id = t."workspaceId" and w."deletedAt" is null
where t.type = 'INVITATION_TOKEN' and t.value = $1 and t."deletedAt" is null and t."revokedAt" is null
    and t."expiresAt" > now()
for update of t;

-- name: delete_invitation
delete from core."appToken" where id = $1 and "workspaceId" = $2 and type = 'INVITATION_TOKEN' returning id;

-- name: withdraw_invitation
delete from core."appToken"
where type = 'INVITATION_TOKEN' and "workspaceId" = $1 and context ->> 'email' = $2;

-- name: mark_verified
update core."user" set "isEmailVerified" = true, "updatedAt" = now()
where lower(email) = lower($1) and "deletedAt" is null and not "isEmailVerified";

-- name: workspace_of_link
select id from core.workspace where "inviteHash" = $1 and "isPublicInviteLinkEnabled" and "deletedAt" is null;

-- name: invitations_of_address
select t.id, t."workspaceId", t.context ->> 'email' as email, t."expiresAt"
from core."appToken" t
join core.workspace w on w.id = t."workspaceId" and w."deletedAt" is null
where t.type = 'INVITATION_TOKEN' and t.context ->> 'email' = $1 and t."deletedAt" is null and t."revokedAt" is null
    and t."expiresAt" > now()
    and not exists (
        select from core."userWorkspace" m
        join core."user" u on u.id = m."userId" and u."deletedAt" is null
        where m."workspaceId" = t."workspaceId" and m."deletedAt" is null and lower(u.email) = lower($1)
    )
order by t."createdAt", t.id;

-- name: workspaces_approving
select d."workspaceId"
from core."approvedAccessDomain" d
join core.workspace w on w.id = d."workspaceId" and w."deletedAt" is null
where d.domain = $1 and d."isValidated"
    and not exists (
        select from core."userWorkspace" m
        join core."user" u on u.id = m."userId" and u."deletedAt" is null
        where m."workspaceId" = d."workspaceId" and m."deletedAt" is null and lower(u.email) = lower($2)
    )
order by d."createdAt", d.id;
