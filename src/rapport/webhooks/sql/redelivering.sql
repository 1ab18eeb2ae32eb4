-- name: lock_webhook_of
-- The webhook of a delivery. Its row is locked, as by new deliveries. $1: delivery; $2: workspace.
select w.id
from core."webhookDelivery" d
join core.webhook w on w.id = d."webhookId" and w."deletedAt" is null
where d.id = $1 and d."workspaceId" = $2 and d."eventId" is not null
for key share of w;

-- name: lock_live_webhook
-- $1: webhook; $2: workspace.
select id from core.webhook where id = $1 and "workspaceId" = $2 and "deletedAt" is null for key share;

-- name: ended_since
-- Deliveries of a webhook ($1) that do not wait, since $2; $3: only the dead ones; $4: after this number; $5: how many.
select id, number
from core."webhookDelivery"
where "webhookId" = $1 and "createdAt" >= $2 and "eventId" is not null
  and case when $3::boolean then state = 'dead' else state <> 'waiting' end
  and number > $4::bigint
order by number
limit $5::int;

-- name: redeliver
-- $1: deliveries. What comes after them in their chains is due as well.
with again as (
    update core."webhookDelivery"
    set state = 'waiting', attempts = 0, "dueAt" = now(), "waitingSince" = now(), "deliveredAt" = null, error = null
    where id = any ($1::uuid[])
    returning id, chain
)
update core."webhookDelivery" d
set "dueAt" = now()
from again
where d.chain = again.chain and d.state = 'waiting' and d."dueAt" > now() and not d.id = any ($1::uuid[]);

-- name: webhook_to_test
select "workspaceId", "targetUrl", secret,
       case when "previousSecretExpiresAt" > now() then "previousSecret" end as "previousSecret"
from core.webhook
where id = $1 and "workspaceId" = $2 and "deletedAt" is null;

-- name: add_test
-- $1: delivery; $2: workspace; $3: webhook; $4: name of the event; $5: body.
insert into core."webhookDelivery" (id, "workspaceId", "webhookId", "eventName", body) values ($1, $2, $3, $4, $5);
