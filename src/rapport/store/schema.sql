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
    "deletedAt" timestamptz(3)
);
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
    "deletedAt" timestamptz(3)
);
create unique index "user_email_key" on core."user" (lower(email)) where "deletedAt" is null;

create table core."userWorkspace" (
    id uuid primary key,
    "userId" uuid not null references core."user" on delete cascade,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    "workspaceMemberId" uuid,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    "deletedAt" timestamptz(3)
);
create unique index "userWorkspace_userId_workspaceId_key" on core."userWorkspace" ("userId", "workspaceId")
    where "deletedAt" is null;
create index "userWorkspace_workspaceId_idx" on core."userWorkspace" ("workspaceId");

create table core."apiKey" (
    id uuid primary key,
    "workspaceId" uuid not null references core.workspace on delete cascade,
    name text not null,
    "keyHash" bytea unique,
    "expiresAt" timestamptz(3),
    "revokedAt" timestamptz(3),
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now(),
    "deletedAt" timestamptz(3)
);
create index "apiKey_workspaceId_idx" on core."apiKey" ("workspaceId");

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
    unique ("workspaceId", "nameSingular"),
    unique ("workspaceId", "namePlural")
);

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
    unique ("objectMetadataId", name)
);
comment on column core."fieldMetadata".relation is
    'kind, targetObject, targetField, joinColumn, onDelete, morphGroup of a relation; null for other fields.';
create index "fieldMetadata_workspaceId_idx" on core."fieldMetadata" ("workspaceId");
