"""Read plans as SQL: one statement whose value is the JSON of the answer."""

from rapport.engine.pages import hop_joins, rows
from rapport.engine.plan import (
    Composite,
    Connection,
    Constant,
    EdgeCursor,
    Edges,
    FindMany,
    FindOne,
    Item,
    Node,
    OrderKey,
    PageFactItem,
    PageInfo,
    Predicate,
    Read,
    Scalar,
    Shorthand,
    ToMany,
    ToOne,
    TotalCount,
    Typename,
)
from rapport.engine.predicates import PredicateWriter
from rapport.engine.sql import Expression, Literal, Parameters, Part, all_of, concat, json_object
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


def column_json(reference: str, column: Column, *, in_cursor: bool = False) -> list[Part]:
    """The JSON text of a column's value."""
    leaf = column.leaf
    if leaf.raw_quoted and not column.nullable:
        return [Literal('"'), Expression(reference), Literal('"')]
    written = leaf.order_json_sql(reference) if in_cursor else leaf.json_sql(reference)
    return [Expression(f"coalesce({written}, 'null')" if column.nullable else written)]


class Reader:
    """Writes selections of one workspace's records. One Reader writes one statement."""

    def __init__(self, schema: str, parameters: Parameters) -> None:
        self._schema = schema
        self._parameters = parameters
        self._aliases = 0

    def alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"

    def table(self, item: Object) -> str:
        return f"{quote(self._schema)}.{quote(item.table)}"

    def where(self, predicate: Predicate, alias: str) -> str:
        return PredicateWriter(self._schema, self._parameters).write(predicate, alias)

    # -- records ------------------------------------------------------------------------------------------------

    def record(self, items: tuple[Item, ...], source: Source) -> list[Part]:
        return json_object([(item.key, self._item(item, source)) for item in items])

    def _item(self, item: Item, source: Source) -> list[Part]:
        match item:
            case Scalar(column=column):
                return column_json(source.column(column.name), column)
            case Typename(name=value):
                return [Literal(f'"{value}"')]
            case Composite(items=items):
                return json_object([(sub.key, self._item(sub, source)) for sub in items])
            case Shorthand(field=field):
                references = {sub: source.column(column.name) for sub, column in field.column_of.items()}
                return [Expression(f"coalesce({field.type.shorthand_sql(references)}, 'null')")]
            case ToOne():
                return [self._to_one(item, source)]
            case ToMany():
                return self.connection(item.connection, join=(item.join, source.column("id")))

    def _to_one(self, item: ToOne, source: Source) -> Part:
        inner = Source(self.alias())
        value = concat(self.record(item.items, inner))
        return Expression(
            f"coalesce((select {value} from {self.table(item.target)} {inner.alias} "
            f"where {inner.alias}.id = {source.column(item.field.column.name)} "
            f"and {inner.alias}.\"deletedAt\" is null), 'null')"
        )

    # -- connections --------------------------------------------------------------------------------------------

    def connection(self, item: Connection, join: tuple[Column, str] | None = None) -> list[Part]:
        """JSON of a connection; ``join`` is the target's column and what it must equal."""
        source = Source(self.alias())
        conditions = self._conditions(item, source, join)
        page = _PageWriter(self, item, source)
        body = json_object([(entry.key, page.entry(entry, conditions)) for entry in item.items])
        if not page.needs_rows:
            return body
        return [Expression(f"(select {concat(body)} from ({page.aggregates(conditions)}) {source.alias}x)")]

    def _conditions(self, item: Connection, source: Source, join: tuple[Column, str] | None) -> list[str]:
        conditions = []
        if join is not None:
            conditions.append(f"{source.alias}.{quote(join[0].name)} = {join[1]}")
        if not item.mentions_deleted:
            conditions.append(f'{source.alias}."deletedAt" is null')
        conditions.append(self.where(item.filter, source.alias))
        return conditions

    def count(self, item: Connection, conditions: list[str], source: Source) -> Part:
        return Expression(f"(select count(*) from {self.table(item.object)} {source.alias} where {all_of(conditions)})")

    def rows(self, item: Connection, conditions: list[str], source: Source, *, more: bool, cursor: bool) -> str:
        joins, alias_of = hop_joins(item.order, self._schema, source.alias)
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


class _PageWriter:
    """Writes one connection: the entries of its JSON and the aggregate over its rows that they read."""

    def __init__(self, reader: Reader, item: Connection, source: Source) -> None:
        self._reader = reader
        self._item = item
        self._source = source
        self._x = f"{source.alias}x"
        self._edges: list[str] = []
        self._edge_cursors = False
        self._end_cursors = False
        self._more = False

    @property
    def needs_rows(self) -> bool:
        return bool(self._edges) or self._end_cursors or self._more

    def entry(self, entry: Edges | PageInfo | TotalCount | Typename, conditions: list[str]) -> list[Part]:
        match entry:
            case Edges():
                self._edges.append(concat(self._edge(entry)))
                return [Literal("["), Expression(f"{self._x}.e{len(self._edges)}"), Literal("]")]
            case PageInfo(items=items):
                return json_object([(item.key, self._fact(item)) for item in items])
            case TotalCount():
                return [self._reader.count(self._item, conditions, self._source)]
            case Typename(name=value):
                return [Literal(f'"{value}"')]

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

    def aggregates(self, conditions: list[str]) -> str:
        """A select of one row: e1, e2 … (the edges' text), n (rows seen, up to one past the page), ends (cursors)."""
        alias, limit = self._source.alias, self._item.page.limit
        numbered = self._more or self._item.page.backward
        within = f" filter (where {alias}.rn <= {limit})" if self._more else ""
        order = f" order by {alias}.rn desc" if self._item.page.backward else ""
        cursor = self._edge_cursors or self._end_cursors
        columns = [
            f"coalesce(string_agg({edge}, ','{order}){within}, '') as e{index}"
            for index, edge in enumerate(self._edges, start=1)
        ]
        if self._more or self._end_cursors:
            columns.append("count(*) as n")
        if self._end_cursors:
            columns.append(f"array_agg({alias}.{_CURSOR}) as ends")
        found = self._reader.rows(self._item, conditions, self._source, more=self._more, cursor=cursor)
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


def write_read(plan: Read, parameters: Parameters) -> str:
    """The statement of a query. Columns: the JSON of `data` (bytes), and the indexes of the roots found absent."""
    reader = Reader(plan.schema, parameters)
    entries: list[tuple[str, list[Part]]] = []
    singles: list[str] = []
    absent: list[str] = []
    for index, root in enumerate(plan.roots):
        match root:
            case Constant(key=key, value=value):
                entries.append((key, [Literal("null" if value is None else f'"{value}"')]))
            case FindMany(key=key, connection=connection):
                entries.append((key, reader.connection(connection)))
            case FindOne(key=key):
                column = f"r{len(singles)}"
                singles.append(f"({_one(reader, root)}) as {column}")
                absent.append(f"case when q.{column} is null then '{index}' end")
                entries.append((key, [Expression(f"coalesce(q.{column}, 'null')")]))
    value = concat([Literal('{"data":'), *json_object(entries), Literal("}")])
    if not singles:
        return f"select {value}::bpchar"
    # OFFSET 0 keeps PostgreSQL from pulling the sub-selects up and running each of them twice.
    return f"select {value}::bpchar, concat_ws(',', {', '.join(absent)}) from (select {', '.join(singles)} offset 0) q"


def _one(reader: Reader, root: FindOne) -> str:
    source = Source(reader.alias())
    value = concat(reader.record(root.items, source))
    conditions = [] if root.mentions_deleted else [f'{source.alias}."deletedAt" is null']
    conditions.append(reader.where(root.filter, source.alias))
    return (
        f"select {value} from {reader.table(root.object)} {source.alias} "
        f"where {all_of(conditions)} order by {source.alias}.id limit 1"
    )
