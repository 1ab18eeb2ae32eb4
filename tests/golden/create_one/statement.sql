with x as (
  select *
  from jsonb_to_recordset($5::jsonb) as x("id" uuid, "nameFirstName" text, "nameLastName" text, "emailsPrimaryEmail" text, "city" text, "companyId" uuid, _index int, _place text, "position" float8)
), i as (
  insert into "workspace_golden"."person" ("id", "nameFirstName", "nameLastName", "emailsPrimaryEmail", "city", "companyId", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext", "position")
  select x."id", x."nameFirstName", x."nameLastName", x."emailsPrimaryEmail", x."city", x."companyId", $1::text, $2::uuid, $3::text, $4::jsonb, $1::text, $2::uuid, $3::text, $4::jsonb, coalesce((
    select min(p.position)
    from "workspace_golden"."person" p
  ), 1) - x._index - 1
  from x
  returning "id", "createdAt", "updatedAt", "deletedAt", "nameFirstName", "nameLastName", "emailsPrimaryEmail", "emailsAdditionalEmails", "linkedinLinkPrimaryLinkLabel", "linkedinLinkPrimaryLinkUrl", "linkedinLinkSecondaryLinks", "xLinkPrimaryLinkLabel", "xLinkPrimaryLinkUrl", "xLinkSecondaryLinks", "jobTitle", "phonesPrimaryPhoneNumber", "phonesPrimaryPhoneCountryCode", "phonesPrimaryPhoneCallingCode", "phonesAdditionalPhones", "city", "avatarUrl", "avatarFile", "position", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext", "companyId"
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor)
  select 'created', 'person', i.id, null::jsonb, to_jsonb(i.*), $6::jsonb
  from i
)
select concat('{"id":"',i."id",'","name":{"firstName":',coalesce(to_json(i."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(i."nameLastName")::text, 'null'),'},"emails":{"primaryEmail":',coalesce(to_json(i."emailsPrimaryEmail")::text, 'null'),'},"city":',coalesce(to_json(i."city")::text, 'null'),',"jobTitle":',coalesce(to_json(i."jobTitle")::text, 'null'),',"createdBy":{"source":',coalesce('"'||i."createdBySource"||'"', 'null'),',"name":',coalesce(to_json(i."createdByName")::text, 'null'),'},"company":',coalesce((
  select concat('{"name":',coalesce(to_json(t1."name")::text, 'null'),'}')
  from "workspace_golden"."company" t1
  where t1.id = i."companyId" and t1."deletedAt" is null
), 'null'),',"taskTargets":',(
  select concat('{"totalCount":',t2a.a1,'}')
  from (
    select count(*) as a1
    from "workspace_golden"."taskTarget" t2
    where t2."targetPersonId" = i."id" and t2."deletedAt" is null
  ) t2a
),'}')::bpchar
from i;
