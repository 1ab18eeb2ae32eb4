"""Selections of records and of connections as SQL whose value is their JSON."""

from rapport.engine.aggregates import aggregate_json, aggregate_sql
from rapport.engine.duplicates import write_candidates
from rapport.engine.links import link_json
from rapport.engine.pages import hop_joins, order_by, rows
from rapport.engine.plan import (
    Aggregate,
    Composite,
    Connection,
    ConnectionItem,
    EdgeCursor,
    Edges,
    Export,
    FindDuplicates,
    FindOne,
    GroupBy,
    Item,
    Last,
    ListOf,
    Node,
    OrderKey,
    PageFactItem,
    PageInfo,
    Predicate,
    Records,
    Scalar,
    Shorthand,
    SliceOf,
    ToMany,
    ToOne,
    TotalCount,
    Typename,
    Wrapped,
)
from rapport.engine.predicates import PredicateWriter, visible_rows
from rapport.engine.slices import SliceWriter
from rapport.engine.sql import (
    Expression,
    Literal,
    Parameters,
    Part,
    Value,
    all_of,
    concat,
    json_object,
    json_object_without_nulls,
)
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import quote

_CURSOR = "_cursor"


class Source:
    """A row source under an alias; remembers which of its columns are read."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.used: dict[str, None] = {}

    def column(self, column_name: str) -> str:
        self.used[column_name] = None
        return f"{self.alias}.{quote(column_name)}"

    def links(self) -> str:
        """What a column that points to the row equals."""
        return self.column("id")


def column_json(reference: str, column: Column, *, in_cursor: bool = False, is_text: bool = False) -> list[Part]:
    """The JSON text of a column's value; with ``is_text`` that of a number in quotes."""
    leaf = column.leaf
    if leaf.raw_quoted and not column.nullable:
        return [Literal('"'), Expression(reference), Literal('"')]
    written = leaf.order_json_sql(reference) if in_cursor else leaf.json_sql(reference)
    if is_text:
        written = f"'\"'||{written}||'\"'"
    return [Expression(f"coalesce({written}, 'null')" if column.nullable else written)]


class Reader:
    """Writes selections of one workspace's records. One Reader writes one statement."""

    def __init__(self, schema: str, parameters: Parameters, *, omits_nulls: bool = False) -> None:
        self.schema = schema
        self._parameters = parameters
        self._omits_nulls = omits_nulls
        self._aliases = 0

    def alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"

    def table(self, item: Object) -> str:
        """What the records of an object are selected from: those that there are for the caller."""
        return visible_rows(item, self.schema, self._parameters)

    def where(self, predicate: Predicate, alias: str) -> str:
        return PredicateWriter(self.schema, self._parameters).write(predicate, alias)

    # -- records ------------------------------------------------------------------------------------------------

    def record(self, items: tuple[Item, ...], source: Source) -> list[Part]:
        entries = [(item.key, self._item(item, source)) for item in items]
        return json_object_without_nulls(entries) if self._omits_nulls else json_object(entries)

    def _item(self, item: Item, source: Source) -> list[Part]:
        match item:
            case Scalar(column=column) if column.leaf.is_path:
                link = link_json(source.column(column.name), self._parameters)
                return [Expression(f"coalesce({link}, 'null')")]
            case Scalar(column=column, is_text=is_text):
                return column_json(source.column(column.name), column, is_text=is_text)
            case Typename(name=value):
                return [Literal(f'"{value}"')]
            case Composite(items=items):
                return self.record(items, source)
            case Last(item=inner):
                return [*self._item(inner, source), Literal("\n")]
            case Shorthand(field=field):
                references = {sub: source.column(column.name) for sub, column in field.column_of.items()}
                return [Expression(f"coalesce({field.type.shorthand_sql(references)}, 'null')")]
            case ToOne():
                return [self._to_one(item, source)]
            case ToMany():
                return self.connection(item.connection, join=(item.join, source.links()))
            case ListOf():
                return self.list_of(item, source.links() if item.link == "id" else source.column(item.link))
            case SliceOf():
                return self.slice_of(item, source.column(item.link))

    def _to_one(self, item: ToOne, source: Source) -> Part:
        inner = Source(self.alias())
        value = concat(self.record(item.items, inner))
        return Expression(
            f"coalesce((select {value} from {self.table(item.target)} {inner.alias} "
            f"where {inner.alias}.id = {source.column(item.field.column.name)} "
            f"and {inner.alias}.\"deletedAt\" is null), 'null')"
        )

    def list_of(self, item: ListOf, link: str | None = None) -> list[Part]:
        """JSON of a bare list; ``link`` is what the rows' join column must equal."""
        source = Source(self.alias())
        conditions = self.conditions(item, source.alias)
        if item.join is not None and link is not None:
            conditions.insert(0, f"{source.alias}.{quote(item.join.name)} = {link}")
        order = order_by(item.order, source.alias, {}, self._parameters)
        listed = f"string_agg({concat(self.record(item.items, source))}, ',' order by {order})"
        found = f"select {listed} from {self.table(item.object)} {source.alias} where {all_of(conditions)}"
        if item.is_optional and link is not None:
            return [Expression(f"case when {link} is null then 'null' else concat('[', ({found}), ']') end")]
        return [Literal("["), Expression(f"coalesce(({found}), '')"), Literal("]")]

    def slice_of(self, item: SliceOf, link: str | None = None) -> list[Part]:
        """JSON of a part of a list; ``link`` as above."""
        source = Source(self.alias())
        order = order_by(item.order, source.alias, {}, self._parameters)
        return SliceWriter(self, item, source, link).write(order)

    # -- connections --------------------------------------------------------------------------------------------

    def connection(self, item: Connection, join: tuple[Column, str] | None = None) -> list[Part]:
        """JSON of a connection; ``join`` is the target's column and what it must equal."""
        source = Source(self.alias())
        conditions = self.conditions(item, source.alias)
        if join is not None:
            conditions.insert(0, f"{source.alias}.{quote(join[0].name)} = {join[1]}")
        page = PageWriter(self, item, source)
        entries = [(entry.key, page.entry(entry)) for entry in item.items]
        body = entries[0][1] if item.is_bare else json_object(entries)
        relations = page.relations(conditions)
        if not relations:
            return body
        return [Expression(f"(select {concat(body)} from {', '.join(relations)})")]

    def duplicates(self, item: FindDuplicates) -> list[Part]:
        """JSON of the connections of each candidate's duplicates."""
        alias = self.alias()
        candidates = write_candidates(item, self.table(item.connection.object), self._parameters)
        ids = item.connection.object.field["id"].column
        found = concat(self.connection(item.connection, join=(ids, f"any({alias}.ids)")))
        listed = f"select string_agg({found}, ',' order by {alias}.place) from ({candidates}) {alias}"
        return [Literal("["), Expression(f"coalesce(({listed}), '')"), Literal("]")]

    def parameter(self, value: Value) -> str:
        return self._parameters.add(value)

    def conditions(self, item: Connection | FindOne | GroupBy | ListOf | SliceOf | Export, alias: str) -> list[str]:
        """Which rows are meant, whatever the page."""
        conditions = [] if item.mentions_deleted else [f'{alias}."deletedAt" is null']
        return [*conditions, self.where(item.filter, alias)]

    def rows(self, item: Connection, conditions: list[str], source: Source, *, more: bool, cursor: bool) -> str:
        joins, alias_of = hop_joins(item.order, self.schema, source.alias, self._parameters)
        columns = [f"{source.alias}.{quote(column)}" for column in source.used] or [f"{source.alias}.id"]
        if cursor:
            columns.append(f"{cursor_json(item.order, source.alias, alias_of)} as {_CURSOR}")
        return rows(
            source=f"{self.table(item.object)} {source.alias}{joins}",
            alias=source.alias,
            columns=", ".join(columns),
            conditions=conditions,
            keys=item.order,
            alias_of=alias_of,
            page=item.page,
            limit=item.page.limit + (1 if more else 0),
            parameters=self._parameters,
        )


class PageWriter:
    """Writes one connection: the entries of its JSON, and what they read of its rows and of their aggregates."""

    def __init__(self, reader: Reader, item: Connection, source: Source) -> None:
        self._reader = reader
        self._item = item
        self._source = source
        self._x = f"{source.alias}x"
        self.edges: list[str] = []  # SQL of the JSON of a row, for each selection of edges
        self._aggregates: dict[str, int] = {}  # by SQL, with their numbers
        self._edge_cursors = False
        self._end_cursors = False
        self._more = False

    @property
    def needs_rows(self) -> bool:
        return bool(self.edges) or self._end_cursors or self._more

    @property
    def needs_cursors(self) -> bool:
        return self._edge_cursors or self._end_cursors

    def relations(self, conditions: list[str]) -> list[str]:
        """What the entries select from, each of one row, named: the rows of the page, the aggregates of all rows."""
        found: list[str] = []
        if self.needs_rows:
            found.append(f"({self._rows(conditions)}) {self._x}")
        if self._aggregates:
            columns = ", ".join(f"{each} as a{number}" for each, number in self._aggregates.items())
            table = f"{self._reader.table(self._item.object)} {self._source.alias}"
            found.append(f"(select {columns} from {table} where {all_of(conditions)}) {self._source.alias}a")
        return found

    def entry(self, entry: ConnectionItem) -> list[Part]:
        match entry:
            case Edges():
                return self._listed(self._edge(entry))
            case Records(items=items):
                return self._listed(self._reader.record(items, self._source))
            case Wrapped(entry=inner):
                return json_object([(inner.key, self.entry(inner))])
            case PageInfo(items=items):
                return json_object([(item.key, self._fact(item)) for item in items])
            case TotalCount() | Aggregate():
                written = aggregate_sql(entry, self._source.alias)
                place = self._aggregates.setdefault(written, len(self._aggregates) + 1)
                return [aggregate_json(entry, f"{self._source.alias}a.a{place}")]
            case Typename(name=value):
                return [Literal(f'"{value}"')]

    def _listed(self, edge: list[Part]) -> list[Part]:
        """The list of such texts, one for each row of the page."""
        self.edges.append(concat(edge))
        return [Literal("["), Expression(f"{self._x}.e{len(self.edges)}"), Literal("]")]

    def _edge(self, entry: Edges) -> list[Part]:
        return json_object([(item.key, self._edge_item(item)) for item in entry.items])

    def _edge_item(self, item: Node | EdgeCursor | Typename) -> list[Part]:
        match item:
            case Node(items=items):
                return self._reader.record(items, self._source)
            case EdgeCursor():
                self._edge_cursors = True
                return [Literal('"'), Expression(_base64(f"{self._source.alias}.{_CURSOR}")), Literal('"')]
            case Typename(name=value):
                return [Literal(f'"{value}"')]

    def _fact(self, item: PageFactItem | Typename) -> list[Part]:
        if isinstance(item, Typename):
            return [Literal(f'"{item.name}"')]
        page = self._item.page
        match item.fact:
            case "hasNextPage" | "hasPreviousPage":
                if (item.fact == "hasPreviousPage") != page.backward:
                    return [Literal("true" if page.cursor is not None else "false")]
                self._more = True
                return [Expression(f"case when {self._x}.n > {page.limit} then 'true' else 'false' end")]
            case "startCursor" | "endCursor":
                if page.limit == 0:
                    return [Literal("null")]
                self._end_cursors = True
                first = (item.fact == "startCursor") != page.backward
                found = f"{self._x}.ends[{'1' if first else f'least({self._x}.n::int, {page.limit})'}]"
                return [Expression(f"coalesce('\"' || {_base64(found)} || '\"', 'null')")]

    def _rows(self, conditions: list[str]) -> str:
        """A select of one row: e1, e2 … (the edges' text), n (rows seen, up to one past the page), ends (cursors)."""
        alias, limit = self._source.alias, self._item.page.limit
        numbered = self._more or self._item.page.backward
        within = f" filter (where {alias}.rn <= {limit})" if self._more else ""
        order = f" order by {alias}.rn desc" if self._item.page.backward else ""
        columns = [
            f"coalesce(string_agg({edge}, ','{order}){within}, '') as e{index}"
            for index, edge in enumerate(self.edges, start=1)
        ]
        if self._more or self._end_cursors:
            columns.append("count(*) as n")
        if self._end_cursors:
            # Without an order of its own it would get the rows as PostgreSQL sorts them for its neighbours.
            order = f" order by {alias}.rn" if self._item.page.backward else ""
            columns.append(f"array_agg({alias}.{_CURSOR}{order}) as ends")
        found = self._reader.rows(self._item, conditions, self._source, more=self._more, cursor=self.needs_cursors)
        if numbered:
            found = f"select *, row_number() over () as rn from ({found}) {alias}"
        return f"select {', '.join(columns)} from ({found}) {alias}"


def _base64(expression: str) -> str:
    return f"translate(encode(convert_to({expression}, 'UTF8'), 'base64'), E'\\n', '')"


def cursor_json(order: tuple[OrderKey, ...], alias: str, alias_of: dict[int, str]) -> str:
    """SQL of a row's cursor before base64: `{"name":{"firstName":"Ann"},"id":"…"}` (core-api.md §1.3)."""
    tree: dict[str, object] = {}
    for index, key in enumerate(order):
        reference = f"{alias_of.get(index, alias)}.{quote(key.column.name)}"
        column = Column(name=key.column.name, leaf=key.column.leaf, nullable=key.nullable)
        place = tree
        for step in key.path[:-1]:
            inner = place.setdefault(step, {})
            assert isinstance(inner, dict)
            place = inner
        place[key.path[-1]] = column_json(reference, column, in_cursor=True)
    return concat(_tree_parts(tree))


def _tree_parts(tree: dict[str, object]) -> list[Part]:
    entries: list[tuple[str, list[Part]]] = []
    for key, value in tree.items():
        entries.append((key, _tree_parts(value) if isinstance(value, dict) else list(value)))  # type: ignore[call-overload]
    return json_object(entries)
