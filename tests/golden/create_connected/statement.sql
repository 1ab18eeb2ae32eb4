select wanted.place, t.id::text
from unnest($1::text[]) with ordinality as wanted(c1, place)
join "workspace_golden"."company" t
on t."domainNamePrimaryLinkUrl" = wanted.c1 and t."domainNamePrimaryLinkUrl" <> '' and t."deletedAt" is null
order by t.id for key share of t;

with x as (
  select *
  from jsonb_to_recordset($5::jsonb) as x("id" uuid, "city" text, "position" double precision, "companyId" uuid)
), i as (
  insert into "workspace_golden"."person" ("id", "city", "position", "companyId", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext")
  select x."id", x."city", x."position", x."companyId", $1::text, $2::uuid, $3::text, $4::jsonb, $1::text, $2::uuid, $3::text, $4::jsonb
  from x
  returning "id", "createdAt", "updatedAt", "deletedAt", "nameFirstName", "nameLastName", "emailsPrimaryEmail", "emailsAdditionalEmails", "linkedinLinkPrimaryLinkLabel", "linkedinLinkPrimaryLinkUrl", "linkedinLinkSecondaryLinks", "xLinkPrimaryLinkLabel", "xLinkPrimaryLinkUrl", "xLinkSecondaryLinks", "jobTitle", "phonesPrimaryPhoneNumber", "phonesPrimaryPhoneCountryCode", "phonesPrimaryPhoneCallingCode", "phonesAdditionalPhones", "city", "avatarUrl", "avatarFile", "position", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext", "companyId"
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor)
  select 'created', 'person', i.id, null::jsonb, to_jsonb(i.*), $6::jsonb
  from i
)
select array_agg(i.id)
from i;

select concat('{"city":',coalesce(to_json(t1."city")::text, 'null'),',"company":',coalesce((
  select concat('{"name":',coalesce(to_json(t2."name")::text, 'null'),'}')
  from "workspace_golden"."company" t2
  where t2.id = t1."companyId" and t2."deletedAt" is null
), 'null'),'}')::bpchar
from unnest($1::uuid[]) with ordinality as wanted(id, place)
join "workspace_golden"."person" t1
on t1.id = wanted.id;
