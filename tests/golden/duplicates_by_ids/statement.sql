select concat('{"data":{"companyDuplicates":[',coalesce((
  select string_agg(concat((
    select concat('{"totalCount":',t2a.a1,',"edges":[',t2x.e1,']}')
    from (
      select coalesce(string_agg(concat('{"node":{"name":',coalesce(to_json(t2."name")::text, 'null'),'}}'), ','), '') as e1
      from (
        select t2."name"
        from "workspace_golden"."company" t2
        where t2."id" = any(t1.ids) and t2."deletedAt" is null
        order by t2."id"
        limit 60
      ) t2
    ) t2x, (
      select count(*) as a1
      from "workspace_golden"."company" t2
      where t2."id" = any(t1.ids) and t2."deletedAt" is null
    ) t2a
  )), ',' order by t1.place)
  from (
    with w as materialized (
      select u.place as _place, r.id, r."name", r."domainNamePrimaryLinkUrl"
      from unnest($1::uuid[]) with ordinality as u(id, place)
      left join "workspace_golden"."company" r
      on r.id = u.id and r."deletedAt" is null
    )
    select w._place as place, coalesce(m.ids, '{}') as ids
    from w
    left join (
      select _place, array_agg(id) as ids
      from (
        select w._place, t.id
        from w
        join "workspace_golden"."company" t
        on t."deletedAt" is null and t."name" = w."name" and w."name" <> '' and t."name" <> '' and t.id <> w.id
        union
        select w._place, t.id
        from w
        join "workspace_golden"."company" t
        on t."deletedAt" is null and t."domainNamePrimaryLinkUrl" = w."domainNamePrimaryLinkUrl" and w."domainNamePrimaryLinkUrl" <> '' and t."domainNamePrimaryLinkUrl" <> '' and t.id <> w.id
      ) f
      group by _place
    ) m
    on m._place = w._place
  ) t1
), ''),']}}')::bpchar;
