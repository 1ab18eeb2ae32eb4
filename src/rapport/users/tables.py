"""What there is to read about users and their memberships (system/tables.py)."""

from rapport.system.tables import ID, TIMES, WORKSPACE_ID, Table, column, to_many, to_one

# A user whom the caller shares the workspace with is there, too: who is removed is shown once more.
_THEMSELVES = """(this.id = @user or exists (
    select from core."userWorkspace" m
    where m."userId" = this.id and m."workspaceId" = @workspace and m."deletedAt" is null
))"""
_MEMBERSHIP = """left join core."userWorkspace" membership
    on membership."userId" = this.id and membership."workspaceId" = @workspace and membership."deletedAt" is null"""
_VARS = """(
    select coalesce(jsonb_object_agg(v.key, v.value), '{}')
    from core."userVar" v
    where v."userId" = this.id and (v."workspaceId" is null or v."workspaceId" = @workspace)
)"""
# The first step that is pending, in the order of system-api.md §13. Without billing there is no PLAN_REQUIRED.
_ONBOARDING_STATUS = """case
    when membership.id is null then null
    when (
        select w."activationStatus" in ('PENDING_CREATION', 'ONGOING_CREATION')
        from core.workspace w where w.id = membership."workspaceId"
    ) then 'WORKSPACE_ACTIVATION'
    else coalesce((
        select step.status
        from (values
            (1, 'ONBOARDING_CREATE_PROFILE_PENDING', 'PROFILE_CREATION'),
            (2, 'ONBOARDING_CONNECT_ACCOUNT_PENDING', 'SYNC_EMAIL'),
            (3, 'ONBOARDING_INVITE_TEAM_PENDING', 'INVITE_TEAM'),
            (4, 'ONBOARDING_BOOK_ONBOARDING_PENDING', 'BOOK_ONBOARDING')
        ) step (place, key, status)
        join core."userVar" v on v.key = step.key and v.value = 'true'
            and v."userId" = this.id and v."workspaceId" = membership."workspaceId"
        order by step.place
        limit 1
    ), 'COMPLETED')
end"""

USER = Table(
    type="User",
    name="user",
    rows=_THEMSELVES,
    joins=_MEMBERSHIP,
    is_soft_deleted=True,
    fields=(
        ID,
        column("email"),
        column("firstName"),
        column("lastName"),
        column("locale"),
        column("defaultAvatarUrl", nullable=True),
        column("disabled", "BOOLEAN", nullable=True),
        column("isEmailVerified", "BOOLEAN"),
        column("canImpersonate", "BOOLEAN"),
        column("canAccessFullAdminPanel", "BOOLEAN"),
        *TIMES,
        column("hasPassword", "BOOLEAN", sql="""(this."passwordHash" is not null)"""),
        column("passwordHash", nullable=True, sql="null::text"),
        column("supportUserHash", nullable=True, sql="null::text"),
        column("userVars", "RAW_JSON", sql=_VARS),
        column("onboardingStatus", nullable=True, sql=_ONBOARDING_STATUS),
        column("currentWorkspaceId", "UUID", nullable=True, sql="""membership."workspaceId" """),
        column("currentUserWorkspaceId", "UUID", nullable=True, sql="membership.id"),
        column("workspaceMemberId", "UUID", nullable=True, sql="""membership."workspaceMemberId" """),
        to_one("currentWorkspace", "Workspace"),
        to_one("currentUserWorkspace", "UserWorkspace"),
        to_one("workspaceMember", "WorkspaceMember"),
        to_many("userWorkspaces", "UserWorkspace", by="userId", order=("createdAt", "id")),
        to_many("workspaces", "UserWorkspace", by="userId", order=("createdAt", "id")),
    ),
    elsewhere=("availableWorkspaces", "workspaceMembers", "deletedWorkspaceMembers"),
)

# The caller's own memberships, and everybody's in the workspace.
USER_WORKSPACE = Table(
    type="UserWorkspace",
    name="userWorkspace",
    rows='(this."userId" = @user or this."workspaceId" = @workspace)',
    is_soft_deleted=True,
    fields=(
        ID,
        WORKSPACE_ID,
        column("userId", "UUID"),
        column("locale"),
        column("workspaceMemberId", "UUID", nullable=True),
        *TIMES,
        to_one("user", "User"),
        to_one("workspace", "Workspace"),
        to_many("twoFactorAuthenticationMethodSummary", "TwoFactorAuthenticationMethodDTO", by="userWorkspaceId"),
    ),
    elsewhere=("objectPermissions", "objectsPermissions", "permissionFlags"),
)

TWO_FACTOR_METHOD = Table(
    type="TwoFactorAuthenticationMethodDTO",
    name="twoFactorAuthenticationMethod",
    joins='join core."userWorkspace" membership on membership.id = this."userWorkspaceId"',
    rows='(membership."userId" = @user or membership."workspaceId" = @workspace)',
    fields=(
        ID,
        column("twoFactorAuthenticationMethodId", "UUID", sql="this.id"),
        column("userWorkspaceId", "UUID"),
        column("strategy"),
        column("status"),
    ),
)

# Records of members who have left.
DELETED_MEMBER = Table(
    type="DeletedWorkspaceMember",
    name="workspaceMember",
    schema="@schema",
    rows='this."deletedAt" is not null',
    fields=(
        ID,
        column("name", "FULL_NAME"),
        column("avatarUrl", nullable=True),
        column("userEmail"),
        column("deletedSince", "DATE_TIME", sql='this."deletedAt"'),
        column(
            "userWorkspaceId",
            "UUID",
            nullable=True,
            sql="""(
                select m.id from core."userWorkspace" m
                where m."workspaceMemberId" = this.id and m."workspaceId" = @workspace
                order by m."createdAt" desc limit 1
            )""",
        ),
    ),
)

TABLES = (USER, USER_WORKSPACE, TWO_FACTOR_METHOD, DELETED_MEMBER)
