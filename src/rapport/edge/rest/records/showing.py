"""What an answer shows of a record (core-api.md §4.2): its own fields, and with depth its relations."""

from collections.abc import Iterator, Sequence

from rapport.base.errors import BadUserInput
from rapport.engine import plan
from rapport.engine.denials import check_object
from rapport.engine.orders import id_order
from rapport.metadata.catalog import Catalog, Object
from rapport.records.showing import own_items

DEEPEST = 2
_SHOWN = 80  # characters of what the client sent
_MOST_RELATED = (60, 10)  # records at the many side of a relation: of the record itself, and of those related to it


class UnknownField(BadUserInput):
    """There is no such field."""

    def __init__(self, item: Object, name: str) -> None:
        super().__init__(f'Object {item.name} doesn\'t have any "{name[:_SHOWN]}" field.')


def record_items(
    catalog: Catalog, item: Object, depth: int, *, distance: int = 0, has_end: bool = False
) -> tuple[plan.Item, ...]:
    """What is shown of a record of the object to this depth. Raises PermissionDenied.

    Own fields come first, links to other records by their ids; then, with depth, the records that are linked. What the
    caller may not see is left out. ``distance``: how many relations away the record is. ``has_end``: a line break says
    where its own fields end and others follow.
    """
    check_object(item)
    own = tuple(own_items(item, numbers_are_texts=True))
    if distance == depth:
        return own
    related = tuple(_relations(catalog, item, depth, distance))
    if has_end and related:
        own = (*own[:-1], plan.Last(item=own[-1]))
    return (*own, *related)


def chosen(items: tuple[plan.Item, ...], item: Object, names: Sequence[str]) -> tuple[plan.Item, ...]:
    """The items of these names, or all if there are none. Raises UnknownField."""
    if not names:
        return items
    for name in names:
        if name not in item.field and name not in item.to_one_by_column:
            raise UnknownField(item, name)
    return tuple(each for each in items if each.key in names)


def only_id(item: Object) -> tuple[plan.Item, ...]:
    """Raises PermissionDenied."""
    check_object(item)
    return (plan.Scalar(key="id", column=item.field["id"].column),)


def _relations(catalog: Catalog, item: Object, depth: int, distance: int) -> Iterator[plan.Item]:
    for field in item.field.values():
        if field.relation is None:
            continue
        target = catalog.target(field)
        if not target.rights.read:
            continue
        items = record_items(catalog, target, depth, distance=distance + 1)
        if field.is_to_one:
            yield plan.ToOne(key=field.name, field=field, target=target, items=items)
            continue
        link = target.to_one_by_column.get(field.relation.join_column)
        if link is not None:
            listed = _listed(target, items, _MOST_RELATED[distance])
            yield plan.ToMany(key=field.name, field=field, join=link.column, connection=listed)


def _listed(target: Object, items: tuple[plan.Item, ...], limit: int) -> plan.Connection:
    return plan.Connection(
        object=target,
        items=(plan.Records(key="", items=items),),
        order=(id_order(target),),
        page=plan.Page(limit=limit),
        is_bare=True,
    )
