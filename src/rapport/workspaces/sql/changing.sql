-- name: lock_workspace
select * from core.workspace where id = $1 and "deletedAt" is null for update;

-- name: update_workspace
-- $2: a JSON object of the columns that change; only these are taken from it.
update core.workspace w
set
    "displayName" = v."displayName",
    subdomain = v.subdomain,
    "customDomain" = v."customDomain",
    "isCustomDomainEnabled" = v."isCustomDomainEnabled",
    logo = v.logo,
    "inviteHash" = v."inviteHash",
    "defaultRoleId" = v."defaultRoleId",
    "trashRetentionDays" = v."trashRetentionDays",
    "routerModel" = v."routerModel",
    "fastModel" = v."fastModel",
    "smartModel" = v."smartModel",
    "allowImpersonation" = v."allowImpersonation",
    "isPublicInviteLinkEnabled" = v."isPublicInviteLinkEnabled",
    "isGoogleAuthEnabled" = v."isGoogleAuthEnabled",
    "isGoogleAuthBypassEnabled" = v."isGoogleAuthBypassEnabled",
    "isMicrosoftAuthEnabled" = v."isMicrosoftAuthEnabled",
    "isMicrosoftAuthBypassEnabled" = v."isMicrosoftAuthBypassEnabled",
    "isPasswordAuthEnabled" = v."isPasswordAuthEnabled",
    "isPasswordAuthBypassEnabled" = v."isPasswordAuthBypassEnabled",
    "isTwoFactorAuthenticationEnforced" = v."isTwoFactorAuthenticationEnforced",
    "editableProfileFields" = v."editableProfileFields",
    "updatedAt" = now()
from core.workspace old, jsonb_populate_record(old, $2::jsonb) v
where w.id = $1 and old.id = $1;

-- name: is_role_for_users
select true from core.role where "workspaceId" = $1 and id = $2 and "canBeAssignedToUsers";

-- name: invite_hash_of_another
select true from core.workspace where "inviteHash" = $2 and id <> $1;

-- name: drop_schema
-- `{schema}` stands for the workspace's schema, quoted.
drop schema if exists {schema} cascade;

-- name: lock_users
-- Of two workspaces with the same member that are deleted at once, the second sees that the first is gone.
select u.id
from core."user" u
where exists (select from core."userWorkspace" m where m."userId" = u.id and m."workspaceId" = $1)
order by u.id
for update;

-- name: delete_users_of_only_this
-- Users without another workspace. Their refresh tokens end with them.
with gone as (
    update core."user" u
    set "deletedAt" = now(), "updatedAt" = now()
    where u."deletedAt" is null
        and exists (
            select from core."userWorkspace" m
            where m."userId" = u.id and m."workspaceId" = $1 and m."deletedAt" is null
        )
        and not exists (
            select from core."userWorkspace" m
            join core.workspace w on w.id = m."workspaceId" and w."deletedAt" is null
            where m."userId" = u.id and m."workspaceId" <> $1 and m."deletedAt" is null
        )
    returning u.id
), revoked as (
    update core."appToken" t
    set "revokedAt" = coalesce("revokedAt", now()), "deletedAt" = now(), "updatedAt" = now()
    from gone
    where t."userId" = gone.id and t."deletedAt" is null
)
select id from gone;

-- name: delete_role_targets
-- Before the roles that they point to.
delete from core."roleTarget" where "workspaceId" = $1;

-- name: delete_workspace
delete from core.workspace where id = $1;

-- name: invite_hash
select "inviteHash" from core.workspace where id = $1;
