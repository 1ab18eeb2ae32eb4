-- name: workspaces
-- Those with a log. Ids and schemas.
select id, schema from core.workspace where "deletedAt" is null order by id;

-- name: schema_of
select schema from core.workspace where id = $1 and "deletedAt" is null;

-- name: take_turn
-- Whether nobody else reads this log for this reader, until the transaction ends. $1: workspace; $2: reader.
select pg_try_advisory_xact_lock(hashtextextended($2::text, hashtextextended($1::uuid::text, 7)));

-- name: find_cursor
select cursor from core."eventReader" where "workspaceId" = $1 and reader = $2;

-- name: save_cursor
insert into core."eventReader" ("workspaceId", reader, cursor) values ($1, $2, $3)
on conflict ("workspaceId", reader) do update set cursor = excluded.cursor, "readAt" = now();

-- name: begin
-- As save_cursor, for a reader that has none.
insert into core."eventReader" ("workspaceId", reader, cursor) values ($1, $2, $3) on conflict do nothing;

-- name: all_cursors
-- Of a workspace.
select reader, cursor from core."eventReader" where "workspaceId" = $1;

-- name: note_loss
-- $1: workspace; $2, $3: transaction and number up to which events are gone.
insert into core."eventLoss" ("workspaceId", xid, seq) values ($1, $2::text::xid8, $3)
on conflict ("workspaceId") do update
set xid = greatest("eventLoss".xid, excluded.xid), seq = greatest("eventLoss".seq, excluded.seq), "droppedAt" = now();

-- name: find_loss
-- What was dropped, null for nothing; `next` is the transaction that has not begun yet.
select loss.xid::text as xid, loss.seq, pg_snapshot_xmax(now.snapshot)::text as next
from (select pg_current_snapshot() as snapshot) now
left join core."eventLoss" loss on loss."workspaceId" = $1;

-- name: cursors_of_readers
-- $1: their names. Every workspace with each of them; a null cursor is that of one who has not begun.
select w.id, w.schema, r.reader, c.cursor
from core.workspace w
cross join unnest($1::text[]) r(reader)
left join core."eventReader" c on c."workspaceId" = w.id and c.reader = r.reader
where w."deletedAt" is null
order by w.id, r.reader;

-- name: oldest_unread
-- $1: schemas; $2, $3: of the cursor of each, the next transaction and the open ones; $4: how many events to count.
select place, since, unread from core."oldestUnread"($1::text[], $2::text[], $3::text[], $4);
