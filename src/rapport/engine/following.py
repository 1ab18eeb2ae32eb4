"""Records that go and come back with the record they belong to, as CTEs of the statement that changes that one."""

from collections.abc import Iterator

from rapport.engine.plan import Change, Follower
from rapport.engine.sql import Parameters
from rapport.metadata.names import literal, qualified, quote


def write_gone(change: Change, parameters: Parameters) -> Iterator[str]:
    """For a delete: `i` are the rows deleted. What follows gets their `deletedAt`, by which it is known again."""
    for number, follower in enumerate(change.followers, start=1):
        chosen = f'join i on c.{quote(follower.join.name)} = i.id where c."deletedAt" is null'
        yield from _change(change, follower, parameters, number, chosen, action="deleted", at='i."deletedAt"')


def write_back(change: Change, parameters: Parameters, rows: str = "o") -> Iterator[str]:
    """For a restore: `o` (of ``rows``) are the rows as they were. What was deleted with them comes back with them."""
    for number, follower in enumerate(change.followers, start=1):
        chosen = (
            f"join {rows} on c.{quote(follower.join.name)} = o.id"
            f' where c."deletedAt" = o."deletedAt"{_not_taken(change, follower)}'
        )
        yield from _change(change, follower, parameters, number, chosen, action="restored", at="null::timestamptz")


def _change(
    change: Change, follower: Follower, parameters: Parameters, number: int, chosen: str, *, action: str, at: str
) -> Iterator[str]:
    """The rows before (`fb1`), the rows after (`fa1`) and their events (`fe1`)."""
    item = follower.object
    table = qualified(change.schema, item.table)
    columns = [column.name for column in item.columns if not column.generated_sql]
    hidden = "".join(f" - {literal(column.name)}" for column in item.columns if not column.reads)

    def row(alias: str) -> str:
        return ", ".join(f"{alias}.{quote(name)}" for name in columns)

    yield f"fb{number} as (select {row('c')}, {at} as _at from {table} c {chosen} order by c.id for update of c)"
    yield (
        f'fa{number} as (update {table} c set "deletedAt" = b._at, "updatedAt" = now() from fb{number} b'
        f" where c.id = b.id returning {row('c')}, to_jsonb(b.*) - '_at'{hidden} as _before)"
    )
    values = [literal(action), literal(item.name), "c.id", "c._before", f"to_jsonb(a.*){hidden}"]
    values.append(parameters.add(change.actor.event))
    yield (
        f"fe{number} as (insert into {quote(change.schema)}.event"
        f' (action, object, "recordId", before, after, actor) select {", ".join(values)}'
        f" from fa{number} c cross join lateral (select {row('c')}) a)"
    )


def _not_taken(change: Change, follower: Follower) -> str:
    if not follower.sole:
        return ""
    same = " and ".join(f"l.{quote(name)} = c.{quote(name)}" for name in follower.sole)
    table = qualified(change.schema, follower.object.table)
    return f' and not exists (select from {table} l where l."deletedAt" is null and {same})'
