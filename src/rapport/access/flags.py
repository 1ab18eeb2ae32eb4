"""The permission flags of roles (system-api.md §14): what one may do beside reading and writing records."""

from typing import Literal, TypeAlias, get_args

SettingsFlag: TypeAlias = Literal[
    "API_KEYS_AND_WEBHOOKS",
    "WORKSPACE",
    "WORKSPACE_MEMBERS",
    "ROLES",
    "DATA_MODEL",
    "SECURITY",
    "WORKFLOWS",
    "IMPERSONATE",
    "SSO_BYPASS",
    "APPLICATIONS",
    "MARKETPLACE_APPS",
    "LAYOUTS",
    "BILLING",
    "AI_SETTINGS",
]
ToolFlag: TypeAlias = Literal[
    "AI",
    "VIEWS",
    "UPLOAD_FILE",
    "DOWNLOAD_FILE",
    "SEND_EMAIL_TOOL",
    "IMPORT_CSV",
    "EXPORT_CSV",
    "CONNECTED_ACCOUNTS",
    "PROFILE_INFORMATION",
    "HTTP_REQUEST_TOOL",
    "CODE_INTERPRETER_TOOL",
]
Flag: TypeAlias = SettingsFlag | ToolFlag

SETTINGS_FLAGS: frozenset[str] = frozenset(get_args(SettingsFlag))  # all of them with `canUpdateAllSettings`
TOOL_FLAGS: frozenset[str] = frozenset(get_args(ToolFlag))  # all of them with `canAccessAllTools`
FLAGS = SETTINGS_FLAGS | TOOL_FLAGS
