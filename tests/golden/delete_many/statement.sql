with o as (
  select t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId"
  from "workspace_golden"."person" t
  where t."city" = $1::text and t."deletedAt" is null
  order by t.id for update
), i as (
  update "workspace_golden"."person" t
  set "deletedAt" = coalesce(t."deletedAt", now()), "updatedAt" = case when n.differs then now() else t."updatedAt" end
  from o
  cross join lateral (
    select o."deletedAt" is null as differs
  ) n
  where t.id = o.id
  returning t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId", to_jsonb(o.*) as _before, case when o."deletedAt" is distinct
  from t."deletedAt" then array['deletedAt'] else '{}' end as _changed
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor, "updatedFields")
  select 'deleted', 'person', i.id, i._before, to_jsonb(a.*), $2::jsonb, null
  from i
  cross join lateral (
    select i."id", i."createdAt", i."updatedAt", i."deletedAt", i."nameFirstName", i."nameLastName", i."emailsPrimaryEmail", i."emailsAdditionalEmails", i."linkedinLinkPrimaryLinkLabel", i."linkedinLinkPrimaryLinkUrl", i."linkedinLinkSecondaryLinks", i."xLinkPrimaryLinkLabel", i."xLinkPrimaryLinkUrl", i."xLinkSecondaryLinks", i."jobTitle", i."phonesPrimaryPhoneNumber", i."phonesPrimaryPhoneCountryCode", i."phonesPrimaryPhoneCallingCode", i."phonesAdditionalPhones", i."city", i."avatarUrl", i."avatarFile", i."position", i."createdBySource", i."createdByWorkspaceMemberId", i."createdByName", i."createdByContext", i."updatedBySource", i."updatedByWorkspaceMemberId", i."updatedByName", i."updatedByContext", i."companyId"
  ) a
  where i._changed <> '{}'
), fb1 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."position", c."viewId", c."forWorkspaceMemberId", c."personId", c."companyId", c."opportunityId", c."workflowId", c."workflowVersionId", c."workflowRunId", c."taskId", c."noteId", c."dashboardId", c."favoriteFolderId", i."deletedAt" as _at
  from "workspace_golden"."favorite" c
  join i
  on c."personId" = i.id
  where c."deletedAt" is null
  order by c.id for update of c
), fa1 as (
  update "workspace_golden"."favorite" c
  set "deletedAt" = b._at, "updatedAt" = now()
  from fb1 b
  where c.id = b.id
  returning c."id", c."createdAt", c."updatedAt", c."deletedAt", c."position", c."viewId", c."forWorkspaceMemberId", c."personId", c."companyId", c."opportunityId", c."workflowId", c."workflowVersionId", c."workflowRunId", c."taskId", c."noteId", c."dashboardId", c."favoriteFolderId", to_jsonb(b.*) - '_at' as _before
), fe1 as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor)
  select 'deleted', 'favorite', c.id, c._before, to_jsonb(a.*), $2::jsonb
  from fa1 c
  cross join lateral (
    select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."position", c."viewId", c."forWorkspaceMemberId", c."personId", c."companyId", c."opportunityId", c."workflowId", c."workflowVersionId", c."workflowRunId", c."taskId", c."noteId", c."dashboardId", c."favoriteFolderId"
  ) a
)
select concat('[', string_agg(concat('{"id":"',i."id",'"}'), ','), ']')::bpchar
from i;
