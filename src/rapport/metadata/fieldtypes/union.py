"""Lists of several records put together when one record takes their place."""

from collections.abc import Callable, Hashable, Iterable

from rapport.metadata.fieldtypes.base import Json


def united(items: Iterable[Json], key: Callable[[Json], Hashable] = str, *, without: Hashable = None) -> list[Json]:
    """The items in order, each key once; none of those that ``without`` is the key of.

    >>> united(["b", "a", "b", "c"], without="c")
    ['b', 'a']
    """
    found: dict[Hashable, Json] = {}
    for item in items:
        found.setdefault(key(item), item)
    found.pop(without, None)
    return list(found.values())


def listed(value: Json) -> list[Json]:
    """The elements of a list; nothing of any other value."""
    return value if isinstance(value, list) else []
