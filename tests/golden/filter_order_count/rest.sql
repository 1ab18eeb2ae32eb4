select concat((
  select concat('{"data":{"people":[',t1x.e1,']},"totalCount":',t1a.a1,',"pageInfo":{"hasNextPage":',case when t1x.n > 2 then 'true' else 'false' end,',"hasPreviousPage":false,"startCursor":',coalesce('"' || translate(encode(convert_to(t1x.ends[1], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),',"endCursor":',coalesce('"' || translate(encode(convert_to(t1x.ends[least(t1x.n::int, 2)], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),'}}')
  from (
    select coalesce(string_agg(concat('{"id":"',t1."id",'","createdAt":',left(to_json(t1."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t1."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t1."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":{"firstName":',coalesce(to_json(t1."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(t1."nameLastName")::text, 'null'),'},"emails":{"primaryEmail":',coalesce(to_json(t1."emailsPrimaryEmail")::text, 'null'),',"additionalEmails":',coalesce(t1."emailsAdditionalEmails"::text, 'null'),'},"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(t1."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t1."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t1."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(t1."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t1."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t1."xLinkSecondaryLinks"::text, 'null'),'},"jobTitle":',coalesce(to_json(t1."jobTitle")::text, 'null'),',"phones":{"primaryPhoneNumber":',coalesce(to_json(t1."phonesPrimaryPhoneNumber")::text, 'null'),',"primaryPhoneCountryCode":',coalesce(to_json(t1."phonesPrimaryPhoneCountryCode")::text, 'null'),',"primaryPhoneCallingCode":',coalesce(to_json(t1."phonesPrimaryPhoneCallingCode")::text, 'null'),',"additionalPhones":',coalesce(t1."phonesAdditionalPhones"::text, 'null'),'},"city":',coalesce(to_json(t1."city")::text, 'null'),',"avatarUrl":',coalesce(case when coalesce(t1."avatarUrl", '') = '' or starts_with(t1."avatarUrl", 'http') then to_json(t1."avatarUrl")::text when split_part(t1."avatarUrl", '/', 1) = any ('{agent-chat,attachment,file,files-field,person-picture,profile-picture,workspace-logo}') and split_part(t1."avatarUrl", '/', 2) <> '' and $4::text is not null then to_json(split_part($4::text, E'\n', 1) || left(t1."avatarUrl", -length(split_part(t1."avatarUrl", '/', -1))) || (
      select t.signed || '.' || replace(replace(replace(rtrim(encode(sha256(decode(split_part($4::text, E'\n', 6), 'hex') || sha256(decode(split_part($4::text, E'\n', 5), 'hex') || convert_to(t.signed, 'UTF8'))), 'base64'), '='), '+', '-'), '/', '_'), E'\n', '')
      from (
        select split_part($4::text, E'\n', 2) || replace(replace(replace(rtrim(encode(convert_to(split_part($4::text, E'\n', 3) || to_json(split_part(t1."avatarUrl", '/', -1))::text || split_part($4::text, E'\n', 4), 'UTF8'), 'base64'), '='), '+', '-'), '/', '_'), E'\n', '') as signed
        offset 0
      ) t
    ) || '/' || split_part(t1."avatarUrl", '/', -1))::text else to_json(t1."avatarUrl")::text end, 'null'),',"avatarFile":',coalesce(t1."avatarFile"::text, 'null'),',"position":',t1."position"::text,',"createdBy":{"source":',coalesce('"'||t1."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."createdByName")::text, 'null'),',"context":',coalesce(t1."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t1."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."updatedByName")::text, 'null'),',"context":',coalesce(t1."updatedByContext"::text, 'null'),'},"companyId":',coalesce('"'||t1."companyId"||'"', 'null'),'}'), ',') filter (where t1.rn <= 2), '') as e1, count(*) as n, array_agg(t1._cursor) as ends
    from (
      select *, row_number() over () as rn
      from (
        select *
        from ((
          select t1."id", t1."createdAt", t1."updatedAt", t1."deletedAt", t1."nameFirstName", t1."nameLastName", t1."emailsPrimaryEmail", t1."emailsAdditionalEmails", t1."linkedinLinkPrimaryLinkLabel", t1."linkedinLinkPrimaryLinkUrl", t1."linkedinLinkSecondaryLinks", t1."xLinkPrimaryLinkLabel", t1."xLinkPrimaryLinkUrl", t1."xLinkSecondaryLinks", t1."jobTitle", t1."phonesPrimaryPhoneNumber", t1."phonesPrimaryPhoneCountryCode", t1."phonesPrimaryPhoneCallingCode", t1."phonesAdditionalPhones", t1."city", t1."avatarUrl", t1."avatarFile", t1."position", t1."createdBySource", t1."createdByWorkspaceMemberId", t1."createdByName", t1."createdByContext", t1."updatedBySource", t1."updatedByWorkspaceMemberId", t1."updatedByName", t1."updatedByContext", t1."companyId", concat('{"city":',coalesce(to_json(t1."city")::text, 'null'),',"name":{"lastName":',coalesce(to_json(t1."nameLastName")::text, 'null'),'},"id":"',t1."id",'"}') as _cursor
          from "workspace_golden"."person" t1
          where t1."deletedAt" is null and ((t1."city" ilike $1::text or t1."nameFirstName" = any($2::text[])) and not (coalesce(t1."jobTitle", '') = $3::text)) and t1."city" is not null
          order by t1."city" desc, t1."nameLastName" nulls first, t1."id"
          limit 3
        ) union all (
          select t1."id", t1."createdAt", t1."updatedAt", t1."deletedAt", t1."nameFirstName", t1."nameLastName", t1."emailsPrimaryEmail", t1."emailsAdditionalEmails", t1."linkedinLinkPrimaryLinkLabel", t1."linkedinLinkPrimaryLinkUrl", t1."linkedinLinkSecondaryLinks", t1."xLinkPrimaryLinkLabel", t1."xLinkPrimaryLinkUrl", t1."xLinkSecondaryLinks", t1."jobTitle", t1."phonesPrimaryPhoneNumber", t1."phonesPrimaryPhoneCountryCode", t1."phonesPrimaryPhoneCallingCode", t1."phonesAdditionalPhones", t1."city", t1."avatarUrl", t1."avatarFile", t1."position", t1."createdBySource", t1."createdByWorkspaceMemberId", t1."createdByName", t1."createdByContext", t1."updatedBySource", t1."updatedByWorkspaceMemberId", t1."updatedByName", t1."updatedByContext", t1."companyId", concat('{"city":',coalesce(to_json(t1."city")::text, 'null'),',"name":{"lastName":',coalesce(to_json(t1."nameLastName")::text, 'null'),'},"id":"',t1."id",'"}') as _cursor
          from "workspace_golden"."person" t1
          where t1."deletedAt" is null and ((t1."city" ilike $1::text or t1."nameFirstName" = any($2::text[])) and not (coalesce(t1."jobTitle", '') = $3::text)) and t1."city" is null
          order by t1."nameLastName" nulls first, t1."id"
          limit 3
        )) t1
        limit 3
      ) t1
    ) t1
  ) t1x, (
    select count(*) as a1
    from "workspace_golden"."person" t1
    where t1."deletedAt" is null and ((t1."city" ilike $1::text or t1."nameFirstName" = any($2::text[])) and not (coalesce(t1."jobTitle", '') = $3::text))
  ) t1a
))::bpchar;
