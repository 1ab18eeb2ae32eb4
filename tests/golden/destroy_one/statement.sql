with o as (
  select t."id"
  from "workspace_golden"."person" t
  where t."id" = $1::uuid for update
)
select array_agg(o.id)
from o;

with b1 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."position", c."viewId", c."forWorkspaceMemberId", c."personId", c."companyId", c."opportunityId", c."workflowId", c."workflowVersionId", c."workflowRunId", c."taskId", c."noteId", c."dashboardId", c."favoriteFolderId"
  from "workspace_golden"."favorite" c
  where (c."personId" = any($1::uuid[])) and not c.id = any($1::uuid[])
  order by c.id for update
), e1 as (
  insert into "workspace_golden".event (object, actor, "recordId", before, action, after, "updatedFields")
  select 'favorite', $2::jsonb, b.id, r.before, 'destroyed', null::jsonb, null::text[]
  from b1 b
  cross join lateral (
    select to_jsonb(b.*) as before
  ) r
), b2 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."name", c."file", c."fullPath", c."fileCategory", c."createdBySource", c."createdByWorkspaceMemberId", c."createdByName", c."createdByContext", c."updatedBySource", c."updatedByWorkspaceMemberId", c."updatedByName", c."updatedByContext", c."targetTaskId", c."targetNoteId", c."targetPersonId", c."targetCompanyId", c."targetOpportunityId", c."targetDashboardId", c."targetWorkflowId"
  from "workspace_golden"."attachment" c
  where (c."targetPersonId" = any($1::uuid[])) and not c.id = any($1::uuid[])
  order by c.id for update
), e2 as (
  insert into "workspace_golden".event (object, actor, "recordId", before, action, after, "updatedFields")
  select 'attachment', $2::jsonb, b.id, r.before, 'destroyed', null::jsonb, null::text[]
  from b2 b
  cross join lateral (
    select to_jsonb(b.*) as before
  ) r
), b3 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."taskId", c."targetPersonId", c."targetCompanyId", c."targetOpportunityId"
  from "workspace_golden"."taskTarget" c
  where (c."targetPersonId" = any($1::uuid[])) and not c.id = any($1::uuid[])
  order by c.id for update
), e3 as (
  insert into "workspace_golden".event (object, actor, "recordId", before, action, after, "updatedFields")
  select 'taskTarget', $2::jsonb, b.id, r.before, 'destroyed', null::jsonb, null::text[]
  from b3 b
  cross join lateral (
    select to_jsonb(b.*) as before
  ) r
), b4 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."noteId", c."targetPersonId", c."targetCompanyId", c."targetOpportunityId"
  from "workspace_golden"."noteTarget" c
  where (c."targetPersonId" = any($1::uuid[])) and not c.id = any($1::uuid[])
  order by c.id for update
), e4 as (
  insert into "workspace_golden".event (object, actor, "recordId", before, action, after, "updatedFields")
  select 'noteTarget', $2::jsonb, b.id, r.before, 'destroyed', null::jsonb, null::text[]
  from b4 b
  cross join lateral (
    select to_jsonb(b.*) as before
  ) r
), b5 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."name", c."amountAmountMicros", c."amountCurrencyCode", c."closeDate", c."stage", c."position", c."createdBySource", c."createdByWorkspaceMemberId", c."createdByName", c."createdByContext", c."updatedBySource", c."updatedByWorkspaceMemberId", c."updatedByName", c."updatedByContext", c."pointOfContactId", c."companyId", c."ownerId", c."probability"
  from "workspace_golden"."opportunity" c
  where (c."pointOfContactId" = any($1::uuid[])) and not c.id = any($1::uuid[])
  order by c.id for update
), e5 as (
  insert into "workspace_golden".event (object, actor, "recordId", before, action, after, "updatedFields")
  select 'opportunity', $2::jsonb, b.id, r.before, 'updated', r.before || case when b."pointOfContactId" = any($1::uuid[]) then jsonb_build_object('pointOfContactId', null) else '{}' end, array_remove(array[case when b."pointOfContactId" = any($1::uuid[]) then 'pointOfContact' end], null)
  from b5 b
  cross join lateral (
    select to_jsonb(b.*) as before
  ) r
), b6 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."role", c."handle", c."displayName", c."messageId", c."personId", c."workspaceMemberId"
  from "workspace_golden"."messageParticipant" c
  where (c."personId" = any($1::uuid[])) and not c.id = any($1::uuid[])
  order by c.id for update
), e6 as (
  insert into "workspace_golden".event (object, actor, "recordId", before, action, after, "updatedFields")
  select 'messageParticipant', $2::jsonb, b.id, r.before, 'updated', r.before || case when b."personId" = any($1::uuid[]) then jsonb_build_object('personId', null) else '{}' end, array_remove(array[case when b."personId" = any($1::uuid[]) then 'person' end], null)
  from b6 b
  cross join lateral (
    select to_jsonb(b.*) as before
  ) r
), b7 as (
  select c."id", c."createdAt", c."updatedAt", c."deletedAt", c."handle", c."displayName", c."isOrganizer", c."responseStatus", c."calendarEventId", c."personId", c."workspaceMemberId"
  from "workspace_golden"."calendarEventParticipant" c
  where (c."personId" = any($1::uuid[])) and not c.id = any($1::uuid[])
  order by c.id for update
), e7 as (
  insert into "workspace_golden".event (object, actor, "recordId", before, action, after, "updatedFields")
  select 'calendarEventParticipant', $2::jsonb, b.id, r.before, 'updated', r.before || case when b."personId" = any($1::uuid[]) then jsonb_build_object('personId', null) else '{}' end, array_remove(array[case when b."personId" = any($1::uuid[]) then 'person' end], null)
  from b7 b
  cross join lateral (
    select to_jsonb(b.*) as before
  ) r
)
select;

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
