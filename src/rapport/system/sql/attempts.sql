-- name: count_attempt
-- Counts in windows that begin with their first attempt. What has run out is cleared away a little at a time.
with outdated as (
    delete from core.attempt
    where key = any (array(
        select key from core.attempt where "resetAt" <= now() and key <> $1 order by "resetAt" limit 10
        for update skip locked
    ))
)
insert into core.attempt as a (key, count, "resetAt")
values ($1, 1, now() + $2::interval)
on conflict (key) do update set
    count = case when a."resetAt" <= now() then 1 else least(a.count, 1000000) + 1 end,
    "resetAt" = case when a."resetAt" <= now() then excluded."resetAt" else a."resetAt" end
returning count, "resetAt" - now() as wait;

-- name: uncount_attempt
update core.attempt set count = count - 1 where key = $1 and count > 0;

-- name: forget_attempts
delete from core.attempt where key = $1;
