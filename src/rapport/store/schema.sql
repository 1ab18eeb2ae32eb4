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
    disabled boolean not null default false
);
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
    "keyHash" bytea unique,
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
    "fieldMetadataId" uuid not null references core."fieldMetadata" on delete cascade,
    "rowLevelPermissionPredicateGroupId" uuid references core."rowLevelPermissionPredicateGroup" on delete cascade,
    operand text not null,
    value jsonb,
    "subFieldName" text,
    "workspaceMemberFieldMetadataId" uuid references core."fieldMetadata" on delete cascade,
    "workspaceMemberSubFieldName" text,
    "positionInRowLevelPermissionPredicateGroup" double precision,
    "createdAt" timestamptz(3) not null default now(),
    "updatedAt" timestamptz(3) not null default now()
);
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
    action text not null,
    details jsonb not null default '{}',
    address text,
    "createdAt" timestamptz(3) not null default now()
);
comment on table core."auditEntry" is 'Who did what: sign-ins, impersonations, changes of permissions. Outlives what it speaks of.';
create index "auditEntry_workspaceId_createdAt_idx" on core."auditEntry" ("workspaceId", "createdAt");

create unlogged table core.attempt (
    key text primary key,
    count integer not null,
    "resetAt" timestamptz(3) not null
);
comment on table core.attempt is 'How often something was tried of late: guesses of passwords and codes, mails asked for.';
