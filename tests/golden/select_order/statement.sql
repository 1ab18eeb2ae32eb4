select concat('{"data":{"opportunities":',(
  select concat('{"edges":[',t1x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"cursor":"',translate(encode(convert_to(t1._cursor, 'UTF8'), 'base64'), E'\n', ''),'","node":{"name":',coalesce(to_json(t1."name")::text, 'null'),',"stage":"',t1."stage",'","closeDate":',coalesce(left(to_json(t1."closeDate"+interval '1 us')::text,24)||'Z"', 'null'),'}}'), ','), '') as e1
    from (
      select t1."name", t1."stage", t1."closeDate", concat('{"stage":"',t1."stage",'","closeDate":',coalesce(left(to_json(t1."closeDate"+interval '1 us')::text,24)||'Z"', 'null'),',"id":"',t1."id",'"}') as _cursor
      from "workspace_golden"."opportunity" t1
      where t1."deletedAt" is null
      order by array_position(array['NEW','SCREENING','MEETING','PROPOSAL','CUSTOMER','PROSPECTING','NEGOTIATION']::text[],t1."stage") desc, t1."closeDate", t1."id"
      limit 60
    ) t1
  ) t1x
),'}}')::bpchar;
