with o as (
  select t."id", t."createdAt", t."updatedAt", t."deletedAt", t."name", t."amountAmountMicros", t."amountCurrencyCode", t."closeDate", t."stage", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."pointOfContactId", t."companyId", t."ownerId", t."probability"
  from "workspace_golden"."opportunity" t
  where t."stage" = any($1::text[])
  order by t.id for update
), d as (
  delete from "workspace_golden"."opportunity" t using o
  where t.id = o.id
  returning t.id
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor)
  select 'destroyed', 'opportunity', o.id, to_jsonb(o.*), null::jsonb, $2::jsonb
  from o
  join d
  on d.id = o.id
)
select concat('[', string_agg(concat('{"name":',coalesce(to_json(o."name")::text, 'null'),',"stage":"',o."stage",'","company":',coalesce((
  select concat('{"name":',coalesce(to_json(t1."name")::text, 'null'),'}')
  from "workspace_golden"."company" t1
  where t1.id = o."companyId" and t1."deletedAt" is null
), 'null'),'}'), ','), ']')::bpchar
from o;
