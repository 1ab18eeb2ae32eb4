-- name: exchange
-- Tells how many requests of each source this process has let in, and asks what the others have told. Each process has
-- rows of its own: to tell the same twice does no harm, and nobody waits for anybody.
with told as (
    insert into core."rateCount" ("window", source, process, count)
    select $2, source, $3, count from unnest($1::text[], $4::integer[]) as news (source, count)
    on conflict ("window", source, process) do update set count = excluded.count
)
select source, sum(count)::integer as count
from core."rateCount"
where "window" = $2 and source = any ($1) and process <> $3
group by source;

-- name: forget
delete from core."rateCount" where "window" < $1 - 1;
