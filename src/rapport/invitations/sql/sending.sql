-- name: lock_workspace
-- Invitations of one workspace are sent one after the other: an address is not invited twice.
select id, "displayName", subdomain, "customDomain", "isCustomDomainEnabled", "inviteHash"
from core.workspace
where id = $1 and "deletedAt" is null
for no key update;

-- name: pending_invitations
-- Also those that have expired: they can be sent again.
select t.id, t."workspaceId", t.context ->> 'email' as email, t."expiresAt"
from core."appToken" t
where t."workspaceId" = $1 and t.type = 'INVITATION_TOKEN' and t."deletedAt" is null
order by t."createdAt", t.id;

-- name: members_among
select lower(u.email) as email
from core."user" u
join core."userWorkspace" m on m."userId" = u.id and m."deletedAt" is null
where m."workspaceId" = $1 and lower(u.email) = any ($2::text[]) and u."deletedAt" is null;

-- name: delete_expired
delete from core."appToken"
where type = 'INVITATION_TOKEN' and "workspaceId" = $1 and context ->> 'email' = any ($2::text[])
    and "expiresAt" <= now();

-- name: add_invitations
-- No row for an address that is invited already.
insert into core."appToken" (id, "userId", "workspaceId", type, value, "expiresAt", context)
select new.id, $2, $1, 'INVITATION_TOKEN', new.hash, now() + $6::interval, jsonb_build_object('email', new.email)
from unnest($3::uuid[], $4::text[], $5::text[]) as new (id, email, hash)
on conflict ((context ->> 'email'), "workspaceId") where type = 'INVITATION_TOKEN' and "deletedAt" is null do nothing
returning id, "workspaceId", context ->> 'email' as email, "expiresAt";

-- name: address_of_invitation
select context ->> 'email' from core."appToken"
where id = $1 and "workspaceId" = $2 and type = 'INVITATION_TOKEN' and "deletedAt" is null;

-- name: take_invitation
delete from core."appToken"
where id = $1 and "workspaceId" = $2 and type = 'INVITATION_TOKEN' and "deletedAt" is null
returning context ->> 'email' as email;

-- name: locale_of_member
select locale from core."userWorkspace" where id = $1;

-- name: team_was_invited
delete from core."userVar" where "workspaceId" = $1 and key = 'ONBOARDING_INVITE_TEAM_PENDING';

-- name: workspace_behind_link
select id, "displayName", logo, subdomain, "customDomain", "isCustomDomainEnabled", "inviteHash", "activationStatus",
    "allowImpersonation", "isPublicInviteLinkEnabled", "isGoogleAuthEnabled", "isMicrosoftAuthEnabled",
    "isPasswordAuthEnabled"
from core.workspace
where "inviteHash" = $1 and "deletedAt" is null;
