"""Records that are deleted and restored with the one they belong to (core-api.md §7.5)."""

from collections.abc import Iterator

from rapport.engine import plan
from rapport.metadata.catalog import Catalog, Field, Object

_MEMBER = "forWorkspaceMember"
_OWNERS = {"noteTarget": "note", "taskTarget": "task"}  # what a note is about goes with the note


def followers(catalog: Catalog, item: Object) -> tuple[plan.Follower, ...]:
    """What goes with a record of the object: it is no longer among the favorites of anybody either."""
    return tuple(_followers(catalog, item))


def _followers(catalog: Catalog, item: Object) -> Iterator[plan.Follower]:
    favorite = catalog.by_name.get("favorite")
    if favorite is not None:
        for link in favored(favorite):
            if link.relation and link.relation.target_object == item.name:
                yield plan.Follower(object=favorite, join=link.column, sole=_sole(favorite, link))
    for name, owner in _OWNERS.items():
        follower = catalog.by_name.get(name)
        for link in follower.fields if follower is not None and owner == item.name else ():
            if follower is not None and link.name == owner:
                yield plan.Follower(object=follower, join=link.column)


def favored(favorite: Object) -> Iterator[Field]:
    """The relations of a favorite to the records that it can stand for."""
    for link in favorite.fields:
        if link.is_active and link.is_to_one and link.name not in (_MEMBER, "favoriteFolder"):
            yield link


def favorite_groups(favorite: Object) -> tuple[tuple[str, ...], ...]:
    """The pairs of columns by which a favorite is one of a member and a record."""
    return tuple(_sole(favorite, link) for link in favored(favorite))


def _sole(favorite: Object, link: Field) -> tuple[str, ...]:
    (member,) = [each for each in favorite.fields if each.name == _MEMBER]
    return (member.column.name, link.column.name)
