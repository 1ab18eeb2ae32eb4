"""What to fetch or change, as plain frozen data: the engine's input, the same for every API."""

from dataclasses import dataclass, field
from typing import Literal

from rapport.engine.sql import Value
from rapport.metadata.catalog import Field, Object
from rapport.metadata.fieldtypes.base import Column

# -- conditions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Compare:
    """A column against a bound value. ``blank``: the value is one that '' matches, so NULL counts as ''."""

    column: Column
    operator: str
    value: Value
    blank: bool = False


@dataclass(frozen=True, kw_only=True)
class IsNull:
    column: Column
    negated: bool = False


@dataclass(frozen=True, kw_only=True)
class IsEmptyArray:
    column: Column
    negated: bool = False


@dataclass(frozen=True, kw_only=True)
class All:
    items: tuple["Predicate", ...]


@dataclass(frozen=True, kw_only=True)
class Any:
    items: tuple["Predicate", ...]


@dataclass(frozen=True, kw_only=True)
class Not:
    item: "Predicate"


@dataclass(frozen=True, kw_only=True)
class Related:
    """The record at the end of a to-one relation is live and meets the condition."""

    field: Field
    target: Object
    item: "Predicate"


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """Matches no row, as a comparison with NULL does."""


Predicate = Compare | IsNull | IsEmptyArray | All | Any | Not | Related | Nothing

EVERYTHING = All(items=())

# -- order and page ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Hop:
    """A to-one relation that an order key goes through."""

    field: Field
    target: Object


@dataclass(frozen=True, kw_only=True)
class OrderKey:
    path: tuple[str, ...]  # its place in the cursor: ("name", "firstName")
    column: Column
    hop: Hop | None = None
    descending: bool = False
    nulls_first: bool = True

    @property
    def nullable(self) -> bool:
        return self.column.nullable or self.hop is not None


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """Where a page starts: a value for each order key, None where the record's value is null."""

    values: tuple[Value | None, ...]


@dataclass(frozen=True, kw_only=True)
class Page:
    limit: int
    offset: int = 0
    backward: bool = False
    cursor: Cursor | None = None


# -- what to answer ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Scalar:
    key: str
    column: Column


@dataclass(frozen=True, kw_only=True)
class Typename:
    key: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Composite:
    key: str
    items: tuple[Scalar | Typename, ...]


@dataclass(frozen=True, kw_only=True)
class Shorthand:
    """The scalar that stands for a composite field."""

    key: str
    field: Field


@dataclass(frozen=True, kw_only=True)
class ToOne:
    key: str
    field: Field
    target: Object
    items: tuple["Item", ...]


@dataclass(frozen=True, kw_only=True)
class ToMany:
    key: str
    field: Field
    join: Column  # on the target
    connection: "Connection"


Item = Scalar | Typename | Composite | Shorthand | ToOne | ToMany


@dataclass(frozen=True, kw_only=True)
class Node:
    key: str
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class EdgeCursor:
    key: str


@dataclass(frozen=True, kw_only=True)
class Edges:
    key: str
    items: tuple[Node | EdgeCursor | Typename, ...]


PageFact = Literal["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"]


@dataclass(frozen=True, kw_only=True)
class PageFactItem:
    key: str
    fact: PageFact


@dataclass(frozen=True, kw_only=True)
class PageInfo:
    key: str
    items: tuple[PageFactItem | Typename, ...]


@dataclass(frozen=True, kw_only=True)
class TotalCount:
    key: str


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A page of records. ``mentions_deleted``: the filter speaks of deletedAt, so soft-deleted rows are in."""

    object: Object
    items: tuple[Edges | PageInfo | TotalCount | Typename, ...]
    order: tuple[OrderKey, ...]
    page: Page
    filter: Predicate = EVERYTHING
    mentions_deleted: bool = False


# -- the statements ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class FindMany:
    key: str
    connection: Connection


@dataclass(frozen=True, kw_only=True)
class FindOne:
    key: str
    object: Object
    items: tuple[Item, ...]
    filter: Predicate
    mentions_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Constant:
    """A root field that needs no database (`__typename`); None is null."""

    key: str
    value: str | None


@dataclass(frozen=True, kw_only=True)
class Read:
    """All record root fields of one query."""

    schema: str
    roots: tuple[FindMany | FindOne | Constant, ...]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One write: the verb on the rows chosen by ``filter``, or the rows of ``data`` for a create.

    ``columns`` are those that ``data`` gives, ``partial`` those of them that some rows of a batch leave to the
    column's default. ``position`` says how the column is filled when rows ask for a place by name.
    """

    schema: str
    verb: Literal["create", "update", "delete", "restore", "destroy"]
    object: Object
    many: bool
    items: tuple[Item, ...]
    actor: "Actor"
    filter: Predicate = EVERYTHING
    mentions_deleted: bool = False
    data: Value | None = None
    columns: tuple[Column, ...] = ()
    partial: frozenset[str] = field(default_factory=frozenset)
    position: Literal["given", "first", "last", "mixed", "keep"] = "keep"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who makes a change: parameters that the server fills in for each request."""

    source: Value
    name: Value
    member_id: Value
    context: Value
    event: Value  # the whole as jsonb, for the event
