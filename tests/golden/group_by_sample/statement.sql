select concat('{"data":{"opportunitiesGroupBy":',(
  with t1g as (
    select s.*, row_number() over (order by s.d1) as _group, array[s.d1::text] as _key
    from (
      select t1."stage" as d1, count(*) as _count
      from "workspace_golden"."opportunity" t1
      where t1."deletedAt" is null
      group by 1
    ) s
    order by s.d1
    limit 50
  )
  select concat('[', string_agg(concat('{"groupByDimensionValues":[',coalesce('"'||t1g.d1||'"', 'null'),'],"edges":[',t1x.e1,']}'), ',' order by t1g._group), ']')
  from t1g
  left join (
    select t1._group, t1._count as n, string_agg(concat('{"node":{"name":',coalesce(to_json(t1."name")::text, 'null'),',"company":',coalesce((
      select concat('{"name":',coalesce(to_json(t2."name")::text, 'null'),'}')
      from "workspace_golden"."company" t2
      where t2.id = t1."companyId" and t2."deletedAt" is null
    ), 'null'),'}}'), ',' order by t1._place) as e1
    from (
      select t1."name", t1."companyId", t1g._group, t1g._count, row_number() over (partition by t1g._group order by t1."name" nulls first, t1."id") as _place
      from "workspace_golden"."opportunity" t1
      join t1g
      on t1g._key = array[t1."stage"::text]
      where t1."deletedAt" is null
    ) t1
    where t1._place <= 10
    group by t1._group, t1._count
  ) t1x
  on t1x._group = t1g._group
),'}}')::bpchar;
