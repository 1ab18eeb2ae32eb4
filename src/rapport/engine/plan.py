"""What to fetch or change, as plain frozen data: the engine's input, the same for every API."""

from dataclasses import dataclass, field
from typing import Literal

from rapport.engine.sql import Value
from rapport.metadata.catalog import Field, Object
from rapport.metadata.fieldtypes.base import Column, Measure

# -- conditions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class MemberValue:
    """What a column of the caller's own member record holds; null for a caller who is no member."""

    column: Column


@dataclass(frozen=True, kw_only=True)
class Compare:
    """A column against a bound value. ``blank``: the value is one that '' matches, so NULL counts as ''."""

    column: Column
    operator: str
    value: Value | MemberValue
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
    """The record at the end of a to-one relation meets the condition."""

    field: Field
    target: Object
    item: "Predicate"
    mentions_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class RelatedMany:
    """Of the records that point to this one, some, none or every one meets the condition."""

    quantifier: Literal["some", "none", "every"]
    join: Column  # on the target
    target: Object
    item: "Predicate"
    mentions_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """Matches no row, as a comparison with NULL does."""


Predicate = Compare | IsNull | IsEmptyArray | All | Any | Not | Related | RelatedMany | Nothing

EVERYTHING = All(items=())


def is_vacuous(condition: Predicate) -> bool:
    """It asks for nothing, so it holds for every row: `{}`, `{and: []}`, `{city: {}}`."""
    match condition:
        case All(items=items):
            return all(map(is_vacuous, items))
        case Any(items=items):
            return any(map(is_vacuous, items))
        case RelatedMany(quantifier="every", item=item):
            return is_vacuous(item)
    return False


@dataclass(frozen=True, kw_only=True)
class View:
    """A select of those columns and rows of a table that there are for a caller. It stands for the table.

    In ``sql``, `@workspace`, `@user`, `@standardApplication` and `@customApplication` are the ids of the caller's,
    `@schema` is the schema of their records; ``nothing`` is the select for a caller without one, where it matters.
    """

    sql: str
    nothing: str | None = None


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
    """``is_text``: a number is shown as a text of its digits."""

    key: str
    column: Column
    is_text: bool = False


@dataclass(frozen=True, kw_only=True)
class Typename:
    key: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Composite:
    key: str
    items: tuple[Scalar | Typename, ...]


@dataclass(frozen=True, kw_only=True)
class Last:
    """An item behind which the JSON has a line break: the first in it, so that it can be found."""

    item: "Item"

    @property
    def key(self) -> str:
        return self.item.key


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


@dataclass(frozen=True, kw_only=True)
class ListOf:
    """All rows that meet the filter, as a bare list; in a record those whose ``join`` column equals its ``link``.

    ``is_optional``: there is no list, rather than an empty one, where the ``link`` is null.
    """

    key: str
    object: Object
    items: tuple["Item", ...]
    order: tuple[OrderKey, ...]
    join: Column | None = None
    link: str = "id"
    is_optional: bool = False
    filter: Predicate = EVERYTHING
    mentions_deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The rows of a list from the place ``start`` (0, 1 …) up to, not including, ``stop``; of those the ``last``."""

    start: Value
    stop: Value
    last: Value | None = None


@dataclass(frozen=True, kw_only=True)
class SliceOf:
    """A part of such a list as a connection. Its cursors are places: the list is short and seldom changes."""

    key: str
    object: Object
    items: tuple["SliceItem", ...]
    order: tuple[OrderKey, ...]
    slice: Slice
    join: Column | None = None
    link: str = "id"
    filter: Predicate = EVERYTHING
    mentions_deleted: bool = False


Item = Scalar | Typename | Composite | Last | Shorthand | ToOne | ToMany | ListOf | SliceOf


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
class Records:
    """The records of the page as a plain list."""

    key: str
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Wrapped:
    """An entry in an object of its own: `"data": {"people": […]}`"""

    key: str
    entry: Records


@dataclass(frozen=True, kw_only=True)
class TotalCount:
    """``is_text``: as for Scalar."""

    key: str
    is_text: bool = False


AggregateFunction = (
    Literal["countUniqueValues", "countEmpty", "countNotEmpty", "percentageEmpty", "percentageNotEmpty"] | Measure
)


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """A number or a moment about the field of all rows, not only of those of the page. ``is_text``: as for Scalar."""

    key: str
    function: AggregateFunction
    field: Field
    is_text: bool = False


ConnectionItem = Edges | Records | Wrapped | PageInfo | TotalCount | Aggregate | Typename
SliceItem = Edges | PageInfo | Typename


@dataclass(frozen=True, kw_only=True)
class Connection:
    """A page of records. ``mentions_deleted``: the filter speaks of deletedAt, so soft-deleted rows are in.

    ``is_bare``: it has one entry, whose value stands for the whole.
    """

    object: Object
    items: tuple[ConnectionItem, ...]
    order: tuple[OrderKey, ...]
    page: Page
    filter: Predicate = EVERYTHING
    mentions_deleted: bool = False
    is_bare: bool = False


# -- groups ------------------------------------------------------------------------------------------------------------

Granularity = Literal[
    "DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "DAY_OF_THE_WEEK", "MONTH_OF_THE_YEAR", "QUARTER_OF_THE_YEAR", "NONE"
]
WeekStart = Literal["MONDAY", "SUNDAY", "SATURDAY"]


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """How moments are put together: by which period, of the clock of which time zone (None: UTC)."""

    granularity: Granularity
    zone: Value | None = None
    week_start: WeekStart = "MONDAY"


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """What rows are grouped by; ``path`` is its place in the caller's input: ("company", "name")."""

    path: tuple[str, ...]
    column: Column
    hop: Hop | None = None
    calendar: Calendar | None = None  # of moments and days only


@dataclass(frozen=True, kw_only=True)
class GroupOrder:
    """An order of groups: by a dimension (its index) or by an aggregate."""

    by: int | TotalCount | Aggregate
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, kw_only=True)
class DimensionValues:
    key: str


GroupItem = DimensionValues | ConnectionItem


def records_in(entry: GroupItem) -> list[tuple[Item, ...]]:
    """What an entry shows of a record, as often as it shows one."""
    match entry:
        case Edges(items=items):
            return [each.items for each in items if isinstance(each, Node)]
        case Records(items=items):
            return [items]
        case Wrapped(entry=inner):
            return [inner.items]
    return []


@dataclass(frozen=True, kw_only=True)
class GroupBy:
    """Groups of the rows that meet the filter, each with aggregates and its first records."""

    key: str
    object: Object
    dimensions: tuple[Dimension, ...]
    items: tuple[GroupItem, ...]
    order: tuple[GroupOrder, ...]
    limit: int
    record_order: tuple[OrderKey, ...]
    record_limit: int
    filter: Predicate = EVERYTHING
    mentions_deleted: bool = False


# -- lines of text -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class JsonLine:
    """A record as JSON."""

    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class CsvLine:
    """A record as CSV. ``is_guarded``: no text in it is taken for a formula by a spreadsheet."""

    columns: tuple[Column, ...]
    is_guarded: bool = False


@dataclass(frozen=True, kw_only=True)
class Export:
    """All rows that meet the filter, a line for each."""

    schema: str
    object: Object
    line: JsonLine | CsvLine
    order: tuple[OrderKey, ...]
    filter: Predicate = EVERYTHING
    mentions_deleted: bool = False


# -- what happened to records ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Told:
    """The records that events tell of, those of the events with the numbers ``seqs`` (bigint[]) that meet the filter.

    A record is shown as it was ``after`` the event or ``before`` it; with `last` after it, or before it where there is
    no after. What relations lead to is shown as it is now.
    """

    schema: str
    object: Object
    items: tuple[Item, ...]
    seqs: Value
    filter: Predicate = EVERYTHING
    state: Literal["last", "before", "after"] = "last"


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
class FindDuplicates:
    """For each candidate, in order, the other live records that share all values of a group of the ``criteria``.

    The candidates, ``count`` of them, are the records with the ``ids``, or the values of the criteria's columns in
    ``data`` (JSON).
    """

    key: str
    connection: Connection
    criteria: tuple[tuple[Column, ...], ...]
    count: int
    ids: Value | None = None
    data: Value | None = None


@dataclass(frozen=True, kw_only=True)
class Constant:
    """A root field that needs no database (`__typename`); None is null."""

    key: str
    value: str | None


Root = FindMany | FindOne | GroupBy | FindDuplicates | Constant


@dataclass(frozen=True, kw_only=True)
class Read:
    """All record root fields of one query. ``is_bare``: there is one, whose value is the whole answer.

    ``omits_nulls``: of records, fields without a value are not shown.
    """

    schema: str
    roots: tuple[Root, ...]
    is_bare: bool = False
    omits_nulls: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    """One write: the verb on the rows chosen by ``filter``, or the rows of ``data`` for a create.

    ``columns`` are those that ``data`` gives, ``partial`` those of them that some rows of a batch leave to the
    column's default. ``position`` says how the column is filled when rows ask for a place by name.

    ``is_keyed``: each row of an update is for the one record whose id it has as `_id`; ``partial`` leaves columns as
    they are. All records are there for it, or nothing is changed.
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
    is_keyed: bool = False
    unchanged: "Unchanged | None" = None
    followers: tuple["Follower", ...] = ()
    sole: tuple[tuple[str, ...], ...] = ()  # groups of columns: a create finds the live record that has the same values
    attached: "Attached | None" = None


@dataclass(frozen=True, kw_only=True)
class Attached:
    """Records that are destroyed along, those that the columns ``joins`` let go with what they point to.

    Without joins they are what is destroyed itself. The values of ``path`` that no record has any more are told in the
    second column of the statement (text[], null for none).
    """

    object: Object
    path: Column
    joins: tuple[Column, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    """A record is changed only while the digest of the JSON of these items is among ``digests`` (bytea[])."""

    items: tuple[Item, ...]
    digests: Value


@dataclass(frozen=True, kw_only=True)
class Follower:
    """Records that are deleted with the record that ``join`` points to, and come back with it.

    A record whose values in the columns ``sole`` are those of a live one does not come back.
    """

    object: Object
    join: Column
    sole: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who makes a change: parameters that the server fills in for each request."""

    source: Value
    name: Value
    member_id: Value
    context: Value
    event: Value  # the whole as jsonb, for the event
