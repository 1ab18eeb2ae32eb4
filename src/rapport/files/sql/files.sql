-- name: add_pending
insert into core.file
    (id, "workspaceId", folder, path, name, "mimeType", "userWorkspaceId", "apiKeyId")
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: set_stored
-- Nothing, when the upload took so long that it was swept.
update core.file
set state = 'stored', size = $2, checksum = $3
where id = $1 and state = 'pending'
returning *;

-- name: find_file
select f.*
from core.file f
join core.workspace w on w.id = f."workspaceId"
where f.id = $1 and f."workspaceId" = $2 and f.state = 'stored';

-- name: find_path
select f.*
from core.file f
join core.workspace w on w.id = f."workspaceId"
where f."workspaceId" = $1 and f.path = $2 and f.state = 'stored';

-- name: mark_deleted
update core.file
set state = 'deleted'
where id = $1 and "workspaceId" = $2 and state = 'stored'
returning *;

-- name: mark_paths_deleted
update core.file
set state = 'deleted'
where "workspaceId" = $1 and path = any ($2) and state = 'stored';

-- name: mark_discarded
update core.file set state = 'deleted' where id = $1;

-- name: drop_deleted
delete from core.file where id = any ($1) and state = 'deleted';

-- name: mark_left
-- What uploads left behind that have begun longer ago than $1.
update core.file set state = 'deleted' where state = 'pending' and "createdAt" < now() - $1::interval;

-- name: mark_abandoned
-- Files of workspaces that are gone. Of each workspace one row is looked at: there may be many files.
with recursive owner as (
    (select "workspaceId" as id from core.file order by "workspaceId" limit 1)
    union all
    select (select f."workspaceId" from core.file f where f."workspaceId" > owner.id order by f."workspaceId" limit 1)
    from owner
    where owner.id is not null
)
update core.file f
set state = 'deleted'
from owner
where f."workspaceId" = owner.id
    and f.state <> 'deleted'
    and not exists (select from core.workspace w where w.id = owner.id);

-- name: list_deleted
select id, "workspaceId", path from core.file where state = 'deleted' order by id limit $1;

-- name: find_orphans
-- Of these paths $2 of the workspaces $1, the numbers of those without a row, where the workspace is known.
select given.number::int
from unnest($1::uuid[], $2::text[]) with ordinality given ("workspaceId", path, number)
join core.workspace w on w.id = given."workspaceId"
where not exists (select from core.file f where f."workspaceId" = given."workspaceId" and f.path = given.path);
