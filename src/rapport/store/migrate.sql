-- Statements of the migration runner.

-- name: found
create schema if not exists core;
create table if not exists core.migration (
    name text primary key,
    "appliedAt" timestamptz(3) not null default now()
);

-- name: is_founded
select to_regclass('core.migration') is not null;

-- name: lock
-- Held until the end of the transaction; the number is arbitrary, but must never change.
select pg_advisory_xact_lock(7281100147);

-- name: applied
select name from core.migration order by name;

-- name: is_applied
select exists (select from core.migration where name = $1);

-- name: record
insert into core.migration (name) values ($1);
