"""What the destruction of records does to others, for the log: foreign keys do it without a word.

Links to what is destroyed are emptied, and records that hang on it go with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapport.engine.plan import Actor
from rapport.engine.sql import Parameters, Value
from rapport.metadata.catalog import Field, Object
from rapport.metadata.names import literal, qualified, quote


@dataclass(frozen=True, kw_only=True)
class Link:
    """A to-one relation to what is destroyed: to the records that the change is about (0), or to those of the
    dependents with that number (1, 2 …) that go with them."""

    field: Field
    to: int = 0


@dataclass(frozen=True, kw_only=True)
class Dependent:
    """Records that point to what is destroyed: by ``emptied`` links, or by ``fatal`` ones, with which they go."""

    object: Object
    emptied: tuple[Link, ...] = ()
    fatal: tuple[Link, ...] = ()


def write_consequences(
    schema: str, dependents: Sequence[Dependent], parameters: Parameters, ids: Value, actor: Actor
) -> str:
    """A statement that logs what will become of the dependents of the records with these ids (uuid[]), and locks them
    until it has. Dependents stand behind those that they point to."""
    writer = _Writer(schema, parameters.add(ids), parameters.add(actor.event))
    parts = [part for number, each in enumerate(dependents, start=1) for part in writer.of(number, each)]
    return f"with {', '.join(parts)} select"


class _Writer:
    """Writes the CTEs of each dependent: its rows (`b1`), where some stay with `_goes`, and their events (`e1`)."""

    def __init__(self, schema: str, ids: str, actor: str) -> None:
        self._schema = schema
        self._ids = ids
        self._actor = actor
        self._some_stay: set[int] = set()

    def of(self, number: int, dependent: Dependent) -> Iterator[str]:
        item = dependent.object
        columns = ", ".join(f"c.{quote(column.name)}" for column in item.columns if not column.generated_sql)
        hidden = "".join(f" - {literal(column.name)}" for column in item.columns if not column.reads)
        fatal = [self._points(each, "c") for each in dependent.fatal]
        emptied = [self._points(each, "c") for each in dependent.emptied]
        if fatal and emptied:
            self._some_stay.add(number)
            columns += f", ({' or '.join(fatal)}) is true as _goes"
            hidden += " - '_goes'"
        yield (
            f"b{number} as (select {columns} from {qualified(self._schema, item.table)} c "
            f"where ({' or '.join([*fatal, *emptied])}) and not c.id = any({self._ids}) order by c.id for update)"
        )
        yield (
            f"e{number} as (insert into {quote(self._schema)}.event "
            '(object, actor, "recordId", before, action, after, "updatedFields") '
            f"select {literal(item.name)}, {self._actor}, b.id, r.before, {self._outcome(number, dependent)} "
            f"from b{number} b cross join lateral (select to_jsonb(b.*){hidden} as before) r)"
        )

    def _outcome(self, number: int, dependent: Dependent) -> str:
        """What the event says: the action, the row after, and the changed fields."""
        going = ("'destroyed'", "null::jsonb", "null::text[]")
        fields, links = [], ["r.before"]
        for each in dependent.emptied:
            points = f"case when {self._points(each, 'b')} then"
            fields.append(f"{points} {literal(each.field.name)} end")
            links.append(f"{points} jsonb_build_object({literal(each.field.column.name)}, null) else '{{}}' end")
        staying = ("'updated'", " || ".join(links), f"array_remove(array[{', '.join(fields)}], null)")
        if number in self._some_stay:
            return ", ".join(
                f"case when b._goes then {one} else {other} end" for one, other in zip(going, staying, strict=True)
            )
        return ", ".join(staying if dependent.emptied else going)

    def _points(self, link: Link, alias: str) -> str:
        column = f"{alias}.{quote(link.field.column.name)}"
        if link.to == 0:
            return f"{column} = any({self._ids})"
        those = " where g._goes" if link.to in self._some_stay else ""
        return f"{column} in (select g.id from b{link.to} g{those})"
