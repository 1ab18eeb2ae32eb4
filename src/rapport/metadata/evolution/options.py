"""Options that get other values or go: what becomes of the rows that have them."""

from collections.abc import Iterator, Mapping

from rapport.metadata.catalog import Field, Object
from rapport.metadata.evolution.given_options import option_changes
from rapport.metadata.names import literal, quote


def rewrite_options(table: str, item: Object, before: Field, after: Field) -> Iterator[tuple[str, str | None]]:
    """Statements with what they lose. Options with one id are one option; rows of one that goes get the default."""
    renamed, gone = option_changes(before.options, after.options)
    removed = sorted(gone)
    if not renamed and not removed:
        return
    (column,) = after.columns
    name = quote(column.name)
    loses = f"the options {', '.join(removed)} of {item.name}.{after.name}" if removed else None
    concerned = _array([*renamed, *removed])
    if column.leaf.sql_type.endswith("[]"):
        value = (
            f"array(select {_case('each.value', renamed, {})} from unnest({name}) with ordinality each(value, place) "
            f"where each.value <> all({_array(removed)}) order by each.place)"
        )
        yield f"update {table} set {name} = {value} where {name} && {concerned}", loses
    else:
        value = _case(name, renamed, dict.fromkeys(removed, column.default_sql or "null"))
        yield f"update {table} set {name} = {value} where {name} = any({concerned})", loses


def _case(value: str, renamed: Mapping[str, str], others: Mapping[str, str]) -> str:
    cases = [f"when {literal(old)} then {literal(new)}" for old, new in renamed.items()]
    cases += [f"when {literal(old)} then {sql}" for old, sql in others.items()]
    return f"case {value} {' '.join(cases)} else {value} end" if cases else value


def _array(values: list[str]) -> str:
    return f"array[{','.join(map(literal, values))}]::text[]"
