select concat('{"data":{"people":',(
  select concat('{"edges":[',t1x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":{"firstName":',coalesce(to_json(t1."nameFirstName")::text, 'null'),'},"companyId":',coalesce('"'||t1."companyId"||'"', 'null'),',"company":',coalesce((
      select concat('{"name":',coalesce(to_json(t2."name")::text, 'null'),'}')
      from "workspace_golden"."company" t2
      where t2.id = t1."companyId" and t2."deletedAt" is null
    ), 'null'),'}}'), ','), '') as e1
    from (
      select t1."nameFirstName", t1."companyId"
      from "workspace_golden"."person" t1
      where t1."deletedAt" is null and exists (
        select 1
        from "workspace_golden"."company" f1
        where f1.id = t1."companyId" and (f1."deletedAt" is not null)
      )
      order by t1."id"
      limit 60
    ) t1
  ) t1x
),',"companies":',(
  select concat('{"edges":[',t3x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":',coalesce(to_json(t3."name")::text, 'null'),'}}'), ','), '') as e1
    from (
      select t3."name"
      from "workspace_golden"."company" t3
      where t3."deletedAt" is null and exists (
        select 1
        from "workspace_golden"."person" f1
        where f1."companyId" = t3.id and (f1."deletedAt" is not null)
      )
      order by t3."id"
      limit 60
    ) t3
  ) t3x
),'}}')::bpchar;
