select concat('{"data":{"companies":',(
  select concat('{"edges":[',t1x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":',coalesce(to_json(t1."name")::text, 'null'),',"people":',(
      select concat('{"edges":[',t2x.e1,'],"pageInfo":{"hasNextPage":',case when t2x.n > 1 then 'true' else 'false' end,',"hasPreviousPage":false,"startCursor":',coalesce('"' || translate(encode(convert_to(t2x.ends[1], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),',"endCursor":',coalesce('"' || translate(encode(convert_to(t2x.ends[least(t2x.n::int, 1)], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),'},"totalCount":',t2a.a1,'}')
      from (
        select coalesce(string_agg(concat('{"cursor":"',translate(encode(convert_to(t2._cursor, 'UTF8'), 'base64'), E'\n', ''),'","node":{"name":{"firstName":',coalesce(to_json(t2."nameFirstName")::text, 'null'),'}}}'), ',') filter (where t2.rn <= 1), '') as e1, count(*) as n, array_agg(t2._cursor) as ends
        from (
          select *, row_number() over () as rn
          from (
            select *
            from ((
              select t2."nameFirstName", concat('{"name":{"firstName":',coalesce(to_json(t2."nameFirstName")::text, 'null'),'},"id":"',t2."id",'"}') as _cursor
              from "workspace_golden"."person" t2
              where t2."companyId" = t1."id" and t2."deletedAt" is null and t2."nameFirstName" is not null
              order by t2."nameFirstName" desc, t2."id"
              limit 2
            ) union all (
              select t2."nameFirstName", concat('{"name":{"firstName":',coalesce(to_json(t2."nameFirstName")::text, 'null'),'},"id":"',t2."id",'"}') as _cursor
              from "workspace_golden"."person" t2
              where t2."companyId" = t1."id" and t2."deletedAt" is null and t2."nameFirstName" is null
              order by t2."id"
              limit 2
            )) t2
            limit 2
          ) t2
        ) t2
      ) t2x, (
        select count(*) as a1
        from "workspace_golden"."person" t2
        where t2."companyId" = t1."id" and t2."deletedAt" is null
      ) t2a
    ),'}}'), ','), '') as e1
    from (
      select t1."name", t1."id"
      from "workspace_golden"."company" t1
      where t1."deletedAt" is null
      order by t1."position", t1."id"
      limit 60
    ) t1
  ) t1x
),'}}')::bpchar;
