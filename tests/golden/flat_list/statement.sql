select concat('{"data":{"people":',(
  select concat('{"edges":[',t1x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"id":"',t1."id",'","name":{"firstName":',coalesce(to_json(t1."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(t1."nameLastName")::text, 'null'),'},"emails":{"primaryEmail":',coalesce(to_json(t1."emailsPrimaryEmail")::text, 'null'),',"additionalEmails":',coalesce(t1."emailsAdditionalEmails"::text, 'null'),'},"city":',coalesce(to_json(t1."city")::text, 'null'),',"position":',t1."position"::text,',"createdAt":',left(to_json(t1."createdAt"+interval '1 us')::text,24)||'Z"',',"companyId":',coalesce('"'||t1."companyId"||'"', 'null'),'}}'), ','), '') as e1
    from (
      select t1."id", t1."nameFirstName", t1."nameLastName", t1."emailsPrimaryEmail", t1."emailsAdditionalEmails", t1."city", t1."position", t1."createdAt", t1."companyId"
      from "workspace_golden"."person" t1
      where t1."deletedAt" is null
      order by t1."id"
      limit 3
    ) t1
  ) t1x
),'}}')::bpchar;
