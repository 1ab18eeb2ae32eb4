-- `{schema}` stands for the workspace's schema, quoted.

-- name: open_window
-- Events that a snapshot has not seen and another one has, or some of them if there are more than $5 in all. $1: the next
-- transaction of the first snapshot, $2: those that were open; $3, $4: of the other. `top` is the last transaction of
-- the log, `now` the snapshot of this statement.
with unseen as (
    (
        select seq from {schema}.event
        where xid >= $1::text::xid8 and xid < $3::text::xid8 and not xid = any ($4::text[]::xid8[])
        order by xid, seq
        limit $5::int
    )
    union all
    (
        select seq from {schema}.event
        where xid = any ($2::text[]::xid8[]) and xid < $3::text::xid8 and not xid = any ($4::text[]::xid8[])
        order by xid, seq
        limit $5::int
    )
)
select e.seq, e.id, e.action, e.object, e."recordId", e."updatedFields", e.actor::text, e."happenedAt",
       coalesce((e.actor -> 'isUpsert')::boolean, false) as "isUpsert",
       (select l.xid from {schema}.event l order by l.xid desc limit 1)::text as top, pg_current_snapshot()::text as now
from unseen
join {schema}.event e on e.seq = unseen.seq
order by e.seq;

-- name: first_of_window
-- The lowest number of those events. $1 to $4: as above. Nothing but the index is read.
select min(seq)
from (
    select min(seq) as seq from {schema}.event
    where xid >= $1::text::xid8 and xid < $3::text::xid8 and not xid = any ($4::text[]::xid8[])
    union all
    select min(seq) from {schema}.event where xid = any ($2::text[]::xid8[])
) unseen;

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
