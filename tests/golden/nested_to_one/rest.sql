select concat((
  select concat('{"data":{"people":[',t1x.e1,']},"totalCount":',t1a.a1,',"pageInfo":{"hasNextPage":',case when t1x.n > 60 then 'true' else 'false' end,',"hasPreviousPage":false,"startCursor":',coalesce('"' || translate(encode(convert_to(t1x.ends[1], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),',"endCursor":',coalesce('"' || translate(encode(convert_to(t1x.ends[least(t1x.n::int, 60)], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),'}}')
  from (
    select coalesce(string_agg(concat('{"id":"',t1."id",'","createdAt":',left(to_json(t1."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t1."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t1."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":{"firstName":',coalesce(to_json(t1."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(t1."nameLastName")::text, 'null'),'},"emails":{"primaryEmail":',coalesce(to_json(t1."emailsPrimaryEmail")::text, 'null'),',"additionalEmails":',coalesce(t1."emailsAdditionalEmails"::text, 'null'),'},"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(t1."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t1."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t1."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(t1."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t1."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t1."xLinkSecondaryLinks"::text, 'null'),'},"jobTitle":',coalesce(to_json(t1."jobTitle")::text, 'null'),',"phones":{"primaryPhoneNumber":',coalesce(to_json(t1."phonesPrimaryPhoneNumber")::text, 'null'),',"primaryPhoneCountryCode":',coalesce(to_json(t1."phonesPrimaryPhoneCountryCode")::text, 'null'),',"primaryPhoneCallingCode":',coalesce(to_json(t1."phonesPrimaryPhoneCallingCode")::text, 'null'),',"additionalPhones":',coalesce(t1."phonesAdditionalPhones"::text, 'null'),'},"city":',coalesce(to_json(t1."city")::text, 'null'),',"avatarUrl":',coalesce(case when coalesce(t1."avatarUrl", '') = '' or starts_with(t1."avatarUrl", 'http') then to_json(t1."avatarUrl")::text when split_part(t1."avatarUrl", '/', 1) = any ('{agent-chat,attachment,file,files-field,person-picture,profile-picture,workspace-logo}') and split_part(t1."avatarUrl", '/', 2) <> '' and $1::text is not null then to_json(split_part($1::text, E'\n', 1) || left(t1."avatarUrl", -length(split_part(t1."avatarUrl", '/', -1))) || (
      select t.signed || '.' || replace(replace(replace(rtrim(encode(sha256(decode(split_part($1::text, E'\n', 6), 'hex') || sha256(decode(split_part($1::text, E'\n', 5), 'hex') || convert_to(t.signed, 'UTF8'))), 'base64'), '='), '+', '-'), '/', '_'), E'\n', '')
      from (
        select split_part($1::text, E'\n', 2) || replace(replace(replace(rtrim(encode(convert_to(split_part($1::text, E'\n', 3) || to_json(split_part(t1."avatarUrl", '/', -1))::text || split_part($1::text, E'\n', 4), 'UTF8'), 'base64'), '='), '+', '-'), '/', '_'), E'\n', '') as signed
        offset 0
      ) t
    ) || '/' || split_part(t1."avatarUrl", '/', -1))::text else to_json(t1."avatarUrl")::text end, 'null'),',"avatarFile":',coalesce(t1."avatarFile"::text, 'null'),',"position":',t1."position"::text,',"createdBy":{"source":',coalesce('"'||t1."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."createdByName")::text, 'null'),',"context":',coalesce(t1."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t1."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."updatedByName")::text, 'null'),',"context":',coalesce(t1."updatedByContext"::text, 'null'),'},"companyId":',coalesce('"'||t1."companyId"||'"', 'null'),',"company":',coalesce((
      select concat('{"id":"',t2."id",'","createdAt":',left(to_json(t2."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t2."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t2."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t2."name")::text, 'null'),',"domainName":{"primaryLinkLabel":',coalesce(to_json(t2."domainNamePrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."domainNamePrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."domainNameSecondaryLinks"::text, 'null'),'},"address":{"addressStreet1":',coalesce(to_json(t2."addressAddressStreet1")::text, 'null'),',"addressStreet2":',coalesce(to_json(t2."addressAddressStreet2")::text, 'null'),',"addressCity":',coalesce(to_json(t2."addressAddressCity")::text, 'null'),',"addressPostcode":',coalesce(to_json(t2."addressAddressPostcode")::text, 'null'),',"addressState":',coalesce(to_json(t2."addressAddressState")::text, 'null'),',"addressCountry":',coalesce(to_json(t2."addressAddressCountry")::text, 'null'),',"addressLat":',coalesce('"'||t2."addressAddressLat"::text||'"', 'null'),',"addressLng":',coalesce('"'||t2."addressAddressLng"::text||'"', 'null'),'},"employees":',coalesce(t2."employees"::text, 'null'),',"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(t2."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(t2."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."xLinkSecondaryLinks"::text, 'null'),'},"annualRecurringRevenue":{"amountMicros":',coalesce('"'||t2."annualRecurringRevenueAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t2."annualRecurringRevenueCurrencyCode")::text, 'null'),'},"idealCustomerProfile":',t2."idealCustomerProfile"::text,',"position":',t2."position"::text,',"createdBy":{"source":',coalesce('"'||t2."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t2."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t2."createdByName")::text, 'null'),',"context":',coalesce(t2."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t2."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t2."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t2."updatedByName")::text, 'null'),',"context":',coalesce(t2."updatedByContext"::text, 'null'),'},"accountOwnerId":',coalesce('"'||t2."accountOwnerId"||'"', 'null'),'}')
      from "workspace_golden"."company" t2
      where t2.id = t1."companyId" and t2."deletedAt" is null
    ), 'null'),',"pointOfContactForOpportunities":',(
      select concat('[',t3x.e1,']')
      from (
        select coalesce(string_agg(concat('{"id":"',t3."id",'","createdAt":',left(to_json(t3."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t3."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t3."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t3."name")::text, 'null'),',"amount":{"amountMicros":',coalesce('"'||t3."amountAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t3."amountCurrencyCode")::text, 'null'),'},"closeDate":',coalesce(left(to_json(t3."closeDate"+interval '1 us')::text,24)||'Z"', 'null'),',"stage":"',t3."stage",'","position":',t3."position"::text,',"createdBy":{"source":',coalesce('"'||t3."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t3."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t3."createdByName")::text, 'null'),',"context":',coalesce(t3."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t3."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t3."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t3."updatedByName")::text, 'null'),',"context":',coalesce(t3."updatedByContext"::text, 'null'),'},"pointOfContactId":',coalesce('"'||t3."pointOfContactId"||'"', 'null'),',"companyId":',coalesce('"'||t3."companyId"||'"', 'null'),',"ownerId":',coalesce('"'||t3."ownerId"||'"', 'null'),',"probability":',coalesce(t3."probability"::text, 'null'),'}'), ','), '') as e1
        from (
          select t3."id", t3."createdAt", t3."updatedAt", t3."deletedAt", t3."name", t3."amountAmountMicros", t3."amountCurrencyCode", t3."closeDate", t3."stage", t3."position", t3."createdBySource", t3."createdByWorkspaceMemberId", t3."createdByName", t3."createdByContext", t3."updatedBySource", t3."updatedByWorkspaceMemberId", t3."updatedByName", t3."updatedByContext", t3."pointOfContactId", t3."companyId", t3."ownerId", t3."probability"
          from "workspace_golden"."opportunity" t3
          where t3."pointOfContactId" = t1."id" and t3."deletedAt" is null
          order by t3."id"
          limit 60
        ) t3
      ) t3x
    ),',"taskTargets":',(
      select concat('[',t4x.e1,']')
      from (
        select coalesce(string_agg(concat('{"id":"',t4."id",'","createdAt":',left(to_json(t4."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t4."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t4."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"taskId":',coalesce('"'||t4."taskId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t4."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t4."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t4."targetOpportunityId"||'"', 'null'),'}'), ','), '') as e1
        from (
          select t4."id", t4."createdAt", t4."updatedAt", t4."deletedAt", t4."taskId", t4."targetPersonId", t4."targetCompanyId", t4."targetOpportunityId"
          from "workspace_golden"."taskTarget" t4
          where t4."targetPersonId" = t1."id" and t4."deletedAt" is null
          order by t4."id"
          limit 60
        ) t4
      ) t4x
    ),',"noteTargets":',(
      select concat('[',t5x.e1,']')
      from (
        select coalesce(string_agg(concat('{"id":"',t5."id",'","createdAt":',left(to_json(t5."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t5."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t5."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"noteId":',coalesce('"'||t5."noteId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t5."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t5."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t5."targetOpportunityId"||'"', 'null'),'}'), ','), '') as e1
        from (
          select t5."id", t5."createdAt", t5."updatedAt", t5."deletedAt", t5."noteId", t5."targetPersonId", t5."targetCompanyId", t5."targetOpportunityId"
          from "workspace_golden"."noteTarget" t5
          where t5."targetPersonId" = t1."id" and t5."deletedAt" is null
          order by t5."id"
          limit 60
        ) t5
      ) t5x
    ),',"favorites":',(
      select concat('[',t6x.e1,']')
      from (
        select coalesce(string_agg(concat('{"id":"',t6."id",'","createdAt":',left(to_json(t6."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t6."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t6."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"position":',t6."position"::text,',"viewId":',coalesce('"'||t6."viewId"||'"', 'null'),',"forWorkspaceMemberId":',coalesce('"'||t6."forWorkspaceMemberId"||'"', 'null'),',"personId":',coalesce('"'||t6."personId"||'"', 'null'),',"companyId":',coalesce('"'||t6."companyId"||'"', 'null'),',"opportunityId":',coalesce('"'||t6."opportunityId"||'"', 'null'),',"workflowId":',coalesce('"'||t6."workflowId"||'"', 'null'),',"workflowVersionId":',coalesce('"'||t6."workflowVersionId"||'"', 'null'),',"workflowRunId":',coalesce('"'||t6."workflowRunId"||'"', 'null'),',"taskId":',coalesce('"'||t6."taskId"||'"', 'null'),',"noteId":',coalesce('"'||t6."noteId"||'"', 'null'),',"dashboardId":',coalesce('"'||t6."dashboardId"||'"', 'null'),',"favoriteFolderId":',coalesce('"'||t6."favoriteFolderId"||'"', 'null'),'}'), ','), '') as e1
        from (
          select t6."id", t6."createdAt", t6."updatedAt", t6."deletedAt", t6."position", t6."viewId", t6."forWorkspaceMemberId", t6."personId", t6."companyId", t6."opportunityId", t6."workflowId", t6."workflowVersionId", t6."workflowRunId", t6."taskId", t6."noteId", t6."dashboardId", t6."favoriteFolderId"
          from "workspace_golden"."favorite" t6
          where t6."personId" = t1."id" and t6."deletedAt" is null
          order by t6."id"
          limit 60
        ) t6
      ) t6x
    ),',"attachments":',(
      select concat('[',t7x.e1,']')
      from (
        select coalesce(string_agg(concat('{"id":"',t7."id",'","createdAt":',left(to_json(t7."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t7."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t7."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t7."name")::text, 'null'),',"file":',coalesce(t7."file"::text, 'null'),',"fullPath":',coalesce(case when coalesce(t7."fullPath", '') = '' or starts_with(t7."fullPath", 'http') then to_json(t7."fullPath")::text when split_part(t7."fullPath", '/', 1) = any ('{agent-chat,attachment,file,files-field,person-picture,profile-picture,workspace-logo}') and split_part(t7."fullPath", '/', 2) <> '' and $1::text is not null then to_json(split_part($1::text, E'\n', 1) || left(t7."fullPath", -length(split_part(t7."fullPath", '/', -1))) || (
          select t.signed || '.' || replace(replace(replace(rtrim(encode(sha256(decode(split_part($1::text, E'\n', 6), 'hex') || sha256(decode(split_part($1::text, E'\n', 5), 'hex') || convert_to(t.signed, 'UTF8'))), 'base64'), '='), '+', '-'), '/', '_'), E'\n', '')
          from (
            select split_part($1::text, E'\n', 2) || replace(replace(replace(rtrim(encode(convert_to(split_part($1::text, E'\n', 3) || to_json(split_part(t7."fullPath", '/', -1))::text || split_part($1::text, E'\n', 4), 'UTF8'), 'base64'), '='), '+', '-'), '/', '_'), E'\n', '') as signed
            offset 0
          ) t
        ) || '/' || split_part(t7."fullPath", '/', -1))::text else to_json(t7."fullPath")::text end, 'null'),',"fileCategory":"',t7."fileCategory",'","createdBy":{"source":',coalesce('"'||t7."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t7."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t7."createdByName")::text, 'null'),',"context":',coalesce(t7."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t7."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t7."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t7."updatedByName")::text, 'null'),',"context":',coalesce(t7."updatedByContext"::text, 'null'),'},"targetTaskId":',coalesce('"'||t7."targetTaskId"||'"', 'null'),',"targetNoteId":',coalesce('"'||t7."targetNoteId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t7."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t7."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t7."targetOpportunityId"||'"', 'null'),',"targetDashboardId":',coalesce('"'||t7."targetDashboardId"||'"', 'null'),',"targetWorkflowId":',coalesce('"'||t7."targetWorkflowId"||'"', 'null'),'}'), ','), '') as e1
        from (
          select t7."id", t7."createdAt", t7."updatedAt", t7."deletedAt", t7."name", t7."file", t7."fullPath", t7."fileCategory", t7."createdBySource", t7."createdByWorkspaceMemberId", t7."createdByName", t7."createdByContext", t7."updatedBySource", t7."updatedByWorkspaceMemberId", t7."updatedByName", t7."updatedByContext", t7."targetTaskId", t7."targetNoteId", t7."targetPersonId", t7."targetCompanyId", t7."targetOpportunityId", t7."targetDashboardId", t7."targetWorkflowId"
          from "workspace_golden"."attachment" t7
          where t7."targetPersonId" = t1."id" and t7."deletedAt" is null
          order by t7."id"
          limit 60
        ) t7
      ) t7x
    ),',"messageParticipants":',(
      select concat('[',t8x.e1,']')
      from (
        select coalesce(string_agg(concat('{"id":"',t8."id",'","createdAt":',left(to_json(t8."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t8."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t8."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"role":"',t8."role",'","handle":',coalesce(to_json(t8."handle")::text, 'null'),',"displayName":',coalesce(to_json(t8."displayName")::text, 'null'),',"messageId":',coalesce('"'||t8."messageId"||'"', 'null'),',"personId":',coalesce('"'||t8."personId"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t8."workspaceMemberId"||'"', 'null'),'}'), ','), '') as e1
        from (
          select t8."id", t8."createdAt", t8."updatedAt", t8."deletedAt", t8."role", t8."handle", t8."displayName", t8."messageId", t8."personId", t8."workspaceMemberId"
          from "workspace_golden"."messageParticipant" t8
          where t8."personId" = t1."id" and t8."deletedAt" is null
          order by t8."id"
          limit 60
        ) t8
      ) t8x
    ),',"calendarEventParticipants":',(
      select concat('[',t9x.e1,']')
      from (
        select coalesce(string_agg(concat('{"id":"',t9."id",'","createdAt":',left(to_json(t9."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t9."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t9."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"handle":',coalesce(to_json(t9."handle")::text, 'null'),',"displayName":',coalesce(to_json(t9."displayName")::text, 'null'),',"isOrganizer":',t9."isOrganizer"::text,',"responseStatus":"',t9."responseStatus",'","calendarEventId":',coalesce('"'||t9."calendarEventId"||'"', 'null'),',"personId":',coalesce('"'||t9."personId"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t9."workspaceMemberId"||'"', 'null'),'}'), ','), '') as e1
        from (
          select t9."id", t9."createdAt", t9."updatedAt", t9."deletedAt", t9."handle", t9."displayName", t9."isOrganizer", t9."responseStatus", t9."calendarEventId", t9."personId", t9."workspaceMemberId"
          from "workspace_golden"."calendarEventParticipant" t9
          where t9."personId" = t1."id" and t9."deletedAt" is null
          order by t9."id"
          limit 60
        ) t9
      ) t9x
    ),',"timelineActivities":',(
      select concat('[',t10x.e1,']')
      from (
        select coalesce(string_agg(concat('{"id":"',t10."id",'","createdAt":',left(to_json(t10."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t10."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t10."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"happensAt":',left(to_json(t10."happensAt"+interval '1 us')::text,24)||'Z"',',"name":',coalesce(to_json(t10."name")::text, 'null'),',"properties":',coalesce(t10."properties"::text, 'null'),',"linkedRecordCachedName":',coalesce(to_json(t10."linkedRecordCachedName")::text, 'null'),',"linkedRecordId":',coalesce('"'||t10."linkedRecordId"||'"', 'null'),',"linkedObjectMetadataId":',coalesce('"'||t10."linkedObjectMetadataId"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t10."workspaceMemberId"||'"', 'null'),',"targetPersonId":',coalesce('"'||t10."targetPersonId"||'"', 'null'),',"targetCompanyId":',coalesce('"'||t10."targetCompanyId"||'"', 'null'),',"targetOpportunityId":',coalesce('"'||t10."targetOpportunityId"||'"', 'null'),',"targetNoteId":',coalesce('"'||t10."targetNoteId"||'"', 'null'),',"targetTaskId":',coalesce('"'||t10."targetTaskId"||'"', 'null'),',"targetWorkflowId":',coalesce('"'||t10."targetWorkflowId"||'"', 'null'),',"targetWorkflowVersionId":',coalesce('"'||t10."targetWorkflowVersionId"||'"', 'null'),',"targetWorkflowRunId":',coalesce('"'||t10."targetWorkflowRunId"||'"', 'null'),',"targetDashboardId":',coalesce('"'||t10."targetDashboardId"||'"', 'null'),'}'), ','), '') as e1
        from (
          select t10."id", t10."createdAt", t10."updatedAt", t10."deletedAt", t10."happensAt", t10."name", t10."properties", t10."linkedRecordCachedName", t10."linkedRecordId", t10."linkedObjectMetadataId", t10."workspaceMemberId", t10."targetPersonId", t10."targetCompanyId", t10."targetOpportunityId", t10."targetNoteId", t10."targetTaskId", t10."targetWorkflowId", t10."targetWorkflowVersionId", t10."targetWorkflowRunId", t10."targetDashboardId"
          from "workspace_golden"."timelineActivity" t10
          where t10."targetPersonId" = t1."id" and t10."deletedAt" is null
          order by t10."id"
          limit 60
        ) t10
      ) t10x
    ),'}'), ',') filter (where t1.rn <= 60), '') as e1, count(*) as n, array_agg(t1._cursor) as ends
    from (
      select *, row_number() over () as rn
      from (
        select t1."id", t1."createdAt", t1."updatedAt", t1."deletedAt", t1."nameFirstName", t1."nameLastName", t1."emailsPrimaryEmail", t1."emailsAdditionalEmails", t1."linkedinLinkPrimaryLinkLabel", t1."linkedinLinkPrimaryLinkUrl", t1."linkedinLinkSecondaryLinks", t1."xLinkPrimaryLinkLabel", t1."xLinkPrimaryLinkUrl", t1."xLinkSecondaryLinks", t1."jobTitle", t1."phonesPrimaryPhoneNumber", t1."phonesPrimaryPhoneCountryCode", t1."phonesPrimaryPhoneCallingCode", t1."phonesAdditionalPhones", t1."city", t1."avatarUrl", t1."avatarFile", t1."position", t1."createdBySource", t1."createdByWorkspaceMemberId", t1."createdByName", t1."createdByContext", t1."updatedBySource", t1."updatedByWorkspaceMemberId", t1."updatedByName", t1."updatedByContext", t1."companyId", concat('{"id":"',t1."id",'"}') as _cursor
        from "workspace_golden"."person" t1
        where t1."deletedAt" is null
        order by t1."id"
        limit 61
      ) t1
    ) t1
  ) t1x, (
    select count(*) as a1
    from "workspace_golden"."person" t1
    where t1."deletedAt" is null
  ) t1a
))::bpchar;
