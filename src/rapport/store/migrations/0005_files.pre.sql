-- Files: what is known of them. Their bytes are in a folder or an object store.

create table core.file (
    id uuid primary key,
    "workspaceId" uuid not null,
    folder text not null,
    path text not null,
    name text not null,
    size bigint,
    "mimeType" text not null,
    checksum text,
    state text not null default 'pending' check (state in ('pending', 'stored', 'deleted')),
    "userWorkspaceId" uuid,
    "apiKeyId" uuid,
    "createdAt" timestamptz(3) not null default now(),
    unique ("workspaceId", path),
    check (state <> 'stored' or size is not null and checksum is not null)
);
comment on table core.file is 'Files of workspaces. No reference to them: a row lasts until its bytes are deleted.';
comment on column core.file.state is 'pending: before the bytes are there. deleted: until they are gone.';
create index "file_unfinished_idx" on core.file (state, id) where state <> 'stored';
