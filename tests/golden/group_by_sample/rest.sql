select concat((
  with t1g as (
    select s.*, row_number() over (order by s.d1) as _group, array[s.d1::text] as _key
    from (
      select t1."stage" as d1, count(*) as a1, count(*) as _count
      from "workspace_golden"."opportunity" t1
      where t1."deletedAt" is null
      group by 1
    ) s
    order by s.d1
    limit 50
  )
  select concat('[', string_agg(concat('{"groupByDimensionValues":[',coalesce('"'||t1g.d1||'"', 'null'),'],"totalCount":',coalesce('"'||t1g.a1||'"', 'null'),',"records":[',t1x.e1,']}'), ',' order by t1g._group), ']')
  from t1g
  left join (
    select t1._group, t1._count as n, string_agg(concat('{"id":"',t1."id",'","createdAt":',left(to_json(t1."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t1."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t1."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t1."name")::text, 'null'),',"amount":{"amountMicros":',coalesce('"'||t1."amountAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t1."amountCurrencyCode")::text, 'null'),'},"closeDate":',coalesce(left(to_json(t1."closeDate"+interval '1 us')::text,24)||'Z"', 'null'),',"stage":"',t1."stage",'","position":',t1."position"::text,',"createdBy":{"source":',coalesce('"'||t1."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."createdByName")::text, 'null'),',"context":',coalesce(t1."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t1."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."updatedByName")::text, 'null'),',"context":',coalesce(t1."updatedByContext"::text, 'null'),'},"pointOfContactId":',coalesce('"'||t1."pointOfContactId"||'"', 'null'),',"companyId":',coalesce('"'||t1."companyId"||'"', 'null'),',"ownerId":',coalesce('"'||t1."ownerId"||'"', 'null'),',"probability":',coalesce(t1."probability"::text, 'null'),',"pointOfContact":',coalesce((
      select concat('{"id":"',t2."id",'","createdAt":',left(to_json(t2."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t2."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t2."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":{"firstName":',coalesce(to_json(t2."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(t2."nameLastName")::text, 'null'),'},"emails":{"primaryEmail":',coalesce(to_json(t2."emailsPrimaryEmail")::text, 'null'),',"additionalEmails":',coalesce(t2."emailsAdditionalEmails"::text, 'null'),'},"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(t2."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(t2."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."xLinkSecondaryLinks"::text, 'null'),'},"jobTitle":',coalesce(to_json(t2."jobTitle")::text, 'null'),',"phones":{"primaryPhoneNumber":',coalesce(to_json(t2."phonesPrimaryPhoneNumber")::text, 'null'),',"primaryPhoneCountryCode":',coalesce(to_json(t2."phonesPrimaryPhoneCountryCode")::text, 'null'),',"primaryPhoneCallingCode":',coalesce(to_json(t2."phonesPrimaryPhoneCallingCode")::text, 'null'),',"additionalPhones":',coalesce(t2."phonesAdditionalPhones"::text, 'null'),'},"city":',coalesce(to_json(t2."city")::text, 'null'),',"avatarUrl":',coalesce(to_json(t2."avatarUrl")::text, 'null'),',"avatarFile":',coalesce(t2."avatarFile"::text, 'null'),',"position":',t2."position"::text,',"createdBy":{"source":',coalesce('"'||t2."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t2."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t2."createdByName")::text, 'null'),',"context":',coalesce(t2."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t2."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t2."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t2."updatedByName")::text, 'null'),',"context":',coalesce(t2."updatedByContext"::text, 'null'),'},"companyId":',coalesce('"'||t2."companyId"||'"', 'null'),'}')
      from "workspace_golden"."person" t2
      where t2.id = t1."pointOfContactId" and t2."deletedAt" is null
    ), 'null'),',"company":',coalesce((
      select concat('{"id":"',t3."id",'","createdAt":',left(to_json(t3."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t3."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t3."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t3."name")::text, 'null'),',"domainName":{"primaryLinkLabel":',coalesce(to_json(t3."domainNamePrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t3."domainNamePrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t3."domainNameSecondaryLinks"::text, 'null'),'},"address":{"addressStreet1":',coalesce(to_json(t3."addressAddressStreet1")::text, 'null'),',"addressStreet2":',coalesce(to_json(t3."addressAddressStreet2")::text, 'null'),',"addressCity":',coalesce(to_json(t3."addressAddressCity")::text, 'null'),',"addressPostcode":',coalesce(to_json(t3."addressAddressPostcode")::text, 'null'),',"addressState":',coalesce(to_json(t3."addressAddressState")::text, 'null'),',"addressCountry":',coalesce(to_json(t3."addressAddressCountry")::text, 'null'),',"addressLat":',coalesce('"'||t3."addressAddressLat"::text||'"', 'null'),',"addressLng":',coalesce('"'||t3."addressAddressLng"::text||'"', 'null'),'},"employees":',coalesce(t3."employees"::text, 'null'),',"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(t3."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t3."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t3."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(t3."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t3."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t3."xLinkSecondaryLinks"::text, 'null'),'},"annualRecurringRevenue":{"amountMicros":',coalesce('"'||t3."annualRecurringRevenueAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t3."annualRecurringRevenueCurrencyCode")::text, 'null'),'},"idealCustomerProfile":',t3."idealCustomerProfile"::text,',"position":',t3."position"::text,',"createdBy":{"source":',coalesce('"'||t3."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t3."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t3."createdByName")::text, 'null'),',"context":',coalesce(t3."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t3."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t3."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t3."updatedByName")::text, 'null'),',"context":',coalesce(t3."updatedByContext"::text, 'null'),'},"accountOwnerId":',coalesce('"'||t3."accountOwnerId"||'"', 'null'),'}')
      from "workspace_golden"."company" t3
      where t3.id = t1."companyId" and t3."deletedAt" is null
    ), 'null'),',"owner":',coalesce((
      select concat('{"id":"',t4."id",'","createdAt":',left(to_json(t4."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t4."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t4."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"position":',t4."position"::text,',"name":{"firstName":',coalesce(to_json(t4."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(t4."nameLastName")::text, 'null'),'},"colorScheme":',to_json(t4."colorScheme")::text,',"locale":',to_json(t4."locale")::text,',"avatarUrl":',coalesce(to_json(t4."avatarUrl")::text, 'null'),',"userEmail":',coalesce(to_json(t4."userEmail")::text, 'null'),',"calendarStartDay":',t4."calendarStartDay"::text,',"userId":"',t4."userId",'","timeZone":',to_json(t4."timeZone")::text,',"dateFormat":"',t4."dateFormat",'","timeFormat":"',t4."timeFormat",'","numberFormat":"',t4."numberFormat",'"}')
      from "workspace_golden"."workspaceMember" t4
      where t4.id = t1."ownerId" and t4."deletedAt" is null
    ), 'null'),',"favorites":',(
      select concat('[',t5x.e1,']')
      from (
        select coalesce(string_agg(concat('{"id":"',t5."id",'","createdAt":',left(to_json(t5."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t5."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t5."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"position":',t5."position"::text,',"viewId":',coalesce('"'||t5."viewId"||'"', 'null'),',"forWorkspaceMemberId":',coalesce('"'||t5."forWorkspaceMemberId"||'"', 'null'),',"personId":',coalesce('"'||t5."personId"||'"', 'null'),',"companyId":',coalesce('"'||t5."companyId"||'"', 'null'),',"opportunityId":',coalesce('"'||t5."opportunityId"||'"', 'null'),',"workflowId":',coalesce('"'||t5."workflowId"||'"', 'null'),',"workflowVersionId":',coalesce('"'||t5."workflowVersionId"||'"', 'null'),',"workflowRunId":',coalesce('"'||t5."workflowRunId"||'"', 'null'),',"taskId":',coalesce('"'||t5."taskId"||'"', 'null'),',"noteId":',coalesce('"'||t5."noteId"||'"', 'null'),',"dashboardId":',coalesce('"'||t5."dashboardId"||'"', 'null'),',"favoriteFolderId":',coalesce('"'||t5."favoriteFolderId"||'"', 'null'),'}'), ','), '') as e1
        from (
          select t5."id", t5."createdAt", t5."updatedAt", t5."deletedAt", t5."position", t5."viewId", t5."forWorkspaceMemberId", t5."personId", t5."companyId", t5."opportunityId", t5."workflowId", t5."workflowVersionId", t5."workflowRunId", t5."taskId", t5."noteId", t5."dashboardId", t5."favoriteFolderId"
          from "workspace_golden"."favorite" t5
          where t5."opportunityId" = t1."id" and t5."deletedAt" is null
          order by t5."id"
          limit 60
        ) t5
      ) t5x
    ),',"taskTargets":',(
      select concat('[',t6x.e1,']')
      from (
        select coalesce(string_agg(concat('{"id":"',t6."id",'","createdAt":',left(to_json(t6."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t6."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t6."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"taskId":',coalesce('"'||t6."taskId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t6."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t6."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t6."targetOpportunityId"||'"', 'null'),'}'), ','), '') as e1
        from (
          select t6."id", t6."createdAt", t6."updatedAt", t6."deletedAt", t6."taskId", t6."targetPersonId", t6."targetCompanyId", t6."targetOpportunityId"
          from "workspace_golden"."taskTarget" t6
          where t6."targetOpportunityId" = t1."id" and t6."deletedAt" is null
          order by t6."id"
          limit 60
        ) t6
      ) t6x
    ),',"noteTargets":',(
      select concat('[',t7x.e1,']')
      from (
        select coalesce(string_agg(concat('{"id":"',t7."id",'","createdAt":',left(to_json(t7."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t7."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t7."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"noteId":',coalesce('"'||t7."noteId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t7."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t7."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t7."targetOpportunityId"||'"', 'null'),'}'), ','), '') as e1
        from (
          select t7."id", t7."createdAt", t7."updatedAt", t7."deletedAt", t7."noteId", t7."targetPersonId", t7."targetCompanyId", t7."targetOpportunityId"
          from "workspace_golden"."noteTarget" t7
          where t7."targetOpportunityId" = t1."id" and t7."deletedAt" is null
          order by t7."id"
          limit 60
        ) t7
      ) t7x
    ),',"attachments":',(
      select concat('[',t8x.e1,']')
      from (
        select coalesce(string_agg(concat('{"id":"',t8."id",'","createdAt":',left(to_json(t8."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t8."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t8."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t8."name")::text, 'null'),',"file":',coalesce(t8."file"::text, 'null'),',"fullPath":',coalesce(to_json(t8."fullPath")::text, 'null'),',"fileCategory":"',t8."fileCategory",'","createdBy":{"source":',coalesce('"'||t8."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t8."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t8."createdByName")::text, 'null'),',"context":',coalesce(t8."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t8."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t8."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t8."updatedByName")::text, 'null'),',"context":',coalesce(t8."updatedByContext"::text, 'null'),'},"targetTaskId":',coalesce('"'||t8."targetTaskId"||'"', 'null'),',"targetNoteId":',coalesce('"'||t8."targetNoteId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t8."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t8."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t8."targetOpportunityId"||'"', 'null'),',"targetDashboardId":',coalesce('"'||t8."targetDashboardId"||'"', 'null'),',"targetWorkflowId":',coalesce('"'||t8."targetWorkflowId"||'"', 'null'),'}'), ','), '') as e1
        from (
          select t8."id", t8."createdAt", t8."updatedAt", t8."deletedAt", t8."name", t8."file", t8."fullPath", t8."fileCategory", t8."createdBySource", t8."createdByWorkspaceMemberId", t8."createdByName", t8."createdByContext", t8."updatedBySource", t8."updatedByWorkspaceMemberId", t8."updatedByName", t8."updatedByContext", t8."targetTaskId", t8."targetNoteId", t8."targetPersonId", t8."targetCompanyId", t8."targetOpportunityId", t8."targetDashboardId", t8."targetWorkflowId"
          from "workspace_golden"."attachment" t8
          where t8."targetOpportunityId" = t1."id" and t8."deletedAt" is null
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
          where t9."targetOpportunityId" = t1."id" and t9."deletedAt" is null
          order by t9."id"
          limit 60
        ) t9
      ) t9x
    ),'}'), ',' order by t1._place) as e1
    from (
      select t1."id", t1."createdAt", t1."updatedAt", t1."deletedAt", t1."name", t1."amountAmountMicros", t1."amountCurrencyCode", t1."closeDate", t1."stage", t1."position", t1."createdBySource", t1."createdByWorkspaceMemberId", t1."createdByName", t1."createdByContext", t1."updatedBySource", t1."updatedByWorkspaceMemberId", t1."updatedByName", t1."updatedByContext", t1."pointOfContactId", t1."companyId", t1."ownerId", t1."probability", t1g._group, t1g._count, row_number() over (partition by t1g._group order by t1."name" nulls first, t1."id") as _place
      from "workspace_golden"."opportunity" t1
      join t1g
      on t1g._key = array[t1."stage"::text]
      where t1."deletedAt" is null
    ) t1
    where t1._place <= 10
    group by t1._group, t1._count
  ) t1x
  on t1x._group = t1g._group
))::bpchar;
