-- name: add_import
-- $1: id; $2: workspace; $3: object; $4: its plural name; $5: options; $6: membership; $7: API key; $8: who it is; $9: address;
-- $10: who acts in their name.
insert into core."import"
    (id, "workspaceId", "objectMetadataId", object, options, state, "userWorkspaceId", "apiKeyId", "starterName",
     address, "impersonatorUserWorkspaceId")
values ($1, $2, $3, $4, $5::text::jsonb, 'receiving', $6, $7, $8, $9, $10);

-- name: lock_imports
-- $1: workspace. Until the transaction ends nobody else starts one.
select pg_advisory_xact_lock(hashtextextended('import ' || $1::uuid, 0));

-- name: count_unfinished
-- $1: workspace.
select count(*) from core."import"
where "workspaceId" = $1 and state in ('receiving', 'queued', 'running', 'undoing');

-- name: add_chunk
-- $1: import; $2: first byte; $3: bytes. Nothing when the import is no longer received.
with receiving as (
    update core."import"
    set size = $2 + length($3::bytea), "updatedAt" = now()
    where id = $1 and state = 'receiving'
    returning id
)
insert into core."importChunk" ("importId", start, data) select id, $2, $3 from receiving;

-- name: find_chunk
-- $1: import; $2: a byte. The piece that has it.
select start, data
from core."importChunk"
where "importId" = $1 and start <= $2
order by start desc
limit 1;

-- name: finish_receiving
-- $1: import; $2: bytes to pass over; $3: number of the row that comes then.
update core."import"
set state = 'queued', "position" = $2, "nextRow" = $3, "updatedAt" = now()
where id = $1 and state = 'receiving'
returning id;

-- name: forget_receiving
-- $1: import. One that was cancelled stays.
delete from core."import" where id = $1 and state = 'receiving';

-- name: find_import
-- $1: workspace; $2: id.
select * from core."import" where "workspaceId" = $1 and id = $2;

-- name: lock_import
-- $1: workspace; $2: id.
select * from core."import" where "workspaceId" = $1 and id = $2 for update;

-- name: take_import
-- $1: id.
select * from core."import" where id = $1 for update;

-- name: list_imports
-- $1: workspace; $2: how many; $3: passed over.
select * from core."import" where "workspaceId" = $1 order by "createdAt" desc, id desc limit $2 offset $3;

-- name: count_imports
select count(*) from core."import" where "workspaceId" = $1;

-- name: start_import
-- $1: id; $2: the last event before it.
update core."import"
set state = 'running', "startedAt" = coalesce("startedAt", now()), "firstEvent" = coalesce("firstEvent", $2),
    "updatedAt" = now()
where id = $1;

-- name: note_progress
-- $1: id; $2: bytes done; $3: number of the next row; $4: rows; $5: created; $6: updated; $7: unchanged; $8: failed.
update core."import"
set "position" = $2, "nextRow" = $3, processed = processed + $4, created = created + $5, updated = updated + $6,
    unchanged = unchanged + $7, failed = failed + $8, "updatedAt" = now()
where id = $1;

-- name: drop_read_chunks
-- $1: import; $2: bytes done. The piece in which the rest begins stays.
delete from core."importChunk"
where "importId" = $1
  and start < (select max(start) from core."importChunk" where "importId" = $1 and start <= $2);

-- name: drop_chunks
delete from core."importChunk" where "importId" = $1;

-- name: drop_keys
delete from core."importKey" where "importId" = $1;

-- name: end_import
-- $1: id; $2: state; $3: reason.
update core."import"
set state = $2, reason = $3, "finishedAt" = now(), "updatedAt" = now()
where id = $1;

-- name: add_problems
-- $1: import; $2: most of one import; $3: rows; $4: columns; $5: messages; $6: values; $7: records.
insert into core."importError" ("importId", "row", "column", message, value, "recordId")
select $1, p."row", p."column", p.message, p.value, p."recordId"
from unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::uuid[])
    with ordinality p("row", "column", message, value, "recordId", place)
where p.place <= $2 - (select count(*) from core."importError" e where e."importId" = $1)
order by p.place;

-- name: first_problems
-- $1: import; $2: how many.
select number, "row", "column", message, value, "recordId"
from core."importError"
where "importId" = $1
order by number
limit $2;

-- name: next_problems
-- $1: import; $2: the last one seen; $3: how many.
select number, "row", "column", message, value, "recordId"
from core."importError"
where "importId" = $1 and number > $2
order by number
limit $3;

-- name: note_keys
-- $1: import; $2: digests. Gives those that are new.
insert into core."importKey" ("importId", key) select distinct $1::uuid, k from unnest($2::uuid[]) k
on conflict do nothing
returning key;

-- name: begin_undo
-- $1: id; $2: the first event that is left as it is.
update core."import"
set state = 'undoing', reason = null, "nextUndo" = coalesce("nextUndo", $2), "updatedAt" = now()
where id = $1;

-- name: note_undone
-- $1: id; $2: the last event looked at; $3: records put back; $4: records left as they are.
update core."import"
set "nextUndo" = $2, undone = undone + $3, kept = kept + $4, "updatedAt" = now()
where id = $1;

-- name: drop_abandoned
-- $1: age. Files whose sender has gone.
delete from core."import" where state = 'receiving' and "updatedAt" < now() - $1::interval;

-- name: drop_left_chunks
delete from core."importChunk" c
using core."import" i
where i.id = c."importId" and i.state not in ('receiving', 'queued', 'running');

-- name: drop_old
-- $1: age; $2: how many.
delete from core."import"
where id in (
    select id from core."import"
    where state in ('done', 'failed', 'cancelled', 'undone') and "finishedAt" < now() - $1::interval
    limit $2
);

-- name: end_orphans
-- Imports without a job: the processes that had them died, again and again.
update core."import" i
set state = 'failed', reason = 'The worker stopped again and again.', "finishedAt" = now(), "updatedAt" = now()
where i.state in ('queued', 'running', 'undoing')
  and i."updatedAt" < now() - interval '10 minutes'
  and not exists (
      select from core.job j
      where j.status in ('queued', 'picked') and j.entrypoint in ('import.run', 'import.undo')
        and convert_from(j.payload, 'UTF8')::jsonb ->> 'import' = i.id::text
  )
returning id;
