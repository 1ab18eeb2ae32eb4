-- Webhooks, what is delivered to them, and what their endpoints answered.

create table core.webhook (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "targetUrl" text not null,
    operations text[] not null default '{*.*}',
    description text,
    secret bytea,
    "previousSecret" bytea,
    "previousSecretExpiresAt" timestamptz(3),
    "disabledAt" timestamptz(3),
    "disabledReason" text,
    "failingSince" timestamptz(3),
    "pausedUntil" timestamptz(3),
    "deliveringBy" uuid,
    "deliveringUntil" timestamptz(3),
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    "deletedAt" timestamptz(3)
);
comment on table core.webhook is 'Endpoints that are told of events of a workspace.';
comment on column core.webhook.operations is 'Of which events: person.created, person.*, *.created, *.*.';
comment on column core.webhook.secret is 'Encrypted with a key derived from the app secret; null: nothing is signed.';
comment on column core.webhook."previousSecret" is 'Encrypted likewise. Signs besides the secret until it expires.';
comment on column core.webhook."disabledAt" is 'Nothing is delivered, and no event is kept for it.';
comment on column core.webhook."failingSince" is 'Since when the endpoint cannot be reached; null: it answers.';
comment on column core.webhook."pausedUntil" is 'Nothing is tried before.';
comment on column core.webhook."deliveringBy" is 'Who delivers to it, one at a time, until deliveringUntil.';
create index "webhook_workspaceId_idx" on core.webhook ("workspaceId") where "deletedAt" is null;

-- No foreign key to the workspace: each delivery would take a lock on that one row.
create table core."webhookDelivery" (
    id uuid primary key,
    number bigint not null generated always as identity,
    "workspaceId" uuid not null,
    "webhookId" uuid not null references core.webhook on delete cascade,
    "eventId" uuid,
    "recordId" uuid,
    chain uuid not null generated always as (md5("webhookId"::text || coalesce("recordId", id)::text)::uuid) stored,
    "eventName" text not null,
    body text not null,
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
    attempts integer not null default 0,
    "dueAt" timestamptz(3) not null default now(),
    "waitingSince" timestamptz(3) not null default now(),
    error text,
    "createdAt" timestamptz(3) not null default now(),
    "deliveredAt" timestamptz(3)
);
comment on table core."webhookDelivery" is 'An event for a webhook. Its id is the webhook-id that the endpoint sees.';
comment on column core."webhookDelivery".number is 'Deliveries of a record go out in this order.';
comment on column core."webhookDelivery"."eventId" is 'Null: a test.';
comment on column core."webhookDelivery".chain is
    'Those of one record for one webhook, which go out one after the other. Of a chain only the first may be due later.';
comment on column core."webhookDelivery"."waitingSince" is 'When it was enqueued, or last to be delivered again.';
comment on column core."webhookDelivery".error is 'Why it is dead.';
comment on column core."webhookDelivery".body is 'What is sent, byte for byte, however often.';
create index "webhookDelivery_waiting_idx" on core."webhookDelivery" ("webhookId", number) where state = 'waiting';
create index "webhookDelivery_waiting_chain_idx" on core."webhookDelivery" (chain, number) where state = 'waiting';
create index "webhookDelivery_createdAt_idx" on core."webhookDelivery" ("webhookId", "createdAt", number);
create index "webhookDelivery_dead_idx" on core."webhookDelivery" ("webhookId", number) where state = 'dead';

create table core."webhookAttempt" (
    id uuid primary key,
    "deliveryId" uuid not null references core."webhookDelivery" on delete cascade,
    "attemptedAt" timestamptz(3) not null default now(),
    status smallint,
    "durationMs" integer not null,
    response text,
    error text
);
comment on table core."webhookAttempt" is 'What an endpoint answered to a delivery.';
comment on column core."webhookAttempt".status is 'Null: there was no answer, and error says why.';
comment on column core."webhookAttempt".response is 'The beginning of what it answered.';
create index "webhookAttempt_deliveryId_idx" on core."webhookAttempt" ("deliveryId", "attemptedAt");
