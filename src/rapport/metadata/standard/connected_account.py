"""Accounts at mail and calendar providers."""

from rapport.metadata.standard.spec import ObjectSpec, field, to_many, to_one

CONNECTED_ACCOUNT = ObjectSpec(
    name="connectedAccount",
    plural="connectedAccounts",
    label="Connected Account",
    label_plural="Connected Accounts",
    icon="IconAt",
    is_system=True,
    is_audit_logged=False,
    label_field="handle",
    fields=(
        field("handle", "TEXT", "handle", "IconMail"),
        field("provider", "TEXT", "provider", "IconSettings", nullable=False, default="'google'"),
        field("accessToken", "TEXT", "Access Token", "IconKey", secret=True),
        field("refreshToken", "TEXT", "Refresh Token", "IconKey", secret=True),
        field("lastSyncHistoryId", "TEXT", "Last sync history ID", "IconHistory"),
        field("authFailedAt", "DATE_TIME", "Auth failed at", "IconX"),
        field("lastCredentialsRefreshedAt", "DATE_TIME", "Last credentials refreshed at", "IconHistory"),
        field("handleAliases", "TEXT", "Handle Aliases", "IconMail"),
        field("scopes", "ARRAY", "Scopes", "IconSettings"),
        field("connectionParameters", "RAW_JSON", "Custom Connection Parameters", "IconSettings", secret=True),
        to_one(
            "accountOwner",
            "workspaceMember.connectedAccounts",
            "Account Owner",
            "IconUserCircle",
            on_delete="CASCADE",
            nullable=False,
        ),
        to_many(
            "messageChannels", "messageChannel.connectedAccount", "Message Channels", "IconMessage", nullable=False
        ),
        to_many(
            "calendarChannels", "calendarChannel.connectedAccount", "Calendar Channels", "IconCalendar", nullable=False
        ),
    ),
)
