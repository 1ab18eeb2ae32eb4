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

-- name: all_cursors
-- Of a workspace.
select reader, cursor from core."eventReader" where "workspaceId" = $1;

-- name: note_loss
-- $1: workspace; $2, $3: transaction and number up to which events are gone.
insert into core."eventLoss" ("workspaceId", xid, seq) values ($1, $2::text::xid8, $3)
on conflict ("workspaceId") do update
set xid = greatest("eventLoss".xid, excluded.xid), seq = greatest("eventLoss".seq, excluded.seq), "droppedAt" = now();

-- name: find_loss
select xid::text as xid, seq from core."eventLoss" where "workspaceId" = $1;
