"""What can go wrong with roles and permissions. Sub codes are the contract's (system-api.md §14) where it has one."""

from rapport.base.errors import BadUserInput, DuplicateEntry, Forbidden, NotFound, PermissionDenied


class RoleNotFound(NotFound):
    """Role not found"""

    sub_code = "ROLE_NOT_FOUND"


class MemberNotFound(NotFound):
    """Workspace member not found"""

    sub_code = "WORKSPACE_MEMBER_NOT_FOUND"


class KeyNotFound(NotFound):
    """API key not found"""

    sub_code = "API_KEY_NOT_FOUND"


class AgentNotFound(NotFound):
    """Agent not found"""

    sub_code = "AGENT_NOT_FOUND"


class ObjectNotFound(NotFound):
    """Object metadata not found"""

    sub_code = "OBJECT_METADATA_NOT_FOUND"


class FieldNotFound(NotFound):
    """Field metadata not found"""

    sub_code = "FIELD_METADATA_NOT_FOUND"


class ObjectPermissionNotFound(NotFound):
    """The role has no permission of its own on this object yet"""

    sub_code = "OBJECT_PERMISSION_NOT_FOUND"


class DefaultRoleNotFound(NotFound):
    """The workspace has no default role for the members of the deleted one"""

    sub_code = "DEFAULT_ROLE_NOT_FOUND"


class RoleNotEditable(Forbidden):
    """This role cannot be changed"""

    sub_code = "ROLE_NOT_EDITABLE"


class CannotUpdateSelfRole(Forbidden):
    """Nobody can change their own role"""

    sub_code = "CANNOT_UPDATE_SELF_ROLE"


class CannotUnassignLastAdmin(Forbidden):
    """The last admin of a workspace must remain one"""

    sub_code = "CANNOT_UNASSIGN_LAST_ADMIN"


class RoleAboveOwn(PermissionDenied):
    """This role permits more than your own"""


class DefaultRoleCannotBeDeleted(Forbidden):
    """The default role cannot be deleted"""

    sub_code = "DEFAULT_ROLE_CANNOT_BE_DELETED"


class DefaultRoleForUsers(BadUserInput):
    """New members get the default role: it must be assignable to users"""

    sub_code = "DEFAULT_ROLE_MUST_BE_ASSIGNABLE_TO_USERS"


class RoleHeldByKeys(BadUserInput):
    """API keys have this role: give them another one or revoke them first"""

    sub_code = "ROLE_HAS_API_KEYS"


class LabelTaken(BadUserInput):
    """A role with this label already exists"""

    sub_code = "ROLE_LABEL_ALREADY_EXISTS"


class RoleIdTaken(DuplicateEntry):
    """A duplicate entry was detected: this id is in use"""


class NotAssignable(BadUserInput):
    """This role cannot be assigned to that kind of holder"""

    sub_code = "ROLE_CANNOT_BE_ASSIGNED_TO_ENTITY"


class NotAssignableToUsers(NotAssignable):
    """This role cannot be assigned to users"""

    sub_code = "ROLE_CANNOT_BE_ASSIGNED_TO_USERS"


class NotAssignableToKeys(NotAssignable):
    """This role cannot be assigned to API keys"""

    sub_code = "ROLE_CANNOT_BE_ASSIGNED_TO_API_KEYS"


class InvalidRole(BadUserInput):
    """The role is not valid"""

    sub_code = "INVALID_ARG"


class WritingWithoutReading(BadUserInput):
    """Only what may be read may be updated or deleted"""

    sub_code = "CANNOT_GIVE_WRITING_PERMISSION_WITHOUT_READING_PERMISSION"


class WritingOnUnreadableObject(BadUserInput):
    """Records that may not be read may not be updated or deleted either"""

    sub_code = "CANNOT_GIVE_WRITING_PERMISSION_ON_NON_READABLE_OBJECT"


class SystemObject(Forbidden):
    """System objects are open to all roles"""

    sub_code = "CANNOT_ADD_OBJECT_PERMISSION_ON_SYSTEM_OBJECT"


class OnlyFieldRestriction(BadUserInput):
    """Field permissions can only take away: false or null"""

    sub_code = "ONLY_FIELD_RESTRICTION_ALLOWED"


class FieldNotRestrictable(BadUserInput):
    """Records do not work without this field: it cannot be restricted"""

    sub_code = "FIELD_CANNOT_BE_RESTRICTED"


class FieldOfUnreadableObject(BadUserInput):
    """Reading a field can only be restricted where the object may be read"""

    sub_code = "FIELD_RESTRICTION_ONLY_ALLOWED_ON_READABLE_OBJECT"


class FieldOfUnchangeableObject(BadUserInput):
    """Updating a field can only be restricted where the object may be updated"""

    sub_code = "FIELD_RESTRICTION_ON_UPDATE_ONLY_ALLOWED_ON_UPDATABLE_OBJECT"


class InvalidRowRule(BadUserInput):
    """The row-level predicates are not valid"""

    sub_code = "INVALID_ROW_LEVEL_PERMISSION_PREDICATE"
