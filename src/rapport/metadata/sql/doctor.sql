-- What the tables of a workspace's schema look like. $1 in all of them: the schema

-- name: actual_columns
select
    class.relname as "table",
    attribute.attname as "column",
    format_type(attribute.atttypid, attribute.atttypmod) as type,
    attribute.attnotnull as required,
    attribute.attgenerated <> '' as generated
from pg_catalog.pg_class class
join pg_catalog.pg_attribute attribute on attribute.attrelid = class.oid
where class.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1::text)
    and class.relkind in ('r', 'p') and attribute.attnum > 0 and not attribute.attisdropped;

-- name: actual_constraints
select class.relname as "table", c.conname as name
from pg_catalog.pg_constraint c
join pg_catalog.pg_class class on class.oid = c.conrelid
where class.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1::text)
    and c.contype in ('p', 'f', 'c');

-- name: actual_indexes
select class.relname as "table", index_class.relname as name
from pg_catalog.pg_index index
join pg_catalog.pg_class class on class.oid = index.indrelid
join pg_catalog.pg_class index_class on index_class.oid = index.indexrelid
where class.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1::text)
    and index.indisvalid and not index.indisprimary;
