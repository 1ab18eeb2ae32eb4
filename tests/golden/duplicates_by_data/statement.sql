select concat('{"data":{"personDuplicates":[',coalesce((
  select string_agg(concat((
    select concat('{"edges":[',t2x.e1,'],"pageInfo":{"hasNextPage":',case when t2x.n > 60 then 'true' else 'false' end,'}}')
    from (
      select coalesce(string_agg(concat('{"node":{"name":{"firstName":',coalesce(to_json(t2."nameFirstName")::text, 'null'),',"lastName":',coalesce(to_json(t2."nameLastName")::text, 'null'),'},"company":',coalesce((
        select concat('{"name":',coalesce(to_json(t3."name")::text, 'null'),'}')
        from "workspace_golden"."company" t3
        where t3.id = t2."companyId" and t3."deletedAt" is null
      ), 'null'),'}}'), ',') filter (where t2.rn <= 60), '') as e1, count(*) as n
      from (
        select *, row_number() over () as rn
        from (
          select t2."nameFirstName", t2."nameLastName", t2."companyId"
          from "workspace_golden"."person" t2
          where t2."id" = any(t1.ids) and t2."deletedAt" is null
          order by t2."id"
          limit 61
        ) t2
      ) t2
    ) t2x
  )), ',' order by t1.place)
  from (
    with w as materialized (
      select *
      from jsonb_to_recordset($1::jsonb) as c(_place int, "nameFirstName" text, "nameLastName" text, "linkedinLinkPrimaryLinkUrl" text, "emailsPrimaryEmail" text)
    )
    select w._place as place, coalesce(m.ids, '{}') as ids
    from w
    left join (
      select _place, array_agg(id) as ids
      from (
        select w._place, t.id
        from w
        join "workspace_golden"."person" t
        on t."deletedAt" is null and t."nameFirstName" = w."nameFirstName" and w."nameFirstName" <> '' and t."nameFirstName" <> '' and t."nameLastName" = w."nameLastName" and w."nameLastName" <> '' and t."nameLastName" <> ''
        union
        select w._place, t.id
        from w
        join "workspace_golden"."person" t
        on t."deletedAt" is null and t."linkedinLinkPrimaryLinkUrl" = w."linkedinLinkPrimaryLinkUrl" and w."linkedinLinkPrimaryLinkUrl" <> '' and t."linkedinLinkPrimaryLinkUrl" <> ''
        union
        select w._place, t.id
        from w
        join "workspace_golden"."person" t
        on t."deletedAt" is null and t."emailsPrimaryEmail" = w."emailsPrimaryEmail" and w."emailsPrimaryEmail" <> '' and t."emailsPrimaryEmail" <> ''
      ) f
      group by _place
    ) m
    on m._place = w._place
  ) t1
), ''),']}}')::bpchar;
