select concat('{"data":{"opportunities":',(
  select concat('{"edges":[',t1x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":',coalesce(to_json(t1."name")::text, 'null'),',"company":',coalesce((
      select concat('{"name":',coalesce(to_json(t2."name")::text, 'null'),'}')
      from "workspace_golden"."company" t2
      where t2.id = t1."companyId" and t2."deletedAt" is null
    ), 'null'),'}}'), ','), '') as e1
    from (
      select t1."name", t1."companyId"
      from "workspace_golden"."opportunity" t1
      where t1."deletedAt" is null and not (exists (
        select 1
        from "workspace_golden"."company" f1
        where f1.id = t1."companyId" and f1."deletedAt" is null and (not exists (
          select 1
          from "workspace_golden"."person" f2
          where f2."companyId" = f1.id and f2."deletedAt" is null and ((f2."city" = $1::text or exists (
            select 1
            from "workspace_golden"."company" f3
            where f3.id = f2."companyId" and f3."deletedAt" is null and (starts_with(f3."name", $2::text))
          )))
        ))
      ))
      order by t1."id"
      limit 60
    ) t1
  ) t1x
),'}}')::bpchar;
