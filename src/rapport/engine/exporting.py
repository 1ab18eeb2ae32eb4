"""All records that a filter finds as lines of text, one row after the other however many there are."""

from rapport.engine.pages import hop_joins, order_by
from rapport.engine.plan import CsvLine, Export, JsonLine
from rapport.engine.reading import Reader, Source
from rapport.engine.sql import Expression, Literal, Parameters, Part, all_of, concat
from rapport.metadata.names import quote

LARGEST_PIECE = 65_536  # bytes


def write_export(plan: Export, parameters: Parameters) -> str:
    """A statement of one column: the lines in order as bytes, a long line in several pieces.

    So whoever fetches a number of rows knows how much that can be at most.
    """
    reader = Reader(plan.schema, parameters)
    source = Source(reader.alias())
    line = concat(_line(plan.line, reader, source))
    joins, alias_of = hop_joins(plan.order, plan.schema, source.alias, parameters)
    conditions = reader.conditions(plan, source.alias)
    order = order_by(plan.order, source.alias, alias_of, parameters)
    columns = ", ".join(f"{source.alias}.{quote(name)}" for name in source.used or ("id",))
    # The columns are sorted, rather than the lines made of them, which are longer.
    rows = (
        f"select {columns} from {reader.table(plan.object)} {source.alias}{joins} "
        f"where {all_of(conditions)} order by {order}"
    )
    # OFFSET 0 keeps PostgreSQL from making each line several times.
    lines = f"select convert_to({line}, 'UTF8') as line from ({rows}) {source.alias} offset 0"
    return (
        f"select substring(p.line from p.start for {LARGEST_PIECE}) from "
        f"(select l.line, generate_series(1, octet_length(l.line), {LARGEST_PIECE}) as start from ({lines}) l) p"
    )


def _line(line: JsonLine | CsvLine, reader: Reader, source: Source) -> list[Part]:
    match line:
        case JsonLine(items=items):
            return [*reader.record(items, source), Literal("\n")]
        case CsvLine(columns=columns, is_guarded=is_guarded):
            # concat() takes NULL for nothing, and so does a reader of CSV: '' is in quotes.
            cells = [
                Expression(column.leaf.cell_sql(source.column(column.name), is_guarded=is_guarded))
                for column in columns
            ]
            commas = [part for cell in cells for part in (Literal(","), cell)]
            return [*commas[1:], Literal("\r\n")]
