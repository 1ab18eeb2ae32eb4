-- name: count_deliveries
-- Of all workspaces, as far as $1. `oldest`: for how many seconds the one that was made first has waited.
select
    (select count(*) from (select from core."webhookDelivery" where state = 'dead' limit $1) dead) as dead,
    count(*) as waiting,
    coalesce(greatest(extract(epoch from now() - min("createdAt")), 0), 0)::float8 as oldest
from (select "createdAt" from core."webhookDelivery" where state = 'waiting' limit $1) waiting;
