with x as (
  select *
  from jsonb_to_recordset($1::jsonb) as x("city" text)
), o as (
  select t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId"
  from "workspace_golden"."person" t
  where coalesce(t."city", '') = $2::text and t."deletedAt" is null
  order by t.id for update
), i as (
  update "workspace_golden"."person" t
  set "city" = x."city", "updatedBySource" = case when n.differs then $3::text else t."updatedBySource" end, "updatedByWorkspaceMemberId" = case when n.differs then $4::uuid else t."updatedByWorkspaceMemberId" end, "updatedByName" = case when n.differs then $5::text else t."updatedByName" end, "updatedByContext" = case when n.differs then $6::jsonb else t."updatedByContext" end, "updatedAt" = case when n.differs then now() else t."updatedAt" end
  from o, x
  cross join lateral (
    select o."city" is distinct
    from x."city" as differs
  ) n
  where t.id = o.id
  returning t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId", to_jsonb(o.*) as _before, array_remove(array[case when o."city" is distinct from t."city" then 'city' end]::text[], null) as _changed
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor, "updatedFields")
  select 'updated', 'person', i.id, i._before, to_jsonb(a.*), $7::jsonb, i._changed
  from i
  cross join lateral (
    select i."id", i."createdAt", i."updatedAt", i."deletedAt", i."nameFirstName", i."nameLastName", i."emailsPrimaryEmail", i."emailsAdditionalEmails", i."linkedinLinkPrimaryLinkLabel", i."linkedinLinkPrimaryLinkUrl", i."linkedinLinkSecondaryLinks", i."xLinkPrimaryLinkLabel", i."xLinkPrimaryLinkUrl", i."xLinkSecondaryLinks", i."jobTitle", i."phonesPrimaryPhoneNumber", i."phonesPrimaryPhoneCountryCode", i."phonesPrimaryPhoneCallingCode", i."phonesAdditionalPhones", i."city", i."avatarUrl", i."avatarFile", i."position", i."createdBySource", i."createdByWorkspaceMemberId", i."createdByName", i."createdByContext", i."updatedBySource", i."updatedByWorkspaceMemberId", i."updatedByName", i."updatedByContext", i."companyId"
  ) a
  where i._changed <> '{}'
)
select concat('[', string_agg(concat('{"name":{"firstName":',coalesce(to_json(i."nameFirstName")::text, 'null'),'},"city":',coalesce(to_json(i."city")::text, 'null'),'}'), ','), ']')::bpchar
from i;
