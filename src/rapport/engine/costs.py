"""What a document may cost, before it runs: the records it can answer with, weighted by how much of each it shows.

A record costs 1, and a tenth more for every field selected of it. A list costs its page size times its record; a record
at the end of a relation costs what it shows, once for each record it stands in. A count or an aggregate costs 10, and
so does each relation that a filter goes through. The costs of all root fields add up. So
`people(first: 20) { edges { node { id city company { name } } } }` costs 20 × (1 + 0.3 + (1 + 0.1)) = 48.
"""

from collections.abc import Iterable

from rapport.engine.plan import (
    EVERYTHING,
    Aggregate,
    All,
    Any,
    Composite,
    Connection,
    Constant,
    Edges,
    FindDuplicates,
    FindMany,
    FindOne,
    GroupBy,
    Item,
    Last,
    ListOf,
    Not,
    Predicate,
    Read,
    Records,
    Related,
    RelatedMany,
    Root,
    ToMany,
    ToOne,
    TotalCount,
    Wrapped,
    records_in,
)

_RECORD = 10  # tenths
_FIELD = 1
_COUNT = 100
_RELATION = 100


def cost_of(plan: Read) -> int:
    """The cost of a query, rounded up."""
    return -(-sum(map(_root, plan.roots)) // 10)


def cost_of_records(items: tuple[Item, ...], count: int, condition: Predicate = EVERYTHING) -> int:
    """The cost of an answer with so many records, found by the condition, rounded up."""
    return -(-(_record(items) * count + _filter(condition)) // 10)


def _record(items: Iterable[Item]) -> int:
    tenths = _RECORD
    for item in items:
        tenths += _FIELD
        match item:
            case ToOne(items=inner):
                tenths += _record(inner)
            case ToMany(connection=connection):
                tenths += _connection(connection)
            case Composite(items=subs) | Last(item=Composite(items=subs)):
                tenths += _FIELD * len(subs)
            case ListOf(items=inner):
                tenths += _record(inner)
    return tenths


def _connection(connection: Connection) -> int:
    """At least one record: an empty page costs something too."""
    tenths = 0
    for entry in connection.items:
        match entry:
            case Edges() | Records() | Wrapped():
                shown = [_record(each) for each in records_in(entry)] or [_RECORD]
                tenths += max(1, connection.page.limit) * sum(shown)
            case TotalCount() | Aggregate():
                tenths += _COUNT
    return (tenths or _RECORD) + _filter(connection.filter)


def _filter(condition: Predicate) -> int:
    """Each relation is a look into another table, for every row that may be meant."""
    match condition:
        case All(items=items) | Any(items=items):
            return sum(map(_filter, items))
        case Not(item=item):
            return _filter(item)
        case Related(item=item) | RelatedMany(item=item):
            return _RELATION + _filter(item)
    return 0


def _root(root: Root) -> int:
    match root:
        case GroupBy(limit=groups, record_limit=records, items=items, filter=condition):
            shown = [_record(each) for entry in items for each in records_in(entry)]
            return groups * (_COUNT + records * sum(shown)) + _filter(condition)
        case FindDuplicates(connection=connection, count=candidates):
            return candidates * _connection(connection)
        case FindMany(connection=connection):
            return _connection(connection)
        case FindOne(items=items, filter=condition):
            return _record(items) + _filter(condition)
        case Constant():
            return 0
