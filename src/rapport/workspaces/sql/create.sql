-- name: insert_workspace
-- No row when the subdomain is taken: an error would end the caller's transaction.
insert into core.workspace (id, "displayName", subdomain, "schema", "inviteHash", "metadataVersion")
values ($1, $2, $3, $4, $5, $6)
on conflict (subdomain) do nothing
returning id;
