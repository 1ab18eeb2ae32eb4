"""Groups of records as SQL: one scan for their values and aggregates, one more where records of them are asked for."""

from rapport.engine.aggregates import aggregate_json, aggregate_sql
from rapport.engine.dimensions import dimension_json, dimension_order, dimension_sql
from rapport.engine.pages import hop_join, hop_joins, order_by
from rapport.engine.plan import Aggregate, Connection, DimensionValues, GroupBy, GroupItem, Page, TotalCount
from rapport.engine.reading import PageWriter, Reader, Source, cursor_json
from rapport.engine.sql import Expression, Literal, Parameters, Part, all_of, concat, json_object
from rapport.metadata.names import quote


def write_groups(reader: Reader, root: GroupBy, parameters: Parameters) -> Part:
    """SQL of the JSON list of groups."""
    return _GroupWriter(reader, root, parameters).write()


class _GroupWriter:
    """Writes one groupBy: d1, d2 … are the values of its dimensions, a1, a2 … its aggregates."""

    def __init__(self, reader: Reader, root: GroupBy, parameters: Parameters) -> None:
        self._reader = reader
        self._root = root
        self._parameters = parameters
        self._source = Source(reader.alias())
        self._alias = self._source.alias
        self._groups = f"{self._alias}g"
        self._aggregates: dict[str, int] = {}  # by SQL, with their numbers
        sample = Connection(object=root.object, items=(), order=root.record_order, page=Page(limit=root.record_limit))
        self._records = PageWriter(reader, sample, self._source)
        self._joins, self._values = self._dimensions()

    def write(self) -> Part:
        body = concat(json_object([(item.key, self._item(item)) for item in self._root.items]))
        groups = self._groups
        source = groups
        if self._records.needs_rows:
            source += f" left join ({self._sample()}) {self._alias}x on {self._alias}x._group = {groups}._group"
        return Expression(
            f"(with {groups} as ({self._grouped()}) "
            f"select concat('[', string_agg({body}, ',' order by {groups}._group), ']') from {source})"
        )

    def _dimensions(self) -> tuple[str, list[str]]:
        """The joins that the dimensions need, and their values for a row."""
        joins: dict[str, str] = {}
        alias_of: dict[str, str] = {}
        values: list[str] = []
        for item in self._root.dimensions:
            alias = self._alias
            if item.hop is not None:
                link = item.hop.field.column.name
                alias = alias_of.setdefault(link, f"{self._alias}d{len(alias_of) + 1}")
                joins[link] = hop_join(item.hop, self._reader.schema, self._alias, alias, self._parameters)
            values.append(dimension_sql(item, f"{alias}.{quote(item.column.name)}", self._parameters))
        return "".join(joins.values()), values

    # -- a group's JSON -----------------------------------------------------------------------------------------

    def _item(self, item: GroupItem) -> list[Part]:
        match item:
            case DimensionValues():
                return self._dimension_values()
            case TotalCount() | Aggregate():
                return [aggregate_json(item, f"{self._groups}.{self._aggregate(item)}")]
        return self._records.entry(item)

    def _dimension_values(self) -> list[Part]:
        parts: list[Part] = [Literal("[")]
        for index, item in enumerate(self._root.dimensions, start=1):
            parts += [Literal("," if index > 1 else ""), Expression(dimension_json(item, f"{self._groups}.d{index}"))]
        return [*parts, Literal("]")]

    def _aggregate(self, item: TotalCount | Aggregate) -> str:
        """The column that the aggregate has among the groups."""
        written = aggregate_sql(item, self._alias)
        return f"a{self._aggregates.setdefault(written, len(self._aggregates) + 1)}"

    # -- the groups ---------------------------------------------------------------------------------------------

    def _grouped(self) -> str:
        """A select of the wanted groups with their place."""
        order = self._order()  # may need further aggregates
        places = range(1, len(self._values) + 1)
        columns = [f"{value} as d{index}" for index, value in enumerate(self._values, start=1)]
        columns += [f"{value} as a{number}" for value, number in self._aggregates.items()]
        extra = ""
        if self._records.needs_rows:
            columns.append("count(*) as _count")
            extra = f", array[{', '.join(f's.d{index}::text' for index in places)}] as _key"
        rows = (
            f"select {', '.join(columns)} from {self._table()} where {self._conditions()} "
            f"group by {', '.join(map(str, places))}"
        )
        return (
            f"select s.*, row_number() over (order by {order}) as _group{extra} from ({rows}) s "
            f"order by {order} limit {self._root.limit}"
        )

    def _order(self) -> str:
        """The order asked for; groups that are equal in it stand in the order of their dimensions."""
        keys: list[str] = []
        for item in self._root.order:
            value = self._dimension_order(item.by) if isinstance(item.by, int) else f"s.{self._aggregate(item.by)}"
            nulls = "first" if item.nulls_first else "last"
            keys.append(f"{value}{' desc' if item.descending else ''} nulls {nulls}")
        asked = {item.by for item in self._root.order if isinstance(item.by, int)}
        keys += [self._dimension_order(index) for index in range(len(self._values)) if index not in asked]
        return ", ".join(keys)

    def _dimension_order(self, index: int) -> str:
        return dimension_order(self._root.dimensions[index], f"s.d{index + 1}")

    def _table(self) -> str:
        return f"{self._reader.table(self._root.object)} {self._alias}{self._joins}"

    def _conditions(self) -> str:
        return all_of(self._reader.conditions(self._root, self._alias))

    # -- records of the groups ----------------------------------------------------------------------------------

    def _sample(self) -> str:
        """A select of what PageWriter's entries read, for each group.

        Rows find their group by an array of texts: arrays compare nulls as equal, and can be hashed.
        """
        alias, groups, keys = self._alias, self._groups, self._root.record_order
        joins, alias_of = hop_joins(keys, self._reader.schema, alias, self._parameters)
        columns = [f"{alias}.{quote(column)}" for column in self._source.used]
        if self._records.needs_cursors:
            columns.append(f"{cursor_json(keys, alias, alias_of)} as _cursor")
        order = order_by(keys, alias, alias_of, self._parameters)
        key = ", ".join(f"{value}::text" for value in self._values)
        columns += [f"{groups}._group", f"{groups}._count"]
        columns.append(f"row_number() over (partition by {groups}._group order by {order}) as _place")
        rows = (
            f"select {', '.join(columns)} from {self._table()}{joins} "
            f"join {groups} on {groups}._key = array[{key}] where {self._conditions()}"
        )
        found = [f"{alias}._group", f"{alias}._count as n"]
        found += [
            f"string_agg({edge}, ',' order by {alias}._place) as e{index}"
            for index, edge in enumerate(self._records.edges, start=1)
        ]
        if self._records.needs_cursors:
            found.append(f"array_agg({alias}._cursor order by {alias}._place) as ends")
        return (
            f"select {', '.join(found)} from ({rows}) {alias} "
            f"where {alias}._place <= {self._root.record_limit} group by {alias}._group, {alias}._count"
        )
