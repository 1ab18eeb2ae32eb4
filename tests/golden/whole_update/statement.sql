with x as (
  select *
  from jsonb_to_recordset($3::jsonb) as x("city" text)
), o as (
  select t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId"
  from "workspace_golden"."person" t
  where t."id" = $4::uuid and t."deletedAt" is null for update
), i as (
  update "workspace_golden"."person" t
  set "city" = x."city", "updatedBySource" = case when n.differs then $5::text else t."updatedBySource" end, "updatedByWorkspaceMemberId" = case when n.differs then $6::uuid else t."updatedByWorkspaceMemberId" end, "updatedByName" = case when n.differs then $7::text else t."updatedByName" end, "updatedByContext" = case when n.differs then $8::jsonb else t."updatedByContext" end, "updatedAt" = case when n.differs then now() else t."updatedAt" end
  from o, x
  cross join lateral (
    select o."city" is distinct
    from x."city" as differs
  ) n
  where t.id = o.id
  returning t."id", t."createdAt", t."updatedAt", t."deletedAt", t."nameFirstName", t."nameLastName", t."emailsPrimaryEmail", t."emailsAdditionalEmails", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."jobTitle", t."phonesPrimaryPhoneNumber", t."phonesPrimaryPhoneCountryCode", t."phonesPrimaryPhoneCallingCode", t."phonesAdditionalPhones", t."city", t."avatarUrl", t."avatarFile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."companyId", to_jsonb(o.*) as _before, array_remove(array[case when o."city" is distinct from t."city" then 'city' end]::text[], null) as _changed
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor, "updatedFields")
  select 'updated', 'person', i.id, i._before, to_jsonb(a.*), $9::jsonb, i._changed
  from i
  cross join lateral (
    select i."id", i."createdAt", i."updatedAt", i."deletedAt", i."nameFirstName", i."nameLastName", i."emailsPrimaryEmail", i."emailsAdditionalEmails", i."linkedinLinkPrimaryLinkLabel", i."linkedinLinkPrimaryLinkUrl", i."linkedinLinkSecondaryLinks", i."xLinkPrimaryLinkLabel", i."xLinkPrimaryLinkUrl", i."xLinkSecondaryLinks", i."jobTitle", i."phonesPrimaryPhoneNumber", i."phonesPrimaryPhoneCountryCode", i."phonesPrimaryPhoneCallingCode", i."phonesAdditionalPhones", i."city", i."avatarUrl", i."avatarFile", i."position", i."createdBySource", i."createdByWorkspaceMemberId", i."createdByName", i."createdByContext", i."updatedBySource", i."updatedByWorkspaceMemberId", i."updatedByName", i."updatedByContext", i."companyId"
  ) a
  where i._changed <> '{}'
)
select concat('{"id":"',i."id",'","createdAt":',left(to_json(i."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(i."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(i."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":{"firstName":',coalesce(to_json(i."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(i."nameLastName")::text, 'null'),'},"emails":{"primaryEmail":',coalesce(to_json(i."emailsPrimaryEmail")::text, 'null'),',"additionalEmails":',coalesce(i."emailsAdditionalEmails"::text, 'null'),'},"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(i."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(i."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(i."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(i."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(i."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(i."xLinkSecondaryLinks"::text, 'null'),'},"jobTitle":',coalesce(to_json(i."jobTitle")::text, 'null'),',"phones":{"primaryPhoneNumber":',coalesce(to_json(i."phonesPrimaryPhoneNumber")::text, 'null'),',"primaryPhoneCountryCode":',coalesce(to_json(i."phonesPrimaryPhoneCountryCode")::text, 'null'),',"primaryPhoneCallingCode":',coalesce(to_json(i."phonesPrimaryPhoneCallingCode")::text, 'null'),',"additionalPhones":',coalesce(i."phonesAdditionalPhones"::text, 'null'),'},"city":',coalesce(to_json(i."city")::text, 'null'),',"avatarUrl":',coalesce(case when coalesce(i."avatarUrl", '') = '' or starts_with(i."avatarUrl", 'http') then to_json(i."avatarUrl")::text when split_part(i."avatarUrl", '/', 1) = any ('{agent-chat,attachment,file,files-field,person-picture,profile-picture,workspace-logo}') and split_part(i."avatarUrl", '/', 2) <> '' and $1::text is not null then to_json(split_part($1::text, E'\n', 1) || left(i."avatarUrl", -length(split_part(i."avatarUrl", '/', -1))) || (
  select t.signed || '.' || replace(replace(replace(rtrim(encode(sha256(substr($2::bytea, 65) || sha256(substr($2::bytea, 1, 64) || convert_to(t.signed, 'UTF8'))), 'base64'), '='), '+', '-'), '/', '_'), E'\n', '')
  from (
    select split_part($1::text, E'\n', 2) || replace(replace(replace(rtrim(encode(convert_to(split_part($1::text, E'\n', 3) || to_json(split_part(i."avatarUrl", '/', -1))::text || split_part($1::text, E'\n', 4), 'UTF8'), 'base64'), '='), '+', '-'), '/', '_'), E'\n', '') as signed
    offset 0
  ) t
) || '/' || split_part(i."avatarUrl", '/', -1))::text else to_json(i."avatarUrl")::text end, 'null'),',"avatarFile":',coalesce(i."avatarFile"::text, 'null'),',"position":',i."position"::text,',"createdBy":{"source":',coalesce('"'||i."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||i."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(i."createdByName")::text, 'null'),',"context":',coalesce(i."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||i."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||i."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(i."updatedByName")::text, 'null'),',"context":',coalesce(i."updatedByContext"::text, 'null'),'},"companyId":',coalesce('"'||i."companyId"||'"', 'null'),'}')::bpchar
from i;
