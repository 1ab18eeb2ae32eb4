"""What a document may cost, before it runs: the records it can answer with, weighted by how much of each it shows.

A record costs 1, and a tenth more for every field selected of it. A list costs its page size times its record; a record
at the end of a relation costs what it shows, once for each record it stands in. A count or an aggregate costs 10. The
costs of all root fields add up. So `people(first: 20) { edges { node { id city company { name } } } }` costs
20 × (1 + 0.3 + (1 + 0.1)) = 48.
"""

from collections.abc import Iterable

from rapport.engine.plan import (
    Composite,
    Connection,
    Constant,
    Edges,
    FindDuplicates,
    FindMany,
    FindOne,
    GroupBy,
    Item,
    Node,
    PageInfo,
    Read,
    Root,
    ToMany,
    ToOne,
    Typename,
)

_RECORD = 10  # tenths
_FIELD = 1
_COUNT = 100


def cost_of(plan: Read) -> int:
    """The cost of a query, rounded up."""
    return -(-sum(map(_root, plan.roots)) // 10)


def cost_of_records(items: tuple[Item, ...], count: int) -> int:
    """The cost of an answer with so many records, rounded up."""
    return -(-_record(items) * count // 10)


def _record(items: Iterable[Item]) -> int:
    tenths = _RECORD
    for item in items:
        tenths += _FIELD
        match item:
            case ToOne(items=inner):
                tenths += _record(inner)
            case ToMany(connection=connection):
                tenths += _connection(connection)
            case Composite(items=subs):
                tenths += _FIELD * len(subs)
    return tenths


def _connection(connection: Connection) -> int:
    """At least one record: an empty page costs something too."""
    tenths = 0
    for entry in connection.items:
        if isinstance(entry, Edges):
            shown = [_record(node.items) for node in _nodes(entry)] or [_RECORD]
            tenths += max(1, connection.page.limit) * sum(shown)
        elif not isinstance(entry, (PageInfo, Typename)):
            tenths += _COUNT
    return tenths or _RECORD


def _nodes(edges: Edges) -> list[Node]:
    return [item for item in edges.items if isinstance(item, Node)]


def _root(root: Root) -> int:
    match root:
        case GroupBy(limit=groups, record_limit=records, items=items):
            shown = [_record(node.items) for each in items if isinstance(each, Edges) for node in _nodes(each)]
            return groups * (_COUNT + records * sum(shown))
        case FindDuplicates(connection=connection, count=candidates):
            return candidates * _connection(connection)
        case FindMany(connection=connection):
            return _connection(connection)
        case FindOne(items=items):
            return _record(items)
        case Constant():
            return 0
