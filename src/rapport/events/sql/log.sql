-- `{schema}` stands for the workspace's schema, quoted.

-- name: open_window
-- Events of transactions that a snapshot has not seen. $1: its next transaction; $2: those that were open; $3: how many.
-- `top` is the last transaction of all of them, `now` the snapshot of this statement. The sum keeps PostgreSQL from
-- walking through the whole log by seq.
with unseen as (
    select seq, xid from {schema}.event where xid >= $1::text::xid8
    union all
    select seq, xid from {schema}.event where xid = any ($2::text[]::xid8[])
),
first as (
    select seq from unseen order by seq + 0 limit $3::int
)
select e.seq, e.id, e.action, e.object, e."recordId", e."updatedFields", e.actor::text, e."happenedAt",
       coalesce((e.actor -> 'isUpsert')::boolean, false) as "isUpsert",
       (select max(xid) from unseen)::text as top, pg_current_snapshot()::text as now
from first
join {schema}.event e on e.seq = first.seq
order by e.seq;

-- name: continue_window
-- Of the events that one snapshot has not seen and a later one has, those behind a number. $1, $2: as above; $3, $4: the
-- later snapshot; $5: the number; $6: how many. `is true` keeps PostgreSQL from looking for all of them by xid, at each
-- page anew, and sorting them: it walks on by seq.
select e.seq, e.id, e.action, e.object, e."recordId", e."updatedFields", e.actor::text, e."happenedAt",
       coalesce((e.actor -> 'isUpsert')::boolean, false) as "isUpsert"
from {schema}.event e
where e.seq > $5::bigint
  and (e.xid >= $1::text::xid8 or e.xid = any ($2::text[]::xid8[])) is true
  and (e.xid < $3::text::xid8) is true
  and not e.xid = any ($4::text[]::xid8[])
order by e.seq
limit $6::int;

-- name: present
-- The last transaction that has written events, and the snapshot.
-- Not by `xid` alone: that would be the text, in whose order 999 comes after 1000.
select (select e.xid::text from {schema}.event e order by e.xid desc limit 1) as top, pg_current_snapshot()::text as now;

-- name: drop_events
-- The oldest events, before $1, at most $2, as far as a snapshot ($3: its next transaction, $4: open ones) has seen them.
with old as (
    select seq from {schema}.event order by seq limit $2::int
),
gone as (
    delete from {schema}.event e
    using old
    where e.seq = old.seq
      and e."happenedAt" < $1::timestamptz
      and e.xid < $3::text::xid8
      and not e.xid = any ($4::text[]::xid8[])
    returning e.seq, e.xid
)
select count(*) as count, max(seq) as seq, max(xid)::text as xid from gone;
