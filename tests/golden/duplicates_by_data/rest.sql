select concat('[',coalesce((
  select string_agg(concat((
    select concat('{"totalCount":',t2a.a1,',"pageInfo":{"hasNextPage":',case when t2x.n > 60 then 'true' else 'false' end,',"hasPreviousPage":false,"startCursor":',coalesce('"' || translate(encode(convert_to(t2x.ends[1], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),',"endCursor":',coalesce('"' || translate(encode(convert_to(t2x.ends[least(t2x.n::int, 60)], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),'},"personDuplicates":[',t2x.e1,']}')
    from (
      select coalesce(string_agg(concat('{"id":"',t2."id",'","createdAt":',left(to_json(t2."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t2."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t2."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":{"firstName":',coalesce(to_json(t2."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(t2."nameLastName")::text, 'null'),'},"emails":{"primaryEmail":',coalesce(to_json(t2."emailsPrimaryEmail")::text, 'null'),',"additionalEmails":',coalesce(t2."emailsAdditionalEmails"::text, 'null'),'},"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(t2."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(t2."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."xLinkSecondaryLinks"::text, 'null'),'},"jobTitle":',coalesce(to_json(t2."jobTitle")::text, 'null'),',"phones":{"primaryPhoneNumber":',coalesce(to_json(t2."phonesPrimaryPhoneNumber")::text, 'null'),',"primaryPhoneCountryCode":',coalesce(to_json(t2."phonesPrimaryPhoneCountryCode")::text, 'null'),',"primaryPhoneCallingCode":',coalesce(to_json(t2."phonesPrimaryPhoneCallingCode")::text, 'null'),',"additionalPhones":',coalesce(t2."phonesAdditionalPhones"::text, 'null'),'},"city":',coalesce(to_json(t2."city")::text, 'null'),',"avatarUrl":',coalesce(to_json(t2."avatarUrl")::text, 'null'),',"avatarFile":',coalesce(t2."avatarFile"::text, 'null'),',"position":',t2."position"::text,',"createdBy":{"source":',coalesce('"'||t2."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t2."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t2."createdByName")::text, 'null'),',"context":',coalesce(t2."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t2."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t2."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t2."updatedByName")::text, 'null'),',"context":',coalesce(t2."updatedByContext"::text, 'null'),'},"companyId":',coalesce('"'||t2."companyId"||'"', 'null'),',"company":',coalesce((
        select concat('{"id":"',t3."id",'","createdAt":',left(to_json(t3."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t3."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t3."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t3."name")::text, 'null'),',"domainName":{"primaryLinkLabel":',coalesce(to_json(t3."domainNamePrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t3."domainNamePrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t3."domainNameSecondaryLinks"::text, 'null'),'},"address":{"addressStreet1":',coalesce(to_json(t3."addressAddressStreet1")::text, 'null'),',"addressStreet2":',coalesce(to_json(t3."addressAddressStreet2")::text, 'null'),',"addressCity":',coalesce(to_json(t3."addressAddressCity")::text, 'null'),',"addressPostcode":',coalesce(to_json(t3."addressAddressPostcode")::text, 'null'),',"addressState":',coalesce(to_json(t3."addressAddressState")::text, 'null'),',"addressCountry":',coalesce(to_json(t3."addressAddressCountry")::text, 'null'),',"addressLat":',coalesce('"'||t3."addressAddressLat"::text||'"', 'null'),',"addressLng":',coalesce('"'||t3."addressAddressLng"::text||'"', 'null'),'},"employees":',coalesce(t3."employees"::text, 'null'),',"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(t3."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t3."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t3."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(t3."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t3."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t3."xLinkSecondaryLinks"::text, 'null'),'},"annualRecurringRevenue":{"amountMicros":',coalesce('"'||t3."annualRecurringRevenueAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t3."annualRecurringRevenueCurrencyCode")::text, 'null'),'},"idealCustomerProfile":',t3."idealCustomerProfile"::text,',"position":',t3."position"::text,',"createdBy":{"source":',coalesce('"'||t3."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t3."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t3."createdByName")::text, 'null'),',"context":',coalesce(t3."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t3."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t3."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t3."updatedByName")::text, 'null'),',"context":',coalesce(t3."updatedByContext"::text, 'null'),'},"accountOwnerId":',coalesce('"'||t3."accountOwnerId"||'"', 'null'),'}')
        from "workspace_golden"."company" t3
        where t3.id = t2."companyId" and t3."deletedAt" is null
      ), 'null'),',"pointOfContactForOpportunities":',(
        select concat('[',t4x.e1,']')
        from (
          select coalesce(string_agg(concat('{"id":"',t4."id",'","createdAt":',left(to_json(t4."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t4."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t4."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t4."name")::text, 'null'),',"amount":{"amountMicros":',coalesce('"'||t4."amountAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t4."amountCurrencyCode")::text, 'null'),'},"closeDate":',coalesce(left(to_json(t4."closeDate"+interval '1 us')::text,24)||'Z"', 'null'),',"stage":"',t4."stage",'","position":',t4."position"::text,',"createdBy":{"source":',coalesce('"'||t4."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t4."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t4."createdByName")::text, 'null'),',"context":',coalesce(t4."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t4."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t4."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t4."updatedByName")::text, 'null'),',"context":',coalesce(t4."updatedByContext"::text, 'null'),'},"pointOfContactId":',coalesce('"'||t4."pointOfContactId"||'"', 'null'),',"companyId":',coalesce('"'||t4."companyId"||'"', 'null'),',"ownerId":',coalesce('"'||t4."ownerId"||'"', 'null'),',"probability":',coalesce(t4."probability"::text, 'null'),'}'), ','), '') as e1
          from (
            select t4."id", t4."createdAt", t4."updatedAt", t4."deletedAt", t4."name", t4."amountAmountMicros", t4."amountCurrencyCode", t4."closeDate", t4."stage", t4."position", t4."createdBySource", t4."createdByWorkspaceMemberId", t4."createdByName", t4."createdByContext", t4."updatedBySource", t4."updatedByWorkspaceMemberId", t4."updatedByName", t4."updatedByContext", t4."pointOfContactId", t4."companyId", t4."ownerId", t4."probability"
            from "workspace_golden"."opportunity" t4
            where t4."pointOfContactId" = t2."id" and t4."deletedAt" is null
            order by t4."id"
            limit 60
          ) t4
        ) t4x
      ),',"taskTargets":',(
        select concat('[',t5x.e1,']')
        from (
          select coalesce(string_agg(concat('{"id":"',t5."id",'","createdAt":',left(to_json(t5."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t5."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t5."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"taskId":',coalesce('"'||t5."taskId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t5."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t5."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t5."targetOpportunityId"||'"', 'null'),'}'), ','), '') as e1
          from (
            select t5."id", t5."createdAt", t5."updatedAt", t5."deletedAt", t5."taskId", t5."targetPersonId", t5."targetCompanyId", t5."targetOpportunityId"
            from "workspace_golden"."taskTarget" t5
            where t5."targetPersonId" = t2."id" and t5."deletedAt" is null
            order by t5."id"
            limit 60
          ) t5
        ) t5x
      ),',"noteTargets":',(
        select concat('[',t6x.e1,']')
        from (
          select coalesce(string_agg(concat('{"id":"',t6."id",'","createdAt":',left(to_json(t6."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t6."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t6."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"noteId":',coalesce('"'||t6."noteId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t6."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t6."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t6."targetOpportunityId"||'"', 'null'),'}'), ','), '') as e1
          from (
            select t6."id", t6."createdAt", t6."updatedAt", t6."deletedAt", t6."noteId", t6."targetPersonId", t6."targetCompanyId", t6."targetOpportunityId"
            from "workspace_golden"."noteTarget" t6
            where t6."targetPersonId" = t2."id" and t6."deletedAt" is null
            order by t6."id"
            limit 60
          ) t6
        ) t6x
      ),',"favorites":',(
        select concat('[',t7x.e1,']')
        from (
          select coalesce(string_agg(concat('{"id":"',t7."id",'","createdAt":',left(to_json(t7."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t7."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t7."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"position":',t7."position"::text,',"viewId":',coalesce('"'||t7."viewId"||'"', 'null'),',"forWorkspaceMemberId":',coalesce('"'||t7."forWorkspaceMemberId"||'"', 'null'),',"personId":',coalesce('"'||t7."personId"||'"', 'null'),',"companyId":',coalesce('"'||t7."companyId"||'"', 'null'),',"opportunityId":',coalesce('"'||t7."opportunityId"||'"', 'null'),',"workflowId":',coalesce('"'||t7."workflowId"||'"', 'null'),',"workflowVersionId":',coalesce('"'||t7."workflowVersionId"||'"', 'null'),',"workflowRunId":',coalesce('"'||t7."workflowRunId"||'"', 'null'),',"taskId":',coalesce('"'||t7."taskId"||'"', 'null'),',"noteId":',coalesce('"'||t7."noteId"||'"', 'null'),',"dashboardId":',coalesce('"'||t7."dashboardId"||'"', 'null'),',"favoriteFolderId":',coalesce('"'||t7."favoriteFolderId"||'"', 'null'),'}'), ','), '') as e1
          from (
            select t7."id", t7."createdAt", t7."updatedAt", t7."deletedAt", t7."position", t7."viewId", t7."forWorkspaceMemberId", t7."personId", t7."companyId", t7."opportunityId", t7."workflowId", t7."workflowVersionId", t7."workflowRunId", t7."taskId", t7."noteId", t7."dashboardId", t7."favoriteFolderId"
            from "workspace_golden"."favorite" t7
            where t7."personId" = t2."id" and t7."deletedAt" is null
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
            where t8."targetPersonId" = t2."id" and t8."deletedAt" is null
            order by t8."id"
            limit 60
          ) t8
        ) t8x
      ),',"messageParticipants":',(
        select concat('[',t9x.e1,']')
        from (
          select coalesce(string_agg(concat('{"id":"',t9."id",'","createdAt":',left(to_json(t9."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t9."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t9."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"role":"',t9."role",'","handle":',coalesce(to_json(t9."handle")::text, 'null'),',"displayName":',coalesce(to_json(t9."displayName")::text, 'null'),',"messageId":',coalesce('"'||t9."messageId"||'"', 'null'),',"personId":',coalesce('"'||t9."personId"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t9."workspaceMemberId"||'"', 'null'),'}'), ','), '') as e1
          from (
            select t9."id", t9."createdAt", t9."updatedAt", t9."deletedAt", t9."role", t9."handle", t9."displayName", t9."messageId", t9."personId", t9."workspaceMemberId"
            from "workspace_golden"."messageParticipant" t9
            where t9."personId" = t2."id" and t9."deletedAt" is null
            order by t9."id"
            limit 60
          ) t9
        ) t9x
      ),',"calendarEventParticipants":',(
        select concat('[',t10x.e1,']')
        from (
          select coalesce(string_agg(concat('{"id":"',t10."id",'","createdAt":',left(to_json(t10."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t10."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t10."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"handle":',coalesce(to_json(t10."handle")::text, 'null'),',"displayName":',coalesce(to_json(t10."displayName")::text, 'null'),',"isOrganizer":',t10."isOrganizer"::text,',"responseStatus":"',t10."responseStatus",'","calendarEventId":',coalesce('"'||t10."calendarEventId"||'"', 'null'),',"personId":',coalesce('"'||t10."personId"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t10."workspaceMemberId"||'"', 'null'),'}'), ','), '') as e1
          from (
            select t10."id", t10."createdAt", t10."updatedAt", t10."deletedAt", t10."handle", t10."displayName", t10."isOrganizer", t10."responseStatus", t10."calendarEventId", t10."personId", t10."workspaceMemberId"
            from "workspace_golden"."calendarEventParticipant" t10
            where t10."personId" = t2."id" and t10."deletedAt" is null
            order by t10."id"
            limit 60
          ) t10
        ) t10x
      ),',"timelineActivities":',(
        select concat('[',t11x.e1,']')
        from (
          select coalesce(string_agg(concat('{"id":"',t11."id",'","createdAt":',left(to_json(t11."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t11."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t11."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"happensAt":',left(to_json(t11."happensAt"+interval '1 us')::text,24)||'Z"',',"name":',coalesce(to_json(t11."name")::text, 'null'),',"properties":',coalesce(t11."properties"::text, 'null'),',"linkedRecordCachedName":',coalesce(to_json(t11."linkedRecordCachedName")::text, 'null'),',"linkedRecordId":',coalesce('"'||t11."linkedRecordId"||'"', 'null'),',"linkedObjectMetadataId":',coalesce('"'||t11."linkedObjectMetadataId"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t11."workspaceMemberId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t11."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t11."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t11."targetOpportunityId"||'"', 'null'),',"targetNoteId":',coalesce('"'||t11."targetNoteId"||'"', 'null'),',"targetTaskId":',coalesce('"'||t11."targetTaskId"||'"', 'null'),',"targetWorkflowId":',coalesce('"'||t11."targetWorkflowId"||'"', 'null'),',"targetWorkflowVersionId":',coalesce('"'||t11."targetWorkflowVersionId"||'"', 'null'),',"targetWorkflowRunId":',coalesce('"'||t11."targetWorkflowRunId"||'"', 'null'),',"targetDashboardId":',coalesce('"'||t11."targetDashboardId"||'"', 'null'),'}'), ','), '') as e1
          from (
            select t11."id", t11."createdAt", t11."updatedAt", t11."deletedAt", t11."happensAt", t11."name", t11."properties", t11."linkedRecordCachedName", t11."linkedRecordId", t11."linkedObjectMetadataId", t11."workspaceMemberId", t11."targetPersonId", t11."targetCompanyId", t11."targetOpportunityId", t11."targetNoteId", t11."targetTaskId", t11."targetWorkflowId", t11."targetWorkflowVersionId", t11."targetWorkflowRunId", t11."targetDashboardId"
            from "workspace_golden"."timelineActivity" t11
            where t11."targetPersonId" = t2."id" and t11."deletedAt" is null
            order by t11."id"
            limit 60
          ) t11
        ) t11x
      ),'}'), ',') filter (where t2.rn <= 60), '') as e1, count(*) as n, array_agg(t2._cursor) as ends
      from (
        select *, row_number() over () as rn
        from (
          select t2."id", t2."createdAt", t2."updatedAt", t2."deletedAt", t2."nameFirstName", t2."nameLastName", t2."emailsPrimaryEmail", t2."emailsAdditionalEmails", t2."linkedinLinkPrimaryLinkLabel", t2."linkedinLinkPrimaryLinkUrl", t2."linkedinLinkSecondaryLinks", t2."xLinkPrimaryLinkLabel", t2."xLinkPrimaryLinkUrl", t2."xLinkSecondaryLinks", t2."jobTitle", t2."phonesPrimaryPhoneNumber", t2."phonesPrimaryPhoneCountryCode", t2."phonesPrimaryPhoneCallingCode", t2."phonesAdditionalPhones", t2."city", t2."avatarUrl", t2."avatarFile", t2."position", t2."createdBySource", t2."createdByWorkspaceMemberId", t2."createdByName", t2."createdByContext", t2."updatedBySource", t2."updatedByWorkspaceMemberId", t2."updatedByName", t2."updatedByContext", t2."companyId", concat('{"id":"',t2."id",'"}') as _cursor
          from "workspace_golden"."person" t2
          where t2."id" = any(t1.ids) and t2."deletedAt" is null
          order by t2."id"
          limit 61
        ) t2
      ) t2
    ) t2x, (
      select count(*) as a1
      from "workspace_golden"."person" t2
      where t2."id" = any(t1.ids) and t2."deletedAt" is null
    ) t2a
  )), ',' order by t1.place)
  from (
    with w as materialized (
      select *
      from jsonb_to_recordset($1::jsonb) as c(_place int, "nameFirstName" text, "nameLastName" text, "linkedinLinkPrimaryLinkUrl" text, "emailsPrimaryEmail" text)
    )
    select w._place as place, coalesce(m.ids, '{}') as ids
    from w
    left join (
      select _place, array_agg(id) as ids
      from (
        select w._place, t.id
        from w
        join "workspace_golden"."person" t
        on t."deletedAt" is null and t."nameFirstName" = w."nameFirstName" and w."nameFirstName" <> '' and t."nameFirstName" <> '' and t."nameLastName" = w."nameLastName" and w."nameLastName" <> '' and t."nameLastName" <> ''
        union
        select w._place, t.id
        from w
        join "workspace_golden"."person" t
        on t."deletedAt" is null and t."linkedinLinkPrimaryLinkUrl" = w."linkedinLinkPrimaryLinkUrl" and w."linkedinLinkPrimaryLinkUrl" <> '' and t."linkedinLinkPrimaryLinkUrl" <> ''
        union
        select w._place, t.id
        from w
        join "workspace_golden"."person" t
        on t."deletedAt" is null and t."emailsPrimaryEmail" = w."emailsPrimaryEmail" and w."emailsPrimaryEmail" <> '' and t."emailsPrimaryEmail" <> ''
      ) f
      group by _place
    ) m
    on m._place = w._place
  ) t1
), ''),']')::bpchar;
