-- name: put_schedule
-- $1: workspace or null; $2: name; $3: cron; $4: time zone; $5: job; $6: payload; $7: alone; $8: due at, if it is new.
insert into core.schedule as s ("workspaceId", name, cron, "timeZone", job, payload, "isAlone", "dueAt")
values ($1::uuid, $2, $3, $4, $5, $6::text::jsonb, $7, $8)
on conflict ("workspaceId", name) do update
set cron = excluded.cron, "timeZone" = excluded."timeZone", job = excluded.job, payload = excluded.payload,
    "isAlone" = excluded."isAlone",
    "dueAt" = case when (s.cron, s."timeZone") = (excluded.cron, excluded."timeZone") then s."dueAt"
                   else excluded."dueAt" end
where (s.cron, s."timeZone", s.job, s.payload, s."isAlone")
   is distinct from (excluded.cron, excluded."timeZone", excluded.job, excluded.payload, excluded."isAlone");

-- name: remove_schedule
-- $1: workspace or null; $2: name.
delete from core.schedule where "workspaceId" is not distinct from $1::uuid and name = $2 returning id;

-- name: list_schedules
select name, "workspaceId", cron, "timeZone", job, nullif("dueAt", 'infinity') as "dueAt", "wasDueAt"
from core.schedule
order by core.schedule."dueAt", name, id
limit $1;

-- name: take_due
-- Schedules whose time has come, and that no other worker has in hand. $1: those of the server that this process knows;
-- $2: how many.
select s.id, s.name, s.cron, s."timeZone", s.job, s.payload::text as payload, s."isAlone", s."dueAt", now() as now
from core.schedule s
where s."dueAt" <= now()
  and case when s."workspaceId" is null then s.name = any ($1::text[])
           else exists (select from core.workspace w where w.id = s."workspaceId" and w."deletedAt" is null) end
order by s."dueAt"
limit $2
for update of s skip locked;

-- name: move_on
-- $1: schedule; $2: the next time, or null.
update core.schedule set "wasDueAt" = "dueAt", "dueAt" = coalesce($2::timestamptz, 'infinity') where id = $1;

-- name: until_next
-- How long it is to the next time; null when there is none. $1: as in take_due.
select s."dueAt" - now()
from core.schedule s
where s."dueAt" < 'infinity'
  and case when s."workspaceId" is null then s.name = any ($1::text[])
           else exists (select from core.workspace w where w.id = s."workspaceId" and w."deletedAt" is null) end
order by s."dueAt"
limit 1;

-- name: forget_schedules
-- $1: those of the server that are declared; $2: how long no process has known the others.
delete from core.schedule
where "workspaceId" is null and not name = any ($1::text[]) and "dueAt" < now() - $2::interval;
