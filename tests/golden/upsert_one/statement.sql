with x as (
  select *
  from jsonb_to_recordset($6::jsonb) as x("id" uuid, "emailsPrimaryEmail" text, "jobTitle" text, _place text, "position" float8, _index int, _id uuid)
), m as (
  select x._index, array[(
    select t.id
    from "workspace_golden"."person" t
    where t.id = x._id
  ), coalesce((
    select t.id
    from "workspace_golden"."person" t
    where t."emailsPrimaryEmail" = x."emailsPrimaryEmail" and t."emailsPrimaryEmail" <> '' and t."deletedAt" is null
    limit 1
  ), (
    select t.id
    from "workspace_golden"."person" t
    where t."emailsPrimaryEmail" = x."emailsPrimaryEmail" and t."emailsPrimaryEmail" <> '' and t."deletedAt" is not null
    order by t."deletedAt" desc, t.id desc
    limit 1
  ))] as found
  from x
), c as (
  select m.*, array(
    select distinct f
    from unnest(m.found) f
    where f is not null
  ) as ids
  from m
), ok as (
  select not exists (
    select
    from c
    where cardinality(c.ids) > 1
  ) and (
    select count(c.ids[1]) = count(distinct c.ids[1])
    from c
  ) and (
    select count(x._id) = count(distinct x._id)
    from x
  ) as fine
), o as (
  select t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId"
  from "workspace_golden"."person" t
  where t.id in (
    select c.ids[1]
    from c
  ) and (
    select fine
    from ok
  )
  order by t.id for update
), sound as (
  select (
    select fine
    from ok
  ) and (
    select count(*)
    from o
  ) = (
    select count(c.ids[1])
    from c
  ) and not exists (
    select
    from c
    join x
    on x._index = c._index
    join o
    on o.id = c.ids[1]
    where c.found[2] is not null and (o."emailsPrimaryEmail" = x."emailsPrimaryEmail" and o."emailsPrimaryEmail" <> '') is not true
  ) as sound
), u as (
  update "workspace_golden"."person" t
  set "emailsPrimaryEmail" = x."emailsPrimaryEmail", "jobTitle" = x."jobTitle", "position" = case when n.differs then coalesce((
    select min(p.position)
    from "workspace_golden"."person" p
  ), 1) - x._index - 1 else t."position" end, "updatedBySource" = case when n.differs then $1::text else t."updatedBySource" end, "updatedByWorkspaceMemberId" = case when n.differs then $2::uuid else t."updatedByWorkspaceMemberId" end, "updatedByName" = case when n.differs then $3::text else t."updatedByName" end, "updatedByContext" = case when n.differs then $4::jsonb else t."updatedByContext" end, "deletedAt" = null, "updatedAt" = case when n.differs then now() else t."updatedAt" end
  from o
  join c
  on c.ids[1] = o.id
  join x
  on x._index = c._index
  cross join lateral (
    select o."deletedAt" is not null or o."emailsPrimaryEmail" is distinct
    from x."emailsPrimaryEmail" or o."jobTitle" is distinct
    from x."jobTitle" or false as differs
  ) n
  where t.id = o.id and (
    select sound
    from sound
  )
  returning t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId"
), i as (
  insert into "workspace_golden"."person" ("id", "emailsPrimaryEmail", "jobTitle", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext", "position")
  select x."id", x."emailsPrimaryEmail", x."jobTitle", $1::text, $2::uuid, $3::text, $4::jsonb, $1::text, $2::uuid, $3::text, $4::jsonb, coalesce((
    select min(p.position)
    from "workspace_golden"."person" p
  ), 1) - x._index - 1
  from x
  join c
  on c._index = x._index
  where cardinality(c.ids) = 0 and (
    select sound
    from sound
  )
  order by x."emailsPrimaryEmail", x."id"
  returning "id", "createdAt", "updatedAt", "deletedAt", "nameFirstName", "nameLastName", "emailsPrimaryEmail", "emailsAdditionalEmails", "linkedinLinkPrimaryLinkLabel", "linkedinLinkPrimaryLinkUrl", "linkedinLinkSecondaryLinks", "xLinkPrimaryLinkLabel", "xLinkPrimaryLinkUrl", "xLinkSecondaryLinks", "jobTitle", "phonesPrimaryPhoneNumber", "phonesPrimaryPhoneCountryCode", "phonesPrimaryPhoneCallingCode", "phonesAdditionalPhones", "city", "avatarUrl", "avatarFile", "position", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext", "companyId"
), r as (
  select x._index, i.*
  from i
  join x
  on x.id = i.id
  union all
  select c._index, u.*
  from u
  join c
  on c.ids[1] = u.id
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor)
  select 'created', 'person', i.id, null::jsonb, to_jsonb(i.*), $5::jsonb || '{"isUpsert": true}'::jsonb
  from i
  join x
  on x.id = i.id
  order by x._index
), eu as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor, "updatedFields")
  select case when o."deletedAt" is null then 'updated' else 'restored' end, 'person', u.id, to_jsonb(o.*), to_jsonb(u.*), $5::jsonb || '{"isUpsert": true}'::jsonb, changed.fields
  from u
  join o
  on o.id = u.id
  cross join lateral (
    select array_remove(array[case when o."deletedAt" is distinct from u."deletedAt" then 'deletedAt' end, case when o."emailsPrimaryEmail" is distinct from u."emailsPrimaryEmail" then 'emails' end, case when o."jobTitle" is distinct from u."jobTitle" then 'jobTitle' end, case when o.position is distinct from u.position then 'position' end]::text[], null) as fields
  ) changed
  where changed.fields <> '{}'
), fb1 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."position", c."viewId", c."forWorkspaceMemberId", c."personId", c."companyId", c."opportunityId", c."workflowId", c."workflowVersionId", c."workflowRunId", c."taskId", c."noteId", c."dashboardId", c."favoriteFolderId", null::timestamptz as _at
  from "workspace_golden"."favorite" c
  join o
  join u
  on u.id = o.id
  on c."personId" = o.id
  where c."deletedAt" = o."deletedAt" and not exists (
    select
    from "workspace_golden"."favorite" l
    where l."deletedAt" is null and l."forWorkspaceMemberId" = c."forWorkspaceMemberId" and l."personId" = c."personId"
  )
  order by c.id for update of c
), fa1 as (
  update "workspace_golden"."favorite" c
  set "deletedAt" = b._at, "updatedAt" = now()
  from fb1 b
  where c.id = b.id
  returning c."id", c."createdAt", c."updatedAt", c."deletedAt", c."position", c."viewId", c."forWorkspaceMemberId", c."personId", c."companyId", c."opportunityId", c."workflowId", c."workflowVersionId", c."workflowRunId", c."taskId", c."noteId", c."dashboardId", c."favoriteFolderId", to_jsonb(b.*) - '_at' as _before
), fe1 as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor)
  select 'restored', 'favorite', c.id, c._before, to_jsonb(a.*), $5::jsonb
  from fa1 c
  cross join lateral (
    select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."position", c."viewId", c."forWorkspaceMemberId", c."personId", c."companyId", c."opportunityId", c."workflowId", c."workflowVersionId", c."workflowRunId", c."taskId", c."noteId", c."dashboardId", c."favoriteFolderId"
  ) a
)
select (
  select sound
  from sound
), (
  select string_agg(concat('{"id":"',r."id",'","name":{"firstName":',coalesce(to_json(r."nameFirstName")::text, 'null'),'},"jobTitle":',coalesce(to_json(r."jobTitle")::text, 'null'),',"city":',coalesce(to_json(r."city")::text, 'null'),'}'), ',' order by r._index)::bpchar
  from r
), (
  select array_agg(c._index order by c._index)
  from c
  where cardinality(c.ids) > 1
);
