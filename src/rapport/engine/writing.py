"""Change plans as SQL: the rows, their events and the answer in one statement.

The statement is a chain of CTEs: `x` the values given (one jsonb parameter), `o` the rows before, `i` the rows after,
`e` the events. The answer is read from `i` (or `o`), so a selection that comes back to the changed table would see it
as it was before; such a selection is read by a second statement in the same transaction (``needs_second_read``).
"""

from collections.abc import Set

from rapport.engine.following import write_back, write_gone
from rapport.engine.plan import Actor, Attached, Change, Item, ToMany, ToOne, records_in
from rapport.engine.predicates import row_rule
from rapport.engine.reading import Reader, Source
from rapport.engine.sql import Parameters, Value, all_of, concat
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import literal, qualified, quote

# In the links of engine/links. Of one meaning in PostgreSQL and in Python, which cuts it out of answers.
SIGNATURE = r"/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/"

_EVENT = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "restore": "restored",
    "destroy": "destroyed",
}


def needs_second_read(change: Change) -> bool:
    """The selection meets rows that this statement changes, or the rows have to be looked at once they are changed."""
    if change.verb == "destroy":
        return False
    changed = {change.object.name, *(follower.object.name for follower in change.followers)}
    return change.object.rights.rows is not None or _revisits(change.items, changed)


def write_targets(change: Change, parameters: Parameters, *, lock: bool) -> str:
    """The ids (uuid[]) of the records that the change is about; locked, until the transaction ends."""
    return ChangeWriter(change, parameters).targets(lock)


def _revisits(items: tuple[Item, ...], changed: Set[str]) -> bool:
    for item in items:
        if isinstance(item, ToOne) and (item.target.name in changed or _revisits(item.items, changed)):
            return True
        if isinstance(item, ToMany):
            shown = [each for entry in item.connection.items for each in records_in(entry)]
            if item.connection.object.name in changed or any(_revisits(each, changed) for each in shown):
                return True
    return False


def write_change(change: Change, parameters: Parameters, *, ids_only: bool = False, counted: bool = False) -> str:
    """The statement. One row with the answer's JSON (bytes), or no row when the one record asked for is not there.

    With ``ids_only`` the answer is the uuid[] of the changed rows, for the second read; ``counted`` adds how many of
    the rows of an update really are others now.
    """
    return ChangeWriter(change, parameters).statement(ids_only, counted)


def write_second_read(change: Change, parameters: Parameters, ids: Value) -> str:
    """The answer for rows that were changed a moment ago, by their ids in order."""
    reader = Reader(change.schema, parameters)
    source = Source(reader.alias())
    value = concat(reader.record(change.items, source))
    wanted = parameters.add(ids)
    rows = (
        f"unnest({wanted}) with ordinality as wanted(id, place) "
        f"join {reader.table(change.object)} {source.alias} on {source.alias}.id = wanted.id"
    )
    if not change.many:
        return f"select {value}::bpchar from {rows}"
    return f"select concat('[', string_agg({value}, ',' order by wanted.place), ']')::bpchar from {rows}"


class ChangeWriter:
    """Writes the CTEs of one change."""

    def __init__(self, change: Change, parameters: Parameters) -> None:
        self._change = change
        self._parameters = parameters
        self._reader = Reader(change.schema, parameters)
        self._table = qualified(change.schema, change.object.table)
        self._schema = quote(change.schema)
        self._row: list[str] = []

    def statement(self, ids_only: bool, counted: bool) -> str:
        source = Source("d" if self._change.verb == "destroy" else "i")
        alias = source.alias
        value = "" if ids_only else concat(self._reader.record(self._change.items, source))
        self._keep_columns(source)
        parts = self._create() if self._change.verb == "create" else self._modify()
        rows, order = alias, ""
        if self._change.is_keyed:
            rows, order = f"{alias} join x on x._id = {alias}.id", " order by x._index"
        if ids_only:
            count = f", count(*) filter (where {alias}._changed <> '{{}}')" if counted else ""
            return f"with {', '.join(parts)} select array_agg({alias}.id{order}){count} from {rows}"
        lost = "" if self._change.attached is None else f", {self._lost(self._change.attached)}"
        if not self._change.many:
            return f"with {', '.join(parts)} select {value}::bpchar{lost} from {alias}"
        answer = f"select concat('[', string_agg({value}, ','{order}), ']')::bpchar{lost} from {rows}"
        return f"with {', '.join(parts)} {answer}"

    def targets(self, lock: bool) -> str:
        self._row = ["id"]
        found = self._before() if lock else self._before().removesuffix(" for update")
        return f"with o as ({found}) select array_agg(o.id) from o"

    def _keep_columns(self, source: Source) -> None:
        columns = self._change.object.columns
        self._row = [column.name for column in columns if not column.generated_sql or column.name in source.used]

    def _columns(self, prefix: str = "") -> str:
        """The columns of a row that later parts read: all, but generated ones only when the answer shows them."""
        return ", ".join(prefix + quote(column) for column in self._row)

    # -- create -------------------------------------------------------------------------------------------------

    def _create(self) -> list[str]:
        names, values = self._inserted()
        columns = ", ".join(map(quote, names))
        inserted = (
            f"insert into {self._table} ({columns}) select {', '.join(values)} from x returning {self._columns()}"
        )
        return [self._rows(), f"i as ({inserted})", self._event("i", before="null::jsonb", after=self._logged("i"))]

    def _inserted(self) -> tuple[list[str], list[str]]:
        """The columns of an insert and their SQL."""
        change = self._change
        names: list[str] = []
        values: list[str] = []
        for column in change.columns:
            names.append(column.name)
            values.append(self._given(column))
        for prefix in ("createdBy", "updatedBy"):
            for column_name, value in actor_columns(change.object, prefix, change.actor):
                if column_name not in names:
                    names.append(column_name)
                    values.append(self._parameters.add(value))
        if change.position != "keep" and "position" not in names:
            names.append("position")
            values.append(self._place())
        return names, values

    def _rows(self, *, index: bool = False) -> str:
        """The CTE `x` of the values given, typed as the columns; with ``index``, also those that an upsert needs."""
        assert self._change.data is not None
        fields = [f"{quote(column.name)} {column.leaf.sql_type}" for column in self._change.columns]
        fields += [f"{quote(given_flag(column))} boolean" for column in sorted(self._change.partial)]
        if self._change.position in ("first", "last", "mixed"):
            fields += ["_place text"] if index else ["_index int", "_place text"]
            if not any(column.name == "position" for column in self._change.columns):
                fields.append('"position" float8')
        if index:
            fields += ["_index int", "_id uuid"]
        fields = fields or ["_nothing int"]
        given = self._parameters.add(self._change.data)
        return f"x as (select * from jsonb_to_recordset({given}) as x({', '.join(fields)}))"

    def _given(self, column: Column) -> str:
        reference = f"x.{quote(column.name)}"
        if column.name == "position":
            reference = self._place()
        if self._change.is_keyed:
            if column.name not in self._change.partial:
                return reference
            return f"case when x.{quote(given_flag(column.name))} then {reference} else o.{quote(column.name)} end"
        if column.name in self._change.partial:
            default = self._default(column)
            if default is not None:
                return f"case when x.{quote(given_flag(column.name))} then {reference} else {default} end"
        return reference

    def _default(self, column: Column) -> str | None:
        """What an insert puts where a row does not give the column (a row's own fallback comes first)."""
        for prefix in ("createdBy", "updatedBy"):
            for name, value in actor_columns(self._change.object, prefix, self._change.actor):
                if name == column.name:
                    return self._parameters.add(value)
        return f"coalesce(x.{quote(column.name)}, {column.default_sql})" if column.default_sql else None

    def _place(self) -> str:
        """The position: as given, or before the first or after the last row (core-api.md §7.2), from the index."""
        first = f"(select min(p.position) from {self._table} p)"
        last = f"(select max(p.position) from {self._table} p)"
        match self._change.position:
            case "first":
                return f"coalesce({first}, 1) - x._index - 1"
            case "last":
                return f"coalesce({last}, 1) + x._index + 1"
            case "mixed":
                given = "(select {} (g.position) from x g)"
                lowest = f"coalesce(least({first}, {given.format('min')}), 1) - x._index - 1"
                highest = f"coalesce(greatest({last}, {given.format('max')}), 1) + x._index + 1"
                return f"case x._place when 'first' then {lowest} when 'last' then {highest} else x.\"position\" end"
        return 'x."position"'

    # -- update, delete, restore, destroy -----------------------------------------------------------------------

    def _modify(self) -> list[str]:
        change = self._change
        parts = [self._rows(index=change.is_keyed)] if change.verb == "update" else []
        parts.append(f"o as ({self._before()})")
        if change.verb == "destroy":
            gone = f"delete from {self._table} t using o where t.id = o.id returning {self._columns('o.')}"
            parts += [f"d as ({gone})", self._event("d", before=self._logged("d"), after="null::jsonb")]
            return parts
        sets, changed, differs = self._sets()
        before, all_there = ("o, x" if change.verb == "update" else "o"), ""
        if change.is_keyed:
            before = "o join x on x._id = o.id"
            all_there = " and (select count(*) from o) = (select count(*) from x)"
        source = f"{before} cross join lateral (select {differs} as differs) n"
        # What the event needs of the row before comes along with the row after: joining the two later would join
        # two sets whose sizes PostgreSQL does not know and takes for small.
        returned = f"{self._columns('t.')}, {self._logged('o')} as _before, {changed} as _changed"
        changed_rows = f"from {source} where t.id = o.id{all_there} returning {returned}"
        parts.append(f"i as (update {self._table} t set {', '.join(sets)} {changed_rows})")
        parts.append(self._event("i", before="i._before", after=self._logged("a"), has_changed=True))
        if change.verb != "update":
            parts += (write_gone if change.verb == "delete" else write_back)(change, self._parameters)
        return parts

    def _before(self) -> str:
        change = self._change
        rule = row_rule(change.object, change.schema, self._parameters, "t")
        conditions = [self._reader.where(change.filter, "t"), rule]
        if change.is_keyed:
            conditions.append("t.id in (select x._id from x)")
        if change.verb in ("update", "delete") and not change.mentions_deleted:
            conditions.append('t."deletedAt" is null')
        if change.verb == "restore" and change.many:
            conditions.append('t."deletedAt" is not null')
        if change.unchanged is not None:
            # On the row as it is once it is locked: PostgreSQL looks at it again when it had to wait for another write.
            own = concat(self._reader.record(change.unchanged.items, Source("t")))
            conditions.append(f"{digest(own)} = any({self._parameters.add(change.unchanged.digests)})")
        order = " order by t.id" if change.many else ""
        return f"select {self._columns('t.')} from {self._table} t where {all_of(conditions)}{order} for update"

    def _sets(self) -> tuple[list[str], str, str]:
        """Assignments, and the SQL of the names of the fields that really change, and of whether any does."""
        change = self._change
        if change.verb != "update":
            deleted = "null" if change.verb == "restore" else 'coalesce(t."deletedAt", now())'
            changed = "case when o.\"deletedAt\" is distinct from t.\"deletedAt\" then array['deletedAt'] else '{}' end"
            differing = f'o."deletedAt" is {"not null" if change.verb == "restore" else "null"}'
            return [f'"deletedAt" = {deleted}', self._if_differs("updatedAt", "now()")], changed, differing
        field_of = {column.name: field.name for field in change.object.fields for column in field.columns}
        sets: list[str] = []
        differs: dict[str, list[str]] = {}
        is_other: list[str] = []
        for column in change.columns:
            quoted = quote(column.name)
            sets.append(f"{quoted} = {self._given(column)}")
            is_other.append(f"o.{quoted} is distinct from {self._given(column)}")
            differs.setdefault(field_of[column.name], []).append(f"o.{quoted} is distinct from t.{quoted}")
        if change.position in ("first", "last"):
            sets.append(f"position = {self._place()}")
            is_other = ["true"]
            differs["position"] = ["o.position is distinct from t.position"]
        given = {column.name for column in change.columns}
        for column_name, value in actor_columns(change.object, "updatedBy", change.actor):
            if column_name not in given:
                sets.append(self._if_differs(column_name, self._parameters.add(value)))
        sets.append(self._if_differs("updatedAt", "now()"))
        names = [f"case when {' or '.join(found)} then {literal(field)} end" for field, found in differs.items()]
        changed = f"array_remove(array[{', '.join(names)}]::text[], null)"
        return sets, changed, " or ".join(is_other) or "false"

    @staticmethod
    def _if_differs(column_name: str, value: str) -> str:
        """An assignment that a change of nothing does not make."""
        return f"{quote(column_name)} = case when n.differs then {value} else t.{quote(column_name)} end"

    def _lost(self, attached: Attached) -> str:
        """The paths that are told no more. A statement sees everything as it was when it began."""
        table, path = qualified(self._change.schema, attached.object.table), quote(attached.path.name)
        joins = [quote(join.name) for join in attached.joins] or ["id"]

        def goes(alias: str) -> str:
            return " or ".join(f"{alias}.{join} in (select o.id from o)" for join in joins)

        stays = f"select from {table} b where b.{path} = a.{path} and ({goes('b')}) is not true"
        lost = f"({goes('a')}) and a.{path} <> '' and not exists ({stays})"
        return f"(select array_agg(a.{path}) from {table} a where {lost})"

    # -- events -------------------------------------------------------------------------------------------------

    def _event(
        self, rows: str, *, before: str, after: str, has_changed: bool = False, source: str | None = None
    ) -> str:
        """The CTE `e`, for rows under the alias ``rows``; ``before`` and ``after`` are SQL.

        With ``has_changed`` the rows tell in `_changed` which fields really changed (a change of nothing is no event),
        and `a` is such a row without what was added to it.
        """
        change = self._change
        row = [literal(_EVENT[change.verb]), literal(change.object.name), f"{rows}.id"]
        row += [before, after, self._author()]
        columns = 'action, object, "recordId", before, after, actor'
        source, where = source or rows, ""
        if has_changed:
            source = f"{source} cross join lateral (select {self._columns(f'{rows}.')}) a"
            columns += ', "updatedFields"'
            row.append(f"{rows}._changed" if change.verb == "update" else "null")
            where = f" where {rows}._changed <> '{{}}'"
        return f"e as (insert into {self._schema}.event ({columns}) select {', '.join(row)} from {source}{where})"

    def _author(self) -> str:
        """SQL of who does it, as the event keeps it."""
        return self._parameters.add(self._change.actor.event)

    def _logged(self, alias: str) -> str:
        """A row as the event keeps it: without secrets, and without what PostgreSQL derives."""
        if alias == "null":
            return "null::jsonb"
        item = self._change.object
        hidden = [
            column.name
            for column in item.columns
            if (column.generated_sql or not column.reads) and column.name in self._row
        ]
        return f"to_jsonb({alias}.*)" + "".join(f" - {literal(column)}" for column in hidden)


def digest(json: str) -> str:
    """A digest of what a record says, 16 bytes: the beginning of its SHA-256. Links are signed anew with the time."""
    return f"substr(sha256(convert_to(regexp_replace({json}, '{SIGNATURE}', '/', 'g'), 'UTF8')), 1, 16)"


def given_flag(column_name: str) -> str:
    """The key in a row that says whether it gives the column."""
    return f"_has_{column_name}"


def actor_columns(item: Object, prefix: str, actor: Actor) -> list[tuple[str, Value]]:
    """The columns of `createdBy` or `updatedBy` and their values; none when the object has no such field.

    Who may not read the field is an author all the same.
    """
    if not any(field.name == prefix and field.is_active for field in item.fields):
        return []
    return [
        (f"{prefix}Source", actor.source),
        (f"{prefix}WorkspaceMemberId", actor.member_id),
        (f"{prefix}Name", actor.name),
        (f"{prefix}Context", actor.context),
    ]
