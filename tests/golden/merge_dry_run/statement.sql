select to_jsonb(r.*)::text
from (
  select t."id", t."createdAt", t."updatedAt", t."deletedAt", t."name", t."domainNamePrimaryLinkLabel", t."domainNamePrimaryLinkUrl", t."domainNameSecondaryLinks", t."addressAddressStreet1", t."addressAddressStreet2", t."addressAddressCity", t."addressAddressPostcode", t."addressAddressState", t."addressAddressCountry", t."addressAddressLat"::text as "addressAddressLat", t."addressAddressLng"::text as "addressAddressLng", t."employees", t."linkedinLinkPrimaryLinkLabel", t."linkedinLinkPrimaryLinkUrl", t."linkedinLinkSecondaryLinks", t."xLinkPrimaryLinkLabel", t."xLinkPrimaryLinkUrl", t."xLinkSecondaryLinks", t."annualRecurringRevenueAmountMicros"::text as "annualRecurringRevenueAmountMicros", t."annualRecurringRevenueCurrencyCode", t."idealCustomerProfile", t."position", t."createdBySource", t."createdByWorkspaceMemberId", t."createdByName", t."createdByContext", t."updatedBySource", t."updatedByWorkspaceMemberId", t."updatedByName", t."updatedByContext", t."accountOwnerId"
  from "workspace_golden"."company" t
  where t.id = any($1::uuid[]) and t."deletedAt" is null
  order by t.id
) r;

select concat('{"name":',coalesce(to_json(t1."name")::text, 'null'),',"domainName":{"primaryLinkUrl":',coalesce(to_json(t1."domainNamePrimaryLinkUrl")::text, 'null'),'},"employees":',coalesce(t1."employees"::text, 'null'),',"people":',(
  select concat('{"totalCount":',t2a.a1,'}')
  from (
    select count(*) as a1
    from "workspace_golden"."person" t2
    where t2."companyId" = any($1::uuid[]) and t2."deletedAt" is null
  ) t2a
),'}')::bpchar
from (
  select t."name" as "name", x."domainNamePrimaryLinkUrl" as "domainNamePrimaryLinkUrl", t."employees" as "employees"
  from "workspace_golden"."company" t
  cross join jsonb_to_recordset($2::jsonb) as x("domainNamePrimaryLinkLabel" text, "domainNamePrimaryLinkUrl" text, "addressAddressStreet1" text, "addressAddressCity" text, "addressAddressCountry" text, "annualRecurringRevenueAmountMicros" numeric, "annualRecurringRevenueCurrencyCode" text)
  where t.id = $3::uuid
) t1;
