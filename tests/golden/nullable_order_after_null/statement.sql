select concat('{"data":{"people":',(
  select concat('{"edges":[',t1x.e1,'],"pageInfo":{"hasNextPage":',case when t1x.n > 2 then 'true' else 'false' end,',"hasPreviousPage":true}}')
  from (
    select coalesce(string_agg(concat('{"node":{"city":',coalesce(to_json(t1."city")::text, 'null'),'}}'), ',') filter (where t1.rn <= 2), '') as e1, count(*) as n
    from (
      select *, row_number() over () as rn
      from (
        select *
        from ((
          select t1."city"
          from "workspace_golden"."person" t1
          where t1."deletedAt" is null and t1."city" is null and (t1."id") > ($1::uuid)
          order by t1."id"
          limit 3
        ) union all (
          select t1."city"
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
