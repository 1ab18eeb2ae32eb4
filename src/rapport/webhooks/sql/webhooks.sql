-- name: lock_room
-- The workspace's row stays until the transaction ends: webhooks are added to it one after the other.
select id from core.workspace where id = $1 for no key update;

-- name: count_webhooks
select count(*)::int from core.webhook where "workspaceId" = $1 and "deletedAt" is null;

-- name: lock_webhook
select id, secret from core.webhook where id = $1 and "workspaceId" = $2 and "deletedAt" is null for no key update;

-- name: set_secret
-- The one before it is good no more.
update core.webhook
set secret = $2, "previousSecret" = null, "previousSecretExpiresAt" = null
where id = $1;

-- name: rotate_secret
update core.webhook
set
    "previousSecret" = case when $3 then secret end,
    "previousSecretExpiresAt" = case when $3 then now() + $4::interval end,
    secret = $2,
    "updatedAt" = now()
where id = $1;

-- name: revive_for_new_target
update core.webhook
set "disabledAt" = null, "disabledReason" = null, "failingSince" = null, "pausedUntil" = null
where id = $1 and "targetUrl" <> $2
returning id;

-- name: enable_webhook
update core.webhook
set
    "disabledAt" = null, "disabledReason" = null, "failingSince" = null, "pausedUntil" = null,
    "updatedAt" = now()
where id = $1 and "workspaceId" = $2 and "deletedAt" is null
returning id;

-- name: try_at_once
-- What waits for its next attempt is due. Deliveries that somebody else has locked are left out, or two could wait for
-- each other for ever: they are on their way right now.
update core."webhookDelivery"
set "dueAt" = now()
where id in (
    select id from core."webhookDelivery"
    where "webhookId" = $1 and state = 'waiting' and "dueAt" > now()
    for update skip locked
);

-- name: singular_for
-- The object whose name in the plural is one of these, unless it is another one's in the singular. $1: workspace.
select named."nameSingular" as singular, named."namePlural" as plural
from core."objectMetadata" named
where named."workspaceId" = $1 and named."namePlural" = any ($2::text[])
  and not exists (
      select from core."objectMetadata" o where o."workspaceId" = $1 and o."nameSingular" = named."namePlural"
  )
order by array_position($2::text[], named."namePlural")
limit 1;

-- name: disable_webhook
update core.webhook
set "disabledAt" = now(), "disabledReason" = $2, "updatedAt" = now()
where id = $1 and "disabledAt" is null and "deletedAt" is null
returning "workspaceId", "targetUrl";

-- name: page_of_deliveries
-- The latest first; after a delivery that is not there any more, there are none.
select d.id
from core."webhookDelivery" d
where d."webhookId" = $1
    and ($2::text is null or d.state = $2)
    and (
        $3::uuid is null
        or (d."createdAt", d.number)
            < (select p."createdAt", p.number from core."webhookDelivery" p where p.id = $3 and p."webhookId" = $1)
    )
order by d."createdAt" desc, d.number desc
limit $4;
