"""What the caller may do in the workspace, as `UserWorkspace.objectsPermissions` tells it."""

from collections.abc import Mapping

from rapport.access.principal import Principal
from rapport.access.request import Fields
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.fieldtypes.base import Json
from rapport.system.reading import Row, Tables

_RULES = {
    "rowLevelPermissionPredicates": "RowLevelPermissionPredicate",
    "rowLevelPermissionPredicateGroups": "RowLevelPermissionPredicateGroup",
}


async def objects_permissions(tables: Tables, catalog: Catalog, principal: Principal, fields: Fields) -> list[Row]:
    """`ObjectPermission` of every active object. ``catalog``: the data model as the caller's role sees it."""
    found = [_permission(item) for item in catalog.objects if item.is_active]
    for name, type_name in _RULES.items():
        if name not in fields:
            continue
        rows = await tables.read(
            type_name,
            {**fields[name], "objectMetadataId": {}},
            principal,
            where={"roleId": principal.role_id},
            order=("positionInRowLevelPermissionPredicateGroup", "id"),
        )
        for permission in found:
            permission[name] = [row for row in rows if row["objectMetadataId"] == permission["objectMetadataId"]]
    return found


def _permission(item: Object) -> Row:
    return {
        "objectMetadataId": str(item.id),
        "canReadObjectRecords": item.rights.read,
        "canUpdateObjectRecords": item.rights.update,
        "canSoftDeleteObjectRecords": item.rights.soft_delete,
        "canDestroyObjectRecords": item.rights.destroy,
        "restrictedFields": dict(_restricted_fields(item)),
    }


def _restricted_fields(item: Object) -> Mapping[str, Json]:
    """`{"0197…": {"canRead": False, "canUpdate": False}}`: what is not taken away is not named."""
    found: dict[str, Json] = {}
    for field in item.fields:
        rule: dict[str, Json] = {}
        if not field.may_read:
            rule["canRead"] = False
        if not field.may_update:
            rule["canUpdate"] = False
        if rule:
            found[str(field.id)] = rule
    return found
