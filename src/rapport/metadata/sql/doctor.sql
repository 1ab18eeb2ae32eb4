-- What a schema holds, in a form that two schemas can be compared by: `{schema}` stands for its own name where
-- definitions refer to it. $1 in the first ones: the schema.
-- Catalogs are large where workspaces are many, and only pg_depend has an index by schema: it leads to the tables.

-- name: schema_exists
select exists (select from pg_catalog.pg_namespace where nspname = $1::text);

-- name: table_ids
-- Of tables, and of all else that has a name of the same kind.
select coalesce(array_agg(class.oid), '{}')
from pg_catalog.pg_depend depend
join pg_catalog.pg_class class on class.oid = depend.objid
where depend.refclassid = 'pg_namespace'::regclass
    and depend.refobjid = (select oid from pg_catalog.pg_namespace where nspname = $1::text)
    and depend.classid = 'pg_class'::regclass and class.relkind in ('r', 'p', 'v', 'm', 'f');

-- name: actual_tables
-- $1: ids, as of table_ids
select
    class.relname as name,
    class.relkind::text as kind,
    class.relpersistence = 'u' as unlogged,
    array(
        select 'trigger "' || trigger.tgname || '"'
        from pg_catalog.pg_trigger trigger
        where trigger.tgrelid = class.oid and not trigger.tgisinternal
        union all
        select 'rule "' || rule.rulename || '"'
        from pg_catalog.pg_rewrite rule
        where rule.ev_class = class.oid and rule.rulename <> '_RETURN'
        order by 1
    ) as followers
from pg_catalog.pg_class class
where class.oid = any($1::oid[]);

-- name: actual_columns
-- $1: ids, as of table_ids; $2: the schema
select
    class.relname as "table",
    attribute.attname as name,
    format_type(attribute.atttypid, attribute.atttypmod)
        || case when attribute.attcollation <> type.typcollation then ' collate ' || attribute.attcollation::regcollation::text
            else '' end as type,
    attribute.attnotnull as required,
    attribute.attgenerated <> '' as generated,
    attribute.attidentity::text as identity,
    case when attribute.attgenerated = '' then pg_get_expr(value.adbin, value.adrelid)
        else replace(pg_get_expr(value.adbin, value.adrelid), quote_ident($2::text) || '.', '{schema}.')
    end as expression
from pg_catalog.pg_class class
join pg_catalog.pg_attribute attribute on attribute.attrelid = class.oid
join pg_catalog.pg_type type on type.oid = attribute.atttypid
left join pg_catalog.pg_attrdef value on value.adrelid = class.oid and value.adnum = attribute.attnum
where class.oid = any($1::oid[]) and class.relkind in ('r', 'p')
    and attribute.attnum > 0 and not attribute.attisdropped;

-- name: actual_constraints
-- $1: ids, as of table_ids.
-- Foreign keys are spelled as `doctor.reference` spells them, which need not make the tables that they lead to.
select
    class.relname as "table",
    c.conname as name,
    c.contype::text as kind,
    c.convalidated as validated,
    case when c.contype = 'f' then
        'foreign key (' || (
            select string_agg('"' || replace(attribute.attname, '"', '""') || '"', ', ' order by key.place)
            from unnest(c.conkey) with ordinality key(number, place)
            join pg_catalog.pg_attribute attribute on attribute.attrelid = c.conrelid and attribute.attnum = key.number
        ) || ') references '
        || case when target.relnamespace = class.relnamespace then '{schema}' else target.relnamespace::regnamespace::text end
        || '."' || replace(target.relname, '"', '""') || '" (' || (
            select string_agg('"' || replace(attribute.attname, '"', '""') || '"', ', ' order by key.place)
            from unnest(c.confkey) with ordinality key(number, place)
            join pg_catalog.pg_attribute attribute on attribute.attrelid = c.confrelid and attribute.attnum = key.number
        ) || ') on delete '
        || case c.confdeltype when 'c' then 'cascade' when 'n' then 'set null' when 'r' then 'restrict'
            when 'd' then 'set default' else 'no action' end
        || case when c.confupdtype <> 'a' then ' on update ' || c.confupdtype::text else '' end
        || case when c.confmatchtype <> 's' then ' match ' || c.confmatchtype::text else '' end
        || case when c.condeferrable then ' deferrable' else '' end
        || case when to_jsonb(c) ->> 'conenforced' = 'false' then ' not enforced' else '' end
    else regexp_replace(pg_get_constraintdef(c.oid), ' NOT VALID$', '')
    end as definition
from pg_catalog.pg_constraint c
join pg_catalog.pg_class class on class.oid = c.conrelid
left join pg_catalog.pg_class target on target.oid = c.confrelid
where c.conrelid = any($1::oid[]) and c.contype in ('p', 'f', 'c', 'u', 'x');

-- name: actual_indexes
-- $1: ids, as of table_ids.
-- Without those that constraints have, and without those that are being made at this moment.
select
    class.relname as "table",
    index_class.relname as name,
    index.indisunique as unique,
    index.indisvalid as valid,
    substr(definition, strpos(definition, ' USING ') + 1) as definition
from pg_catalog.pg_index index
join pg_catalog.pg_class class on class.oid = index.indrelid
join pg_catalog.pg_class index_class on index_class.oid = index.indexrelid
cross join lateral pg_get_indexdef(index.indexrelid) definition
where index.indrelid = any($1::oid[])
    and not exists (
        select from pg_catalog.pg_constraint c
        where c.conrelid = index.indrelid and c.conindid = index.indexrelid and c.contype in ('p', 'u', 'x')
    )
    and (index.indisvalid or index.indexrelid not in (
        select progress.index_relid
        from pg_catalog.pg_stat_progress_create_index progress
        where progress.index_relid is not null
    ));

-- name: actual_functions
-- $1: the schema
select
    function.proname as name,
    replace(
        replace(pg_get_functiondef(function.oid), '"' || $1::text || '".', '{schema}.'),
        quote_ident($1::text) || '.', '{schema}.'
    ) as definition
from pg_catalog.pg_depend depend
join pg_catalog.pg_proc function on function.oid = depend.objid
where depend.refclassid = 'pg_namespace'::regclass
    and depend.refobjid = (select oid from pg_catalog.pg_namespace where nspname = $1::text)
    and depend.classid = 'pg_proc'::regclass and function.prokind in ('f', 'p');

-- name: stray_schemas
-- Schemas named like those of workspaces that no workspace has, be it a deleted one.
select nspname as name
from pg_catalog.pg_namespace
where nspname like 'workspace\_%' and not exists (select from core.workspace where workspace."schema" = nspname)
order by nspname;

-- name: model_rows
-- $1: workspace id. One row: schema, and the rows of the metadata as JSON text, as they are
select
    workspace."schema",
    json_build_object(
        'objects', (select json_agg(object) from core."objectMetadata" object where object."workspaceId" = workspace.id),
        'fields', (
            select json_agg(field)
            from core."fieldMetadata" field
            where field."objectMetadataId" = any(array(
                select object.id from core."objectMetadata" object where object."workspaceId" = workspace.id
            ))
        ),
        'indexes', (
            select json_agg(index)
            from core."indexMetadata" index
            where index."objectMetadataId" = any(array(
                select object.id from core."objectMetadata" object where object."workspaceId" = workspace.id
            ))
        ),
        'index_fields', (
            select json_agg(part)
            from core."indexFieldMetadata" part
            where part."indexMetadataId" = any(array(
                select index.id
                from core."indexMetadata" index
                where index."objectMetadataId" = any(array(
                    select object.id from core."objectMetadata" object where object."workspaceId" = workspace.id
                ))
            ))
        )
    )::text as rows
from core.workspace
where workspace.id = $1::uuid and workspace."deletedAt" is null;
