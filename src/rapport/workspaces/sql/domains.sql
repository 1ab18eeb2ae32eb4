-- name: workspace_of_subdomain
select * from core.workspace where subdomain = $1 and "deletedAt" is null;

-- name: workspace_of_custom_domain
select * from core.workspace where "customDomain" = $1 and "isCustomDomainEnabled" and "deletedAt" is null;

-- name: first_workspaces
-- Two are enough to know that there are several.
select * from core.workspace where "deletedAt" is null order by "createdAt", id limit 2;
