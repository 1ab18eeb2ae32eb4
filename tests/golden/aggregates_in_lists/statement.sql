select concat('{"data":{"companies":',(
  select concat('{"edges":[',t1x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":',coalesce(to_json(t1."name")::text, 'null'),',"opportunities":',(
      select concat('{"totalCount":',t2a.a1,',"sumAmountAmountMicros":',coalesce(t2a.a2::text, 'null'),'}')
      from (
        select count(*) as a1, trim_scale(sum(t2."amountAmountMicros")) as a2
        from "workspace_golden"."opportunity" t2
        where t2."companyId" = t1."id" and t2."deletedAt" is null
      ) t2a
    ),'}}'), ','), '') as e1
    from (
      select *
      from ((
        select t1."name", t1."id"
        from "workspace_golden"."company" t1
        where t1."deletedAt" is null and t1."name" is not null
        order by t1."name", t1."id"
        limit 60
      ) union all (
        select t1."name", t1."id"
        from "workspace_golden"."company" t1
        where t1."deletedAt" is null and t1."name" is null
        order by t1."id"
        limit 60
      )) t1
      limit 60
    ) t1
  ) t1x
),'}}')::bpchar;
