select concat('{"data":{"people":',(
  select concat('{"edges":[',t1x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":',coalesce(to_json(nullif(concat_ws(' ',nullif(t1."nameFirstName",''),nullif(t1."nameLastName",'')),''))::text, 'null'),',"email":',coalesce(to_json(nullif(t1."emailsPrimaryEmail",''))::text, 'null'),',"phone":',coalesce(to_json(case when t1."phonesPrimaryPhoneNumber"<>'' then concat(t1."phonesPrimaryPhoneCallingCode",t1."phonesPrimaryPhoneNumber") end)::text, 'null'),',"firstName":',coalesce(to_json(t1."nameFirstName")::text, 'null'),',"company":',coalesce((
      select concat('{"domainName":',coalesce(to_json(nullif(t2."domainNamePrimaryLinkUrl",''))::text, 'null'),',"address":',coalesce(to_json(nullif(concat_ws(', ',nullif(t2."addressAddressStreet1",''),nullif(t2."addressAddressStreet2",''),nullif(t2."addressAddressCity",''),nullif(t2."addressAddressPostcode",''),nullif(t2."addressAddressState",''),nullif(t2."addressAddressCountry",'')),''))::text, 'null'),',"annualRevenue":',coalesce(trim_scale(t2."annualRecurringRevenueAmountMicros"*0.000001)::text, 'null'),'}')
      from "workspace_golden"."company" t2
      where t2.id = t1."companyId" and t2."deletedAt" is null
    ), 'null'),'}}'), ','), '') as e1
    from (
      select t1."nameFirstName", t1."nameLastName", t1."emailsPrimaryEmail", t1."emailsAdditionalEmails", t1."phonesPrimaryPhoneNumber", t1."phonesPrimaryPhoneCountryCode", t1."phonesPrimaryPhoneCallingCode", t1."phonesAdditionalPhones", t1."companyId"
      from "workspace_golden"."person" t1
      where t1."deletedAt" is null and t1."emailsPrimaryEmail" = $1::text
      order by t1."id"
      limit 1
    ) t1
  ) t1x
),',"opportunities":',(
  select concat('{"edges":[',t3x.e1,']}')
  from (
    select coalesce(string_agg(concat('{"node":{"name":',coalesce(to_json(t3."name")::text, 'null'),',"amount":',coalesce(trim_scale(t3."amountAmountMicros"*0.000001)::text, 'null'),'}}'), ','), '') as e1
    from (
      select *
      from ((
        select t3."name", t3."amountAmountMicros", t3."amountCurrencyCode"
        from "workspace_golden"."opportunity" t3
        where t3."deletedAt" is null and t3."amountAmountMicros" >= $2::numeric and t3."name" is null
        order by t3."id"
        limit 60
      ) union all (
        select t3."name", t3."amountAmountMicros", t3."amountCurrencyCode"
        from "workspace_golden"."opportunity" t3
        where t3."deletedAt" is null and t3."amountAmountMicros" >= $2::numeric and t3."name" is not null
        order by t3."name", t3."id"
        limit 60
      )) t3
      limit 60
    ) t3
  ) t3x
),'}}')::bpchar;
