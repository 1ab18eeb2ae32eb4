"""From what is asked for to one statement whose rows are the lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapport.edge.misuse import BadRequest
from rapport.edge.rest.export.asked import ExportQuestion
from rapport.edge.rest.records.given import Given
from rapport.edge.rest.records.showing import record_items
from rapport.engine import plan
from rapport.engine.costs import cost_of_records
from rapport.engine.denials import check_named, check_object
from rapport.engine.exporting import write_export
from rapport.engine.orders import OrderBuilder
from rapport.engine.problems import suggest
from rapport.engine.sql import Parameters
from rapport.engine.statement import Statement
from rapport.metadata.catalog import Object
from rapport.records.columns import FlatColumn, flat_columns

_SHOWN = 80  # characters of what the client sent


class UnknownColumn(BadRequest):
    """There is no such column."""

    def __init__(self, item: Object, name: str, known: Iterable[str]) -> None:
        hint = suggest(name, list(known))
        super().__init__(f"'fields' invalid for '{name[:_SHOWN]}'. Object {item.name} has no such column.{hint}")


@dataclass(frozen=True, kw_only=True)
class CompiledExport:
    """``head`` is what comes before the first line."""

    statement: Statement
    head: bytes


def compile_export(given: Given, asked: ExportQuestion) -> CompiledExport:
    """Raises what is wrong with the request: RapportErrors, or OperationFailed."""
    item = given.object
    check_object(item)
    columns = _columns(item, asked.columns)
    items = _items(record_items(given.catalog, item, 0), columns)
    condition, mentions_deleted = given.condition(item)
    order = OrderBuilder(given.catalog, given.problems).build(item, given.get("orderBy"))
    given.refuse()
    given.demand_cost(cost_of_records(items, 1, condition))
    is_csv = asked.format == "csv"
    export = plan.Export(
        schema=given.catalog.schema,
        object=item,
        line=plan.CsvLine(columns=tuple(each.column for each in columns), is_guarded=asked.is_safe)
        if is_csv
        else plan.JsonLine(items=items),
        order=order,
        filter=condition,
        mentions_deleted=mentions_deleted,
    )
    parameters = Parameters()
    head = ",".join(each.name for each in columns) + "\r\n" if is_csv else ""
    return CompiledExport(statement=Statement.of(write_export(export, parameters), parameters), head=head.encode())


def _columns(item: Object, names: Sequence[str] | None) -> Sequence[FlatColumn]:
    """The columns with these names, each once; a composite's name stands for all that it has. Raises UnknownColumn."""
    there = flat_columns(item)
    if names is None:
        return there
    by_name: dict[str, list[FlatColumn]] = {}
    for each in there:
        for name in {each.name, each.name.partition(".")[0]}:
            by_name.setdefault(name, []).append(each)
    found: dict[str, FlatColumn] = {}
    for name in names:
        if name not in by_name:
            check_named(item, name.partition(".")[0])
            raise UnknownColumn(item, name, by_name)
        found |= {each.name: each for each in by_name[name]}
    return tuple(found.values())


def _items(items: Iterable[plan.Item], columns: Iterable[FlatColumn]) -> tuple[plan.Item, ...]:
    """What a record shows with ``depth=0``, but only of these columns, and in their order."""
    by_key = {each.key: each for each in items}
    wanted: dict[str, set[str]] = {}
    for each in columns:
        key, _, sub = each.name.partition(".")
        wanted.setdefault(key, set()).add(sub)
    found: list[plan.Item] = []
    for key, subs in wanted.items():
        shown = by_key[key]
        if isinstance(shown, plan.Composite):
            shown = plan.Composite(key=key, items=tuple(each for each in shown.items if each.key in subs))
        found.append(shown)
    return tuple(found)
