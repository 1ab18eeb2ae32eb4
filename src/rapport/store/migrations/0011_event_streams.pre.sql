-- Event streams: what clients that hold a connection want to be told of.

-- Only grows: not counted from 1 for each stream, whose id may come again after it has expired.
create sequence core."eventStreamRevision";

-- No foreign keys: whatever the row names, it lasts for half an hour at most.
create table core."eventStream" (
    "workspaceId" uuid not null,
    id text not null,
    owner uuid not null,
    revision bigint not null default nextval('core."eventStreamRevision"'),
    "createdAt" timestamptz(3) not null default now(),
    "expiresAt" timestamptz(3) not null,
    "closedAt" timestamptz(3),
    primary key ("workspaceId", id)
);
comment on table core."eventStream" is 'Streams of events, each with an id that its client has made up.';
comment on column core."eventStream".owner is 'Who has opened it: the membership of a user, or an API key.';
comment on column core."eventStream".revision is 'Another one whenever its queries change.';
comment on column core."eventStream"."expiresAt" is 'Later with each use. A stream that has expired is none.';
comment on column core."eventStream"."closedAt" is 'Since when no connection is known that holds it.';
create index "eventStream_owner_idx" on core."eventStream" (owner);
create index "eventStream_expiresAt_idx" on core."eventStream" ("expiresAt");

create table core."eventStreamQuery" (
    "workspaceId" uuid not null,
    "streamId" text not null,
    id text not null,
    signature jsonb not null,
    primary key ("workspaceId", "streamId", id),
    foreign key ("workspaceId", "streamId") references core."eventStream" on delete cascade
);
comment on table core."eventStreamQuery" is 'What the events of a stream are about.';
comment on column core."eventStreamQuery".signature is 'The name of an object, and a filter of its records.';
