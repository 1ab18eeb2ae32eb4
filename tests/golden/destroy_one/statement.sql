with o as (
  select t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId"
  from "workspace_golden"."person" t
  where t."id" = $1::uuid for update
), d as (
  delete from "workspace_golden"."person" t using o
  where t.id = o.id
  returning o."id", o."createdAt", o."updatedAt", o."deletedAt", o."nameFirstName", o."nameLastName", o."emailsPrimaryEmail", o."emailsAdditionalEmails", o."linkedinLinkPrimaryLinkLabel", o."linkedinLinkPrimaryLinkUrl", o."linkedinLinkSecondaryLinks", o."xLinkPrimaryLinkLabel", o."xLinkPrimaryLinkUrl", o."xLinkSecondaryLinks", o."jobTitle", o."phonesPrimaryPhoneNumber", o."phonesPrimaryPhoneCountryCode", o."phonesPrimaryPhoneCallingCode", o."phonesAdditionalPhones", o."city", o."avatarUrl", o."avatarFile", o."position", o."createdBySource", o."createdByWorkspaceMemberId", o."createdByName", o."createdByContext", o."updatedBySource", o."updatedByWorkspaceMemberId", o."updatedByName", o."updatedByContext", o."companyId"
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor)
  select 'destroyed', 'person', d.id, to_jsonb(d.*), null::jsonb, $2::jsonb
  from d
)
select concat('{"id":"',d."id",'"}')::bpchar, (
  select array_agg(a."fullPath")
  from "workspace_golden"."attachment" a
  where (a."targetPersonId" in (
    select o.id
    from o
  )) and a."fullPath" <> '' and not exists (
    select
    from "workspace_golden"."attachment" b
    where b."fullPath" = a."fullPath" and (b."targetPersonId" in (
      select o.id
      from o
    )) is not true
  )
)
from d;
