"""What there is to read about roles (system/tables.py)."""

from rapport.system.tables import ID, TIMES, WORKSPACE_ID, Table, column, to_many

_NEVER = "9999-12-31T23:59:59.999Z"  # the contract knows no key without an end

# A restriction of a relation holds on both of its sides. A test compares this with access/roles.py, which decides.
_RESTRICTED_FIELDS = """(
    select coalesce(jsonb_object_agg(f.id, f.rule), '{}') from (
        select
            f.id,
            jsonb_strip_nulls(jsonb_build_object(
                'canRead', bool_and(p."canReadFieldValue"),
                'canUpdate', case
                    when not bool_and(p."canReadFieldValue") then false else bool_and(p."canUpdateFieldValue")
                end
            )) as rule
        from core."fieldPermission" p
        join core."fieldMetadata" source on source.id = p."fieldMetadataId"
        join core."objectMetadata" o on o.id = this."objectMetadataId"
        join core."fieldMetadata" f on f."objectMetadataId" = o.id and (
            f.id = source.id
            or (f.relation ->> 'targetFieldId')::uuid = source.id
        )
        where p."roleId" = this."roleId"
        group by f.id
    ) f
)"""

# What the role says of the object that a condition is about, if it says anything.
_OBJECT_PERMISSION_ID = column(
    "objectPermissionId",
    "UUID",
    nullable=True,
    sql="""(
        select p.id from core."objectPermission" p
        where p."roleId" = this."roleId" and p."objectMetadataId" = this."objectMetadataId"
    )""",
)

_POSITION = "positionInRowLevelPermissionPredicateGroup"
_PREDICATES = ("objectMetadataId", _POSITION, "id")

ROLE = Table(
    type="Role",
    name="role",
    fields=(
        ID,
        WORKSPACE_ID,
        column("standardId", "UUID", nullable=True),
        column("universalIdentifier", "UUID", sql='coalesce(this."standardId", this.id)'),
        column("label"),
        column("description", nullable=True),
        column("icon", nullable=True),
        *(
            column(name, "BOOLEAN")
            for name in (
                "isEditable",
                "canUpdateAllSettings",
                "canAccessAllTools",
                "canReadAllObjectRecords",
                "canUpdateAllObjectRecords",
                "canSoftDeleteAllObjectRecords",
                "canDestroyAllObjectRecords",
                "canBeAssignedToUsers",
                "canBeAssignedToAgents",
                "canBeAssignedToApiKeys",
            )
        ),
        *TIMES,
        column("agents", "RAW_JSON", sql="'[]'::jsonb"),
        to_many("workspaceMembers", "WorkspaceMember", by="roleId", order=("createdAt", "id")),
        to_many("apiKeys", "ApiKeyForRole", by="roleId", order=("createdAt", "id")),
        to_many("objectPermissions", "ObjectPermission", by="roleId", order=("createdAt", "id")),
        to_many("fieldPermissions", "FieldPermission", by="roleId", order=("createdAt", "id")),
        to_many("permissionFlags", "PermissionFlag", by="roleId", order=("flag",)),
        to_many("rowLevelPermissionPredicates", "RowLevelPermissionPredicate", by="roleId", order=_PREDICATES),
        to_many(
            "rowLevelPermissionPredicateGroups", "RowLevelPermissionPredicateGroup", by="roleId", order=_PREDICATES
        ),
    ),
)

KEY_OF_ROLE = Table(
    type="ApiKeyForRole",
    name="apiKey",
    joins='join core."roleTarget" target on target."apiKeyId" = this.id',
    is_soft_deleted=True,
    fields=(
        ID,
        column("name"),
        column("expiresAt", "DATE_TIME", sql=f"""coalesce(this."expiresAt", '{_NEVER}'::timestamptz)"""),
        column("revokedAt", "DATE_TIME", nullable=True),
        column("createdAt", "DATE_TIME"),
        column("roleId", "UUID", sql='target."roleId"'),
    ),
)

OBJECT_PERMISSION = Table(
    type="ObjectPermission",
    name="objectPermission",
    fields=(
        ID,
        column("roleId", "UUID"),
        column("objectMetadataId", "UUID"),
        *(
            column(name, "BOOLEAN", nullable=True)
            for name in (
                "canReadObjectRecords",
                "canUpdateObjectRecords",
                "canSoftDeleteObjectRecords",
                "canDestroyObjectRecords",
            )
        ),
        column("createdAt", "DATE_TIME"),
        column("restrictedFields", "RAW_JSON", nullable=True, sql=_RESTRICTED_FIELDS),
        to_many(
            "rowLevelPermissionPredicates", "RowLevelPermissionPredicate", by="objectPermissionId", order=_PREDICATES
        ),
        to_many(
            "rowLevelPermissionPredicateGroups",
            "RowLevelPermissionPredicateGroup",
            by="objectPermissionId",
            order=_PREDICATES,
        ),
    ),
)

FIELD_PERMISSION = Table(
    type="FieldPermission",
    name="fieldPermission",
    fields=(
        ID,
        column("roleId", "UUID"),
        column("objectMetadataId", "UUID"),
        column("fieldMetadataId", "UUID"),
        column("canReadFieldValue", "BOOLEAN", nullable=True),
        column("canUpdateFieldValue", "BOOLEAN", nullable=True),
        column("createdAt", "DATE_TIME"),
    ),
)

PERMISSION_FLAG = Table(
    type="PermissionFlag", name="permissionFlag", fields=(ID, column("roleId", "UUID"), column("flag"))
)

ROW_PREDICATE = Table(
    type="RowLevelPermissionPredicate",
    name="rowLevelPermissionPredicate",
    fields=(
        ID,
        column("roleId", "UUID"),
        column("objectMetadataId", "UUID"),
        column("fieldMetadataId", "UUID"),
        _OBJECT_PERMISSION_ID,
        column("rowLevelPermissionPredicateGroupId", "UUID", nullable=True),
        column("operand"),
        column("value", "RAW_JSON", nullable=True),
        column("subFieldName", nullable=True),
        column("workspaceMemberFieldMetadataId", "UUID", nullable=True),
        column("workspaceMemberSubFieldName", nullable=True),
        column(_POSITION, "NUMBER", nullable=True),
    ),
)

ROW_GROUP = Table(
    type="RowLevelPermissionPredicateGroup",
    name="rowLevelPermissionPredicateGroup",
    fields=(
        ID,
        column("roleId", "UUID"),
        column("objectMetadataId", "UUID"),
        _OBJECT_PERMISSION_ID,
        column("parentRowLevelPermissionPredicateGroupId", "UUID", nullable=True),
        column("logicalOperator"),
        column(_POSITION, "NUMBER", nullable=True),
    ),
)

# The record of a member with the membership that it stands for. Whoever has left is not among them.
WORKSPACE_MEMBER = Table(
    type="WorkspaceMember",
    name="workspaceMember",
    schema="@schema",
    is_soft_deleted=True,
    joins='join core."userWorkspace" membership on membership."workspaceMemberId" = this.id '
    'left join core."roleTarget" target on target."userWorkspaceId" = membership.id',
    rows='membership."workspaceId" = @workspace and membership."deletedAt" is null',
    fields=(
        ID,
        column("name", "FULL_NAME"),
        column("colorScheme"),
        column("locale", nullable=True),
        column("avatarUrl", nullable=True),
        column("userEmail"),
        column("calendarStartDay", "NUMBER", nullable=True),
        column("timeZone", nullable=True),
        column("dateFormat", nullable=True),
        column("timeFormat", nullable=True),
        column("numberFormat", nullable=True),
        column("createdAt", "DATE_TIME", sql='membership."createdAt"'),
        column("userWorkspaceId", "UUID", sql="membership.id"),
        column("roleId", "UUID", nullable=True, sql='target."roleId"'),
        to_many("roles", "Role", by="id", of="roleId"),
    ),
)

TABLES = (
    ROLE,
    KEY_OF_ROLE,
    OBJECT_PERMISSION,
    FIELD_PERMISSION,
    PERMISSION_FLAG,
    ROW_PREDICATE,
    ROW_GROUP,
    WORKSPACE_MEMBER,
)
