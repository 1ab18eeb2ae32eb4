with x as (
  select *
  from jsonb_to_recordset($5::jsonb) as x("id" uuid, "name" text, "employees" integer, "idealCustomerProfile" boolean, "_has_idealCustomerProfile" boolean, _index int, _place text, "position" float8)
), i as (
  insert into "workspace_golden"."company" ("id", "name", "employees", "idealCustomerProfile", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext", "position")
  select x."id", x."name", x."employees", case when x."_has_idealCustomerProfile" then x."idealCustomerProfile" else coalesce(x."idealCustomerProfile", false) end, $1::text, $2::uuid, $3::text, $4::jsonb, $1::text, $2::uuid, $3::text, $4::jsonb, case x._place when 'first' then coalesce(least((
    select min(p.position)
    from "workspace_golden"."company" p
  ), (
    select min (g.position)
    from x g
  )), 1) - x._index - 1 when 'last' then coalesce(greatest((
    select max(p.position)
    from "workspace_golden"."company" p
  ), (
    select max (g.position)
    from x g
  )), 1) + x._index + 1 else x."position" end
  from x
  returning "id", "createdAt", "updatedAt", "deletedAt", "name", "domainNamePrimaryLinkLabel", "domainNamePrimaryLinkUrl", "domainNameSecondaryLinks", "addressAddressStreet1", "addressAddressStreet2", "addressAddressCity", "addressAddressPostcode", "addressAddressState", "addressAddressCountry", "addressAddressLat", "addressAddressLng", "employees", "linkedinLinkPrimaryLinkLabel", "linkedinLinkPrimaryLinkUrl", "linkedinLinkSecondaryLinks", "xLinkPrimaryLinkLabel", "xLinkPrimaryLinkUrl", "xLinkSecondaryLinks", "annualRecurringRevenueAmountMicros", "annualRecurringRevenueCurrencyCode", "idealCustomerProfile", "position", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext", "accountOwnerId"
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor)
  select 'created', 'company', i.id, null::jsonb, to_jsonb(i.*), $6::jsonb
  from i
)
select concat('[', string_agg(concat('{"id":"',i."id",'","createdAt":',left(to_json(i."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(i."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(i."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(i."name")::text, 'null'),',"domainName":{"primaryLinkLabel":',coalesce(to_json(i."domainNamePrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(i."domainNamePrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(i."domainNameSecondaryLinks"::text, 'null'),'},"address":{"addressStreet1":',coalesce(to_json(i."addressAddressStreet1")::text, 'null'),',"addressStreet2":',coalesce(to_json(i."addressAddressStreet2")::text, 'null'),',"addressCity":',coalesce(to_json(i."addressAddressCity")::text, 'null'),',"addressPostcode":',coalesce(to_json(i."addressAddressPostcode")::text, 'null'),',"addressState":',coalesce(to_json(i."addressAddressState")::text, 'null'),',"addressCountry":',coalesce(to_json(i."addressAddressCountry")::text, 'null'),',"addressLat":',coalesce('"'||i."addressAddressLat"::text||'"', 'null'),',"addressLng":',coalesce('"'||i."addressAddressLng"::text||'"', 'null'),'},"employees":',coalesce(i."employees"::text, 'null'),',"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(i."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(i."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(i."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(i."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(i."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(i."xLinkSecondaryLinks"::text, 'null'),'},"annualRecurringRevenue":{"amountMicros":',coalesce('"'||i."annualRecurringRevenueAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(i."annualRecurringRevenueCurrencyCode")::text, 'null'),'},"idealCustomerProfile":',i."idealCustomerProfile"::text,',"position":',i."position"::text,',"createdBy":{"source":',coalesce('"'||i."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||i."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(i."createdByName")::text, 'null'),',"context":',coalesce(i."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||i."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||i."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(i."updatedByName")::text, 'null'),',"context":',coalesce(i."updatedByContext"::text, 'null'),'},"accountOwnerId":',coalesce('"'||i."accountOwnerId"||'"', 'null'),'}'), ','), ']')::bpchar
from i;
