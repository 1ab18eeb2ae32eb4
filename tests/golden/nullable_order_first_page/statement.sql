select concat('{"data":{"people":',(
  select concat('{"edges":[',t1x.e1,'],"pageInfo":{"hasNextPage":',case when t1x.n > 2 then 'true' else 'false' end,',"endCursor":',coalesce('"' || translate(encode(convert_to(t1x.ends[least(t1x.n::int, 2)], 'UTF8'), 'base64'), E'\n', '') || '"', 'null'),'}}')
  from (
    select coalesce(string_agg(concat('{"cursor":"',translate(encode(convert_to(t1._cursor, 'UTF8'), 'base64'), E'\n', ''),'","node":{"city":',coalesce(to_json(t1."city")::text, 'null'),'}}'), ',') filter (where t1.rn <= 2), '') as e1, count(*) as n, array_agg(t1._cursor) as ends
    from (
      select *, row_number() over () as rn
      from (
        select *
        from ((
          select t1."city", concat('{"city":',coalesce(to_json(t1."city")::text, 'null'),',"id":"',t1."id",'"}') as _cursor
          from "workspace_golden"."person" t1
          where t1."deletedAt" is null and t1."city" is null
          order by t1."id"
          limit 3
        ) union all (
          select t1."city", concat('{"city":',coalesce(to_json(t1."city")::text, 'null'),',"id":"',t1."id",'"}') as _cursor
          from "workspace_golden"."person" t1
          where t1."deletedAt" is null and t1."city" is not null
          order by t1."city", t1."id"
          limit 3
        )) t1
        limit 3
      ) t1
    ) t1
  ) t1x
),'}}')::bpchar;
