select concat('{"data":{"people":',(
  select concat('{"edges":[',t1x.e1,'],"pageInfo":{"hasNextPage":',case when t1x.n > 2 then 'true' else 'false' end,'}}')
  from (
    select coalesce(string_agg(concat('{"cursor":"',translate(encode(convert_to(t1._cursor, 'UTF8'), 'base64'), E'\n', ''),'","node":{"name":{"firstName":',coalesce(to_json(t1."nameFirstName")::text, 'null'),'},"company":',coalesce((
      select concat('{"name":',coalesce(to_json(t2."name")::text, 'null'),'}')
      from "workspace_golden"."company" t2
      where t2.id = t1."companyId" and t2."deletedAt" is null
    ), 'null'),'}}'), ',') filter (where t1.rn <= 2), '') as e1, count(*) as n
    from (
      select *, row_number() over () as rn
      from (
        select *
        from ((
          select t1."nameFirstName", t1."companyId", concat('{"company":{"name":',coalesce(to_json(t1j1."name")::text, 'null'),'},"id":"',t1."id",'"}') as _cursor
          from "workspace_golden"."person" t1
          left join "workspace_golden"."company" t1j1
          on t1j1.id = t1."companyId" and t1j1."deletedAt" is null
          where t1."deletedAt" is null and t1j1."name" <= $1::text and ((t1j1."name" < $1::text) or (t1j1."name" = $1::text and t1."id" > $2::uuid))
          order by t1j1."name" desc, t1."id"
          limit 3
        ) union all (
          select t1."nameFirstName", t1."companyId", concat('{"company":{"name":',coalesce(to_json(t1j1."name")::text, 'null'),'},"id":"',t1."id",'"}') as _cursor
          from "workspace_golden"."person" t1
          left join "workspace_golden"."company" t1j1
          on t1j1.id = t1."companyId" and t1j1."deletedAt" is null
          where t1."deletedAt" is null and t1j1."name" is null
          order by t1."id"
          limit 3
        )) t1
        limit 3
      ) t1
    ) t1
  ) t1x
),'}}')::bpchar;
