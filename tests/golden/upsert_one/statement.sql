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
  set "emailsPrimaryEmail" = x."emailsPrimaryEmail", "jobTitle" = x."jobTitle", "updatedBySource" = $1::text, "updatedByWorkspaceMemberId" = $2::uuid, "updatedByName" = $3::text, "updatedByContext" = $4::jsonb, "deletedAt" = null, "updatedAt" = now()
  from o
  join c
  on c.ids[1] = o.id
  join x
  on x._index = c._index
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
    select array_remove(array[case when o."deletedAt" is distinct from u."deletedAt" then 'deletedAt' end, case when o."emailsPrimaryEmail" is distinct from u."emailsPrimaryEmail" then 'emails' end, case when o."jobTitle" is distinct from u."jobTitle" then 'jobTitle' end]::text[], null) as fields
  ) changed
  where changed.fields <> '{}'
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
