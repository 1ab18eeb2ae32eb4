-- The data model can change: relations point to ids, which last, and indexes are part of the model.

alter table core."objectMetadata" add column "standardOverrides" jsonb;
alter table core."fieldMetadata" add column "standardOverrides" jsonb;
comment on column core."objectMetadata"."standardOverrides" is 'What users call a standard object; null where nothing differs.';

-- Names may be exchanged within one transaction.
alter table core."objectMetadata"
    drop constraint "objectMetadata_workspaceId_nameSingular_key",
    drop constraint "objectMetadata_workspaceId_namePlural_key",
    add unique ("workspaceId", "nameSingular") deferrable initially deferred,
    add unique ("workspaceId", "namePlural") deferrable initially deferred;
alter table core."fieldMetadata"
    drop constraint "fieldMetadata_objectMetadataId_name_key",
    add unique ("objectMetadataId", name) deferrable initially deferred;

update core."fieldMetadata" field
set relation = field.relation || jsonb_build_object('targetObjectId', target.id, 'targetFieldId', inverse.id)
from core."objectMetadata" target, core."fieldMetadata" inverse
where target."workspaceId" = field."workspaceId" and target."nameSingular" = field.relation ->> 'targetObject'
    and inverse."objectMetadataId" = target.id and inverse.name = field.relation ->> 'targetField';
comment on column core."fieldMetadata".relation is
    'kind, targetObjectId, targetFieldId, joinColumn, onDelete, morphGroup of a relation; null for other fields.';

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
