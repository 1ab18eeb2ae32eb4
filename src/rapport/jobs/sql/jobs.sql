-- name: enqueue
-- $1: name; $2: payload; $3: delay; $4: key or null. That something is inserted is announced even when nothing is.
with sooner as (
    update core.job set execute_after = now() + $3::interval, updated = now()
    where dedupe_key = $4::text and status = 'queued' and execute_after > now() + $3::interval
)
insert into core.job (priority, entrypoint, payload, execute_after, dedupe_key, status)
values (0, $1::text, $2::bytea, now() + $3::interval, $4::text, 'queued')
on conflict (dedupe_key) where status in ('queued', 'picked') and dedupe_key is not null do nothing
returning id;

-- name: release_key
-- $1: the number of a job.
update core.job set dedupe_key = null where id = $1;

-- name: list_jobs
-- $1: only the failed ones; $2: only those of this name, or null; $3: how many.
select j.id, j.entrypoint, j.status::text, j.attempts, j.created, j.execute_after,
       (select case when l.traceback ->> 'exception_type' = 'RetryRequested' then ''
                    else (l.traceback ->> 'exception_type') || ': ' end || (l.traceback ->> 'exception_message')
        from core.job_log l
        where l.job_id = j.id and l.traceback is not null
        order by l.created desc, l.id desc
        limit 1) as error
from core.job j
where (j.status = 'failed' or not $1::boolean) and (j.entrypoint = $2::text or $2 is null)
order by j.status <> 'failed', j.execute_after, j.id
limit $3::int;

-- name: find_job
select id, entrypoint, status::text, attempts, created, execute_after, dedupe_key,
       convert_from(payload, 'utf8') as payload
from core.job
where id = $1::bigint;

-- name: job_history
-- What has become of a job, the earliest first.
select created, status::text,
       case when traceback ->> 'exception_type' = 'RetryRequested' then ''
            else (traceback ->> 'exception_type') || ': ' end || (traceback ->> 'exception_message') as error
from core.job_log
where job_id = $1::bigint
order by created, id
limit 1000;

-- name: discard_jobs
-- Failed jobs: those with the numbers $1, or all (null); $2: only those of this name, or null.
with gone as (
    delete from core.job
    where status = 'failed'
      and ($1::bigint[] is null or id = any ($1::bigint[]))
      and ($2::text is null or entrypoint = $2::text)
    returning id, entrypoint, priority
)
insert into core.job_log (job_id, status, entrypoint, priority)
select id, 'deleted', entrypoint, priority from gone
returning job_id as id;

-- name: retry_jobs
-- $1: the numbers, or null for all; $2: only those of this name, or null. The trigger does not announce updates, hence the notification.
with candidates as (
    select distinct on (coalesce(dedupe_key, id::text)) id
    from core.job j
    where status = 'failed'
      and ($1::bigint[] is null or id = any ($1::bigint[]))
      and ($2::text is null or entrypoint = $2::text)
      and not exists (
          select from core.job other
          where other.dedupe_key = j.dedupe_key and other.status in ('queued', 'picked')
      )
    order by coalesce(dedupe_key, id::text), id
),
again as (
    update core.job
    set status = 'queued', execute_after = now(), updated = now(), attempts = 0, queue_manager_id = null
    where id in (select id from candidates) and status = 'failed'
    returning id, entrypoint, priority
),
logged as (
    insert into core.job_log (job_id, status, entrypoint, priority)
    select id, 'queued', entrypoint, priority from again
),
announced as (
    select pg_notify('rapport_job', json_build_object(
        'channel', 'rapport_job', 'operation', 'update', 'sent_at', now(), 'table', 'job', 'type', 'table_changed_event'
    )::text)
    where exists (select from again)
)
select again.id from again left join announced on true;

-- name: deadly_jobs
-- $1: jobs that were just taken; $2: how often a job may be taken without a word on how it went.
select job_id
from core.job_log l
where job_id = any ($1::bigint[])
  and status = 'picked'
  and not exists (
      select from core.job_log later where later.job_id = l.job_id and later.status = 'queued' and later.id > l.id
  )
group by job_id
having count(*) > $2::int;

-- name: prune_log
-- $1: age. What is said of jobs that are still there stays.
delete from core.job_log l
where created < now() - $1::interval and not exists (select from core.job j where j.id = l.job_id);

-- name: prune_failed
-- $1: age.
delete from core.job where status = 'failed' and updated < now() - $1::interval;

-- name: count_jobs
select entrypoint,
       count(*) filter (where status = 'queued') as waiting,
       count(*) filter (where status = 'picked') as running,
       count(*) filter (where status = 'failed') as dead,
       coalesce(extract(epoch from now() - min(execute_after) filter (
           where status = 'queued' and execute_after <= now()
       )), 0)::float8 as oldest
from core.job
group by entrypoint
order by entrypoint;
