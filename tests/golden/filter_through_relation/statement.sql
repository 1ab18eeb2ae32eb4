select concat('{"data":{"people":',(
  select concat('{"edges":[',t1x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":{"firstName":',coalesce(to_json(t1."nameFirstName")::text, 'null'),'}}}'), ','), '') as e1
    from (
      select t1."nameFirstName"
      from "workspace_golden"."person" t1
      where t1."deletedAt" is null and exists (
        select 1
        from "workspace_golden"."company" f1
        where f1.id = t1."companyId" and f1."deletedAt" is null and ((starts_with(f1."name", $1::text) and f1."employees" > $2::integer))
      )
      order by t1."id"
      limit 60
    ) t1
  ) t1x
),'}}')::bpchar;
