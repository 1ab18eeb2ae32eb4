select concat('{"data":{"companies":',(
  select concat('{"edges":[',t1x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":',coalesce(to_json(t1."name")::text, 'null'),',"people":',(
      select concat('{"edges":[',t2x.e1,']}')
      from (
        select coalesce(string_agg(concat('{"node":{"city":',coalesce(to_json(t2."city")::text, 'null'),',"pointOfContactForOpportunities":',(
          select concat('{"edges":[',t3x.e1,']}')
          from (
            select coalesce(string_agg(concat('{"node":{"name":',coalesce(to_json(t3."name")::text, 'null'),'}}'), ','), '') as e1
            from (
              select t3."name"
              from "workspace_golden"."opportunity" t3
              where t3."pointOfContactId" = t2."id" and t3."deletedAt" is null
              order by t3."id"
              limit 60
            ) t3
          ) t3x
        ),'}}'), ','), '') as e1
        from (
          select t2."city", t2."id"
          from "workspace_golden"."person" t2
          where t2."companyId" = t1."id" and t2."deletedAt" is null
          order by t2."id"
          limit 60
        ) t2
      ) t2x
    ),'}}'), ','), '') as e1
    from (
      select t1."name", t1."id"
      from "workspace_golden"."company" t1
      where t1."deletedAt" is null
      order by t1."id"
      limit 2
    ) t1
  ) t1x
),'}}')::bpchar;
