with x as (
  select *
  from jsonb_to_recordset($1::jsonb) as x("name" text, "stage" text, "position" double precision, "_has_name" boolean, "_has_position" boolean, "_has_stage" boolean, _place text, _index int, _id uuid)
), o as (
  select t."id", t."createdAt", t."updatedAt", t."deletedAt", t."name", t."amountAmountMicros", t."amountCurrencyCode", t."closeDate", t."stage", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."pointOfContactId", t."companyId", t."ownerId", t."probability"
  from "workspace_golden"."opportunity" t
  where t.id in (
    select x._id
    from x
  ) and t."deletedAt" is null
  order by t.id for update
), i as (
  update "workspace_golden"."opportunity" t
  set "name" = case when x."_has_name" then x."name" else o."name" end, "stage" = case when x."_has_stage" then x."stage" else o."stage" end, "position" = case when x."_has_position" then case x._place when 'first' then coalesce(least((
    select min(p.position)
    from "workspace_golden"."opportunity" p
  ), (
    select min (g.position)
    from x g
  )), 1) - x._index - 1 when 'last' then coalesce(greatest((
    select max(p.position)
    from "workspace_golden"."opportunity" p
  ), (
    select max (g.position)
    from x g
  )), 1) + x._index + 1 else x."position" end else o."position" end, "updatedBySource" = case when n.differs then $2::text else t."updatedBySource" end, "updatedByWorkspaceMemberId" = case when n.differs then $3::uuid else t."updatedByWorkspaceMemberId" end, "updatedByName" = case when n.differs then $4::text else t."updatedByName" end, "updatedByContext" = case when n.differs then $5::jsonb else t."updatedByContext" end, "updatedAt" = case when n.differs then now() else t."updatedAt" end
  from o
  join x
  on x._id = o.id
  cross join lateral (
    select o."name" is distinct
    from case when x."_has_name" then x."name" else o."name" end or o."stage" is distinct
    from case when x."_has_stage" then x."stage" else o."stage" end or o."position" is distinct
    from case when x."_has_position" then case x._place when 'first' then coalesce(least((
      select min(p.position)
      from "workspace_golden"."opportunity" p
    ), (
      select min (g.position)
      from x g
    )), 1) - x._index - 1 when 'last' then coalesce(greatest((
      select max(p.position)
      from "workspace_golden"."opportunity" p
    ), (
      select max (g.position)
      from x g
    )), 1) + x._index + 1 else x."position" end else o."position" end as differs
  ) n
  where t.id = o.id and (
    select count(*)
    from o
  ) = (
    select count(*)
    from x
  )
  returning t."id", t."createdAt", t."updatedAt", t."deletedAt", t."name", t."amountAmountMicros", t."amountCurrencyCode", t."closeDate", t."stage", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."pointOfContactId", t."companyId", t."ownerId", t."probability", to_jsonb(o.*) as _before, array_remove(array[case when o."name" is distinct from t."name" then 'name' end, case when o."stage" is distinct from t."stage" then 'stage' end, case when o."position" is distinct from t."position" then 'position' end]::text[], null) as _changed
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor, "updatedFields")
  select 'updated', 'opportunity', i.id, i._before, to_jsonb(a.*), $6::jsonb, i._changed
  from i
  cross join lateral (
    select i."id", i."createdAt", i."updatedAt", i."deletedAt", i."name", i."amountAmountMicros", i."amountCurrencyCode", i."closeDate", i."stage", i."position", i."createdBySource", i."createdByWorkspaceMemberId", i."createdByName", i."createdByContext", i."updatedBySource", i."updatedByWorkspaceMemberId", i."updatedByName", i."updatedByContext", i."pointOfContactId", i."companyId", i."ownerId", i."probability"
  ) a
  where i._changed <> '{}'
)
select concat('[', string_agg(concat('{"id":"',i."id",'","createdAt":',left(to_json(i."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(i."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(i."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(i."name")::text, 'null'),',"amount":{"amountMicros":',coalesce('"'||i."amountAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(i."amountCurrencyCode")::text, 'null'),'},"closeDate":',coalesce(left(to_json(i."closeDate"+interval '1 us')::text,24)||'Z"', 'null'),',"stage":"',i."stage",'","position":',i."position"::text,',"createdBy":{"source":',coalesce('"'||i."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||i."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(i."createdByName")::text, 'null'),',"context":',coalesce(i."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||i."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||i."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(i."updatedByName")::text, 'null'),',"context":',coalesce(i."updatedByContext"::text, 'null'),'},"pointOfContactId":',coalesce('"'||i."pointOfContactId"||'"', 'null'),',"companyId":',coalesce('"'||i."companyId"||'"', 'null'),',"ownerId":',coalesce('"'||i."ownerId"||'"', 'null'),',"probability":',coalesce(i."probability"::text, 'null'),'}'), ',' order by x._index), ']')::bpchar
from i
join x
on x._id = i.id;
