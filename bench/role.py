"""An API key with a role that keeps something back: a field, an object, and people without a job title."""

from uuid import UUID

from rapport.base.ids import new_id
from rapport.keys.service import create_key
from rapport.store.database import Database

LABEL = "Bench"
_RIGHTS = '"canReadAllObjectRecords", "canUpdateAllObjectRecords"'
_ROLE = f'insert into core.role (id, "workspaceId", label, {_RIGHTS}) values ($1, $2, $3, true, true)'
_OBJECT = """
insert into core."objectPermission" (id, "workspaceId", "roleId", "objectMetadataId", "canReadObjectRecords")
select $1, $2, $3, id, false from core."objectMetadata" where "workspaceId" = $2 and "nameSingular" = 'note'
"""
_FIELD = """
insert into core."fieldPermission" (
    id, "workspaceId", "roleId", "objectMetadataId", "fieldMetadataId", "canReadFieldValue"
)
select $1, $2, $3, o.id, f.id, false
from core."objectMetadata" o join core."fieldMetadata" f on f."objectMetadataId" = o.id
where o."workspaceId" = $2 and o."nameSingular" = 'person' and f.name = 'avatarUrl'
"""
_ROWS = """
insert into core."rowLevelPermissionPredicate" (
    id, "workspaceId", "roleId", "objectMetadataId", "fieldMetadataId", operand
)
select $1, $2, $3, o.id, f.id, 'IS_NOT_EMPTY'
from core."objectMetadata" o join core."fieldMetadata" f on f."objectMetadataId" = o.id
where o."workspaceId" = $2 and o."nameSingular" = 'person' and f.name = 'jobTitle'
"""


async def limited_key(database: Database, workspace_id: UUID) -> str:
    """A new token. Its role is new, too: nobody remembers anything about it."""
    role_id = new_id()
    async with database.transaction() as connection:
        await connection.execute(_ROLE, role_id, workspace_id, f"{LABEL} {role_id}")
        for statement in (_OBJECT, _FIELD, _ROWS):
            await connection.execute(statement, new_id(), workspace_id, role_id)
        key = await create_key(connection, workspace_id=workspace_id, name=LABEL, role_id=role_id)
    return key.token
