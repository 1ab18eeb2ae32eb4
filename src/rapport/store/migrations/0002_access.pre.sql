-- Accounts, workspaces, roles and permissions (system-api.md §2–§4, §7–§9, §12–§14).

alter table core.workspace
    add column logo text,
    add column "customDomain" text unique,
    add column "isCustomDomainEnabled" boolean not null default false,
    add column "allowImpersonation" boolean not null default true,
    add column "isPublicInviteLinkEnabled" boolean not null default true,
    add column "isGoogleAuthEnabled" boolean not null default true,
    add column "isGoogleAuthBypassEnabled" boolean not null default false,
    add column "isMicrosoftAuthEnabled" boolean not null default true,
    add column "isMicrosoftAuthBypassEnabled" boolean not null default false,
    add column "isPasswordAuthEnabled" boolean not null default true,
    add column "isPasswordAuthBypassEnabled" boolean not null default false,
    add column "isTwoFactorAuthenticationEnforced" boolean not null default false,
    add column "editableProfileFields" text[] not null default '{email,profilePicture,firstName,lastName}',
    add column "trashRetentionDays" integer not null default 14,
    add column "routerModel" text not null default 'auto',
    add column "fastModel" text not null default 'auto',
    add column "smartModel" text not null default 'auto',
    add column version text;

create unique index "workspace_inviteHash_key" on core.workspace ("inviteHash");

-- One invitation per address and workspace, also when two are sent at once; and those of an address are found by it.
create unique index "appToken_invitation_key" on core."appToken" ((context ->> 'email'), "workspaceId")
    where type = 'INVITATION_TOKEN' and "deletedAt" is null;

alter table core."user"
    add column disabled boolean not null default false,
    add column "sessionsEndedAt" timestamptz(3);
comment on column core."user"."sessionsEndedAt" is 'Tokens from before are void: the password was changed, or a token stolen.';

alter table core."userWorkspace"
    add column locale text not null default 'en',
    add column "defaultAvatarUrl" text;

alter table core."apiKey"
    add column "lastUsedAt" timestamptz(3),
    add column "allowedIps" text[];
comment on column core."apiKey"."allowedIps" is 'Addresses and networks from which the key is accepted; null: from all.';

create table core."apiKeyToken" (
    id uuid primary key,
    "apiKeyId" uuid not null references core."apiKey" on delete cascade,
    "tokenHash" bytea not null unique,
    "expiresAt" timestamptz(3),
    "createdAt" timestamptz(3) not null default now()
);
comment on table core."apiKeyToken" is 'The secrets that open an API key, each until its own end (null: none).';
create index "apiKeyToken_apiKeyId_idx" on core."apiKeyToken" ("apiKeyId");

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

alter table core.workspace add column "defaultRoleId" uuid references core.role on delete set null;

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

-- The only secret of a key was kept with it.
insert into core."apiKeyToken" (id, "apiKeyId", "tokenHash", "expiresAt", "createdAt")
select gen_random_uuid(), id, "keyHash", "expiresAt", "createdAt" from core."apiKey" where "keyHash" is not null;

-- Workspaces from before there were roles: everybody in them goes on being able to do everything.
insert into core.role (
    id, "workspaceId", "standardId", label, description, icon, "isEditable", "canUpdateAllSettings", "canAccessAllTools",
    "canReadAllObjectRecords", "canUpdateAllObjectRecords", "canSoftDeleteAllObjectRecords", "canDestroyAllObjectRecords",
    "canBeAssignedToAgents"
)
select gen_random_uuid(), w.id, '20202020-0001-0001-0001-000000000001', 'Admin', 'Admin role', 'IconUserCog', false,
    true, true, true, true, true, true, false
from core.workspace w;
insert into core.role (
    id, "workspaceId", "standardId", label, description, icon, "canAccessAllTools",
    "canReadAllObjectRecords", "canUpdateAllObjectRecords", "canSoftDeleteAllObjectRecords", "canDestroyAllObjectRecords"
)
select gen_random_uuid(), w.id, '20202020-0001-0001-0001-000000000002', 'Member', 'Member role', 'IconUser',
    true, true, true, true, true
from core.workspace w;
update core.workspace w set "defaultRoleId" = r.id from core.role r where r."workspaceId" = w.id and r.label = 'Member';
insert into core."roleTarget" (id, "workspaceId", "roleId", "userWorkspaceId")
select gen_random_uuid(), m."workspaceId", r.id, m.id
from core."userWorkspace" m join core.role r on r."workspaceId" = m."workspaceId" and r.label = 'Admin'
where m."deletedAt" is null;
insert into core."roleTarget" (id, "workspaceId", "roleId", "apiKeyId")
select gen_random_uuid(), k."workspaceId", r.id, k.id
from core."apiKey" k join core.role r on r."workspaceId" = k."workspaceId" and r.label = 'Admin'
where k."deletedAt" is null;
