select concat('[',coalesce((
  select string_agg(concat((
    select concat('{"totalCount":',t2a.a1,',"pageInfo":{"hasNextPage":',case when t2x.n > 60 then 'true' else 'false' end,',"hasPreviousPage":false,"startCursor":',coalesce('"' || translate(encode(convert_to(t2x.ends[1], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),',"endCursor":',coalesce('"' || translate(encode(convert_to(t2x.ends[least(t2x.n::int, 60)], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),'},"companyDuplicates":[',t2x.e1,']}')
    from (
      select coalesce(string_agg(concat('{"id":"',t2."id",'","createdAt":',left(to_json(t2."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t2."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t2."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t2."name")::text, 'null'),',"domainName":{"primaryLinkLabel":',coalesce(to_json(t2."domainNamePrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."domainNamePrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."domainNameSecondaryLinks"::text, 'null'),'},"address":{"addressStreet1":',coalesce(to_json(t2."addressAddressStreet1")::text, 'null'),',"addressStreet2":',coalesce(to_json(t2."addressAddressStreet2")::text, 'null'),',"addressCity":',coalesce(to_json(t2."addressAddressCity")::text, 'null'),',"addressPostcode":',coalesce(to_json(t2."addressAddressPostcode")::text, 'null'),',"addressState":',coalesce(to_json(t2."addressAddressState")::text, 'null'),',"addressCountry":',coalesce(to_json(t2."addressAddressCountry")::text, 'null'),',"addressLat":',coalesce('"'||t2."addressAddressLat"::text||'"', 'null'),',"addressLng":',coalesce('"'||t2."addressAddressLng"::text||'"', 'null'),'},"employees":',coalesce(t2."employees"::text, 'null'),',"linkedinLink":{"primaryLinkLabel":',coalesce(to_json(t2."linkedinLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."linkedinLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."linkedinLinkSecondaryLinks"::text, 'null'),'},"xLink":{"primaryLinkLabel":',coalesce(to_json(t2."xLinkPrimaryLinkLabel")::text, 'null'),',"primaryLinkUrl":',coalesce(to_json(t2."xLinkPrimaryLinkUrl")::text, 'null'),',"secondaryLinks":',coalesce(t2."xLinkSecondaryLinks"::text, 'null'),'},"annualRecurringRevenue":{"amountMicros":',coalesce('"'||t2."annualRecurringRevenueAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t2."annualRecurringRevenueCurrencyCode")::text, 'null'),'},"idealCustomerProfile":',t2."idealCustomerProfile"::text,',"position":',t2."position"::text,',"createdBy":{"source":',coalesce('"'||t2."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t2."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t2."createdByName")::text, 'null'),',"context":',coalesce(t2."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t2."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t2."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t2."updatedByName")::text, 'null'),',"context":',coalesce(t2."updatedByContext"::text, 'null'),'},"accountOwnerId":',coalesce('"'||t2."accountOwnerId"||'"', 'null'),'}'), ',') filter (where t2.rn <= 60), '') as e1, count(*) as n, array_agg(t2._cursor) as ends
      from (
        select *, row_number() over () as rn
        from (
          select t2."id", t2."createdAt", t2."updatedAt", t2."deletedAt", t2."name", t2."domainNamePrimaryLinkLabel", t2."domainNamePrimaryLinkUrl", t2."domainNameSecondaryLinks", t2."addressAddressStreet1", t2."addressAddressStreet2", t2."addressAddressCity", t2."addressAddressPostcode", t2."addressAddressState", t2."addressAddressCountry", t2."addressAddressLat", t2."addressAddressLng", t2."employees", t2."linkedinLinkPrimaryLinkLabel", t2."linkedinLinkPrimaryLinkUrl", t2."linkedinLinkSecondaryLinks", t2."xLinkPrimaryLinkLabel", t2."xLinkPrimaryLinkUrl", t2."xLinkSecondaryLinks", t2."annualRecurringRevenueAmountMicros", t2."annualRecurringRevenueCurrencyCode", t2."idealCustomerProfile", t2."position", t2."createdBySource", t2."createdByWorkspaceMemberId", t2."createdByName", t2."createdByContext", t2."updatedBySource", t2."updatedByWorkspaceMemberId", t2."updatedByName", t2."updatedByContext", t2."accountOwnerId", concat('{"id":"',t2."id",'"}') as _cursor
          from "workspace_golden"."company" t2
          where t2."id" = any(t1.ids) and t2."deletedAt" is null
          order by t2."id"
          limit 61
        ) t2
      ) t2
    ) t2x, (
      select count(*) as a1
      from "workspace_golden"."company" t2
      where t2."id" = any(t1.ids) and t2."deletedAt" is null
    ) t2a
  )), ',' order by t1.place)
  from (
    with w as materialized (
      select u.place as _place, r.id, r."name", r."domainNamePrimaryLinkUrl"
      from unnest($1::uuid[]) with ordinality as u(id, place)
      left join "workspace_golden"."company" r
      on r.id = u.id and r."deletedAt" is null
    )
    select w._place as place, coalesce(m.ids, '{}') as ids
    from w
    left join (
      select _place, array_agg(id) as ids
      from (
        select w._place, t.id
        from w
        join "workspace_golden"."company" t
        on t."deletedAt" is null and t."name" = w."name" and w."name" <> '' and t."name" <> '' and t.id <> w.id
        union
        select w._place, t.id
        from w
        join "workspace_golden"."company" t
        on t."deletedAt" is null and t."domainNamePrimaryLinkUrl" = w."domainNamePrimaryLinkUrl" and w."domainNamePrimaryLinkUrl" <> '' and t."domainNamePrimaryLinkUrl" <> '' and t.id <> w.id
      ) f
      group by _place
    ) m
    on m._place = w._place
  ) t1
), ''),']')::bpchar;
