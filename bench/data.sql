-- The records of a run. Ids end in the record's number, so that both the load and pgbench can name any of them.
-- `{schema}` is the workspace's schema.

-- name: is_loaded
select count(*) = 50000 from {schema}.person where id between '0197a000-0000-7002-8000-000000000001'
  and '0197a000-0000-7002-8000-000000050000';

-- name: companies
insert into {schema}.company (
  id, "createdAt", "updatedAt", position, name, "domainNamePrimaryLinkUrl", "addressAddressStreet1",
  "addressAddressCity", "addressAddressPostcode", "addressAddressCountry", employees, "linkedinLinkPrimaryLinkUrl",
  "annualRecurringRevenueAmountMicros", "annualRecurringRevenueCurrencyCode", "idealCustomerProfile",
  "createdBySource", "createdByName"
)
select
  ('0197a000-0000-7001-8000-' || lpad(i::text, 12, '0'))::uuid,
  now() - (10000 - i) * interval '100 min', now() - (10000 - i) * interval '97 min', -i,
  (array['Amber', 'Blue', 'Cedar', 'Delta', 'Élan', 'Falcon', 'Grün', 'Harbor', 'Iris', 'Juniper'])[1 + r % 10] || ' '
    || (array['Analytics', 'Bakery', 'Consulting', 'Design', 'Energy', 'Foods', 'Logistics'])[1 + r / 10 % 7] || ' ' || i,
  'https://company-' || i || '.example.com',
  case when r % 5 > 0 then (1 + r % 200) || ' Station Road' end,
  case when r % 10 > 0 then (array['Lisbon', 'Oslo', 'Kraków', 'Nairobi', 'Lima', 'Osaka', 'Zürich'])[1 + r / 70 % 7] end,
  case when r % 5 > 0 then (10000 + r % 80000)::text end,
  case when r % 10 > 0 then (array['PT', 'NO', 'PL', 'KE', 'PE', 'JP', 'CH'])[1 + r / 70 % 7] end,
  case when r % 8 > 0 then 1 + r % 5000 end,
  case when r % 3 > 0 then 'https://linkedin.example.com/company/' || i end,
  case when r % 4 > 0 then (r % 90000 + 100)::numeric * 100000000 end,
  case when r % 4 > 0 then (array['EUR', 'USD', 'GBP'])[1 + r % 3] end,
  r % 3 = 0, 'IMPORT', 'Import'
from (select i, (hashint4extended(i, 1) & 1073741823)::int as r from generate_series(1, 10000) i) numbered;

-- name: people
-- Every fifth company has more people than the others; one person in twenty has no company.
insert into {schema}.person (
  id, "createdAt", "updatedAt", position, "nameFirstName", "nameLastName", "emailsPrimaryEmail",
  "emailsAdditionalEmails", "linkedinLinkPrimaryLinkUrl", "jobTitle", "phonesPrimaryPhoneNumber",
  "phonesPrimaryPhoneCountryCode", "phonesPrimaryPhoneCallingCode", city, "companyId", "createdBySource",
  "createdByName"
)
select
  ('0197a000-0000-7002-8000-' || lpad(i::text, 12, '0'))::uuid,
  now() - (50000 - i) * interval '20 min', now() - (50000 - i) * interval '19 min', -i,
  (array['Ana', 'Björn', 'Chidi', 'Dana', 'Elif', 'Farid', 'Grace', 'Hugo', 'Inés', 'Jun', 'Kwame'])[1 + r % 11],
  (array['Almeida', 'Berg', 'Costa', 'Dvořák', 'Eze', 'Fischer', 'García', 'Haddad', 'Ito'])[1 + r / 11 % 9],
  'person-' || i || '@company-' || (1 + r % 10000) || '.example.com',
  case when r % 6 = 0 then jsonb_build_array('person-' || i || '@home.example.com') end,
  case when r % 3 > 0 then 'https://linkedin.example.com/in/' || i end,
  case when r % 9 > 0 then
    (array['Engineer', 'Buyer', 'Director', 'Accountant', 'Designer', 'Founder', 'Analyst', 'Planner'])[1 + r / 99 % 8]
  end,
  case when r % 5 > 0 then (600000000 + r % 99999999)::text end,
  case when r % 5 > 0 then 'PT' end, case when r % 5 > 0 then '+351' end,
  case when r % 10 > 0 then (array['Lisbon', 'Oslo', 'Kraków', 'Nairobi', 'Lima', 'Osaka', 'Zürich'])[1 + r / 70 % 7] end,
  case when r % 20 > 0 then ('0197a000-0000-7001-8000-' || lpad((1 + company)::text, 12, '0'))::uuid end,
  'IMPORT', 'Import'
from (
  select i, r, case when r % 10 < 3 then s % 2000 * 5 else s % 10000 end as company
  from (
    select i, (hashint4extended(i, 2) & 1073741823)::int as r, (hashint4extended(i, 3) & 1073741823)::int as s
    from generate_series(1, 50000) i
  ) numbered
) placed;

-- name: opportunities
insert into {schema}.opportunity (
  id, "createdAt", "updatedAt", position, name, "amountAmountMicros", "amountCurrencyCode", "closeDate", stage,
  probability, "pointOfContactId", "companyId", "createdBySource", "createdByName"
)
select
  ('0197a000-0000-7003-8000-' || lpad(i::text, 12, '0'))::uuid,
  now() - (20000 - i) * interval '50 min', now() - (20000 - i) * interval '48 min', -i,
  (array['Renewal', 'Pilot', 'Upgrade', 'Rollout', 'Expansion'])[1 + r % 5] || ' ' || i,
  case when r % 20 > 0 then (r % 5000 + 1)::numeric * 1000000000 end,
  case when r % 20 > 0 then (array['EUR', 'USD', 'GBP'])[1 + r % 3] end,
  case when r % 10 > 0 then date_trunc('day', now()) + (r % 720 - 360) * interval '1 day' end,
  (array['NEW', 'SCREENING', 'MEETING', 'PROPOSAL', 'CUSTOMER', 'PROSPECTING', 'NEGOTIATION'])[1 + r / 20 % 7],
  case when r % 4 > 0 then r % 101 end,
  person.id, person."companyId", 'IMPORT', 'Import'
from (
  select i, (hashint4extended(i, 4) & 1073741823)::int as r, (hashint4extended(i, 5) & 1073741823)::int as s
  from generate_series(1, 20000) i
) numbered
left join {schema}.person
  on r % 25 > 0 and person.id = ('0197a000-0000-7002-8000-' || lpad((1 + s % 50000)::text, 12, '0'))::uuid;

-- name: last_event
select coalesce(max(seq), 0) from {schema}.event;

-- name: forget_events
delete from {schema}.event where seq > $1;

-- name: remove_created
delete from {schema}.person where "emailsPrimaryEmail" like 'load-%@bench.example.com';
