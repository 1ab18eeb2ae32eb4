-- name: set_server_admin
update core."user" set "canImpersonate" = $2, "canAccessFullAdminPanel" = $2, "updatedAt" = now()
where lower(email) = lower($1) and "deletedAt" is null
returning id;

-- name: drop_second_factors
with gone as (
    delete from core."twoFactorAuthenticationMethod" t
    using core."userWorkspace" m
    where m.id = t."userWorkspaceId" and m."userId" = $1
    returning m."workspaceId"
)
select "workspaceId" from gone;
