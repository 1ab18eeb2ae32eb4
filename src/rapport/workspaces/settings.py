"""The settings of a workspace that `updateWorkspace` changes: which permission each demands, and what it may be."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from rapport.access.flags import Flag
from rapport.access.principal import Principal
from rapport.base.errors import InvalidValue, PermissionDenied
from rapport.metadata.fieldtypes.leaves.path import FILE_PATH
from rapport.workspaces.errors import InvalidDomain
from rapport.workspaces.subdomains import checked

PROFILE_FIELDS = frozenset({"email", "profilePicture", "firstName", "lastName"})
PROVIDERS = ("Google", "Microsoft", "Password")  # as the switches are called: `isGoogleAuthEnabled`

LONGEST_NAME = 255
LONGEST_LOGO = 2_000
_LONGEST_RETENTION = 3_650  # days
_INVITE_HASH = re.compile(r"[A-Za-z0-9_-]{16,200}")  # long enough that nobody guesses it
_MODEL_NAME = re.compile(r"[\w.:/@ -]{1,200}")
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?!\d+$){_LABEL}")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """``accept`` gives the value as it is kept, or raises."""

    flag: Flag
    accept: Callable[[str, object], object]
    is_security: bool = False  # whether the audit log wants to know


def accepted(principal: Principal, given: Mapping[str, object]) -> Mapping[str, object]:
    """The values as they are kept, by column. Raises PermissionDenied before it looks at any value."""
    for name in given:
        setting = SETTINGS.get(name)
        if setting is None or not principal.may(setting.flag):
            raise PermissionDenied
    return {name: SETTINGS[name].accept(name, value) for name, value in given.items()}


def _switch(name: str, value: object) -> object:
    if not isinstance(value, bool):
        raise InvalidValue(f"{name} must be true or false.")
    return value


def _display_name(name: str, value: object) -> object:
    return display_name(value)


def display_name(value: object) -> str:
    """The name of a workspace without blanks around it; raises InvalidValue."""
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise InvalidValue(f"The workspace needs a name of at most {LONGEST_NAME} characters.")
    return text


def _subdomain(_name: str, value: object) -> object:
    return checked(value if isinstance(value, str) else "")


def _custom_domain(_name: str, value: object) -> object:
    text = value.strip().lower().rstrip(".") if isinstance(value, str) else ""
    if not text:
        return None
    if len(text) > 253 or not _DOMAIN.fullmatch(text):
        raise InvalidDomain
    return text


def _logo(name: str, value: object) -> object:
    """An address on the web, or the path of a file here."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else ""
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        scheme = "?"
    if not text.isprintable() or len(text) > LONGEST_LOGO or scheme not in ("", "http", "https"):
        raise InvalidValue(f"{name} must be an address such as https://example.com/logo.png.")
    return FILE_PATH.coerce(text, name)


def _invite_hash(name: str, value: object) -> object:
    if not isinstance(value, str) or not _INVITE_HASH.fullmatch(value):
        raise InvalidValue(f"{name} must have 16 to 200 letters, digits, hyphens and underscores.")
    return value


def _model(name: str, value: object) -> object:
    if not isinstance(value, str) or not _MODEL_NAME.fullmatch(value):
        raise InvalidValue(f"{name} must be the name of a model.")
    return value


def _retention(name: str, value: object) -> object:
    if not isinstance(value, int | float) or not 0 <= value <= _LONGEST_RETENTION or value != int(value):
        raise InvalidValue(f"{name} must be a whole number of days from 0 to {_LONGEST_RETENTION}.")
    return int(value)


def _profile_fields(name: str, value: object) -> object:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value) or set(value) - PROFILE_FIELDS:
        raise InvalidValue(f"{name} may have {', '.join(sorted(PROFILE_FIELDS))}.")
    return list(dict.fromkeys(value))


def _role(name: str, value: object) -> object:
    try:
        return UUID(str(value))
    except ValueError:
        raise InvalidValue(f"{name} must be the id of a role.") from None


def _security(accept: Callable[[str, object], object]) -> Setting:
    return Setting(flag="SECURITY", accept=accept, is_security=True)


SETTINGS: Mapping[str, Setting] = {
    "subdomain": Setting(flag="WORKSPACE", accept=_subdomain),
    "customDomain": Setting(flag="WORKSPACE", accept=_custom_domain),
    "displayName": Setting(flag="WORKSPACE", accept=_display_name),
    "logo": Setting(flag="WORKSPACE", accept=_logo),
    "trashRetentionDays": Setting(flag="WORKSPACE", accept=_retention),
    "routerModel": Setting(flag="WORKSPACE", accept=_model),
    "fastModel": Setting(flag="WORKSPACE", accept=_model),
    "smartModel": Setting(flag="WORKSPACE", accept=_model),
    "inviteHash": Setting(flag="WORKSPACE_MEMBERS", accept=_invite_hash, is_security=True),
    "defaultRoleId": Setting(flag="ROLES", accept=_role, is_security=True),
    "isPublicInviteLinkEnabled": _security(_switch),
    "allowImpersonation": _security(_switch),
    **{f"is{provider}AuthEnabled": _security(_switch) for provider in PROVIDERS},
    **{f"is{provider}AuthBypassEnabled": _security(_switch) for provider in PROVIDERS},
    "editableProfileFields": _security(_profile_fields),
    "isTwoFactorAuthenticationEnforced": _security(_switch),
}
