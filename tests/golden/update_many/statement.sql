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
  set "city" = x."city", "updatedBySource" = $3::text, "updatedByWorkspaceMemberId" = $4::uuid, "updatedByName" = $5::text, "updatedByContext" = $6::jsonb, "updatedAt" = now()
  from o, x
  where t.id = o.id
  returning t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId"
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor, "updatedFields")
  select 'updated', 'person', i.id, to_jsonb(o.*), to_jsonb(i.*), $7::jsonb, changed.fields
  from i
  join o
  on o.id = i.id
  cross join lateral (
    select array_remove(array[case when o."city" is distinct from i."city" then 'city' end]::text[], null) as fields
  ) changed
  where changed.fields <> '{}'
)
select concat('[', string_agg(concat('{"name":{"firstName":',coalesce(to_json(i."nameFirstName")::text, 'null'),'},"city":',coalesce(to_json(i."city")::text, 'null'),'}'), ','), ']')::bpchar
from i;
