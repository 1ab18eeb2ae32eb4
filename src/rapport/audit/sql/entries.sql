-- name: add_entry
insert into core."auditEntry"
    (id, "workspaceId", "userId", "apiKeyId", "impersonatorUserWorkspaceId", action, details, address)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8);

-- name: find_entries
-- The latest $5 entries that fit, the earliest of them first. $1: since; $2: e-mail or id of a user who acted, also in
-- another's name, or was acted upon; $3: actions; $4: workspace.
with wanted as (
    select lower($2::text) as id
    union
    select u.id::text from core."user" u where lower(u.email) = lower($2)
)
select * from (
    select
        e.id, e."createdAt", e.action, e."workspaceId", w.subdomain, e."userId", u.email, e."apiKeyId",
        k.name as "apiKeyName",
        e."impersonatorUserWorkspaceId", iu.email as "impersonatorEmail", e.address, e.details::text as details
    from core."auditEntry" e
    left join core.workspace w on w.id = e."workspaceId"
    left join core."user" u on u.id = e."userId"
    left join core."apiKey" k on k.id = e."apiKeyId"
    left join core."userWorkspace" im on im.id = e."impersonatorUserWorkspaceId"
    left join core."user" iu on iu.id = im."userId"
    where ($1::timestamptz is null or e."createdAt" >= $1)
      and (
          $2 is null
          or e."userId"::text in (select id from wanted)
          or e.details ->> 'userId' in (select id from wanted)
          or iu.id::text in (select id from wanted)
      )
      and ($3::text[] is null or e.action = any ($3))
      and ($4::uuid is null or e."workspaceId" = $4)
    order by e."createdAt" desc, e.id desc
    limit $5
) latest
order by "createdAt", id;

-- name: drop_entries
-- Those that are older than $1, at most $2 at once.
delete from core."auditEntry"
where id in (
    select id from core."auditEntry" where "createdAt" < now() - $1::interval order by "createdAt" limit $2
);
