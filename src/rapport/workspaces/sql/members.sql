-- name: insert_member_record
-- `{schema}` stands for the workspace's schema, quoted.
insert into {schema}."workspaceMember"
    (id, "nameFirstName", "nameLastName", "userEmail", "userId", locale, "avatarUrl", position)
values ($1, $2, $3, $4, $5, $6, $7, (select coalesce(max(position), 0) + 1 from {schema}."workspaceMember"));

-- name: insert_membership
insert into core."userWorkspace" (id, "userId", "workspaceId", "workspaceMemberId", locale)
values ($1, $2, $3, $4, $5);
