with o as (
  select t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId"
  from "workspace_golden"."person" t
  where t."id" = $1::uuid for update
), i as (
  update "workspace_golden"."person" t
  set "deletedAt" = null, "updatedAt" = case when n.differs then now() else t."updatedAt" end
  from o
  cross join lateral (
    select o."deletedAt" is not null as differs
  ) n
  where t.id = o.id
  returning t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId", to_jsonb(o.*) as _before, case when o."deletedAt" is distinct
  from t."deletedAt" then array['deletedAt'] else '{}' end as _changed
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor, "updatedFields")
  select 'restored', 'person', i.id, i._before, to_jsonb(a.*), $2::jsonb, null
  from i
  cross join lateral (
    select i."id", i."createdAt", i."updatedAt", i."deletedAt", i."nameFirstName", i."nameLastName", i."emailsPrimaryEmail", i."emailsAdditionalEmails", i."linkedinLinkPrimaryLinkLabel", i."linkedinLinkPrimaryLinkUrl", i."linkedinLinkSecondaryLinks", i."xLinkPrimaryLinkLabel", i."xLinkPrimaryLinkUrl", i."xLinkSecondaryLinks", i."jobTitle", i."phonesPrimaryPhoneNumber", i."phonesPrimaryPhoneCountryCode", i."phonesPrimaryPhoneCallingCode", i."phonesAdditionalPhones", i."city", i."avatarUrl", i."avatarFile", i."position", i."createdBySource", i."createdByWorkspaceMemberId", i."createdByName", i."createdByContext", i."updatedBySource", i."updatedByWorkspaceMemberId", i."updatedByName", i."updatedByContext", i."companyId"
  ) a
  where i._changed <> '{}'
), fb1 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."position", c."viewId", c."forWorkspaceMemberId", c."personId", c."companyId", c."opportunityId", c."workflowId", c."workflowVersionId", c."workflowRunId", c."taskId", c."noteId", c."dashboardId", c."favoriteFolderId", null::timestamptz as _at
  from "workspace_golden"."favorite" c
  join o
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
  select 'restored', 'favorite', c.id, c._before, to_jsonb(a.*), $2::jsonb
  from fa1 c
  cross join lateral (
    select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."position", c."viewId", c."forWorkspaceMemberId", c."personId", c."companyId", c."opportunityId", c."workflowId", c."workflowVersionId", c."workflowRunId", c."taskId", c."noteId", c."dashboardId", c."favoriteFolderId"
  ) a
)
select concat('{"id":"',i."id",'","deletedAt":',coalesce(left(to_json(i."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"company":',coalesce((
  select concat('{"name":',coalesce(to_json(t1."name")::text, 'null'),'}')
  from "workspace_golden"."company" t1
  where t1.id = i."companyId" and t1."deletedAt" is null
), 'null'),'}')::bpchar
from i;
