select concat('{"data":{"person":',coalesce(q.r0, 'null'),'}}')::bpchar, concat_ws(',', case when q.r0 is null then '0' end)
from (
  select (
    select concat('{"id":"',t1."id",'","name":{"firstName":',coalesce(to_json(t1."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(t1."nameLastName")::text, 'null'),'},"company":',coalesce((
      select concat('{"name":',coalesce(to_json(t2."name")::text, 'null'),'}')
      from "workspace_golden"."company" t2
      where t2.id = t1."companyId" and t2."deletedAt" is null
    ), 'null'),'}')
    from "workspace_golden"."person" t1
    where t1."deletedAt" is null and t1."id" = $1::uuid
    order by t1.id
    limit 1
  ) as r0
  offset 0
) q;
