"""The applications that the parts of a data model belong to, of which every workspace has two."""

from uuid import UUID, uuid5


def standard_application(workspace_id: UUID) -> UUID:
    """What comes with Rapport belongs to it."""
    return uuid5(workspace_id, "standard application")


def custom_application(workspace_id: UUID) -> UUID:
    """What users have made belongs to it."""
    return uuid5(workspace_id, "custom application")
