with x as (
  select *
  from jsonb_to_recordset($6::jsonb) as x("id" uuid, "nameFirstName" text, "emailsPrimaryEmail" text, "city" text, "position" double precision, "companyId" uuid, "_has_city" boolean, "_has_companyId" boolean, "_has_emailsPrimaryEmail" boolean, "_has_nameFirstName" boolean, _place text, _index int, _id uuid)
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
  set "nameFirstName" = case when x."_has_nameFirstName" then x."nameFirstName" else coalesce(o."nameFirstName", x."nameFirstName") end, "emailsPrimaryEmail" = case when x."_has_emailsPrimaryEmail" then x."emailsPrimaryEmail" else coalesce(o."emailsPrimaryEmail", x."emailsPrimaryEmail") end, "city" = case when x."_has_city" then x."city" else coalesce(o."city", x."city") end, "companyId" = case when x."_has_companyId" then x."companyId" else coalesce(o."companyId", x."companyId") end, "position" = case when n.differs then case x._place when 'first' then coalesce(least((
    select min(p.position)
    from "workspace_golden"."person" p
  ), (
    select min (g.position)
    from x g
  )), 1) - x._index - 1 when 'last' then coalesce(greatest((
    select max(p.position)
    from "workspace_golden"."person" p
  ), (
    select max (g.position)
    from x g
  )), 1) + x._index + 1 else x."position" end else t."position" end, "updatedBySource" = case when n.differs then $1::text else t."updatedBySource" end, "updatedByWorkspaceMemberId" = case when n.differs then $2::uuid else t."updatedByWorkspaceMemberId" end, "updatedByName" = case when n.differs then $3::text else t."updatedByName" end, "updatedByContext" = case when n.differs then $4::jsonb else t."updatedByContext" end, "deletedAt" = null, "updatedAt" = case when n.differs then now() else t."updatedAt" end
  from o
  join c
  on c.ids[1] = o.id
  join x
  on x._index = c._index
  cross join lateral (
    select o."deletedAt" is not null or o."nameFirstName" is distinct
    from case when x."_has_nameFirstName" then x."nameFirstName" else coalesce(o."nameFirstName", x."nameFirstName") end or o."emailsPrimaryEmail" is distinct
    from case when x."_has_emailsPrimaryEmail" then x."emailsPrimaryEmail" else coalesce(o."emailsPrimaryEmail", x."emailsPrimaryEmail") end or o."city" is distinct
    from case when x."_has_city" then x."city" else coalesce(o."city", x."city") end or o."companyId" is distinct
    from case when x."_has_companyId" then x."companyId" else coalesce(o."companyId", x."companyId") end or x._place is null and o.position is distinct
    from x.position as differs
  ) n
  where t.id = o.id and (
    select sound
    from sound
  )
  returning t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId"
), i as (
  insert into "workspace_golden"."person" ("id", "nameFirstName", "emailsPrimaryEmail", "city", "position", "companyId", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext")
  select x."id", x."nameFirstName", x."emailsPrimaryEmail", x."city", case x._place when 'first' then coalesce(least((
    select min(p.position)
    from "workspace_golden"."person" p
  ), (
    select min (g.position)
    from x g
  )), 1) - x._index - 1 when 'last' then coalesce(greatest((
    select max(p.position)
    from "workspace_golden"."person" p
  ), (
    select max (g.position)
    from x g
  )), 1) + x._index + 1 else x."position" end, x."companyId", $1::text, $2::uuid, $3::text, $4::jsonb, $1::text, $2::uuid, $3::text, $4::jsonb
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
  select 'created', 'person', i.id, null::jsonb, to_jsonb(i.*), $5::jsonb
  from i
  join x
  on x.id = i.id
  order by x._index
), eu as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor, "updatedFields")
  select case when o."deletedAt" is null then 'updated' else 'restored' end, 'person', u.id, to_jsonb(o.*), to_jsonb(u.*), $5::jsonb, changed.fields
  from u
  join o
  on o.id = u.id
  cross join lateral (
    select array_remove(array[case when o."deletedAt" is distinct from u."deletedAt" then 'deletedAt' end, case when o."nameFirstName" is distinct from u."nameFirstName" then 'name' end, case when o."emailsPrimaryEmail" is distinct from u."emailsPrimaryEmail" then 'emails' end, case when o."city" is distinct from u."city" then 'city' end, case when o."companyId" is distinct from u."companyId" then 'company' end, case when o.position is distinct from u.position then 'position' end]::text[], null) as fields
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
  select array_agg(r.id order by r._index)
  from r
), (
  select array_agg(c._index order by c._index)
  from c
  where cardinality(c.ids) > 1
);

select concat('[', string_agg(concat('{"id":"',t1."id",'","createdAt":',left(to_json(t1."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t1."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t1."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":{"firstName":',coalesce(to_json(t1."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(t1."nameLastName")::text, 'null'),'},"emails":{"primaryEmail":',coalesce(to_json(t1."emailsPrimaryEmail")::text, 'null'),',"additionalEmails":',coalesce(t1."emailsAdditionalEmails"::text, 'null'),'},"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(t1."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t1."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t1."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(t1."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t1."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t1."xLinkSecondaryLinks"::text, 'null'),'},"jobTitle":',coalesce(to_json(t1."jobTitle")::text, 'null'),',"phones":{"primaryPhoneNumber":',coalesce(to_json(t1."phonesPrimaryPhoneNumber")::text, 'null'),',"primaryPhoneCountryCode":',coalesce(to_json(t1."phonesPrimaryPhoneCountryCode")::text, 'null'),',"primaryPhoneCallingCode":',coalesce(to_json(t1."phonesPrimaryPhoneCallingCode")::text, 'null'),',"additionalPhones":',coalesce(t1."phonesAdditionalPhones"::text, 'null'),'},"city":',coalesce(to_json(t1."city")::text, 'null'),',"avatarUrl":',coalesce(to_json(t1."avatarUrl")::text, 'null'),',"avatarFile":',coalesce(t1."avatarFile"::text, 'null'),',"position":',t1."position"::text,',"createdBy":{"source":',coalesce('"'||t1."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."createdByName")::text, 'null'),',"context":',coalesce(t1."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t1."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."updatedByName")::text, 'null'),',"context":',coalesce(t1."updatedByContext"::text, 'null'),'},"companyId":',coalesce('"'||t1."companyId"||'"', 'null'),',"company":',coalesce((
  select concat('{"id":"',t2."id",'","createdAt":',left(to_json(t2."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t2."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t2."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t2."name")::text, 'null'),',"domainName":{"primaryLinkLabel":',coalesce(to_json(t2."domainNamePrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."domainNamePrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."domainNameSecondaryLinks"::text, 'null'),'},"address":{"addressStreet1":',coalesce(to_json(t2."addressAddressStreet1")::text, 'null'),',"addressStreet2":',coalesce(to_json(t2."addressAddressStreet2")::text, 'null'),',"addressCity":',coalesce(to_json(t2."addressAddressCity")::text, 'null'),',"addressPostcode":',coalesce(to_json(t2."addressAddressPostcode")::text, 'null'),',"addressState":',coalesce(to_json(t2."addressAddressState")::text, 'null'),',"addressCountry":',coalesce(to_json(t2."addressAddressCountry")::text, 'null'),',"addressLat":',coalesce('"'||t2."addressAddressLat"::text||'"', 'null'),',"addressLng":',coalesce('"'||t2."addressAddressLng"::text||'"', 'null'),'},"employees":',coalesce(t2."employees"::text, 'null'),',"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(t2."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(t2."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."xLinkSecondaryLinks"::text, 'null'),'},"annualRecurringRevenue":{"amountMicros":',coalesce('"'||t2."annualRecurringRevenueAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t2."annualRecurringRevenueCurrencyCode")::text, 'null'),'},"idealCustomerProfile":',t2."idealCustomerProfile"::text,',"position":',t2."position"::text,',"createdBy":{"source":',coalesce('"'||t2."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t2."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t2."createdByName")::text, 'null'),',"context":',coalesce(t2."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t2."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t2."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t2."updatedByName")::text, 'null'),',"context":',coalesce(t2."updatedByContext"::text, 'null'),'},"accountOwnerId":',coalesce('"'||t2."accountOwnerId"||'"', 'null'),'}')
  from "workspace_golden"."company" t2
  where t2.id = t1."companyId" and t2."deletedAt" is null
), 'null'),',"pointOfContactForOpportunities":',(
  select concat('[',t3x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t3."id",'","createdAt":',left(to_json(t3."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t3."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t3."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t3."name")::text, 'null'),',"amount":{"amountMicros":',coalesce('"'||t3."amountAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t3."amountCurrencyCode")::text, 'null'),'},"closeDate":',coalesce(left(to_json(t3."closeDate"+interval '1 us')::text,24)||'Z"', 'null'),',"stage":"',t3."stage",'","position":',t3."position"::text,',"createdBy":{"source":',coalesce('"'||t3."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t3."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t3."createdByName")::text, 'null'),',"context":',coalesce(t3."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t3."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t3."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t3."updatedByName")::text, 'null'),',"context":',coalesce(t3."updatedByContext"::text, 'null'),'},"pointOfContactId":',coalesce('"'||t3."pointOfContactId"||'"', 'null'),',"companyId":',coalesce('"'||t3."companyId"||'"', 'null'),',"ownerId":',coalesce('"'||t3."ownerId"||'"', 'null'),',"probability":',coalesce(t3."probability"::text, 'null'),'}'), ','), '') as e1
    from (
      select t3."id", t3."createdAt", t3."updatedAt", t3."deletedAt", t3."name", t3."amountAmountMicros", t3."amountCurrencyCode", t3."closeDate", t3."stage", t3."position", t3."createdBySource", t3."createdByWorkspaceMemberId", t3."createdByName", t3."createdByContext", t3."updatedBySource", t3."updatedByWorkspaceMemberId", t3."updatedByName", t3."updatedByContext", t3."pointOfContactId", t3."companyId", t3."ownerId", t3."probability"
      from "workspace_golden"."opportunity" t3
      where t3."pointOfContactId" = t1."id" and t3."deletedAt" is null
      order by t3."id"
      limit 60
    ) t3
  ) t3x
),',"taskTargets":',(
  select concat('[',t4x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t4."id",'","createdAt":',left(to_json(t4."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t4."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t4."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"taskId":',coalesce('"'||t4."taskId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t4."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t4."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t4."targetOpportunityId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t4."id", t4."createdAt", t4."updatedAt", t4."deletedAt", t4."taskId", t4."targetPersonId", t4."targetCompanyId", t4."targetOpportunityId"
      from "workspace_golden"."taskTarget" t4
      where t4."targetPersonId" = t1."id" and t4."deletedAt" is null
      order by t4."id"
      limit 60
    ) t4
  ) t4x
),',"noteTargets":',(
  select concat('[',t5x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t5."id",'","createdAt":',left(to_json(t5."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t5."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t5."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"noteId":',coalesce('"'||t5."noteId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t5."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t5."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t5."targetOpportunityId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t5."id", t5."createdAt", t5."updatedAt", t5."deletedAt", t5."noteId", t5."targetPersonId", t5."targetCompanyId", t5."targetOpportunityId"
      from "workspace_golden"."noteTarget" t5
      where t5."targetPersonId" = t1."id" and t5."deletedAt" is null
      order by t5."id"
      limit 60
    ) t5
  ) t5x
),',"favorites":',(
  select concat('[',t6x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t6."id",'","createdAt":',left(to_json(t6."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t6."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t6."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"position":',t6."position"::text,',"viewId":',coalesce('"'||t6."viewId"||'"', 'null'),',"forWorkspaceMemberId":',coalesce('"'||t6."forWorkspaceMemberId"||'"', 'null'),',"personId":',coalesce('"'||t6."personId"||'"', 'null'),',"companyId":',coalesce('"'||t6."companyId"||'"', 'null'),',"opportunityId":',coalesce('"'||t6."opportunityId"||'"', 'null'),',"workflowId":',coalesce('"'||t6."workflowId"||'"', 'null'),',"workflowVersionId":',coalesce('"'||t6."workflowVersionId"||'"', 'null'),',"workflowRunId":',coalesce('"'||t6."workflowRunId"||'"', 'null'),',"taskId":',coalesce('"'||t6."taskId"||'"', 'null'),',"noteId":',coalesce('"'||t6."noteId"||'"', 'null'),',"dashboardId":',coalesce('"'||t6."dashboardId"||'"', 'null'),',"favoriteFolderId":',coalesce('"'||t6."favoriteFolderId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t6."id", t6."createdAt", t6."updatedAt", t6."deletedAt", t6."position", t6."viewId", t6."forWorkspaceMemberId", t6."personId", t6."companyId", t6."opportunityId", t6."workflowId", t6."workflowVersionId", t6."workflowRunId", t6."taskId", t6."noteId", t6."dashboardId", t6."favoriteFolderId"
      from "workspace_golden"."favorite" t6
      where t6."personId" = t1."id" and t6."deletedAt" is null
      order by t6."id"
      limit 60
    ) t6
  ) t6x
),',"attachments":',(
  select concat('[',t7x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t7."id",'","createdAt":',left(to_json(t7."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t7."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t7."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t7."name")::text, 'null'),',"file":',coalesce(t7."file"::text, 'null'),',"fullPath":',coalesce(to_json(t7."fullPath")::text, 'null'),',"fileCategory":"',t7."fileCategory",'","createdBy":{"source":',coalesce('"'||t7."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t7."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t7."createdByName")::text, 'null'),',"context":',coalesce(t7."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t7."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t7."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t7."updatedByName")::text, 'null'),',"context":',coalesce(t7."updatedByContext"::text, 'null'),'},"targetTaskId":',coalesce('"'||t7."targetTaskId"||'"', 'null'),',"targetNoteId":',coalesce('"'||t7."targetNoteId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t7."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t7."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t7."targetOpportunityId"||'"', 'null'),',"targetDashboardId":',coalesce('"'||t7."targetDashboardId"||'"', 'null'),',"targetWorkflowId":',coalesce('"'||t7."targetWorkflowId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t7."id", t7."createdAt", t7."updatedAt", t7."deletedAt", t7."name", t7."file", t7."fullPath", t7."fileCategory", t7."createdBySource", t7."createdByWorkspaceMemberId", t7."createdByName", t7."createdByContext", t7."updatedBySource", t7."updatedByWorkspaceMemberId", t7."updatedByName", t7."updatedByContext", t7."targetTaskId", t7."targetNoteId", t7."targetPersonId", t7."targetCompanyId", t7."targetOpportunityId", t7."targetDashboardId", t7."targetWorkflowId"
      from "workspace_golden"."attachment" t7
      where t7."targetPersonId" = t1."id" and t7."deletedAt" is null
      order by t7."id"
      limit 60
    ) t7
  ) t7x
),',"messageParticipants":',(
  select concat('[',t8x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t8."id",'","createdAt":',left(to_json(t8."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t8."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t8."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"role":"',t8."role",'","handle":',coalesce(to_json(t8."handle")::text, 'null'),',"displayName":',coalesce(to_json(t8."displayName")::text, 'null'),',"messageId":',coalesce('"'||t8."messageId"||'"', 'null'),',"personId":',coalesce('"'||t8."personId"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t8."workspaceMemberId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t8."id", t8."createdAt", t8."updatedAt", t8."deletedAt", t8."role", t8."handle", t8."displayName", t8."messageId", t8."personId", t8."workspaceMemberId"
      from "workspace_golden"."messageParticipant" t8
      where t8."personId" = t1."id" and t8."deletedAt" is null
      order by t8."id"
      limit 60
    ) t8
  ) t8x
),',"calendarEventParticipants":',(
  select concat('[',t9x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t9."id",'","createdAt":',left(to_json(t9."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t9."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t9."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"handle":',coalesce(to_json(t9."handle")::text, 'null'),',"displayName":',coalesce(to_json(t9."displayName")::text, 'null'),',"isOrganizer":',t9."isOrganizer"::text,',"responseStatus":"',t9."responseStatus",'","calendarEventId":',coalesce('"'||t9."calendarEventId"||'"', 'null'),',"personId":',coalesce('"'||t9."personId"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t9."workspaceMemberId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t9."id", t9."createdAt", t9."updatedAt", t9."deletedAt", t9."handle", t9."displayName", t9."isOrganizer", t9."responseStatus", t9."calendarEventId", t9."personId", t9."workspaceMemberId"
      from "workspace_golden"."calendarEventParticipant" t9
      where t9."personId" = t1."id" and t9."deletedAt" is null
      order by t9."id"
      limit 60
    ) t9
  ) t9x
),',"timelineActivities":',(
  select concat('[',t10x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t10."id",'","createdAt":',left(to_json(t10."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t10."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t10."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"happensAt":',left(to_json(t10."happensAt"+interval '1 us')::text,24)||'Z"',',"name":',coalesce(to_json(t10."name")::text, 'null'),',"properties":',coalesce(t10."properties"::text, 'null'),',"linkedRecordCachedName":',coalesce(to_json(t10."linkedRecordCachedName")::text, 'null'),',"linkedRecordId":',coalesce('"'||t10."linkedRecordId"||'"', 'null'),',"linkedObjectMetadataId":',coalesce('"'||t10."linkedObjectMetadataId"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t10."workspaceMemberId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t10."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t10."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t10."targetOpportunityId"||'"', 'null'),',"targetNoteId":',coalesce('"'||t10."targetNoteId"||'"', 'null'),',"targetTaskId":',coalesce('"'||t10."targetTaskId"||'"', 'null'),',"targetWorkflowId":',coalesce('"'||t10."targetWorkflowId"||'"', 'null'),',"targetWorkflowVersionId":',coalesce('"'||t10."targetWorkflowVersionId"||'"', 'null'),',"targetWorkflowRunId":',coalesce('"'||t10."targetWorkflowRunId"||'"', 'null'),',"targetDashboardId":',coalesce('"'||t10."targetDashboardId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t10."id", t10."createdAt", t10."updatedAt", t10."deletedAt", t10."happensAt", t10."name", t10."properties", t10."linkedRecordCachedName", t10."linkedRecordId", t10."linkedObjectMetadataId", t10."workspaceMemberId", t10."targetPersonId", t10."targetCompanyId", t10."targetOpportunityId", t10."targetNoteId", t10."targetTaskId", t10."targetWorkflowId", t10."targetWorkflowVersionId", t10."targetWorkflowRunId", t10."targetDashboardId"
      from "workspace_golden"."timelineActivity" t10
      where t10."targetPersonId" = t1."id" and t10."deletedAt" is null
      order by t10."id"
      limit 60
    ) t10
  ) t10x
),'}'), ',' order by wanted.place), ']')::bpchar
from unnest($1::uuid[]) with ordinality as wanted(id, place)
join "workspace_golden"."person" t1
on t1.id = wanted.id;
