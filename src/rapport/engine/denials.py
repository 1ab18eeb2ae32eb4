"""Names that the caller may not use: their role keeps a field or a whole object from them (system-api.md §14)."""

from rapport.base.errors import PermissionDenied
from rapport.metadata.catalog import Field, Object


def check_object(item: Object) -> None:
    """Raises PermissionDenied when there are no records of the object for the caller."""
    if not item.rights.read:
        raise PermissionDenied


def check_named(item: Object, name: str) -> None:
    """For a name that the object has no field of: raises PermissionDenied if it has one, but not for the caller."""
    if name in item.denied:
        raise PermissionDenied


def check_writable(field: Field | None) -> None:
    """Raises PermissionDenied when the caller may not write the field."""
    if field is not None and not field.may_update:
        raise PermissionDenied
