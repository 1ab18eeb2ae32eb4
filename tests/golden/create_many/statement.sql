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
select concat('[', string_agg(concat('{"name":',coalesce(to_json(i."name")::text, 'null'),',"employees":',coalesce(i."employees"::text, 'null'),',"idealCustomerProfile":',i."idealCustomerProfile"::text,',"position":',i."position"::text,'}'), ','), ']')::bpchar
from i;
