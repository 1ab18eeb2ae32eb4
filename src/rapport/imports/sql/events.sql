-- `{schema}` stands for the workspace's schema, quoted, and `{table}` for the table of the import's object.

-- name: last_event
select coalesce(max(seq), 0) from {schema}.event;

-- name: find_events
-- $1: the events come after this; $2: and before this; $3: import; $4: how many.
select seq, action, "recordId"
from {schema}.event
where seq > $1 and seq < $2 and actor ->> 'importId' = $3
order by seq desc
limit $4;

-- name: count_created
-- $1, $2, $3: as above.
select count(*) from {schema}.event
where seq > $1 and seq < $2 and actor ->> 'importId' = $3 and action = 'created';

-- name: lock_records
select id from {table} where id = any ($1::uuid[]) order by id for update;

-- name: compare_created
-- $1: events; $2: columns that do not count. Whether each record is as it was made. OFFSET 0, here and below: else
-- PostgreSQL makes the JSON of the record anew for each of its columns.
select e."recordId"::text as id,
       not exists (
           select from jsonb_each(e.after) made
           where now.row ? made.key and not made.key = any ($2::text[]) and now.row -> made.key is distinct from made.value
       ) as "isSame"
from {schema}.event e
join {table} t on t.id = e."recordId"
cross join lateral (select to_jsonb(t.*) as row offset 0) now
where e.seq = any ($1::bigint[]);

-- name: compare_updated
-- $1: events; $2: columns that do not count. The columns that were changed, each with what it was, whether there still
-- is such a column, and whether it is still what it was changed to, in a record that nobody has deleted meanwhile.
select e."recordId"::text as id,
       was.key as "column",
       was.value::text as value,
       now.row ? was.key as "isThere",
       now.row -> was.key is not distinct from e.after -> was.key
           and now.row -> 'deletedAt' is not distinct from e.after -> 'deletedAt' as "isSame"
from {schema}.event e
join {table} t on t.id = e."recordId"
cross join lateral (select to_jsonb(t.*) as row offset 0) now
cross join lateral jsonb_each(e.before) was
where e.seq = any ($1::bigint[])
  and not was.key = any ($2::text[])
  and was.value is distinct from e.after -> was.key;
