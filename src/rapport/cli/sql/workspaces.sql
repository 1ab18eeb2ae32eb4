-- name: find_workspaces
-- $1: subdomain or id; null for all.
select id, subdomain
from core.workspace
where "deletedAt" is null and ($1::text is null or subdomain = lower($1) or id::text = lower($1))
order by "createdAt", id
limit 20;

-- name: all_workspaces
select id, subdomain
from core.workspace
where "deletedAt" is null
order by "createdAt", id;

-- name: find_user
select id
from core."user"
where lower(email) = lower($1) and "deletedAt" is null;
