"""Upsert as SQL: rows that match none are inserted, rows that match one record update it, in one statement.

A row matches a record by its id or by all columns of a unique group; among records with the same values a live one is
meant, else the one deleted last (core-api.md §7.6). Nothing is written when a row matches several records, when several
rows mean one record, or when a record that was matched has changed or gone before it could be locked: the caller is
told and decides.
"""

from rapport.engine.following import write_back
from rapport.engine.plan import Change
from rapport.engine.reading import Source
from rapport.engine.sql import Parameters, concat
from rapport.engine.writing import ChangeWriter, actor_columns, given_flag
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import literal, quote

_KEPT_ON_UPDATE = frozenset({"id", "position", "updatedAt"})
# What makes a position given as a number a change of the record. One given by name is taken only along with a change:
# the same rows again must change nothing.
_MOVED = {
    "given": "o.position is distinct from x.position",
    "mixed": "x._place is null and o.position is distinct from x.position",
    "first": "false",
    "last": "false",
}
_MARK = """'{"isUpsert": true}'::jsonb"""


def write_upsert(
    change: Change, groups: tuple[tuple[str, ...], ...], parameters: Parameters, *, ids_only: bool = False
) -> str:
    """The statement. Its one row: whether the rows are written, all or none; the answer (JSON bytes, or uuid[] with
    ``ids_only``) in their order; the indexes of those that match several records.
    """
    return _UpsertWriter(change, groups, parameters).upsert(ids_only)


def write_locks(change: Change, groups: tuple[tuple[str, ...], ...], parameters: Parameters) -> str:
    """Locks the records that the rows match, in the order in which ``write_upsert`` does."""
    return _UpsertWriter(change, groups, parameters).locks()


def matchable(groups: tuple[tuple[str, ...], ...], columns: tuple[Column, ...]) -> tuple[tuple[str, ...], ...]:
    """The unique groups that rows with these columns can match by."""
    names = {column.name for column in columns}
    return tuple(group for group in groups if names.issuperset(group))


class _UpsertWriter(ChangeWriter):
    def __init__(self, change: Change, groups: tuple[tuple[str, ...], ...], parameters: Parameters) -> None:
        super().__init__(change, parameters)
        self._groups = matchable(groups, change.columns)

    def upsert(self, ids_only: bool) -> str:
        source = Source("r")
        value = "" if ids_only else concat(self._reader.record(self._change.items, source))
        self._keep_columns(source)
        if ids_only:
            answer = "array_agg(r.id order by r._index)"
        else:
            joined = f"string_agg({value}, ',' order by r._index)"
            answer = f"concat('[', {joined}, ']')::bpchar" if self._change.many else f"{joined}::bpchar"
        mine = f"select {self._columns('t.')} from {self._table} t"
        parts = {
            **self._matched(),
            "ok": "select not exists (select from c where cardinality(c.ids) > 1)"
            " and (select count(c.ids[1]) = count(distinct c.ids[1]) from c)"
            f" and (select count(x._id) = count(distinct x._id) from x){self._twins()} as fine",
            "o": f"{mine} where t.id in (select c.ids[1] from c) and (select fine from ok) order by t.id for update",
            "sound": self._sound(),
            "u": self._update(),
            "i": self._insert(),
            "r": "select x._index, i.* from i join x on x.id = i.id"
            " union all select c._index, u.* from u join c on c.ids[1] = u.id",
        }
        chain = [f"{name} as ({sql})" for name, sql in parts.items()]
        created = "i join x on x.id = i.id order by x._index"
        events = [self._event("i", before="null::jsonb", after=self._logged("i"), source=created), self._update_event()]
        events += write_back(self._change, self._parameters, "o join u on u.id = o.id")
        parts_of_all = ", ".join([self._rows(index=True), *chain, *events])
        return (
            f"with {parts_of_all} select (select sound from sound), (select {answer} from r),"
            " (select array_agg(c._index order by c._index) from c where cardinality(c.ids) > 1)"
        )

    def locks(self) -> str:
        chain = ", ".join(f"{name} as ({sql})" for name, sql in self._matched().items())
        found = f"select t.id from {self._table} t where t.id in (select unnest(c.ids) from c) order by t.id for update"
        return f"with {self._rows(index=True)}, {chain}, o as ({found}) select count(*) from o"

    def _matched(self) -> dict[str, str]:
        """The CTEs `m` and `c`: for each row the ids that it matches, by way of matching and each once."""
        return {
            "m": f"select x._index, {self._found()} as found from x",
            "c": "select m.*, array(select distinct f from unnest(m.found) f where f is not null) as ids from m",
        }

    def _found(self) -> str:
        """SQL array of the ids that a row matches, one entry for each way of matching."""
        visible = self._reader.table(self._change.object)
        may_restore = self._change.object.rights.soft_delete
        live = "" if may_restore else ' and t."deletedAt" is null'
        ways = [f"(select t.id from {visible} t where t.id = x._id{live})"]
        for group in self._groups:
            same = self._same(group, "t")
            if group in self._change.sole or not may_restore:
                ways.append(f'(select t.id from {visible} t where {same} and t."deletedAt" is null limit 1)')
                continue
            ways.append(
                f'coalesce((select t.id from {visible} t where {same} and t."deletedAt" is null limit 1),'
                f' (select t.id from {visible} t where {same} and t."deletedAt" is not null'
                f' order by t."deletedAt" desc, t.id desc limit 1))'
            )
        return f"array[{', '.join(ways)}]"

    def _same(self, group: tuple[str, ...], alias: str) -> str:
        """The record under the alias has the row's values in a unique group."""
        column_of = {column.name: column for column in self._change.object.columns}
        same = [f"{alias}.{quote(name)} = x.{quote(name)}" for name in group]
        same += [f"{alias}.{quote(name)} <> ''" for name in group if column_of[name].leaf.sql_type == "text"]
        return " and ".join(same)

    def _twins(self) -> str:
        """No two rows would be one record: what no index enforces is looked at here."""
        same = [
            f"({' and '.join(f'a.{quote(name)} = b.{quote(name)}' for name in group)})"
            for group in self._groups
            if group in self._change.sole
        ]
        if not same:
            return ""
        return f" and not exists (select from x a join x b on a._index < b._index and ({' or '.join(same)}))"

    def _sound(self) -> str:
        """Whether all may be written: `fine`, and the records locked are still those that were matched."""
        locked = "(select count(*) from o) = (select count(c.ids[1]) from c)"
        changed = [
            f"c.found[{place}] is not null and ({self._same(group, 'o')}) is not true"
            for place, group in enumerate(self._groups, start=2)
        ]
        still = (
            " and not exists (select from c join x on x._index = c._index join o on o.id = c.ids[1]"
            f" where {' or '.join(changed)})"
            if changed
            else ""
        )
        if not self._change.object.rights.soft_delete:  # nor restore
            still += ' and not exists (select from o where o."deletedAt" is not null)'
        return f"select (select fine from ok) and {locked}{still} as sound"

    def _update(self) -> str:
        sets, is_other = [], ['o."deletedAt" is not null']
        for column in self._updated():
            quoted = quote(column.name)
            given = f"x.{quoted}"
            if column.name in self._change.partial:
                given = (
                    f"case when x.{quote(given_flag(column.name))} then {given} else coalesce(o.{quoted}, {given}) end"
                )
            sets.append(f"{quoted} = {given}")
            is_other.append(f"o.{quoted} is distinct from {given}")
        if self._moves:
            sets.append(self._if_differs("position", self._place()))
            is_other.append(_MOVED[self._change.position])
        for name, value in actor_columns(self._change.object, "updatedBy", self._change.actor):
            sets.append(self._if_differs(name, self._parameters.add(value)))
        sets += ['"deletedAt" = null', self._if_differs("updatedAt", "now()")]
        source = (
            "o join c on c.ids[1] = o.id join x on x._index = c._index"
            f" cross join lateral (select {' or '.join(is_other)} as differs) n"
        )
        return (
            f"update {self._table} t set {', '.join(sets)} from {source}"
            f" where t.id = o.id and (select sound from sound) returning {self._columns('t.')}"
        )

    def _insert(self) -> str:
        """In the order of what is unique, so that two who insert the same do not wait for each other."""
        names, values = self._inserted()
        order = ", ".join(f"x.{quote(name)}" for group in (*self._groups, ("id",)) for name in group)
        return (
            f"insert into {self._table} ({', '.join(map(quote, names))}) select {', '.join(values)}"
            " from x join c on c._index = x._index where cardinality(c.ids) = 0 and (select sound from sound)"
            f" order by {order} returning {self._columns()}"
        )

    def _updated(self) -> list[Column]:
        """Columns that an update sets: those given, but neither the id nor who created the record."""
        created_by = {name for name, _ in actor_columns(self._change.object, "createdBy", self._change.actor)}
        updated_by = {name for name, _ in actor_columns(self._change.object, "updatedBy", self._change.actor)}
        kept = _KEPT_ON_UPDATE | created_by | updated_by
        return [column for column in self._change.columns if column.name not in kept]

    @property
    def _moves(self) -> bool:
        """Whether a record that is updated gets a new position, as a new one does."""
        return self._change.position in _MOVED and not self._change.sole

    def _update_event(self) -> str:
        """`updated`, or `restored` for a record that was deleted; none for a change of nothing."""
        change = self._change
        differs: dict[str, list[str]] = {"deletedAt": ['o."deletedAt" is distinct from u."deletedAt"']}
        field_of = _field_of(change.object)
        for column in self._updated():
            quoted = quote(column.name)
            differs.setdefault(field_of[column.name], []).append(f"o.{quoted} is distinct from u.{quoted}")
        if self._moves:
            differs["position"] = ["o.position is distinct from u.position"]
        names = [f"case when {' or '.join(found)} then {literal(field)} end" for field, found in differs.items()]
        row = [
            "case when o.\"deletedAt\" is null then 'updated' else 'restored' end",
            literal(change.object.name),
            "u.id",
            self._logged("o"),
            self._logged("u"),
            self._author(),
            "changed.fields",
        ]
        return (
            f"eu as (insert into {self._schema}.event"
            ' (action, object, "recordId", before, after, actor, "updatedFields")'
            f" select {', '.join(row)} from u join o on o.id = u.id cross join lateral"
            f" (select array_remove(array[{', '.join(names)}]::text[], null) as fields) changed"
            " where changed.fields <> '{}')"
        )

    def _author(self) -> str:
        """With a mark, by which events of upserts are known. What comes back along with a record has none."""
        return f"{super()._author()} || {_MARK}"


def _field_of(item: Object) -> dict[str, str]:
    return {column.name: field.name for field in item.fields for column in field.columns}
