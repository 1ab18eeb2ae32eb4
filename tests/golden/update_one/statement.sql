with x as (
  select *
  from jsonb_to_recordset($1::jsonb) as x("nameLastName" text, "city" text, "companyId" uuid)
), o as (
  select t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId"
  from "workspace_golden"."person" t
  where t."id" = $2::uuid and t."deletedAt" is null for update
), i as (
  update "workspace_golden"."person" t
  set "nameLastName" = x."nameLastName", "city" = x."city", "companyId" = x."companyId", "updatedBySource" = case when n.differs then $3::text else t."updatedBySource" end, "updatedByWorkspaceMemberId" = case when n.differs then $4::uuid else t."updatedByWorkspaceMemberId" end, "updatedByName" = case when n.differs then $5::text else t."updatedByName" end, "updatedByContext" = case when n.differs then $6::jsonb else t."updatedByContext" end, "updatedAt" = case when n.differs then now() else t."updatedAt" end
  from o, x
  cross join lateral (
    select o."nameLastName" is distinct
    from x."nameLastName" or o."city" is distinct
    from x."city" or o."companyId" is distinct
    from x."companyId" as differs
  ) n
  where t.id = o.id
  returning t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId", to_jsonb(o.*) as _before, array_remove(array[case when o."nameLastName" is distinct from t."nameLastName" then 'name' end, case when o."city" is distinct from t."city" then 'city' end, case when o."companyId" is distinct from t."companyId" then 'company' end]::text[], null) as _changed
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor, "updatedFields")
  select 'updated', 'person', i.id, i._before, to_jsonb(a.*), $7::jsonb, i._changed
  from i
  cross join lateral (
    select i."id", i."createdAt", i."updatedAt", i."deletedAt", i."nameFirstName", i."nameLastName", i."emailsPrimaryEmail", i."emailsAdditionalEmails", i."linkedinLinkPrimaryLinkLabel", i."linkedinLinkPrimaryLinkUrl", i."linkedinLinkSecondaryLinks", i."xLinkPrimaryLinkLabel", i."xLinkPrimaryLinkUrl", i."xLinkSecondaryLinks", i."jobTitle", i."phonesPrimaryPhoneNumber", i."phonesPrimaryPhoneCountryCode", i."phonesPrimaryPhoneCallingCode", i."phonesAdditionalPhones", i."city", i."avatarUrl", i."avatarFile", i."position", i."createdBySource", i."createdByWorkspaceMemberId", i."createdByName", i."createdByContext", i."updatedBySource", i."updatedByWorkspaceMemberId", i."updatedByName", i."updatedByContext", i."companyId"
  ) a
  where i._changed <> '{}'
)
select concat('{"name":{"firstName":',coalesce(to_json(i."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(i."nameLastName")::text, 'null'),'},"city":',coalesce(to_json(i."city")::text, 'null'),',"updatedBy":{"name":',coalesce(to_json(i."updatedByName")::text, 'null'),'},"company":',coalesce((
  select concat('{"name":',coalesce(to_json(t1."name")::text, 'null'),'}')
  from "workspace_golden"."company" t1
  where t1.id = i."companyId" and t1."deletedAt" is null
), 'null'),'}')::bpchar
from i;
