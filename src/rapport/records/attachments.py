"""Files that go with records that are destroyed: those of attachments, and of attachments to what is destroyed."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from rapport.access.principal import Principal
from rapport.engine import plan
from rapport.metadata.catalog import Catalog, Object
from rapport.store.database import Connection

_ATTACHMENT, _PATH = "attachment", "fullPath"

# Called with the paths of the files, in the transaction that destroys the records.
Loss: TypeAlias = Callable[[Connection, Sequence[str], Principal], Awaitable[None]]


def attached(catalog: Catalog, item: Object) -> plan.Attached | None:
    """Where the paths are of files that go with records of the object; None when no file does."""
    attachment = next((each for each in catalog.objects if each.name == _ATTACHMENT), None)
    if attachment is None:
        return None
    (path,) = [each for each in attachment.fields if each.name == _PATH]
    if item.name == _ATTACHMENT:
        return plan.Attached(object=attachment, path=path.column)
    joins = tuple(
        each.column
        for each in attachment.fields
        if each.is_to_one
        and each.relation is not None
        and each.relation.target_object == item.name
        and each.relation.on_delete == "CASCADE"
    )
    return plan.Attached(object=attachment, path=path.column, joins=joins) if joins else None
