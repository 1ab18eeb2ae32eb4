"""What the audit log speaks of. One list, so that whoever reads the log knows what to look for."""

from typing import Literal, TypeAlias, get_args

Action: TypeAlias = Literal[
    "signedUp",
    "signedIn",
    "signInFailed",
    "refreshTokenReused",
    "passwordResetRequested",
    "passwordChanged",
    "emailVerified",
    "emailChanged",
    "twoFactorAdded",
    "twoFactorRemoved",
    "twoFactorFailed",
    "impersonated",
    "impersonationRefused",
    "memberInvited",
    "memberJoined",
    "memberRemoved",
    "userDeleted",
    "roleCreated",
    "roleUpdated",
    "roleDeleted",
    "roleAssigned",
    "objectPermissionsChanged",
    "fieldPermissionsChanged",
    "permissionFlagsChanged",
    "rowPermissionsChanged",
    "apiKeyCreated",
    "apiKeyUpdated",
    "apiKeyTokenGenerated",
    "apiKeyRevoked",
    "apiKeyRoleChanged",
    "securitySettingsChanged",
    "serverAdminChanged",
    "workspaceCreated",
    "workspaceDeleted",
]

ACTIONS: tuple[str, ...] = get_args(Action)
