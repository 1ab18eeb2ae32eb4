select concat('{"data":{"nobody":',coalesce(q.r0, 'null'),',"ida":',coalesce(q.r1, 'null'),',"companies":',(
  select concat('{"totalCount":',t3a.a1,',"edges":[',t3x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":',coalesce(to_json(t3."name")::text, 'null'),'}}'), ','), '') as e1
    from (
      select t3."name"
      from "workspace_golden"."company" t3
      where t3."deletedAt" is null
      order by t3."id"
      limit 1
    ) t3
  ) t3x, (
    select count(*) as a1
    from "workspace_golden"."company" t3
    where t3."deletedAt" is null
  ) t3a
),',"__typename":"Query"}}')::bpchar, concat_ws(',', case when q.r0 is null then '0' end, case when q.r1 is null then '1' end)
from (
  select (
    select concat('{"id":"',t1."id",'"}')
    from "workspace_golden"."person" t1
    where t1."deletedAt" is null and t1."city" = $1::text
    order by t1.id
    limit 1
  ) as r0, (
    select concat('{"city":',coalesce(to_json(t2."city")::text, 'null'),'}')
    from "workspace_golden"."person" t2
    where t2."deletedAt" is null and t2."nameFirstName" = $2::text
    order by t2.id
    limit 1
  ) as r1
  offset 0
) q;
