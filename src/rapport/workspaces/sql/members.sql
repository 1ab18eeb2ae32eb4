-- name: insert_member_record
-- `{schema}` stands for the workspace's schema, quoted. The log tells of it as of any record.
with made as (
    insert into {schema}."workspaceMember"
        (id, "nameFirstName", "nameLastName", "userEmail", "userId", locale, "avatarUrl", position)
    values ($1, $2, $3, $4, $5, $6, $7, (select coalesce(max(position), 0) + 1 from {schema}."workspaceMember"))
    returning *
)
insert into {schema}.event (action, object, "recordId", after, actor)
select 'created', 'workspaceMember', id, to_jsonb(made.*) - 'searchVector', jsonb_build_object(
    'source', 'SYSTEM', 'name', 'System', 'userId', null, 'workspaceMemberId', null, 'apiKeyId', null
)
from made;

-- name: insert_membership
insert into core."userWorkspace" (id, "userId", "workspaceId", "workspaceMemberId", locale)
values ($1, $2, $3, $4, $5);
