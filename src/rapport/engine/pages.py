"""Keyset pages as SQL: which rows, in which order.

A page is an index range. A nullable first key would make PostgreSQL sort the table whenever the wanted place of the
nulls is not the index's, so such a page is the concatenation (UNION ALL) of the rows with a value and the rows
without; PostgreSQL stops early when the first part fills the page.
"""

from dataclasses import dataclass, replace

from rapport.engine.plan import Cursor, Hop, OrderKey, Page
from rapport.engine.predicates import visible_rows
from rapport.engine.sql import Parameters, all_of
from rapport.metadata.names import quote


@dataclass(frozen=True, kw_only=True)
class _Sorted:
    """An order key with its SQL: the expression it sorts by and, after a cursor, the bound value (None: null)."""

    expression: str
    descending: bool
    nulls_first: bool
    nullable: bool
    bound: str | None

    @property
    def after_word(self) -> str:
        return "<" if self.descending else ">"

    def order(self) -> str:
        words = self.expression + (" desc" if self.descending else "")
        if self.nullable and self.nulls_first != self.descending:
            words += " nulls first" if self.nulls_first else " nulls last"
        return words

    def equal(self) -> str:
        return f"{self.expression} is null" if self.bound is None else f"{self.expression} = {self.bound}"

    def after(self) -> str | None:
        """The key alone is past the cursor's; None when nothing can be."""
        if self.bound is None:
            return f"{self.expression} is not null" if self.nulls_first else None
        past = f"{self.expression} {self.after_word} {self.bound}"
        if self.nullable and not self.nulls_first:
            return f"({past} or {self.expression} is null)"
        return past


def hop_joins(
    keys: tuple[OrderKey, ...], schema: str, alias: str, parameters: Parameters
) -> tuple[str, dict[int, str]]:
    """LEFT JOINs for the keys that go through a relation, and the alias of each such key by its index."""
    joins: list[str] = []
    alias_of: dict[int, str] = {}
    known: dict[str, str] = {}
    for index, key in enumerate(keys):
        if key.hop is None:
            continue
        column = key.hop.field.column.name
        if column not in known:
            joined = known[column] = f"{alias}j{len(known) + 1}"
            joins.append(hop_join(key.hop, schema, alias, joined, parameters))
        alias_of[index] = known[column]
    return "".join(joins), alias_of


def hop_join(hop: Hop, schema: str, alias: str, joined: str, parameters: Parameters) -> str:
    """A LEFT JOIN of the live record at the end of a relation."""
    table, column = visible_rows(hop.target, schema, parameters), quote(hop.field.column.name)
    return f' left join {table} {joined} on {joined}.id = {alias}.{column} and {joined}."deletedAt" is null'


def rows(
    *,
    source: str,
    alias: str,
    columns: str,
    conditions: list[str],
    keys: tuple[OrderKey, ...],
    alias_of: dict[int, str],
    page: Page,
    limit: int,
    parameters: Parameters,
) -> str:
    """A select of the page's rows (at most ``limit`` of them), in page order (backward pages: from their end)."""
    ordered = [_sorted(key, alias_of.get(index, alias), page, index, parameters) for index, key in enumerate(keys)]
    head = f"select {columns} from {source} where "
    offset = f" offset {page.offset}" if page.offset else ""
    first, rest = ordered[0], ordered[1:]
    if not first.nullable:
        if page.cursor is not None:
            conditions = [*conditions, _past(ordered)]
        return f"{head}{all_of(conditions)} order by {_order(ordered)} limit {limit}{offset}"

    reach = limit + page.offset
    with_value = _branch(head, conditions, [replace(first, nullable=False), *rest], page.cursor, first, reach)
    without = _null_branch(head, conditions, first, rest, page.cursor, reach)
    branches = [without, with_value] if first.nulls_first else [with_value, without]
    kept = [f"({branch})" for branch in branches if branch is not None]
    if len(kept) == 1 and not offset:
        return kept[0][1:-1]
    if not kept:
        return f"{head}false limit 0"
    return f"select * from ({' union all '.join(kept)}) {alias} limit {limit}{offset}"


def _branch(
    head: str, conditions: list[str], ordered: list[_Sorted], cursor: Cursor | None, first: _Sorted, reach: int
) -> str | None:
    if cursor is None or (first.bound is None and first.nulls_first):
        found = [*conditions, f"{first.expression} is not null"]
    elif first.bound is None:
        return None
    else:
        found = [*conditions, _past(ordered)]
    return f"{head}{all_of(found)} order by {_order(ordered)} limit {reach}"


def _null_branch(
    head: str, conditions: list[str], first: _Sorted, rest: list[_Sorted], cursor: Cursor | None, reach: int
) -> str | None:
    found = [*conditions, f"{first.expression} is null"]
    if cursor is not None:
        if first.bound is None:
            found.append(_past(rest))
        elif first.nulls_first:
            return None
    return f"{head}{all_of(found)} order by {_order(rest)} limit {reach}"


def _sorted(key: OrderKey, alias: str, page: Page, index: int, parameters: Parameters) -> _Sorted:
    leaf = key.column.leaf
    bound = None
    if page.cursor is not None:
        value = page.cursor.values[index]
        bound = None if value is None else leaf.order_param_sql(parameters.add(value))
    return _Sorted(
        expression=leaf.order_sql(f"{alias}.{quote(key.column.name)}"),
        descending=key.descending != page.backward,
        nulls_first=key.nulls_first != page.backward,
        nullable=key.nullable,
        bound=bound,
    )


def order_by(keys: tuple[OrderKey, ...], alias: str, alias_of: dict[int, str], parameters: Parameters) -> str:
    """What rows are ordered by where all of them are there, not only a page."""
    everything = Page(limit=0)
    return _order(
        [_sorted(key, alias_of.get(index, alias), everything, index, parameters) for index, key in enumerate(keys)]
    )


def _order(ordered: list[_Sorted]) -> str:
    return ", ".join(item.order() for item in ordered)


def _past(ordered: list[_Sorted]) -> str:
    """The row lies past the cursor in the lexicographic order of the keys."""
    if not ordered:
        return "false"
    plain = not any(item.nullable for item in ordered)
    if plain and len({item.descending for item in ordered}) == 1:
        left = ", ".join(item.expression for item in ordered)
        right = ", ".join(str(item.bound) for item in ordered)
        return f"({left}) {ordered[0].after_word} ({right})"
    alternatives: list[str] = []
    for index, item in enumerate(ordered):
        after = item.after()
        if after is not None:
            equal = [previous.equal() for previous in ordered[:index]]
            alternatives.append("(" + " and ".join([*equal, after]) + ")")
    if not alternatives:
        return "false"
    condition = "(" + " or ".join(alternatives) + ")"
    first = ordered[0]
    if not first.nullable and first.bound is not None:
        # The bound on the first key alone makes the condition an index range.
        condition = f"{first.expression} {first.after_word}= {first.bound} and {condition}"
    return condition
