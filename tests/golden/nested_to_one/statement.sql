select concat('{"data":{"people":',(
  select concat('{"edges":[',t1x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":{"firstName":',coalesce(to_json(t1."nameFirstName")::text, 'null'),'},"company":',coalesce((
      select concat('{"name":',coalesce(to_json(t2."name")::text, 'null'),',"domainName":{"primaryLinkUrl":',coalesce(to_json(t2."domainNamePrimaryLinkUrl")::text, 'null'),'}}')
      from "workspace_golden"."company" t2
      where t2.id = t1."companyId" and t2."deletedAt" is null
    ), 'null'),'}}'), ','), '') as e1
    from (
      select t1."nameFirstName", t1."companyId"
      from "workspace_golden"."person" t1
      where t1."deletedAt" is null
      order by t1."id"
      limit 60
    ) t1
  ) t1x
),'}}')::bpchar;
