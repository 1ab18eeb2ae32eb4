-- `{schema}` stands for the workspace's schema, quoted.

-- name: find_changes
-- The latest $8 changes of records that fit. $1: since; $2: users and memberships who acted; $3: API keys that did; $4:
-- actions; $5: object; $6: record; $7: address.
select e.id, e.action, e.object, e."recordId", e."updatedFields", e.actor::text as actor, e."happenedAt"
from {schema}.event e
where ($1::timestamptz is null or e."happenedAt" >= $1)
  and ($2::text[] is null or e.actor ->> 'userId' = any ($2) or e.actor ->> 'impersonatedBy' = any ($2))
  and ($3::text[] is null or e.actor ->> 'apiKeyId' = any ($3))
  and ($4::text[] is null or e.action = any ($4))
  and ($5::text is null or e.object = $5)
  and ($6::uuid is null or e."recordId" = $6)
  and ($7::text is null or e.actor ->> 'address' = $7)
order by e.seq desc
limit $8;
