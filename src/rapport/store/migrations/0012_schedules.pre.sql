-- Work that comes again and again by the calendar. PgQueuer's own schedules are not used: docs/decisions/0009.

create table core.schedule (
    id uuid primary key default gen_random_uuid(),
    "workspaceId" uuid references core.workspace (id) on delete cascade,
    name text not null,
    cron text not null,
    "timeZone" text not null,
    job text not null,
    payload jsonb not null,
    "isAlone" boolean not null,
    "dueAt" timestamptz(3) not null,
    "wasDueAt" timestamptz(3),
    "createdAt" timestamptz(3) not null default now(),
    unique nulls not distinct ("workspaceId", name)
);
comment on table core.schedule is 'What is to be done by the calendar: when it is due, a job is put into the queue.';
comment on column core.schedule."workspaceId" is 'Null: of the server itself.';
comment on column core.schedule."isAlone" is 'A time is passed over while the job of an earlier one waits or runs.';
comment on column core.schedule."dueAt" is 'The next time; infinity when there is none.';
create index "schedule_dueAt_idx" on core.schedule ("dueAt");

drop table core.job_schedule;

alter table core."import" add column address text;
alter table core."import" add column "impersonatorUserWorkspaceId" uuid;
comment on column core."import".address is 'From which it was started.';
comment on column core."import"."impersonatorUserWorkspaceId" is 'Who acted in the name of the member that started it.';
