-- `{schema}` stands for the workspace's schema, quoted; `{timeline}` for the table of the entries; `{table}` for the
-- table of the object that they are about, and `{target}` for the column by which they point to it.

-- name: be_patient
-- Not so long that PostgreSQL would look for a deadlock: whoever waits for this transaction is never made to give up.
select set_config('lock_timeout', '500ms', true);

-- name: hold
-- Those of the records that are there, also deleted ones. Nobody can destroy them until the transaction ends.
select id from {table} where id = any ($1::uuid[]) order by id for key share;

-- name: hold_all
-- The same; only how many there are.
select count(*) from (select from {table} where id = any ($1::uuid[]) order by id for key share) held;

-- name: find_titles
-- Of notes or tasks that are there.
select id, title, null::timestamptz as moment from {table} where id = any ($1::uuid[]);

-- name: find_moments
-- Of messages or calendar events that are there, when they were received, or begin. Without their titles: who may see
-- one depends on the channels, and may change. `{moment}` stands for the column, or null; times that only PostgreSQL
-- knows are passed over.
select id, null::text as title,
       case when {moment}::timestamptz between '0001-01-02Z' and '9999-12-30Z' then {moment}::timestamptz end as moment
from {table} where id = any ($1::uuid[]);

-- name: find_linked
-- Pairs of a note (a task, a message, a calendar event) and a record that events have linked: those that were not linked
-- by the same link before.
-- $1: events; $2: the column that leads to the note; $3: the columns that lead to records.
select e.seq, e.after ->> $2::text as linked, c.name as "column", e.after ->> c.name as record
from {schema}.event e
cross join unnest($3::text[]) as c (name)
where e.seq = any ($1::bigint[])
  and e.after ->> $2 is not null
  and e.after ->> c.name is not null
  and (e.before ->> $2 is distinct from e.after ->> $2 or e.before ->> c.name is distinct from e.after ->> c.name);

-- name: find_links
-- What notes (tasks) are about, with the time in which they were. $1: notes; $2: since when; $3: links of each at most.
-- `{linked}` stands for the column that leads to the note, `{columns}` for a list ('column', value) of those that lead
-- to records.
select n.id as linked, c.name as "column", c.record, t."createdAt" as since, t."deletedAt" as until
from unnest($1::uuid[]) as n (id)
cross join lateral (
    select * from {table} t
    where t.{linked} = n.id and (t."deletedAt" is null or t."deletedAt" >= $2::timestamptz)
    order by t.id
    limit $3::int
) t
cross join lateral (values {columns}) as c (name, record)
where c.record is not null
order by t.id;

-- name: find_told
-- Pairs of a record and of a note (a task) that the record's timeline names already. $1: records; $2: notes; $3: the name
-- of such entries.
select distinct a.{target} as record, a."linkedRecordId" as linked
from {timeline} a
where a.{target} = any ($1::uuid[]) and a."linkedRecordId" = any ($2::uuid[])
  and a.name = $3::text and a."deletedAt" is null;

-- name: drop_twins
-- Entries that tell what an older one tells. $1: records; $2: what is linked with them; $3: names. Those that somebody
-- changes just now stay.
with twin as materialized (
    select a.id, row_number() over (partition by a.{target}, a."linkedRecordId", a.name order by a.id) as number
    from {timeline} a
    where a.{target} = any ($1::uuid[]) and a."linkedRecordId" = any ($2::uuid[]) and a.name = any ($3::text[])
      and a."deletedAt" is null
)
delete from {timeline} where id in (
    select a.id from {timeline} a join twin t on t.id = a.id where t.number > 1 for update of a skip locked
);

-- name: find_latest
-- The latest entry of each record about itself or about a note (a task). $1: records; $2: notes, null for the record
-- itself; $3: the smallest id that an entry can have that is looked for; $4: since when; $5: names.
select n.record, n.linked, a.id, a.name, a."workspaceMemberId" as member, a."happensAt" as since
from unnest($1::uuid[], $2::uuid[]) as n (record, linked)
cross join lateral (
    select a.id, a.name, a."workspaceMemberId", a."happensAt"
    from {timeline} a
    where a.{target} = n.record
      and a.id >= $3::uuid
      and a."happensAt" > $4::timestamptz
      and a."linkedRecordId" is not distinct from n.linked
      and a.name = any ($5::text[])
      and a."deletedAt" is null
    order by a."happensAt" desc, a.id desc
    limit 1
    for no key update
) a;

-- name: add_creations
-- $1: events; $2: ids of the entries; $3: members. `{record}` stands for what the event has kept of the record. That
-- users may have made columns unique must not keep the log from being read on, here and below.
insert into {timeline} (id, "createdAt", "updatedAt", "happensAt", name, properties, "workspaceMemberId", {target})
select n.id, e."happenedAt", e."happenedAt", e."happenedAt", e.object || '.' || e.action,
       jsonb_build_object('after', {record}), n.member, e."recordId"
from unnest($1::bigint[], $2::uuid[], $3::uuid[]) as n (seq, id, member)
join {schema}.event e on e.seq = n.seq
on conflict do nothing;

-- name: add_changes
-- Entries that say what has changed from the first to the last of some events. $1, $2: these two events of each; $3:
-- the fields that have changed on the way, separated by commas; $4: ids of the entries; $5: whether they are there
-- already; $6: members. `{before}` and `{after}` stand for what the two events have kept of the field `f.key`.
--
-- An entry that is there comes to say both what it says and this. What is again what it was is left out, and an entry
-- that would say nothing goes.
with told as materialized (
    select n.id, n.known, n.member, e."recordId" as record, e.object || '.' || e.action as name,
           e."happenedAt" as began, l."happenedAt" as ended,
           case when jsonb_typeof(a.properties -> 'diff') = 'object' then a.properties -> 'diff' else '{}' end as before,
           (
               select jsonb_object_agg(f.key, jsonb_build_object('before', {before}, 'after', {after}))
               from unnest(string_to_array(n.keys, ',')) as f (key)
           ) as after
    from unnest($1::bigint[], $2::bigint[], $3::text[], $4::uuid[], $5::boolean[], $6::uuid[])
         as n (first, last, keys, id, known, member)
    join {schema}.event e on e.seq = n.first
    join {schema}.event l on l.seq = n.last
    left join {timeline} a on n.known and a.id = n.id
),
united as materialized (
    select t.id, t.known, t.member, t.record, t.name, t.began, t.ended,
           (
               select jsonb_object_agg(
                   key,
                   jsonb_build_object(
                       'before', coalesce(b.value, a.value) -> 'before', 'after', coalesce(a.value, b.value) -> 'after'
                   )
               )
               from jsonb_each(t.before) b
               full join jsonb_each(t.after) a using (key)
               where coalesce(b.value, a.value) -> 'before' is distinct from coalesce(a.value, b.value) -> 'after'
           ) as diff
    from told t
),
added as (
    insert into {timeline} (id, "createdAt", "updatedAt", "happensAt", name, properties, "workspaceMemberId", {target})
    select u.id, u.began, u.ended, u.began, u.name, jsonb_build_object('diff', u.diff), u.member, u.record
    from united u
    where not u.known and u.diff is not null
    on conflict do nothing
),
merged as (
    update {timeline} a
    set properties = jsonb_build_object('diff', u.diff), "updatedAt" = u.ended
    from united u
    where a.id = u.id and u.known and u.diff is not null
)
delete from {timeline} a using united u where a.id = u.id and u.known and u.diff is null;

-- name: add_entries
-- $1: ids; $2: when; $3: and when for the last time; $4: names; $5: members; $6: records; $7, $8, $9: what is
-- linked, the titles, and the objects; $10: where they are in the timeline.
insert into {timeline} (
    id, "createdAt", "updatedAt", "happensAt", name, "workspaceMemberId", {target},
    "linkedRecordId", "linkedRecordCachedName", "linkedObjectMetadataId"
)
select n.id, n.at, n.last, n.moment, n.name, n.member, n.record, n.linked, n.title, n.object
from unnest(
    $1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[],
    $9::uuid[], $10::timestamptz[]
) as n (id, at, last, name, member, record, linked, title, object, moment)
on conflict do nothing;

-- name: renew_entries
-- About notes and tasks that have changed again. $1: ids; $2: when; $3: titles.
update {timeline} a
set "updatedAt" = n.at, "linkedRecordCachedName" = n.title
from unnest($1::uuid[], $2::timestamptz[], $3::text[]) as n (id, at, title)
where a.id = n.id;
