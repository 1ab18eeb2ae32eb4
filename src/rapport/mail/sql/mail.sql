-- name: keep_mail
-- Only the last 200 are kept. A second attempt at the same mail changes nothing.
with kept as (
    insert into core.mail (id, recipient, template, subject, text, html, "createdAt")
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (id) do nothing
    returning number
),
dropped as (
    delete from core.mail where number <= (select number from kept) - 200
)
select number from kept;

-- name: list_mails
select number, recipient, template, subject, "createdAt"
from core.mail
order by number desc
limit $1::int;

-- name: find_mail
select number, recipient, template, subject, text, "createdAt"
from core.mail
where number = $1::bigint;
