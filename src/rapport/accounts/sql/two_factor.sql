-- name: second_factor_demand
-- For a member, or for who signs in as that member: whether the member or their workspace asks for a second factor, and
-- whether the one who has to prove it ($2, else the member) has one.
select
    w."isTwoFactorAuthenticationEnforced" as "isEnforced",
    exists (
        select from core."twoFactorAuthenticationMethod" t where t."userWorkspaceId" = m.id and t.status = 'VERIFIED'
    ) as "memberHasOne",
    exists (
        select from core."twoFactorAuthenticationMethod" t
        where t."userWorkspaceId" = coalesce($2::uuid, m.id) and t.status = 'VERIFIED'
    ) as "proverHasOne"
from core."userWorkspace" m
join core.workspace w on w.id = m."workspaceId"
where m.id = $1;

-- name: second_factors
select id as "twoFactorAuthenticationMethodId", status, strategy
from core."twoFactorAuthenticationMethod"
where "userWorkspaceId" = $1
order by "createdAt", id;

-- name: lock_second_factor_owner
-- Those who set up a second factor for one member at once follow one another.
select u.email, w."displayName"
from core."userWorkspace" m
join core."user" u on u.id = m."userId"
join core.workspace w on w.id = m."workspaceId"
where m.id = $1 and m."deletedAt" is null
for no key update of m;

-- name: lock_second_factor
select
    t.id, t.secret, t.status, t."lastStep", t."createdAt", m."userId", m."workspaceId",
    u.email, u."firstName", u.locale, w."displayName"
from core."twoFactorAuthenticationMethod" t
join core."userWorkspace" m on m.id = t."userWorkspaceId" and m."deletedAt" is null
join core."user" u on u.id = m."userId"
join core.workspace w on w.id = m."workspaceId"
where t."userWorkspaceId" = $1
for update of t;

-- name: replace_second_factor
-- The id changes with the secret, which opens in its own row only.
insert into core."twoFactorAuthenticationMethod" (id, "userWorkspaceId", strategy, secret, status, "createdAt")
values ($1, $2, 'TOTP', $3, 'PENDING', $4)
on conflict ("userWorkspaceId", strategy) do update
set id = excluded.id, secret = excluded.secret, "createdAt" = excluded."createdAt", "updatedAt" = now(),
    "lastStep" = null;

-- name: use_second_factor
update core."twoFactorAuthenticationMethod"
set status = 'VERIFIED', "lastStep" = $2, "updatedAt" = now()
where id = $1;

-- name: remove_second_factor
delete from core."twoFactorAuthenticationMethod" t
using core."userWorkspace" m, core."user" u, core.workspace w
where t.id = $1 and m.id = t."userWorkspaceId" and m.id = $2 and m."deletedAt" is null
    and u.id = m."userId" and w.id = m."workspaceId"
returning t.id, t.status, m."userId", m."workspaceId", u.email, u."firstName", u.locale, w."displayName";
