select concat('{"data":{"opportunities":',(
  select concat('{"totalCount":',t1a.a1,',"edges":[',t1x.e1,'],"sumAmountAmountMicros":',coalesce(t1a.a2::text, 'null'),',"avgProbability":',coalesce(t1a.a3::text, 'null'),',"maxCloseDate":',coalesce(left(to_json(t1a.a4+interval '1 us')::text,24)||'Z"', 'null'),',"countUniqueValuesName":',t1a.a5,',"countEmptyAmount":',t1a.a6,',"percentageNotEmptyName":',coalesce(t1a.a7::text, 'null'),'}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":',coalesce(to_json(t1."name")::text, 'null'),'}}'), ','), '') as e1
    from (
      select t1."name"
      from "workspace_golden"."opportunity" t1
      where t1."deletedAt" is null and coalesce(t1."name", '') <> $1::text
      order by t1."id"
      limit 1
    ) t1
  ) t1x, (
    select count(*) as a1, trim_scale(sum(t1."amountAmountMicros")) as a2, sum(t1."probability")/count(t1."probability") as a3, max(t1."closeDate") as a4, count(distinct nullif(t1."name",'')) as a5, count(*)-count(*) filter (where t1."amountAmountMicros" is not null) as a6, count(*) filter (where t1."name" not in (''))::float8/nullif(count(*),0) as a7
    from "workspace_golden"."opportunity" t1
    where t1."deletedAt" is null and coalesce(t1."name", '') <> $1::text
  ) t1a
),'}}')::bpchar;
