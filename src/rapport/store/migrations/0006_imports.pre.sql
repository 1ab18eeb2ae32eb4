-- Imports of records from files: what was sent, how far it is written, and what was wrong with it.

create table core."import" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "objectMetadataId" uuid not null,
    object text not null,
    options jsonb not null,
    state text not null check (
        state in ('receiving', 'queued', 'running', 'done', 'failed', 'cancelled', 'undoing', 'undone')
    ),
    reason text,
    "userWorkspaceId" uuid,
    "apiKeyId" uuid,
    "starterName" text not null,
    size bigint not null default 0,
    "position" bigint not null default 0,
    "nextRow" bigint not null default 1,
    processed bigint not null default 0,
    created bigint not null default 0,
    updated bigint not null default 0,
    unchanged bigint not null default 0,
    failed bigint not null default 0,
    undone bigint not null default 0,
    kept bigint not null default 0,
    "firstEvent" bigint,
    "nextUndo" bigint,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    "startedAt" timestamptz(3),
    "finishedAt" timestamptz(3)
);
comment on table core."import" is 'Imports of records from files: whose, how far they are (position: bytes that are done), and their counts.';
comment on column core."import"."firstEvent" is 'The events of the import come after this one.';
comment on column core."import"."nextUndo" is 'The events before this one are still to be undone.';
create index "import_workspaceId_idx" on core."import" ("workspaceId", "createdAt");

create table core."importChunk" (
    "importId" uuid not null references core."import" on delete cascade,
    start bigint not null,
    data bytea not null,
    primary key ("importId", start)
);
comment on table core."importChunk" is 'The file of an import in pieces, each from byte `start` on; gone when they are done.';
alter table core."importChunk" alter column data set storage external;

create table core."importError" (
    "importId" uuid not null references core."import" on delete cascade,
    number bigint generated always as identity,
    "row" bigint,
    "column" text,
    message text not null,
    value text,
    "recordId" uuid,
    primary key ("importId", number)
);
comment on table core."importError" is 'What was wrong with rows of an import, and records that could not be undone.';

create table core."importKey" (
    "importId" uuid not null references core."import" on delete cascade,
    key uuid not null,
    primary key ("importId", key)
);
comment on table core."importKey" is 'Digests of the unique values that a dry run has seen, for it leaves no records behind.';
