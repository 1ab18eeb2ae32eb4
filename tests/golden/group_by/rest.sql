select concat((
  with t1g as (
    select s.*, row_number() over (order by s.a2 desc nulls last, s.d1 nulls last, s.d2) as _group
    from (
      select nullif(t1d1."name",'') as d1, (date_trunc('week', (t1."closeDate" at time zone $1::text) + interval '1 days')::date - 1) as d2, count(*) as a1, trim_scale(sum(t1."amountAmountMicros")) as a2
      from "workspace_golden"."opportunity" t1
      left join "workspace_golden"."company" t1d1
      on t1d1.id = t1."companyId" and t1d1."deletedAt" is null
      where t1."deletedAt" is null and (t1."name" is not null and t1."name" not in (''))
      group by 1, 2
    ) s
    order by s.a2 desc nulls last, s.d1 nulls last, s.d2
    limit 50
  )
  select concat('[', string_agg(concat('{"groupByDimensionValues":[',coalesce(to_json(t1g.d1)::text, 'null'),',',coalesce('"' || t1g.d2 || '"', 'null'),'],"totalCount":',coalesce('"'||t1g.a1||'"', 'null'),',"sumAmountAmountMicros":',coalesce('"'||t1g.a2||'"', 'null'),'}'), ',' order by t1g._group), ']')
  from t1g
))::bpchar;
