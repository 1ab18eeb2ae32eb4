select concat('{"data":{"people":',(
  select concat('{"edges":[',t1x.e1,'],"pageInfo":{"hasNextPage":true,"hasPreviousPage":',case when t1x.n > 2 then 'true' else 'false' end,',"startCursor":',coalesce('"' || translate(encode(convert_to(t1x.ends[least(t1x.n::int, 2)], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),',"endCursor":',coalesce('"' || translate(encode(convert_to(t1x.ends[1], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),'}}')
  from (
    select coalesce(string_agg(concat('{"cursor":"',translate(encode(convert_to(t1._cursor, 'UTF8'), 'base64'), E'\n', ''),'","node":{"name":{"firstName":',coalesce(to_json(t1."nameFirstName")::text, 'null'),'},"createdAt":',left(to_json(t1."createdAt"+interval '1 us')::text,24)||'Z"','}}'), ',' order by t1.rn desc) filter (where t1.rn <= 2), '') as e1, count(*) as n, array_agg(t1._cursor order by t1.rn) as ends
    from (
      select *, row_number() over () as rn
      from (
        select t1."nameFirstName", t1."createdAt", concat('{"createdAt":',left(to_json(t1."createdAt"+interval '1 us')::text,24)||'Z"',',"id":"',t1."id",'"}') as _cursor
        from "workspace_golden"."person" t1
        where t1."deletedAt" is null and t1."createdAt" >= $1::timestamptz(3) and ((t1."createdAt" > $1::timestamptz(3)) or (t1."createdAt" = $1::timestamptz(3) and t1."id" < $2::uuid))
        order by t1."createdAt", t1."id" desc
        limit 3
      ) t1
    ) t1
  ) t1x
),'}}')::bpchar;
