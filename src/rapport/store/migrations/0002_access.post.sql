-- Keys that the last release made while the new one was starting.
insert into core."apiKeyToken" (id, "apiKeyId", "tokenHash", "expiresAt", "createdAt")
select gen_random_uuid(), id, "keyHash", "expiresAt", "createdAt" from core."apiKey" where "keyHash" is not null
on conflict ("tokenHash") do nothing;

alter table core."apiKey" drop column "keyHash";
