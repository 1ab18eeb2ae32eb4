-- The tables of `core` after all migrations. A test compares the two; change this file together with a migration.

create schema core;

create table core.migration (
    name text primary key,
    "appliedAt" timestamptz(3) not null default now()
);

create table core.workspace (
    id uuid primary key,
    "displayName" text,
    subdomain text unique,
    "schema" text not null unique,
    "activationStatus" text not null default 'ACTIVE',
    "inviteHash" text,
    "metadataVersion" integer not null default 1,
    "accessVersion" integer not null default 0,
    "databaseUrl" text,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    "deletedAt" timestamptz(3),
    logo text,
    "customDomain" text unique,
    "isCustomDomainEnabled" boolean not null default false,
    "allowImpersonation" boolean not null default true,
    "isPublicInviteLinkEnabled" boolean not null default true,
    "isGoogleAuthEnabled" boolean not null default true,
    "isGoogleAuthBypassEnabled" boolean not null default false,
    "isMicrosoftAuthEnabled" boolean not null default true,
    "isMicrosoftAuthBypassEnabled" boolean not null default false,
    "isPasswordAuthEnabled" boolean not null default true,
    "isPasswordAuthBypassEnabled" boolean not null default false,
    "isTwoFactorAuthenticationEnforced" boolean not null default false,
    "editableProfileFields" text[] not null default '{email,profilePicture,firstName,lastName}',
    "trashRetentionDays" integer not null default 14,
    "routerModel" text not null default 'auto',
    "fastModel" text not null default 'auto',
    "smartModel" text not null default 'auto',
    version text,
    "defaultRoleId" uuid
);
create unique index "workspace_inviteHash_key" on core.workspace ("inviteHash");
comment on column core.workspace."databaseUrl" is 'Where the records are; null: in this database.';

create table core."user" (
    id uuid primary key,
    "firstName" text not null default '',
    "lastName" text not null default '',
    email text not null,
    "passwordHash" text,
    "isEmailVerified" boolean not null default false,
    "canImpersonate" boolean not null default false,
    "canAccessFullAdminPanel" boolean not null default false,
    locale text not null default 'en',
    "defaultAvatarUrl" text,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    "deletedAt" timestamptz(3),
    disabled boolean not null default false,
    "sessionsEndedAt" timestamptz(3)
);
comment on column core."user"."sessionsEndedAt" is 'Tokens from before are void: the password was changed, or a token stolen.';
create unique index "user_email_key" on core."user" (lower(email)) where "deletedAt" is null;

create table core."userWorkspace" (
    id uuid primary key,
    "userId" uuid not null references core."user" on delete cascade,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "workspaceMemberId" uuid,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    "deletedAt" timestamptz(3),
    locale text not null default 'en',
    "defaultAvatarUrl" text
);
create unique index "userWorkspace_userId_workspaceId_key" on core."userWorkspace" ("userId", "workspaceId")
    where "deletedAt" is null;
create index "userWorkspace_workspaceId_idx" on core."userWorkspace" ("workspaceId");

create table core."apiKey" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    name text not null,
    "expiresAt" timestamptz(3),
    "revokedAt" timestamptz(3),
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    "deletedAt" timestamptz(3),
    "lastUsedAt" timestamptz(3),
    "allowedIps" text[]
);
comment on column core."apiKey"."allowedIps" is 'Addresses and networks from which the key is accepted; null: from all.';
create index "apiKey_workspaceId_idx" on core."apiKey" ("workspaceId");

create table core."apiKeyToken" (
    id uuid primary key,
    "apiKeyId" uuid not null references core."apiKey" on delete cascade,
    "tokenHash" bytea not null unique,
    "expiresAt" timestamptz(3),
    "createdAt" timestamptz(3) not null default now()
);
comment on table core."apiKeyToken" is 'The secrets that open an API key, each until its own end (null: none).';
create index "apiKeyToken_apiKeyId_idx" on core."apiKeyToken" ("apiKeyId");

create table core."appToken" (
    id uuid primary key,
    "userId" uuid references core."user" on delete cascade,
    "workspaceId" uuid references core.workspace on delete cascade,
    type text not null,
    value text,
    "expiresAt" timestamptz(3) not null,
    "revokedAt" timestamptz(3),
    context jsonb,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    "deletedAt" timestamptz(3)
);
create index "appToken_userId_idx" on core."appToken" ("userId");
create index "appToken_workspaceId_idx" on core."appToken" ("workspaceId");
create index "appToken_type_value_idx" on core."appToken" (type, value);
-- One invitation per address and workspace, also when two are sent at once; and those of an address are found by it.
create unique index "appToken_invitation_key" on core."appToken" ((context ->> 'email'), "workspaceId")
    where type = 'INVITATION_TOKEN' and "deletedAt" is null;

create table core."objectMetadata" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "nameSingular" text not null,
    "namePlural" text not null,
    "labelSingular" text not null,
    "labelPlural" text not null,
    description text,
    icon text,
    shortcut text,
    "isCustom" boolean not null default false,
    "isSystem" boolean not null default false,
    "isActive" boolean not null default true,
    "isRemote" boolean not null default false,
    "isSearchable" boolean not null default false,
    "isAuditLogged" boolean not null default true,
    "isUIReadOnly" boolean not null default false,
    "isLabelSyncedWithName" boolean not null default false,
    "labelIdentifierFieldName" text,
    "imageIdentifierFieldName" text,
    "duplicateCriteria" jsonb,
    "uniqueConstraints" jsonb,
    "targetTableName" text not null,
    position integer not null default 0,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    "standardOverrides" jsonb,
    unique ("workspaceId", "nameSingular") deferrable initially deferred,
    unique ("workspaceId", "namePlural") deferrable initially deferred
);
comment on column core."objectMetadata"."standardOverrides" is 'What users call a standard object; null where nothing differs.';

create table core."fieldMetadata" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "objectMetadataId" uuid not null references core."objectMetadata" on delete cascade,
    name text not null,
    label text not null,
    type text not null,
    description text,
    icon text,
    "isNullable" boolean not null default true,
    "isSystem" boolean not null default false,
    "isUIReadOnly" boolean not null default false,
    "isUnique" boolean not null default false,
    "isActive" boolean not null default true,
    "isCustom" boolean not null default false,
    "isLabelSyncedWithName" boolean not null default false,
    "defaultValue" jsonb,
    options jsonb,
    settings jsonb,
    relation jsonb,
    "morphId" uuid,
    position integer not null default 0,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    "standardOverrides" jsonb,
    unique ("objectMetadataId", name) deferrable initially deferred
);
comment on column core."fieldMetadata".relation is
    'kind, targetObjectId, targetFieldId, joinColumn, onDelete, morphGroup of a relation; null for other fields.';
create index "fieldMetadata_workspaceId_idx" on core."fieldMetadata" ("workspaceId");

create table core."indexMetadata" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "objectMetadataId" uuid not null references core."objectMetadata" on delete cascade,
    name text not null,
    "isUnique" boolean not null,
    "isCustom" boolean not null,
    "indexType" text not null check ("indexType" in ('BTREE', 'GIN')),
    "indexWhereClause" text,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    unique ("workspaceId", name) deferrable initially deferred
);
comment on table core."indexMetadata" is 'The indexes that the model speaks of: of links, of unique fields, of search, and those that users add.';
create index "indexMetadata_objectMetadataId_idx" on core."indexMetadata" ("objectMetadataId");

create table core."indexFieldMetadata" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "indexMetadataId" uuid not null references core."indexMetadata" on delete cascade,
    "fieldMetadataId" uuid not null references core."fieldMetadata" on delete cascade,
    "subFieldName" text not null default '',
    "order" integer not null,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now()
);
comment on column core."indexFieldMetadata"."subFieldName" is 'The part of a composite field; empty for others.';
create index "indexFieldMetadata_indexMetadataId_idx" on core."indexFieldMetadata" ("indexMetadataId");
create index "indexFieldMetadata_fieldMetadataId_idx" on core."indexFieldMetadata" ("fieldMetadataId");

create table core.role (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "standardId" uuid,
    label text not null,
    description text,
    icon text,
    "isEditable" boolean not null default true,
    "canUpdateAllSettings" boolean not null default false,
    "canAccessAllTools" boolean not null default false,
    "canReadAllObjectRecords" boolean not null default false,
    "canUpdateAllObjectRecords" boolean not null default false,
    "canSoftDeleteAllObjectRecords" boolean not null default false,
    "canDestroyAllObjectRecords" boolean not null default false,
    "canBeAssignedToUsers" boolean not null default true,
    "canBeAssignedToAgents" boolean not null default true,
    "canBeAssignedToApiKeys" boolean not null default true,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    unique ("workspaceId", label)
);

alter table core.workspace add foreign key ("defaultRoleId") references core.role on delete set null;

create table core."roleTarget" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "roleId" uuid not null references core.role on delete restrict,
    "userWorkspaceId" uuid unique references core."userWorkspace" on delete cascade,
    "apiKeyId" uuid unique references core."apiKey" on delete cascade,
    "agentId" uuid unique,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    check (num_nonnulls("userWorkspaceId", "apiKeyId", "agentId") = 1)
);
comment on table core."roleTarget" is 'Who has which role: every membership, API key and agent has one at most.';
create index "roleTarget_roleId_idx" on core."roleTarget" ("roleId");
create index "roleTarget_workspaceId_idx" on core."roleTarget" ("workspaceId");

create table core."objectPermission" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "roleId" uuid not null references core.role on delete cascade,
    "objectMetadataId" uuid not null references core."objectMetadata" on delete cascade,
    "canReadObjectRecords" boolean,
    "canUpdateObjectRecords" boolean,
    "canSoftDeleteObjectRecords" boolean,
    "canDestroyObjectRecords" boolean,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    unique ("roleId", "objectMetadataId")
);
comment on table core."objectPermission" is 'What a role may do with the records of an object; null: what the role says of all.';

create table core."fieldPermission" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "roleId" uuid not null references core.role on delete cascade,
    "objectMetadataId" uuid not null references core."objectMetadata" on delete cascade,
    "fieldMetadataId" uuid not null references core."fieldMetadata" on delete cascade,
    "canReadFieldValue" boolean check (not "canReadFieldValue"),
    "canUpdateFieldValue" boolean check (not "canUpdateFieldValue"),
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    unique ("roleId", "fieldMetadataId")
);
comment on table core."fieldPermission" is 'Restrictions only: false or null.';

create table core."permissionFlag" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "roleId" uuid not null references core.role on delete cascade,
    flag text not null,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    unique ("roleId", flag)
);

create table core."rowLevelPermissionPredicateGroup" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "roleId" uuid not null references core.role on delete cascade,
    "objectMetadataId" uuid not null references core."objectMetadata" on delete cascade,
    "parentRowLevelPermissionPredicateGroupId" uuid
        references core."rowLevelPermissionPredicateGroup" on delete cascade,
    "logicalOperator" text not null check ("logicalOperator" in ('AND', 'OR')),
    "positionInRowLevelPermissionPredicateGroup" double precision,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now()
);
create index "rowLevelPermissionPredicateGroup_roleId_idx" on core."rowLevelPermissionPredicateGroup" ("roleId");

create table core."rowLevelPermissionPredicate" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "roleId" uuid not null references core.role on delete cascade,
    "objectMetadataId" uuid not null references core."objectMetadata" on delete cascade,
    "fieldMetadataId" uuid not null references core."fieldMetadata",
    "rowLevelPermissionPredicateGroupId" uuid references core."rowLevelPermissionPredicateGroup" on delete cascade,
    operand text not null,
    value jsonb,
    "subFieldName" text,
    "workspaceMemberFieldMetadataId" uuid references core."fieldMetadata",
    "workspaceMemberSubFieldName" text,
    "positionInRowLevelPermissionPredicateGroup" double precision,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now()
);
comment on table core."rowLevelPermissionPredicate" is
    'Its fields cannot be deleted while it stands: with a condition gone, more records could be seen.';
create index "rowLevelPermissionPredicate_roleId_idx" on core."rowLevelPermissionPredicate" ("roleId");

create table core."approvedAccessDomain" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    domain text not null,
    "isValidated" boolean not null default false,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    unique ("workspaceId", domain)
);
create index "approvedAccessDomain_domain_idx" on core."approvedAccessDomain" (domain);

create table core."twoFactorAuthenticationMethod" (
    id uuid primary key,
    "userWorkspaceId" uuid not null references core."userWorkspace" on delete cascade,
    strategy text not null check (strategy = 'TOTP'),
    secret bytea not null,
    status text not null check (status in ('PENDING', 'VERIFIED')),
    "lastStep" bigint,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    unique ("userWorkspaceId", strategy)
);
comment on column core."twoFactorAuthenticationMethod".secret is 'Encrypted with a key derived from the app secret.';
comment on column core."twoFactorAuthenticationMethod"."lastStep" is 'The time step of the last code used: none is good twice.';

create table core."userVar" (
    id uuid primary key,
    "userId" uuid not null references core."user" on delete cascade,
    "workspaceId" uuid references core.workspace on delete cascade,
    key text not null,
    value jsonb not null,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    unique nulls not distinct ("userId", "workspaceId", key)
);
comment on table core."userVar" is 'What the server remembers of a user: steps of the onboarding that are pending, and the like.';

create table core."featureFlag" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    key text not null,
    value boolean not null,
    unique ("workspaceId", key)
);

create table core."auditEntry" (
    id uuid primary key,
    "workspaceId" uuid,
    "userId" uuid,
    "apiKeyId" uuid,
    "impersonatorUserWorkspaceId" uuid,
    action text not null,
    details jsonb not null default '{}',
    address text,
    "createdAt" timestamptz(3) not null default now()
);
comment on table core."auditEntry" is 'Who did what: sign-ins, impersonations, changes of permissions. Outlives what it speaks of.';
create index "auditEntry_workspaceId_createdAt_idx" on core."auditEntry" ("workspaceId", "createdAt");
create index "auditEntry_createdAt_idx" on core."auditEntry" ("createdAt");

create unlogged table core.attempt (
    key text primary key,
    count integer not null,
    "resetAt" timestamptz(3) not null
);
comment on table core.attempt is 'How often something was tried of late: guesses of passwords and codes, mails asked for.';
create index "attempt_resetAt_idx" on core.attempt ("resetAt");

-- The queue of PgQueuer (jobs/).

CREATE TYPE core.job_status AS ENUM ('queued', 'picked', 'successful', 'exception', 'canceled', 'deleted', 'failed');

CREATE TABLE core.job (
    id bigserial NOT NULL PRIMARY KEY,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone NOT NULL DEFAULT now(),
    updated timestamp with time zone NOT NULL DEFAULT now(),
    heartbeat timestamp with time zone NOT NULL DEFAULT now(),
    execute_after timestamp with time zone NOT NULL DEFAULT now(),
    status core.job_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer NOT NULL DEFAULT 0,
    slot bigint
);

CREATE TABLE core.job_log (
    id bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL PRIMARY KEY,
    created timestamp with time zone NOT NULL DEFAULT now(),
    job_id bigint NOT NULL,
    status core.job_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false
);

CREATE TABLE core.job_statistics (
    id bigserial NOT NULL PRIMARY KEY,
    created timestamp with time zone NOT NULL DEFAULT date_trunc('sec'::text, now()),
    count bigint NOT NULL,
    priority integer NOT NULL,
    status core.job_status NOT NULL,
    entrypoint text NOT NULL
);

CREATE INDEX job_ep_ea_idx ON core.job USING btree (entrypoint, execute_after) WHERE (status = 'queued'::core.job_status);

CREATE INDEX job_ep_prio_id_idx ON core.job USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::core.job_status);

CREATE INDEX job_log_created ON core.job_log USING btree (created);

CREATE INDEX job_log_job_id_status ON core.job_log USING btree (job_id, created DESC);

CREATE INDEX job_log_not_aggregated ON core.job_log USING btree ((1)) WHERE (NOT aggregated);

CREATE INDEX job_log_status ON core.job_log USING btree (status);

CREATE INDEX job_picked_heartbeat_idx ON core.job USING btree (heartbeat) WHERE (status = 'picked'::core.job_status);

CREATE UNIQUE INDEX job_picked_slot_idx ON core.job USING btree (entrypoint, slot) WHERE ((status = 'picked'::core.job_status) AND (slot IS NOT NULL));

CREATE INDEX job_priority_id_id1_idx ON core.job USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::core.job_status);

CREATE INDEX job_queue_manager_id_idx ON core.job USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);

CREATE UNIQUE INDEX job_statistics_unique_count ON core.job_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);

CREATE UNIQUE INDEX job_unique_dedupe_key ON core.job USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::core.job_status, 'picked'::core.job_status])) AND (dedupe_key IS NOT NULL));

CREATE INDEX job_updated_id_id1_idx ON core.job USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::core.job_status);

CREATE FUNCTION core.job_changed() RETURNS TRIGGER AS $$
DECLARE
    to_emit BOOLEAN := false;  -- Flag to decide whether to emit a notification
BEGIN
    -- Check operation type and set the emit flag accordingly
    IF TG_OP = 'UPDATE' AND OLD IS DISTINCT FROM NEW THEN
        to_emit := true;
    ELSIF TG_OP = 'DELETE' THEN
        to_emit := true;
    ELSIF TG_OP = 'INSERT' THEN
        to_emit := true;
    ELSIF TG_OP = 'TRUNCATE' THEN
        to_emit := true;
    END IF;

    -- Perform notification if the emit flag is set
    IF to_emit THEN
        PERFORM pg_notify(
            'rapport_job',
            json_build_object(
                'channel', 'rapport_job',
                'operation', lower(TG_OP),
                'sent_at', NOW(),
                'table', TG_TABLE_NAME,
                'type', 'table_changed_event'
            )::text
        );
    END IF;

    -- Return appropriate value based on the operation
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSE
        RETURN NULL; -- For TRUNCATE and other non-row-specific contexts
    END IF;

END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER job_changed
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON core.job
EXECUTE FUNCTION core.job_changed();

create table core.mail (
    number bigint generated always as identity primary key,
    id uuid not null unique,
    recipient text not null,
    template text not null,
    subject text not null,
    text text not null,
    html text not null,
    "createdAt" timestamptz(3) not null
);
comment on table core.mail is 'The last mails of a server without SMTP: where it is set, none are kept.';

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
    "finishedAt" timestamptz(3),
    address text,
    "impersonatorUserWorkspaceId" uuid
);
comment on table core."import" is 'Imports of records from files: whose, how far they are (position: bytes that are done), and their counts.';
comment on column core."import"."firstEvent" is 'The events of the import come after this one.';
comment on column core."import"."nextUndo" is 'The events before this one are still to be undone.';
comment on column core."import".address is 'From which it was started.';
comment on column core."import"."impersonatorUserWorkspaceId" is 'Who acted in the name of the member that started it.';
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
create unlogged table core."rateCount" (
    "window" bigint not null,
    source text not null,
    process uuid not null,
    count integer not null,
    primary key ("window", source, process)
);
comment on table core."rateCount" is 'How many requests of a source (key:…, user:…, ip:…) a process has let in, in a minute since the epoch.';


create table core."eventReader" (
    "workspaceId" uuid not null references core.workspace (id) on delete cascade,
    reader text not null,
    cursor text not null,
    "readAt" timestamptz(3) not null default now(),
    primary key ("workspaceId", reader)
);
comment on table core."eventReader" is 'How far a reader (webhooks, timeline …) has come in the log of a workspace.';
comment on column core."eventReader".cursor is 'As events/cursor.py writes it.';

create table core."eventLoss" (
    "workspaceId" uuid not null primary key references core.workspace (id) on delete cascade,
    xid xid8 not null,
    seq bigint not null,
    "droppedAt" timestamptz(3) not null default now()
);
comment on table core."eventLoss" is
    'What was dropped from the log of a workspace because of its age: events of transactions up to xid, numbered up to seq.';

create function core."oldestUnread"(schemas text[], following text[], open text[], most integer)
returns table (place integer, since timestamptz, unread bigint)
language plpgsql stable as $$
begin
    for number in 1 .. coalesce(array_length(schemas, 1), 0) loop
        place := number;
        if to_regclass(format('%I.event', schemas[place])) is not null then
            execute format(
                'select min("happenedAt"), count(*) from ('
                '(select "happenedAt" from %1$I.event where xid >= $1 order by xid, seq limit $3) union all '
                '(select "happenedAt" from %1$I.event where xid = any ($2) limit $3)) unread',
                schemas[place]
            ) into since, unread using following[place]::xid8, open[place]::xid8[], most;
            if since is not null then
                return next;
            end if;
        end if;
    end loop;
end $$;
comment on function core."oldestUnread" is
    'Of the logs in these schemas, each with a cursor, the places of those with unread events, since when, and how many as far as they are counted. In one function, so that looking into many logs leaves no statements behind in connections.';

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
