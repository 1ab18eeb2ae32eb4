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
