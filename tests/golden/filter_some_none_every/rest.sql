select concat((
  select concat('{"data":{"companies":[',t1x.e1,']},"totalCount":',t1a.a1,',"pageInfo":{"hasNextPage":',case when t1x.n > 60 then 'true' else 'false' end,',"hasPreviousPage":false,"startCursor":',coalesce('"' || translate(encode(convert_to(t1x.ends[1], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),',"endCursor":',coalesce('"' || translate(encode(convert_to(t1x.ends[least(t1x.n::int, 60)], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),'}}')
  from (
    select coalesce(string_agg(concat('{"id":"',t1."id",'","createdAt":',left(to_json(t1."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t1."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t1."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t1."name")::text, 'null'),',"domainName":{"primaryLinkLabel":',coalesce(to_json(t1."domainNamePrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t1."domainNamePrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t1."domainNameSecondaryLinks"::text, 'null'),'},"address":{"addressStreet1":',coalesce(to_json(t1."addressAddressStreet1")::text, 'null'),',"addressStreet2":',coalesce(to_json(t1."addressAddressStreet2")::text, 'null'),',"addressCity":',coalesce(to_json(t1."addressAddressCity")::text, 'null'),',"addressPostcode":',coalesce(to_json(t1."addressAddressPostcode")::text, 'null'),',"addressState":',coalesce(to_json(t1."addressAddressState")::text, 'null'),',"addressCountry":',coalesce(to_json(t1."addressAddressCountry")::text, 'null'),',"addressLat":',coalesce('"'||t1."addressAddressLat"::text||'"', 'null'),',"addressLng":',coalesce('"'||t1."addressAddressLng"::text||'"', 'null'),'},"employees":',coalesce(t1."employees"::text, 'null'),',"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(t1."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t1."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t1."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(t1."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t1."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t1."xLinkSecondaryLinks"::text, 'null'),'},"annualRecurringRevenue":{"amountMicros":',coalesce('"'||t1."annualRecurringRevenueAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t1."annualRecurringRevenueCurrencyCode")::text, 'null'),'},"idealCustomerProfile":',t1."idealCustomerProfile"::text,',"position":',t1."position"::text,',"createdBy":{"source":',coalesce('"'||t1."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."createdByName")::text, 'null'),',"context":',coalesce(t1."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t1."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."updatedByName")::text, 'null'),',"context":',coalesce(t1."updatedByContext"::text, 'null'),'},"accountOwnerId":',coalesce('"'||t1."accountOwnerId"||'"', 'null'),'}'), ',') filter (where t1.rn <= 60), '') as e1, count(*) as n, array_agg(t1._cursor) as ends
    from (
      select *, row_number() over () as rn
      from (
        select t1."id", t1."createdAt", t1."updatedAt", t1."deletedAt", t1."name", t1."domainNamePrimaryLinkLabel", t1."domainNamePrimaryLinkUrl", t1."domainNameSecondaryLinks", t1."addressAddressStreet1", t1."addressAddressStreet2", t1."addressAddressCity", t1."addressAddressPostcode", t1."addressAddressState", t1."addressAddressCountry", t1."addressAddressLat", t1."addressAddressLng", t1."employees", t1."linkedinLinkPrimaryLinkLabel", t1."linkedinLinkPrimaryLinkUrl", t1."linkedinLinkSecondaryLinks", t1."xLinkPrimaryLinkLabel", t1."xLinkPrimaryLinkUrl", t1."xLinkSecondaryLinks", t1."annualRecurringRevenueAmountMicros", t1."annualRecurringRevenueCurrencyCode", t1."idealCustomerProfile", t1."position", t1."createdBySource", t1."createdByWorkspaceMemberId", t1."createdByName", t1."createdByContext", t1."updatedBySource", t1."updatedByWorkspaceMemberId", t1."updatedByName", t1."updatedByContext", t1."accountOwnerId", concat('{"id":"',t1."id",'"}') as _cursor
        from "workspace_golden"."company" t1
        where t1."deletedAt" is null and (exists (
          select 1
          from "workspace_golden"."person" f1
          where f1."companyId" = t1.id and f1."deletedAt" is null and (f1."city" = $1::text)
        ) and not exists (
          select 1
          from "workspace_golden"."person" f2
          where f2."companyId" = t1.id and f2."deletedAt" is null and (f2."jobTitle" = $2::text)
        ) and not exists (
          select 1
          from "workspace_golden"."opportunity" f3
          where f3."companyId" = t1.id and f3."deletedAt" is null and ((f3."stage" = any($3::text[])) is not true)
        ))
        order by t1."id"
        limit 61
      ) t1
    ) t1
  ) t1x, (
    select count(*) as a1
    from "workspace_golden"."company" t1
    where t1."deletedAt" is null and (exists (
      select 1
      from "workspace_golden"."person" f1
      where f1."companyId" = t1.id and f1."deletedAt" is null and (f1."city" = $1::text)
    ) and not exists (
      select 1
      from "workspace_golden"."person" f2
      where f2."companyId" = t1.id and f2."deletedAt" is null and (f2."jobTitle" = $2::text)
    ) and not exists (
      select 1
      from "workspace_golden"."opportunity" f3
      where f3."companyId" = t1.id and f3."deletedAt" is null and ((f3."stage" = any($3::text[])) is not true)
    ))
  ) t1a
))::bpchar;
