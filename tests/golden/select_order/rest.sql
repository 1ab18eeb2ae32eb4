select concat((
  select concat('{"data":{"opportunities":[',t1x.e1,']},"totalCount":',t1a.a1,',"pageInfo":{"hasNextPage":',case when t1x.n > 60 then 'true' else 'false' end,',"hasPreviousPage":false,"startCursor":',coalesce('"' || translate(encode(convert_to(t1x.ends[1], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),',"endCursor":',coalesce('"' || translate(encode(convert_to(t1x.ends[least(t1x.n::int, 60)], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),'}}')
  from (
    select coalesce(string_agg(concat('{"id":"',t1."id",'","createdAt":',left(to_json(t1."createdAt"+interval '1 us')::text,24)||'Z"',',"updatedAt":',left(to_json(t1."updatedAt"+interval '1 us')::text,24)||'Z"',',"deletedAt":',coalesce(left(to_json(t1."deletedAt"+interval '1 us')::text,24)||'Z"', 'null'),',"name":',coalesce(to_json(t1."name")::text, 'null'),',"amount":{"amountMicros":',coalesce('"'||t1."amountAmountMicros"::text||'"', 'null'),',"currencyCode":',coalesce(to_json(t1."amountCurrencyCode")::text, 'null'),'},"closeDate":',coalesce(left(to_json(t1."closeDate"+interval '1 us')::text,24)||'Z"', 'null'),',"stage":"',t1."stage",'","position":',t1."position"::text,',"createdBy":{"source":',coalesce('"'||t1."createdBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."createdByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."createdByName")::text, 'null'),',"context":',coalesce(t1."createdByContext"::text, 'null'),'},"updatedBy":{"source":',coalesce('"'||t1."updatedBySource"||'"', 'null'),',"workspaceMemberId":',coalesce('"'||t1."updatedByWorkspaceMemberId"||'"', 'null'),',"name":',coalesce(to_json(t1."updatedByName")::text, 'null'),',"context":',coalesce(t1."updatedByContext"::text, 'null'),'},"pointOfContactId":',coalesce('"'||t1."pointOfContactId"||'"', 'null'),',"companyId":',coalesce('"'||t1."companyId"||'"', 'null'),',"ownerId":',coalesce('"'||t1."ownerId"||'"', 'null'),',"probability":',coalesce(t1."probability"::text, 'null'),'}'), ',') filter (where t1.rn <= 60), '') as e1, count(*) as n, array_agg(t1._cursor) as ends
    from (
      select *, row_number() over () as rn
      from (
        select t1."id", t1."createdAt", t1."updatedAt", t1."deletedAt", t1."name", t1."amountAmountMicros", t1."amountCurrencyCode", t1."closeDate", t1."stage", t1."position", t1."createdBySource", t1."createdByWorkspaceMemberId", t1."createdByName", t1."createdByContext", t1."updatedBySource", t1."updatedByWorkspaceMemberId", t1."updatedByName", t1."updatedByContext", t1."pointOfContactId", t1."companyId", t1."ownerId", t1."probability", concat('{"stage":"',t1."stage",'","closeDate":',coalesce(left(to_json(t1."closeDate"+interval '1 us')::text,24)||'Z"', 'null'),',"id":"',t1."id",'"}') as _cursor
        from "workspace_golden"."opportunity" t1
        where t1."deletedAt" is null
        order by array_position(array['NEW','SCREENING','MEETING','PROPOSAL','CUSTOMER','PROSPECTING','NEGOTIATION']::text[],t1."stage") desc, t1."closeDate", t1."id"
        limit 61
      ) t1
    ) t1
  ) t1x, (
    select count(*) as a1
    from "workspace_golden"."opportunity" t1
    where t1."deletedAt" is null
  ) t1a
))::bpchar;
