"""What clients see of API keys."""

from rapport.system.tables import ID, TIMES, WORKSPACE_ID, Table, column, to_one

_NEVER = "9999-12-31T23:59:59.999Z"  # clients count on an end

TABLES = (
    Table(
        type="ApiKey",
        name="apiKey",
        is_soft_deleted=True,
        joins='left join core."roleTarget" held on held."apiKeyId" = this.id',
        fields=(
            ID,
            column("name"),
            column("expiresAt", "DATE_TIME", sql=f"""coalesce(this."expiresAt", '{_NEVER}'::timestamptz)"""),
            column("revokedAt", "DATE_TIME", nullable=True),
            column("lastUsedAt", "DATE_TIME", nullable=True),
            column("allowedIps", "ARRAY", nullable=True),
            column("roleId", "UUID", nullable=True, sql='held."roleId"'),
            to_one("role", "Role"),
            WORKSPACE_ID,
            to_one("workspace", "Workspace"),
            *TIMES,
        ),
    ),
)
