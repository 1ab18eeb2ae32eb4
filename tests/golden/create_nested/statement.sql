with x as (
  select *
  from jsonb_to_recordset($5::jsonb) as x("id" uuid, "name" text, "position" double precision)
), i as (
  insert into "workspace_golden"."company" ("id", "name", "position", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext")
  select x."id", x."name", x."position", $1::text, $2::uuid, $3::text, $4::jsonb, $1::text, $2::uuid, $3::text, $4::jsonb
  from x
  returning "id", "createdAt", "updatedAt", "deletedAt", "name", "domainNamePrimaryLinkLabel", "domainNamePrimaryLinkUrl", "domainNameSecondaryLinks", "addressAddressStreet1", "addressAddressStreet2", "addressAddressCity", "addressAddressPostcode", "addressAddressState", "addressAddressCountry", "addressAddressLat", "addressAddressLng", "employees", "linkedinLinkPrimaryLinkLabel", "linkedinLinkPrimaryLinkUrl", "linkedinLinkSecondaryLinks", "xLinkPrimaryLinkLabel", "xLinkPrimaryLinkUrl", "xLinkSecondaryLinks", "annualRecurringRevenueAmountMicros", "annualRecurringRevenueCurrencyCode", "idealCustomerProfile", "position", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext", "accountOwnerId"
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor)
  select 'created', 'company', i.id, null::jsonb, to_jsonb(i.*), $6::jsonb
  from i
)
select array_agg(i.id)
from i;

with x as (
  select *
  from jsonb_to_recordset($5::jsonb) as x("id" uuid, "name" text, "position" double precision, "companyId" uuid)
), i as (
  insert into "workspace_golden"."opportunity" ("id", "name", "position", "companyId", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext")
  select x."id", x."name", x."position", x."companyId", $1::text, $2::uuid, $3::text, $4::jsonb, $1::text, $2::uuid, $3::text, $4::jsonb
  from x
  returning "id", "createdAt", "updatedAt", "deletedAt", "name", "amountAmountMicros", "amountCurrencyCode", "closeDate", "stage", "position", "createdBySource", "createdByWorkspaceMemberId", "createdByName", "createdByContext", "updatedBySource", "updatedByWorkspaceMemberId", "updatedByName", "updatedByContext", "pointOfContactId", "companyId", "ownerId", "probability"
), e as (
  insert into "workspace_golden".event (action, object, "recordId", before, after, actor)
  select 'created', 'opportunity', i.id, null::jsonb, to_jsonb(i.*), $6::jsonb
  from i
)
select array_agg(i.id)
from i;

select concat('{"name":',coalesce(to_json(t1."name")::text, 'null'),',"company":',coalesce((
  select concat('{"name":',coalesce(to_json(t2."name")::text, 'null'),',"opportunities":',(
    select concat('{"totalCount":',t3a.a1,'}')
    from (
      select count(*) as a1
      from "workspace_golden"."opportunity" t3
      where t3."companyId" = t2."id" and t3."deletedAt" is null
    ) t3a
  ),'}')
  from "workspace_golden"."company" t2
  where t2.id = t1."companyId" and t2."deletedAt" is null
), 'null'),'}')::bpchar
from unnest($1::uuid[]) with ordinality as wanted(id, place)
join "workspace_golden"."opportunity" t1
on t1.id = wanted.id;
