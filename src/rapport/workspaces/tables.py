"""What there is to read about workspaces (system/tables.py)."""

from rapport.system.tables import ID, TIMES, WORKSPACE_ID, Table, column, made, to_many, to_one
from rapport.workspaces.domains import Domains
from rapport.workspaces.logos import FileLink, as_stored, shown_logo

_SWITCHES = (
    "allowImpersonation",
    "isCustomDomainEnabled",
    "isGoogleAuthBypassEnabled",
    "isGoogleAuthEnabled",
    "isMicrosoftAuthBypassEnabled",
    "isMicrosoftAuthEnabled",
    "isPasswordAuthBypassEnabled",
    "isPasswordAuthEnabled",
    "isPublicInviteLinkEnabled",
    "isTwoFactorAuthenticationEnforced",
)
_MEMBERS_COUNT = """(
    select count(*) from core."userWorkspace" m where m."workspaceId" = this.id and m."deletedAt" is null
)"""
# The caller's own one, and those that they are a member of besides.
_THEIRS = """(this.id = @workspace or exists (
    select from core."userWorkspace" m
    where m."workspaceId" = this.id and m."userId" = @user and m."deletedAt" is null
))"""

FEATURE_FLAG = Table(
    type="FeatureFlagDTO", name="featureFlag", fields=(ID, WORKSPACE_ID, column("key"), column("value", "BOOLEAN"))
)


def tables(domains: Domains, link: FileLink = as_stored) -> tuple[Table, ...]:
    """``domains`` tells under which addresses a workspace is found, ``link`` at which a file."""
    workspace = Table(
        type="Workspace",
        name="workspace",
        rows=_THEIRS,
        is_soft_deleted=True,
        fields=(
            ID,
            column("displayName", nullable=True),
            column("subdomain", sql="""coalesce(this.subdomain, '')"""),
            column("customDomain", nullable=True),
            column("storedLogo", nullable=True, sql="this.logo"),
            made(
                "logo",
                "id",
                "storedLogo",
                by=lambda row: shown_logo(link, {"id": row["id"], "logo": row["storedLogo"]}),
            ),
            column("activationStatus"),
            *(column(name, "BOOLEAN") for name in _SWITCHES),
            column("editableProfileFields", "ARRAY"),
            column("trashRetentionDays", "NUMBER"),
            column("routerModel"),
            column("fastModel"),
            column("smartModel"),
            column("version", nullable=True),
            column("metadataVersion", "NUMBER"),
            column("databaseSchema", sql="""this."schema" """),
            column("databaseUrl", sql="''::text"),
            column("hasValidEnterpriseKey", "BOOLEAN", sql="false"),
            column("billingEntitlements", "RAW_JSON", sql="'[]'::jsonb"),
            column("billingSubscriptions", "RAW_JSON", sql="'[]'::jsonb"),
            column("currentBillingSubscription", "RAW_JSON", nullable=True, sql="null::jsonb"),
            column("workspaceCustomApplicationId", nullable=True, sql="null::text"),
            column("workspaceMembersCount", "NUMBER", sql=_MEMBERS_COUNT),
            *TIMES,
            made("workspaceUrls", "subdomain", "customDomain", "isCustomDomainEnabled", by=domains.urls),  # type: ignore[arg-type]  # texts are JSON
            to_one("defaultRole", "Role"),
            to_many("featureFlags", "FeatureFlagDTO", by="workspaceId", order=("key",)),
        ),
        elsewhere=("inviteHash",),  # not for everybody
    )
    return (workspace, FEATURE_FLAG)
