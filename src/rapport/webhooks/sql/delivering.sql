-- name: listening_webhooks
-- Those of a workspace that are told of events; `pause`: how long nothing is tried from now on, null for not at all.
select id, "targetUrl", operations, "createdAt",
       case when "pausedUntil" > now() then "pausedUntil" - now() end as pause
from core.webhook
where "workspaceId" = $1 and "deletedAt" is null and "disabledAt" is null;

-- name: has_listening
select exists (
    select from core.webhook where "workspaceId" = $1 and "deletedAt" is null and "disabledAt" is null
);

-- name: event_sizes
-- About how many bytes of JSON there are in records. $1: events. One that is larger than $2 even as it is stored, which
-- may be compressed, is not written out to be measured.
select seq, case when pg_column_size(kept) > $2::bigint then pg_column_size(kept) else octet_length(kept::text) end as size
from (select seq, coalesce(after, before) as kept from {schema}.event where seq = any ($1::bigint[])) e
where kept is not null;

-- name: enqueue_deliveries
-- $1: workspace; lists: ids, webhooks, events, records, names of the events, bodies, why they are dead from the start if
-- they are. Numbered in the order of the lists.
insert into core."webhookDelivery" (id, "workspaceId", "webhookId", "eventId", "recordId", "eventName", body, error, state)
select t.id, $1, t.webhook, t.event, t.record, t.name, t.body, t.error,
       case when t.error is null then 'waiting' else 'dead' end
from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[])
     with ordinality as t(id, webhook, event, record, name, body, error, place)
order by t.place;

-- name: forgotten_webhooks
-- With deliveries that have been due for a minute, and without a job. $1: after this one; $2: how many.
select w.id
from core.webhook w
where w.id > $1
  and (w."pausedUntil" is null or w."pausedUntil" < now() - interval '1 minute')
  and (w."deliveringUntil" is null or w."deliveringUntil" < now() - interval '1 minute')
  and exists (
      select from core."webhookDelivery" d
      where d."webhookId" = w.id and d.state = 'waiting' and d."dueAt" < now() - interval '1 minute'
  )
  and not exists (
      select from core.job j where j.dedupe_key = 'webhook:' || w.id and j.status in ('queued', 'picked')
  )
order by w.id
limit $2;

-- name: begin_turn
-- Takes the webhook for $2 until the time $3 is over, unless somebody else has it. Also goes on with what one has.
update core.webhook
set "deliveringBy" = $2, "deliveringUntil" = now() + $3::interval
where id = $1 and ("deliveringBy" is null or "deliveringBy" = $2 or "deliveringUntil" < now())
returning "workspaceId", "targetUrl", secret,
          case when "previousSecretExpiresAt" > now() then "previousSecret" end as "previousSecret",
          "disabledAt" is not null or "deletedAt" is not null as "isOver",
          coalesce("pausedUntil" > now(), false) as "isPaused", "failingSince";

-- name: due_deliveries
-- What may be sent now, in order: of chains whose first delivery is due. The others of a chain are in any case.
-- $1: webhook; $2: those in hand; $3: how many; $4: their bytes together, unless the first one is larger.
-- A chain is found by one column, in a query of its own: there is no other way to plan it, though PostgreSQL may know
-- nothing of what has just come in.
with due as (
    select d.id, d.number, d."recordId", d.attempts, d."waitingSince", d.body,
           sum(octet_length(d.body)) over (order by d.number) - octet_length(d.body) as before
    from (
        select *
        from core."webhookDelivery" d
        where d."webhookId" = $1 and d.state = 'waiting' and d."dueAt" <= now() and not d.id = any ($2::uuid[])
          and (
              select head."dueAt" from core."webhookDelivery" head
              where head.chain = d.chain and head.state = 'waiting' order by head.number limit 1
          ) <= now()
        order by d.number
        limit $3::int
    ) d
)
select id, "recordId", attempts, "waitingSince", body from due where before < $4::bigint order by number;

-- name: probe
-- The first delivery of a chain that may be sent now: of some hundred, the one that was tried least. $1: webhook.
select id, "recordId", attempts, "waitingSince", body
from (
    select *
    from core."webhookDelivery" d
    where d."webhookId" = $1 and d.state = 'waiting' and d."dueAt" <= now()
      and d.number = (
          select head.number from core."webhookDelivery" head
          where head.chain = d.chain and head.state = 'waiting' order by head.number limit 1
      )
    order by d.number
    limit 200
) d
order by attempts, number
limit 1;

-- name: note_attempts
-- Lists: ids of attempts, deliveries, times, statuses, milliseconds, responses, errors; the states that follow, the times
-- until the next attempts, and why it is dead.
with made as (
    select *
    from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::smallint[], $5::int[], $6::text[], $7::text[],
                $8::text[], $9::interval[], $10::text[])
         as t(id, delivery, at, status, milliseconds, response, error, state, delay, reason)
),
noted as (
    update core."webhookDelivery" d
    set state = made.state,
        attempts = d.attempts + 1,
        "dueAt" = case when made.state = 'waiting' then now() + made.delay else d."dueAt" end,
        "deliveredAt" = case when made.state = 'delivered' then now() end,
        error = made.reason
    from made
    where d.id = made.delivery and d.state = 'waiting'
)
insert into core."webhookAttempt" (id, "deliveryId", "attemptedAt", status, "durationMs", response, error)
select made.id, made.delivery, made.at, made.status, made.milliseconds, made.response, made.error
from made
join core."webhookDelivery" d on d.id = made.delivery;

-- name: note_failing
-- Since when the endpoint cannot be reached.
update core.webhook set "failingSince" = coalesce("failingSince", now()) where id = $1 returning "failingSince";

-- name: note_answering
update core.webhook set "failingSince" = null, "pausedUntil" = null where id = $1;

-- name: lock_for_the_end
-- Waits until those who add deliveries have committed: the foreign key makes them lock the row, too.
select id, "failingSince",
       case when "deletedAt" is not null then 'The webhook was deleted.'
            when "disabledAt" is not null then coalesce("disabledReason", 'The webhook was disabled.') end as over
from core.webhook
where id = $1
for update;

-- name: end_turn
-- $1: webhook; $2: who has it; $3: for how long to pause, or null.
update core.webhook
set "deliveringBy" = null, "deliveringUntil" = null,
    "pausedUntil" = case when $3::interval is null then "pausedUntil" else now() + $3::interval end
where id = $1 and "deliveringBy" = $2;

-- name: bury
-- What waits dies: at most $4 of a webhook, those that have waited since before $3 (null: all). $2: why.
update core."webhookDelivery" d
set state = 'dead', error = $2
where d.id in (
    select id from core."webhookDelivery"
    where "webhookId" = $1 and state = 'waiting' and ($3::interval is null or "waitingSince" < now() - $3::interval)
    order by number
    limit $4::int
);

-- name: wait_for_next
-- How long it is until something can be delivered; null when nothing waits. $1: webhook.
select greatest(next.at, w."pausedUntil", w."deliveringUntil") - now()
from core.webhook w
cross join lateral (
    select case
        when exists (
            select from core."webhookDelivery" d
            where d."webhookId" = $1 and d.state = 'waiting' and d."dueAt" <= now()
              and (
                  select head."dueAt" from core."webhookDelivery" head
                  where head.chain = d.chain and head.state = 'waiting' order by head.number limit 1
              ) <= now()
        )
        then now()
        else (
            select min(d."dueAt") from core."webhookDelivery" d
            where d."webhookId" = $1 and d.state = 'waiting' and d."dueAt" > now()
        )
    end as at
    offset 0
) next
where w.id = $1 and next.at is not null;

-- name: drop_deliveries
-- Those of a webhook that do not wait any more and are older than $2, at most $3 at a time.
delete from core."webhookDelivery" d
where d.id in (
    select id from core."webhookDelivery"
    where "webhookId" = $1 and state <> 'waiting' and "createdAt" < now() - $2::interval
    order by "createdAt", number
    limit $3::int
);

-- name: every_webhook
select id from core.webhook order by id;
