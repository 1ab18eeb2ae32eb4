-- name: approved_domains
select id, domain, "isValidated", "createdAt" from core."approvedAccessDomain"
where "workspaceId" = $1
order by "createdAt", id;

-- name: workspace_of_domain
select id, "displayName", subdomain, "customDomain", "isCustomDomainEnabled"
from core.workspace
where id = $1 and "deletedAt" is null;

-- name: add_domain
-- No row when the workspace has it already.
insert into core."approvedAccessDomain" (id, "workspaceId", domain)
values ($1, $2, $3)
on conflict ("workspaceId", domain) do nothing
returning id, domain, "isValidated", "createdAt";

-- name: delete_domain
delete from core."approvedAccessDomain" where id = $1 and "workspaceId" = $2 returning domain;

-- name: domain_to_validate
select domain, "isValidated", "createdAt" <= now() - $3::interval as "isTooOld"
from core."approvedAccessDomain"
where id = $1 and "workspaceId" = $2
for update;

-- name: validate_domain
update core."approvedAccessDomain" set "isValidated" = true, "updatedAt" = now()
where id = $1
returning id, domain, "isValidated", "createdAt";
