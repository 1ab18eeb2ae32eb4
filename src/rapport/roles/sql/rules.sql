-- name: load_rules
-- $1: workspace, $2: role. All that a role says of records, as one JSON text; no row when there is no such role.
select jsonb_build_object(
    'role', to_jsonb(r),
    'flags', (select coalesce(jsonb_agg(f.flag), '[]') from core."permissionFlag" f where f."roleId" = r.id),
    'objects', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from core."objectPermission" p where p."roleId" = r.id),
    'fields', (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from core."fieldPermission" p where p."roleId" = r.id),
    'groups', (
        select coalesce(jsonb_agg(to_jsonb(g) order by g."positionInRowLevelPermissionPredicateGroup", g.id), '[]')
        from core."rowLevelPermissionPredicateGroup" g where g."roleId" = r.id
    ),
    'predicates', (
        select coalesce(jsonb_agg(to_jsonb(p) order by p."positionInRowLevelPermissionPredicateGroup", p.id), '[]')
        from core."rowLevelPermissionPredicate" p where p."roleId" = r.id
    )
)::text
from core.role r
where r."workspaceId" = $1 and r.id = $2;
