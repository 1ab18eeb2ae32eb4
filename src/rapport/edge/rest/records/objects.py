"""The object that a path names."""

from rapport.edge.misuse import BadRequest
from rapport.edge.rest.errors import RESERVED, NoSuchPath
from rapport.metadata.catalog import Catalog, Object

_SHOWN = 80  # characters of what the client sent


class UnknownObject(BadRequest):
    """There is no such object."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__(f"object '{name[:_SHOWN]}' not found. {hint}")


def object_named(catalog: Catalog, plural: str) -> Object:
    """The object with this plural name. Raises UnknownObject, NoSuchPath."""
    item = catalog.by_plural.get(plural)
    if item is not None:
        return item
    single = catalog.by_name.get(plural)
    if single is not None:
        raise UnknownObject(plural, f"Did you mean '{single.plural}'?")
    if plural in RESERVED:
        raise NoSuchPath
    raise UnknownObject(plural, "eg: companies")
