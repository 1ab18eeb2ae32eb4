-- name: add_entry
insert into core."auditEntry"
    (id, "workspaceId", "userId", "apiKeyId", "impersonatorUserWorkspaceId", action, details, address)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8);

-- name: find_entries
-- The latest $5 entries that fit, the earliest of them first. $1: since; $2: e-mail or id of a user who acted, also in
-- another's name, or was acted upon; $3: actions; $4: workspace; $6: name or id of an API key that acted or was acted
-- upon; $7: address.
with wanted as (
    select lower($2::text) as id
    union
    select u.id::text from core."user" u where lower(u.email) = lower($2)
),
wanted_key as (
    select lower($6::text) as id
    union
    select k.id::text from core."apiKey" k where k.name = $6
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
      and (
          $6 is null
          or e."apiKeyId"::text in (select id from wanted_key)
          or e.details ->> 'keyId' in (select id from wanted_key)
      )
      and ($7::text is null or e.address = $7)
    order by e."createdAt" desc, e.id desc
    limit $5
) latest
order by "createdAt", id;

-- name: logs
-- Workspaces with a log of events. $1: one of them, or null for all.
select id, schema, subdomain from core.workspace where "deletedAt" is null and ($1::uuid is null or id = $1) order by id;

-- name: wanted_users
-- $1: e-mail or id. Users and memberships who may be meant, as texts.
with wanted as (
    select lower($1::text) as id
    union
    select u.id::text from core."user" u where lower(u.email) = lower($1)
)
select id from wanted
union
select m.id::text from core."userWorkspace" m where m."userId"::text in (select id from wanted);

-- name: wanted_keys
-- $1: name or id.
select lower($1::text) as id
union
select k.id::text from core."apiKey" k where k.name = $1;

-- name: names_of
-- What ids are called: e-mails of users ($1) and of members ($2), names of API keys ($3).
select id, email as name from core."user" where id = any ($1::uuid[])
union all
select m.id, u.email from core."userWorkspace" m join core."user" u on u.id = m."userId" where m.id = any ($2::uuid[])
union all
select id, name from core."apiKey" where id = any ($3::uuid[]);

-- name: drop_entries
-- Those that are older than $1, at most $2 at once.
delete from core."auditEntry"
where id in (
    select id from core."auditEntry" where "createdAt" < now() - $1::interval order by "createdAt" limit $2
);
