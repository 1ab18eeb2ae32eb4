with x as (
  select *
  from jsonb_to_recordset($1::jsonb) as x("city" text)
), o as (
  select t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId"
  from "workspace_golden"."person" t
  where t."id" = $2::uuid and t."deletedAt" is null for update
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
select array_agg(i.id)
from i;

select concat('{"city":',coalesce(to_json(t1."city")::text, 'null'),',"company":',coalesce((
  select concat('{"people":',(
    select concat('{"edges":[',t3x.e1,']}')
    from (
      select coalesce(string_agg(concat('{"node":{"name":{"firstName":',coalesce(to_json(t3."nameFirstName")::text, 'null'),'},"city":',coalesce(to_json(t3."city")::text, 'null'),'}}'), ','), '') as e1
      from (
        select t3."nameFirstName", t3."city"
        from "workspace_golden"."person" t3
        where t3."companyId" = t2."id" and t3."deletedAt" is null
        order by t3."position", t3."id"
        limit 60
      ) t3
    ) t3x
  ),'}')
  from "workspace_golden"."company" t2
  where t2.id = t1."companyId" and t2."deletedAt" is null
), 'null'),'}')::bpchar
from unnest($1::uuid[]) with ordinality as wanted(id, place)
join "workspace_golden"."person" t1
on t1.id = wanted.id;
