select concat('{"data":{"companies":',(
  select concat('{"totalCount":',t1a.a1,',"edges":[',t1x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":',coalesce(to_json(t1."name")::text, 'null'),'}}'), ','), '') as e1
    from (
      select t1."name"
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
      limit 60
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
),'}}')::bpchar;
