-- name: count_deliveries
-- Of all workspaces, as far as $1; tests do not count, whoever asked for them was told how they went. `oldest`: for how
-- many seconds the one that was made first has waited.
select
    (select count(*) from (select from core."webhookDelivery" where state = 'dead' and "eventId" is not null limit $1) dead) as dead,
    count(*) as waiting,
    coalesce(greatest(extract(epoch from now() - min("createdAt")), 0), 0)::float8 as oldest
from (select "createdAt" from core."webhookDelivery" where state = 'waiting' and "eventId" is not null limit $1) waiting;
