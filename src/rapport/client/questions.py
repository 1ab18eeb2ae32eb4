"""What can be asked of lists, and how it is written in a URL."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypedDict, get_type_hints

from rapport.client.call import encoded

Filter: TypeAlias = Mapping[str, object] | str
Order: TypeAlias = str | Mapping[str, object] | Sequence[str | Mapping[str, object]]
Query: TypeAlias = tuple[tuple[str, str], ...]


class Matching(TypedDict, total=False):
    """Which records, and in which order.

    ``filter`` is as in GraphQL, `{"city": {"eq": "Paris"}}`, or text of the grammar of REST, `city[eq]:Paris`;
    ``order_by`` is `{"name": {"lastName": "AscNullsLast"}}`, `name.lastName[AscNullsLast]`, or several of these.
    """

    filter: Filter
    order_by: Order


class Walk(Matching, total=False):
    """``first`` is the size of a page (60 unless given), ``depth`` how many relations away the records go."""

    first: int
    after: str
    offset: int
    depth: int


class Listing(Walk, total=False):
    """``before`` is a cursor: the page that ends in front of it."""

    before: str


class Exporting(Matching, total=False):
    """``fields`` are the columns, `["name.firstName", "city"]`; all unless given."""

    fields: Sequence[str]


class Grouping(TypedDict, total=False):
    """How records are put together: see the parameters of groups in the guide to REST."""

    filter: Filter
    order_by: Order
    aggregate: Sequence[str]
    first: int
    include_records_sample: bool
    order_by_for_records: Order
    view_id: str


def known(asked: Mapping[str, object], kind: type) -> Mapping[str, object]:
    """What is asked, when there is nothing in it that is not asked so: servers would pass over it in silence."""
    strange = asked.keys() - get_type_hints(kind).keys()
    if strange:
        raise TypeError(f"unexpected keyword argument {min(strange)!r}")
    return asked


_NAMES = {"first": "limit", "after": "starting_after", "before": "ending_before"}


def written(asked: Mapping[str, object]) -> Query:
    """The parameters of a request. What is None is not asked.

    >>> written({"first": 10, "filter": {"city": {"eq": "Paris"}}, "order_by": {"createdAt": "DescNullsLast"}})
    (('limit', '10'), ('filter', '{"city":{"eq":"Paris"}}'), ('order_by', 'createdAt[DescNullsLast]'))
    """
    return tuple((_NAMES.get(name, name), _text(name, value)) for name, value in asked.items() if value is not None)


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if name.startswith("order_by"):
        return order(value)
    if name == "fields":
        return ",".join(value) if isinstance(value, Sequence) else str(value)
    return encoded(value)


def order(value: object) -> str:
    """
    >>> order([{"company": {"name": "AscNullsLast"}}, "createdAt"])
    'company.name[AscNullsLast],createdAt'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ",".join(_ordered(str(key), inner) for key, inner in value.items())
    if isinstance(value, Sequence):
        return ",".join(order(each) for each in value)
    raise TypeError(f"an order is text, a mapping, or a list of these, not {value!r}")


def _ordered(path: str, value: object) -> str:
    if isinstance(value, Mapping):
        return ",".join(_ordered(f"{path}.{key}", inner) for key, inner in value.items())
    return f"{path}[{value}]"
