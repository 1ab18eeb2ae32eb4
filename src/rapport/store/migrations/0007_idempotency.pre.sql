-- Answers to requests that came with a key of the client's, so that a request sent twice is carried out once.

-- No foreign key to the workspace: each of its POSTs would take a lock on that one row. A chore drops what is old.
create table core."idempotencyKey" (
    "workspaceId" uuid not null,
    caller text not null,
    key text not null,
    fingerprint bytea not null,
    access text not null,
    status smallint,
    headers jsonb not null default '[]',
    body bytea,
    "heldUntil" timestamptz(3),
    "createdAt" timestamptz(3) not null default now(),
    primary key ("workspaceId", caller, key)
);
comment on table core."idempotencyKey" is 'Requests with an Idempotency-Key and their answers.';
comment on column core."idempotencyKey".access is 'The rights with which the request was answered.';
comment on column core."idempotencyKey".status is 'Null while the request is carried out, and for ever when its outcome is not known.';
comment on column core."idempotencyKey".body is 'Null also where the answer was too large to be kept.';
comment on column core."idempotencyKey"."heldUntil" is 'Until then a process says that it is carrying out the request.';
create index "idempotencyKey_createdAt_idx" on core."idempotencyKey" ("createdAt");
