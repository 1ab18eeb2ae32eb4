with o as (
  select t."id"
  from "workspace_golden"."opportunity" t
  where t."stage" = any($1::text[])
  order by t.id for update
)
select array_agg(o.id)
from o;

with b1 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."position", c."viewId", c."forWorkspaceMemberId", c."personId", c."companyId", c."opportunityId", c."workflowId", c."workflowVersionId", c."workflowRunId", c."taskId", c."noteId", c."dashboardId", c."favoriteFolderId"
  from "workspace_golden"."favorite" c
  where (c."opportunityId" = any($1::uuid[])) and not c.id = any($1::uuid[])
  order by c.id for update
), e1 as (
  insert into "workspace_golden".event (object, actor, "recordId", before, action, after, "updatedFields")
  select 'favorite', $2::jsonb, b.id, r.before, 'destroyed', null::jsonb, null::text[]
  from b1 b
  cross join lateral (
    select to_jsonb(b.*) as before
  ) r
), b2 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."name", c."file", c."fullPath", c."fileCategory", c."createdBySource", c."createdByWorkspaceMemberId", c."createdByName", c."createdByContext", c."updatedBySource", c."updatedByWorkspaceMemberId", c."updatedByName", c."updatedByContext", c."targetTaskId", c."targetNoteId", c."targetPersonId", c."targetCompanyId", c."targetOpportunityId", c."targetDashboardId", c."targetWorkflowId"
  from "workspace_golden"."attachment" c
  where (c."targetOpportunityId" = any($1::uuid[])) and not c.id = any($1::uuid[])
  order by c.id for update
), e2 as (
  insert into "workspace_golden".event (object, actor, "recordId", before, action, after, "updatedFields")
  select 'attachment', $2::jsonb, b.id, r.before, 'destroyed', null::jsonb, null::text[]
  from b2 b
  cross join lateral (
    select to_jsonb(b.*) as before
  ) r
), b3 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."taskId", c."targetPersonId", c."targetCompanyId", c."targetOpportunityId"
  from "workspace_golden"."taskTarget" c
  where (c."targetOpportunityId" = any($1::uuid[])) and not c.id = any($1::uuid[])
  order by c.id for update
), e3 as (
  insert into "workspace_golden".event (object, actor, "recordId", before, action, after, "updatedFields")
  select 'taskTarget', $2::jsonb, b.id, r.before, 'destroyed', null::jsonb, null::text[]
  from b3 b
  cross join lateral (
    select to_jsonb(b.*) as before
  ) r
), b4 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."noteId", c."targetPersonId", c."targetCompanyId", c."targetOpportunityId"
  from "workspace_golden"."noteTarget" c
  where (c."targetOpportunityId" = any($1::uuid[])) and not c.id = any($1::uuid[])
  order by c.id for update
), e4 as (
  insert into "workspace_golden".event (object, actor, "recordId", before, action, after, "updatedFields")
  select 'noteTarget', $2::jsonb, b.id, r.before, 'destroyed', null::jsonb, null::text[]
  from b4 b
  cross join lateral (
    select to_jsonb(b.*) as before
  ) r
)
select;

with o as (
  select t."id", t."createdAt", t."updatedAt", t."deletedAt", t."name", t."amountAmountMicros", t."amountCurrencyCode", t."closeDate", t."stage", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."pointOfContactId", t."companyId", t."ownerId", t."probability"
  from "workspace_golden"."opportunity" t
  where t."stage" = any($1::text[])
  order by t.id for update
), d as (
  delete from "workspace_golden"."opportunity" t using o
  where t.id = o.id
  returning o."id", o."createdAt", o."updatedAt", o."deletedAt", o."name", o."amountAmountMicros", o."amountCurrencyCode", o."closeDate", o."stage", o."position", o."createdBySource", o."createdByWorkspaceMemberId", o."createdByName", o."createdByContext", o."updatedBySource", o."updatedByWorkspaceMemberId", o."updatedByName", o."updatedByContext", o."pointOfContactId", o."companyId", o."ownerId", o."probability"
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor)
  select 'destroyed', 'opportunity', d.id, to_jsonb(d.*), null::jsonb, $2::jsonb
  from d
)
select concat('[', string_agg(concat('{"name":',coalesce(to_json(d."name")::text, 'null'),',"stage":"',d."stage",'","company":',coalesce((
  select concat('{"name":',coalesce(to_json(t1."name")::text, 'null'),'}')
  from "workspace_golden"."company" t1
  where t1.id = d."companyId" and t1."deletedAt" is null
), 'null'),'}'), ','), ']')::bpchar, (
  select array_agg(a."fullPath")
  from "workspace_golden"."attachment" a
  where (a."targetOpportunityId" in (
    select o.id
    from o
  )) and a."fullPath" <> '' and not exists (
    select
    from "workspace_golden"."attachment" b
    where b."fullPath" = a."fullPath" and (b."targetOpportunityId" in (
      select o.id
      from o
    )) is not true
  )
)
from d;
