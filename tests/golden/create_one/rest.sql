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
select concat('{"id":"',i."id",'","createdAt":',left(to_json(i."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(i."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(i."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":{"firstName":',coalesce(to_json(i."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(i."nameLastName")::text, 'null'),'},"emails":{"primaryEmail":',coalesce(to_json(i."emailsPrimaryEmail")::text, 'null'),',"additionalEmails":',coalesce(i."emailsAdditionalEmails"::text, 'null'),'},"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(i."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(i."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(i."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(i."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(i."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(i."xLinkSecondaryLinks"::text, 'null'),'},"jobTitle":',coalesce(to_json(i."jobTitle")::text, 'null'),',"phones":{"primaryPhoneNumber":',coalesce(to_json(i."phonesPrimaryPhoneNumber")::text, 'null'),',"primaryPhoneCountryCode":',coalesce(to_json(i."phonesPrimaryPhoneCountryCode")::text, 'null'),',"primaryPhoneCallingCode":',coalesce(to_json(i."phonesPrimaryPhoneCallingCode")::text, 'null'),',"additionalPhones":',coalesce(i."phonesAdditionalPhones"::text, 'null'),'},"city":',coalesce(to_json(i."city")::text, 'null'),',"avatarUrl":',coalesce(to_json(i."avatarUrl")::text, 'null'),',"avatarFile":',coalesce(i."avatarFile"::text, 'null'),',"position":',i."position"::text,',"createdBy":{"source":',coalesce('"'||i."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||i."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(i."createdByName")::text, 'null'),',"context":',coalesce(i."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||i."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||i."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(i."updatedByName")::text, 'null'),',"context":',coalesce(i."updatedByContext"::text, 'null'),'},"companyId":',coalesce('"'||i."companyId"||'"', 'null'),',"company":',coalesce((
  select concat('{"id":"',t1."id",'","createdAt":',left(to_json(t1."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t1."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t1."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t1."name")::text, 'null'),',"domainName":{"primaryLinkLabel":',coalesce(to_json(t1."domainNamePrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t1."domainNamePrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t1."domainNameSecondaryLinks"::text, 'null'),'},"address":{"addressStreet1":',coalesce(to_json(t1."addressAddressStreet1")::text, 'null'),',"addressStreet2":',coalesce(to_json(t1."addressAddressStreet2")::text, 'null'),',"addressCity":',coalesce(to_json(t1."addressAddressCity")::text, 'null'),',"addressPostcode":',coalesce(to_json(t1."addressAddressPostcode")::text, 'null'),',"addressState":',coalesce(to_json(t1."addressAddressState")::text, 'null'),',"addressCountry":',coalesce(to_json(t1."addressAddressCountry")::text, 'null'),',"addressLat":',coalesce('"'||t1."addressAddressLat"::text||'"', 'null'),',"addressLng":',coalesce('"'||t1."addressAddressLng"::text||'"', 'null'),'},"employees":',coalesce(t1."employees"::text, 'null'),',"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(t1."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t1."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t1."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(t1."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t1."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t1."xLinkSecondaryLinks"::text, 'null'),'},"annualRecurringRevenue":{"amountMicros":',coalesce('"'||t1."annualRecurringRevenueAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t1."annualRecurringRevenueCurrencyCode")::text, 'null'),'},"idealCustomerProfile":',t1."idealCustomerProfile"::text,',"position":',t1."position"::text,',"createdBy":{"source":',coalesce('"'||t1."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."createdByName")::text, 'null'),',"context":',coalesce(t1."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t1."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."updatedByName")::text, 'null'),',"context":',coalesce(t1."updatedByContext"::text, 'null'),'},"accountOwnerId":',coalesce('"'||t1."accountOwnerId"||'"', 'null'),'}')
  from "workspace_golden"."company" t1
  where t1.id = i."companyId" and t1."deletedAt" is null
), 'null'),',"pointOfContactForOpportunities":',(
  select concat('[',t2x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t2."id",'","createdAt":',left(to_json(t2."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t2."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t2."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t2."name")::text, 'null'),',"amount":{"amountMicros":',coalesce('"'||t2."amountAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t2."amountCurrencyCode")::text, 'null'),'},"closeDate":',coalesce(left(to_json(t2."closeDate"+interval '1 us')::text,24)||'Z"', 'null'),',"stage":"',t2."stage",'","position":',t2."position"::text,',"createdBy":{"source":',coalesce('"'||t2."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t2."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t2."createdByName")::text, 'null'),',"context":',coalesce(t2."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t2."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t2."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t2."updatedByName")::text, 'null'),',"context":',coalesce(t2."updatedByContext"::text, 'null'),'},"pointOfContactId":',coalesce('"'||t2."pointOfContactId"||'"', 'null'),',"companyId":',coalesce('"'||t2."companyId"||'"', 'null'),',"ownerId":',coalesce('"'||t2."ownerId"||'"', 'null'),',"probability":',coalesce(t2."probability"::text, 'null'),'}'), ','), '') as e1
    from (
      select t2."id", t2."createdAt", t2."updatedAt", t2."deletedAt", t2."name", t2."amountAmountMicros", t2."amountCurrencyCode", t2."closeDate", t2."stage", t2."position", t2."createdBySource", t2."createdByWorkspaceMemberId", t2."createdByName", t2."createdByContext", t2."updatedBySource", t2."updatedByWorkspaceMemberId", t2."updatedByName", t2."updatedByContext", t2."pointOfContactId", t2."companyId", t2."ownerId", t2."probability"
      from "workspace_golden"."opportunity" t2
      where t2."pointOfContactId" = i."id" and t2."deletedAt" is null
      order by t2."id"
      limit 60
    ) t2
  ) t2x
),',"taskTargets":',(
  select concat('[',t3x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t3."id",'","createdAt":',left(to_json(t3."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t3."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t3."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"taskId":',coalesce('"'||t3."taskId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t3."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t3."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t3."targetOpportunityId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t3."id", t3."createdAt", t3."updatedAt", t3."deletedAt", t3."taskId", t3."targetPersonId", t3."targetCompanyId", t3."targetOpportunityId"
      from "workspace_golden"."taskTarget" t3
      where t3."targetPersonId" = i."id" and t3."deletedAt" is null
      order by t3."id"
      limit 60
    ) t3
  ) t3x
),',"noteTargets":',(
  select concat('[',t4x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t4."id",'","createdAt":',left(to_json(t4."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t4."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t4."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"noteId":',coalesce('"'||t4."noteId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t4."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t4."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t4."targetOpportunityId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t4."id", t4."createdAt", t4."updatedAt", t4."deletedAt", t4."noteId", t4."targetPersonId", t4."targetCompanyId", t4."targetOpportunityId"
      from "workspace_golden"."noteTarget" t4
      where t4."targetPersonId" = i."id" and t4."deletedAt" is null
      order by t4."id"
      limit 60
    ) t4
  ) t4x
),',"favorites":',(
  select concat('[',t5x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t5."id",'","createdAt":',left(to_json(t5."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t5."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t5."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"position":',t5."position"::text,',"viewId":',coalesce('"'||t5."viewId"||'"', 'null'),',"forWorkspaceMemberId":',coalesce('"'||t5."forWorkspaceMemberId"||'"', 'null'),',"personId":',coalesce('"'||t5."personId"||'"', 'null'),',"companyId":',coalesce('"'||t5."companyId"||'"', 'null'),',"opportunityId":',coalesce('"'||t5."opportunityId"||'"', 'null'),',"workflowId":',coalesce('"'||t5."workflowId"||'"', 'null'),',"workflowVersionId":',coalesce('"'||t5."workflowVersionId"||'"', 'null'),',"workflowRunId":',coalesce('"'||t5."workflowRunId"||'"', 'null'),',"taskId":',coalesce('"'||t5."taskId"||'"', 'null'),',"noteId":',coalesce('"'||t5."noteId"||'"', 'null'),',"dashboardId":',coalesce('"'||t5."dashboardId"||'"', 'null'),',"favoriteFolderId":',coalesce('"'||t5."favoriteFolderId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t5."id", t5."createdAt", t5."updatedAt", t5."deletedAt", t5."position", t5."viewId", t5."forWorkspaceMemberId", t5."personId", t5."companyId", t5."opportunityId", t5."workflowId", t5."workflowVersionId", t5."workflowRunId", t5."taskId", t5."noteId", t5."dashboardId", t5."favoriteFolderId"
      from "workspace_golden"."favorite" t5
      where t5."personId" = i."id" and t5."deletedAt" is null
      order by t5."id"
      limit 60
    ) t5
  ) t5x
),',"attachments":',(
  select concat('[',t6x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t6."id",'","createdAt":',left(to_json(t6."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t6."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t6."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t6."name")::text, 'null'),',"file":',coalesce(t6."file"::text, 'null'),',"fullPath":',coalesce(to_json(t6."fullPath")::text, 'null'),',"fileCategory":"',t6."fileCategory",'","createdBy":{"source":',coalesce('"'||t6."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t6."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t6."createdByName")::text, 'null'),',"context":',coalesce(t6."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t6."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t6."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t6."updatedByName")::text, 'null'),',"context":',coalesce(t6."updatedByContext"::text, 'null'),'},"targetTaskId":',coalesce('"'||t6."targetTaskId"||'"', 'null'),',"targetNoteId":',coalesce('"'||t6."targetNoteId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t6."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t6."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t6."targetOpportunityId"||'"', 'null'),',"targetDashboardId":',coalesce('"'||t6."targetDashboardId"||'"', 'null'),',"targetWorkflowId":',coalesce('"'||t6."targetWorkflowId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t6."id", t6."createdAt", t6."updatedAt", t6."deletedAt", t6."name", t6."file", t6."fullPath", t6."fileCategory", t6."createdBySource", t6."createdByWorkspaceMemberId", t6."createdByName", t6."createdByContext", t6."updatedBySource", t6."updatedByWorkspaceMemberId", t6."updatedByName", t6."updatedByContext", t6."targetTaskId", t6."targetNoteId", t6."targetPersonId", t6."targetCompanyId", t6."targetOpportunityId", t6."targetDashboardId", t6."targetWorkflowId"
      from "workspace_golden"."attachment" t6
      where t6."targetPersonId" = i."id" and t6."deletedAt" is null
      order by t6."id"
      limit 60
    ) t6
  ) t6x
),',"messageParticipants":',(
  select concat('[',t7x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t7."id",'","createdAt":',left(to_json(t7."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t7."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t7."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"role":"',t7."role",'","handle":',coalesce(to_json(t7."handle")::text, 'null'),',"displayName":',coalesce(to_json(t7."displayName")::text, 'null'),',"messageId":',coalesce('"'||t7."messageId"||'"', 'null'),',"personId":',coalesce('"'||t7."personId"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t7."workspaceMemberId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t7."id", t7."createdAt", t7."updatedAt", t7."deletedAt", t7."role", t7."handle", t7."displayName", t7."messageId", t7."personId", t7."workspaceMemberId"
      from "workspace_golden"."messageParticipant" t7
      where t7."personId" = i."id" and t7."deletedAt" is null
      order by t7."id"
      limit 60
    ) t7
  ) t7x
),',"calendarEventParticipants":',(
  select concat('[',t8x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t8."id",'","createdAt":',left(to_json(t8."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t8."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t8."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"handle":',coalesce(to_json(t8."handle")::text, 'null'),',"displayName":',coalesce(to_json(t8."displayName")::text, 'null'),',"isOrganizer":',t8."isOrganizer"::text,',"responseStatus":"',t8."responseStatus",'","calendarEventId":',coalesce('"'||t8."calendarEventId"||'"', 'null'),',"personId":',coalesce('"'||t8."personId"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t8."workspaceMemberId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t8."id", t8."createdAt", t8."updatedAt", t8."deletedAt", t8."handle", t8."displayName", t8."isOrganizer", t8."responseStatus", t8."calendarEventId", t8."personId", t8."workspaceMemberId"
      from "workspace_golden"."calendarEventParticipant" t8
      where t8."personId" = i."id" and t8."deletedAt" is null
      order by t8."id"
      limit 60
    ) t8
  ) t8x
),',"timelineActivities":',(
  select concat('[',t9x.e1,']')
  from (
    select coalesce(string_agg(concat('{"id":"',t9."id",'","createdAt":',left(to_json(t9."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t9."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t9."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"happensAt":',left(to_json(t9."happensAt"+interval '1 us')::text,24)||'Z"',',"name":',coalesce(to_json(t9."name")::text, 'null'),',"properties":',coalesce(t9."properties"::text, 'null'),',"linkedRecordCachedName":',coalesce(to_json(t9."linkedRecordCachedName")::text, 'null'),',"linkedRecordId":',coalesce('"'||t9."linkedRecordId"||'"', 'null'),',"linkedObjectMetadataId":',coalesce('"'||t9."linkedObjectMetadataId"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t9."workspaceMemberId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t9."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t9."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t9."targetOpportunityId"||'"', 'null'),',"targetNoteId":',coalesce('"'||t9."targetNoteId"||'"', 'null'),',"targetTaskId":',coalesce('"'||t9."targetTaskId"||'"', 'null'),',"targetWorkflowId":',coalesce('"'||t9."targetWorkflowId"||'"', 'null'),',"targetWorkflowVersionId":',coalesce('"'||t9."targetWorkflowVersionId"||'"', 'null'),',"targetWorkflowRunId":',coalesce('"'||t9."targetWorkflowRunId"||'"', 'null'),',"targetDashboardId":',coalesce('"'||t9."targetDashboardId"||'"', 'null'),'}'), ','), '') as e1
    from (
      select t9."id", t9."createdAt", t9."updatedAt", t9."deletedAt", t9."happensAt", t9."name", t9."properties", t9."linkedRecordCachedName", t9."linkedRecordId", t9."linkedObjectMetadataId", t9."workspaceMemberId", t9."targetPersonId", t9."targetCompanyId", t9."targetOpportunityId", t9."targetNoteId", t9."targetTaskId", t9."targetWorkflowId", t9."targetWorkflowVersionId", t9."targetWorkflowRunId", t9."targetDashboardId"
      from "workspace_golden"."timelineActivity" t9
      where t9."targetPersonId" = i."id" and t9."deletedAt" is null
      order by t9."id"
      limit 60
    ) t9
  ) t9x
),'}')::bpchar
from i;
