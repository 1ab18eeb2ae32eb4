"""From a caller's data to table rows: names resolved, values validated and normalised by their field types."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from rapport.base.errors import InvalidValue, RapportError
from rapport.base.ids import new_id
from rapport.engine.denials import check_named, check_writable
from rapport.engine.scalars import misfit
from rapport.engine.writing import given_flag
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.dialect import resolve
from rapport.metadata.fieldtypes.base import Column, Json
from rapport.metadata.fieldtypes.shown import shown
from rapport.records.kinds import check_kind, takes_any_text
from rapport.records.links import Connect
from rapport.records.misfits import (
    Misfit,
    TooManyRecords,
    UnfitData,
    UnknownField,
    UnknownSubField,
    UnknownUnique,
    composite_input,
    input_type,
    unique_input,
)
from rapport.records.restrictions import check_verb, found_by
from rapport.records.rights import check_right
from rapport.records.shortcuts import Shortcuts

_RELATION_KEYS = ("connect", "create", "disconnect")
_DEEPEST = 100  # nested creates, whatever the limit of a batch: each is a few calls inside of those around it


@dataclass(frozen=True, kw_only=True)
class Creation:
    """Records of another object that are created along.

    ``join`` is the column that links the two, of these records if they are created after, else of the others.
    """

    object: Object
    rows: "Rows"
    join: str


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows ready to be written: the parameter's value, and what of it decides the statement.

    ``partial`` are the columns that some of the rows leave alone. ``connects`` are still to be looked up; ``before``
    and ``after`` are the records that nested creates ask for, by whether these rows point to them or they to these.
    """

    values: list[dict[str, Json]]
    columns: tuple[Column, ...]
    partial: frozenset[str] = frozenset()
    position: str = "keep"
    is_upsert: bool = False
    connects: tuple[Connect, ...] = ()
    before: tuple[Creation, ...] = ()
    after: tuple[Creation, ...] = ()

    @property
    def is_linked(self) -> bool:
        """Whether it takes more than one statement to write them."""
        return bool(self.connects or self.before or self.after)

    @property
    def has_creations(self) -> bool:
        """Whether records of other objects are created along."""
        return bool(self.before or self.after)

    def relinked(self, join: str, ids: Mapping[Json, Json]) -> "Rows":
        """The rows with other ids in a column that links them: records that were to be created may be there already."""
        return replace(self, values=[{**row, join: ids.get(row[join], row[join])} if join in row else row
                                     for row in self.values])  # fmt: skip

    def only(self, index: int) -> "Rows":
        """One of the rows, with the columns that it gives."""
        row = {**self.values[index], "_index": 0}
        columns = tuple(column for column in self.columns if column.name in row)
        partial = frozenset(column.name for column in columns if row.get(given_flag(column.name)) is False)
        place = row.get("_place")
        position = str(place) if place else ("given" if "position" in row else "keep")
        return replace(self, values=[row], columns=columns, partial=partial, position=position)

    @property
    def plan_key(self) -> tuple[object, ...]:
        return (tuple(column.name for column in self.columns), self.partial, self.position)


@dataclass(slots=True)
class _Row:
    """A row in the making."""

    index: int
    values: dict[str, Json]
    fallbacks: frozenset[str] = frozenset()  # of the values: those for a record that has none yet
    place: str | None = None  # "first" or "last"
    connects: tuple[Connect, ...] = ()
    before: tuple[Creation, ...] = ()
    children: tuple[tuple[Field, list[object]], ...] = ()


class RowBuilder:
    """Builds the rows of one object. Raises at the first value that does not fit.

    ``limit`` is how many records one request may create, those of nested creates included; None for no limit.
    """

    def __init__(self, catalog: Catalog, item: Object, *, limit: int | None = None) -> None:
        self._catalog = catalog
        self._object = item
        self._limit = limit
        self._known: dict[str, _Known] = {}

    def creation(
        self, data: list[object], *, upsert: bool = False, refused: dict[int, RapportError] | None = None
    ) -> Rows:
        """Rows to insert; with ``upsert``, to insert or to update with.

        With ``refused``, data that does not fit is left out, and what is wrong with it is put there by its index.
        """
        building = self._building()
        building.budget.spend(len(data))
        return building.creation(self._object, data, upsert=upsert, refused=refused)

    def updates(self, data: list[object]) -> Rows:
        """Rows of the values to set, each for the one record whose id is among them: see ``Change.is_keyed``."""
        building = self._building()
        building.budget.spend(len(data))
        return building.updates(self._object, data)

    def update(self, given: object, own_id: str | None = None) -> Rows:
        """One row of the values to set. ``own_id``: of the one record that is updated; its id cannot change."""
        return self._building().update(self._object, given, own_id)

    def _building(self) -> "_Building":
        return _Building(self._catalog, _Budget(self._limit), self._known)


class _Known:
    """What there is to know of an object, whatever the data is."""

    def __init__(self, item: Object) -> None:
        self.object = item
        self.finds = bool(found_by(item))  # a create may find the record that is there, as an upsert does
        self.has_position = "position" in item.field

    @cached_property
    def actor_columns(self) -> frozenset[str]:
        authors = [field for field in self.object.fields if field.type.name == "ACTOR"]
        return frozenset(column.name for field in authors for column in field.columns)

    @cached_property
    def shortcuts(self) -> Shortcuts:
        return Shortcuts(self.object)


@dataclass
class _Budget:
    """How many records the request may create, and how many it does."""

    limit: int | None
    spent: int = 0

    def spend(self, count: int) -> None:
        self.spent += count
        if self.limit is not None and self.spent > self.limit:
            raise TooManyRecords(f"Maximum number of records to upsert is {self.limit}.")


class _Building:
    """The rows of one request, with those of its nested creates."""

    def __init__(self, catalog: Catalog, budget: _Budget, known: dict[str, _Known]) -> None:
        self._catalog = catalog
        self._known = known
        self._depth = 0
        self.budget = budget

    def creation(
        self,
        item: Object,
        data: list[object],
        *,
        upsert: bool = False,
        refused: dict[int, RapportError] | None = None,
    ) -> Rows:
        return self._rows_of(item, upsert=upsert).creation(data, refused)

    def update(self, item: Object, given: object, own_id: str | None) -> Rows:
        return self._rows_of(item).update(given, own_id)

    def updates(self, item: Object, data: list[object]) -> Rows:
        return self._rows_of(item).updates(data)

    def _rows_of(self, item: Object, *, upsert: bool = False) -> "_ObjectRows":
        known = self._known.get(item.name)
        if known is None:
            known = self._known[item.name] = _Known(item)
        return _ObjectRows(self, self._catalog, known, upsert=upsert)

    def nested(self, item: Object, data: list[object], join: str, *, upsert: bool) -> Creation:
        check_verb(item, "create")
        check_right(item, "create")
        self.budget.spend(len(data))
        self._depth += 1
        if self._depth > _DEEPEST:
            raise TooManyRecords(f"Records can be created along {_DEEPEST} deep at most.")
        creation = Creation(object=item, rows=self.creation(item, data, upsert=upsert), join=join)
        self._depth -= 1
        return creation


class _ObjectRows:
    """The rows of one object."""

    def __init__(self, building: _Building, catalog: Catalog, known: _Known, *, upsert: bool) -> None:
        self._building = building
        self._catalog = catalog
        self._known = known
        self._object = known.object
        self._upsert = upsert

    def creation(self, data: list[object], refused: dict[int, RapportError] | None) -> Rows:
        finds = self._upsert or self._known.finds
        rows: list[_Row] = []
        for index, given in enumerate(data):
            try:
                row = self._row(given, index, creating=True)
            except RapportError as problem:
                if refused is not None:
                    refused[index] = problem
                    continue
                if isinstance(problem, UnfitData):
                    raise problem.within(index) from None
                raise
            if finds:
                row.values["_index"] = index
                if self._upsert and "id" in row.values:
                    row.values["_id"] = row.values["id"]
            rows.append(row)
        self._complete(rows)
        return self._rows(rows, creating=True, upsert=finds)

    def _complete(self, rows: list[_Row]) -> None:
        """Gives ids and places to those that have none."""
        nameless = [row for row in rows if "id" not in row.values]
        for row, made in zip(nameless, new_id.texts(len(nameless)), strict=True):
            row.values["id"] = made
        if self._known.has_position:
            for row in rows:
                if row.place is None and "position" not in row.values:
                    row.place = "first"

    def update(self, given: object, own_id: str | None) -> Rows:
        row = self._row(given, 0, creating=False)
        changed_id = row.values.pop("id", None)
        if changed_id is not None and changed_id != own_id:
            raise InvalidValue("The id of a record cannot be changed.")
        if row.children:
            if own_id is None:
                raise InvalidValue("Records can be created along with the update of one record, not of many.")
            row.values["id"] = own_id
        rows = self._rows([row], creating=False, upsert=False)
        if row.values.pop("id", None) is None:
            return rows
        return replace(rows, columns=tuple(column for column in rows.columns if column.name != "id"))

    def updates(self, data: list[object]) -> Rows:
        rows = [self._row(given, index, creating=False) for index, given in enumerate(data)]
        ids = [row.values.get("id") for row in rows]
        if None in ids:
            raise InvalidValue("Every record to update needs its id.")
        if len(set(map(str, ids))) < len(ids):
            raise InvalidValue("A record cannot be updated twice at once.")
        found = self._rows(rows, creating=False, upsert=False, keyed=True)
        for row in rows:
            row.values |= {"_id": row.values.pop("id"), "_index": row.index}
        return replace(found, columns=tuple(column for column in found.columns if column.name != "id"))

    def _after(self, rows: list[_Row]) -> tuple[Creation, ...]:
        """The records to create that point to these."""
        found: list[Creation] = []
        for row in rows:
            for relation, data in row.children:
                assert relation.relation is not None
                join, target = relation.relation.join_column, self._catalog.target(relation)
                link = target.to_one_by_column[join]
                for child in data:
                    if isinstance(child, dict) and (join in child or link.name in child):
                        raise InvalidValue(f"{relation.name} and {link.name} cannot be both provided.")
                linked: list[object] = [
                    {**child, join: row.values["id"]} if isinstance(child, dict) else child for child in data
                ]
                try:
                    found.append(self._building.nested(target, linked, join, upsert=self._upsert))
                except UnfitData as problem:
                    raise problem.within(row.index, relation.name, "create") from None
        return tuple(found)

    def _rows(self, rows: list[_Row], *, creating: bool, upsert: bool, keyed: bool = False) -> Rows:
        counts = _counts(rows, upsert=upsert)
        if keyed:
            for row in rows:
                if row.place is not None:
                    counts["position"] = counts.get("position", 0) + 1
        columns = tuple(column for column in self._object.columns if column.name in counts)
        partial = frozenset(
            column.name
            for column in columns
            if counts[column.name] < len(rows)
            and (keyed or upsert or column.default_sql or column.name in self._known.actor_columns)
            and (keyed or column.name != "position")
        )
        places = {row.place for row in rows}
        position = "keep"
        if places - {None}:
            position = "mixed" if len(places) > 1 or "position" in counts else str(next(iter(places)))
        elif "position" in counts:
            position = "given"
        is_placed = position not in ("keep", "given")
        for index, row in enumerate(rows):
            value = row.values
            for name in partial:
                has_place = name == "position" and row.place is not None
                value[given_flag(name)] = (name in value and not (upsert and name in row.fallbacks)) or has_place
            if is_placed:
                value["_index"] = index
                value["_place"] = row.place
        connects = tuple(connect for row in rows for connect in row.connects)
        _check_same_constraints(connects)
        return Rows(
            values=[row.values for row in rows],
            columns=columns,
            partial=partial if creating or keyed else frozenset(),
            position=position,
            is_upsert=upsert,
            connects=connects,
            before=tuple(creation for row in rows for creation in row.before),
            after=self._after(rows),
        )

    def _row(self, given: object, index: int, *, creating: bool) -> _Row:
        if not isinstance(given, dict):
            type_name = input_type(self._object, creating=creating)
            if given is None:
                raise Misfit(f'Expected non-nullable type "{type_name}!" not to be null.')
            raise Misfit(f'Expected type "{type_name}" to be an object.')
        values: dict[str, Json] = {}
        row = _Row(index, values)
        shortcuts = self._known.shortcuts
        takes = shortcuts.takes
        given_as: dict[str, str] = {}  # the keys of columns that went the long way
        for key, value in given.items():
            take = takes.get(key)
            if take is not None and take(value, values):
                continue
            try:
                found = self._key(row, key, value, creating)
            except UnfitData as problem:
                raise problem.within(key) from None
            for name, written in found.items():
                if name in values:
                    before = given_as.get(name) or shortcuts.key_of.get(name, name)
                    raise InvalidValue(f"{' and '.join(sorted((before, key)))} cannot be both provided.")
                given_as[name] = key
                values[name] = written
        return row

    def _key(self, row: _Row, key: str, value: object, creating: bool) -> Mapping[str, Json]:
        """The columns that one key of the data sets."""
        item = self._object
        found = item.field.get(key)
        if found is not None and found.relation is None:
            check_writable(found)
            return self._field(row, found, value, creating)
        join = item.to_one_by_column.get(key)
        if found is None and join is None:
            alias = resolve(item, key)
            check_named(item, alias.join_column or alias.field if alias else key)
            if alias is None:
                raise UnknownField(item, key, creating=creating)
            join = item.to_one_by_column.get(alias.join_column or "")
            found = None if join is not None else item.field[alias.field]
            if found is not None and alias.sub is not None:
                value = {alias.sub: value}
        check_writable(join or found)
        if join is not None:
            return self._join(join, value)
        assert found is not None
        if found.relation is not None:
            return dict(self._relation(row, found, key, value))
        return self._field(row, found, value, creating)

    def _field(self, row: _Row, found: Field, value: object, creating: bool) -> Mapping[str, Json]:
        if not found.is_writable:
            raise UnknownField(self._object, found.name, creating=creating)
        if found.name == "deletedAt":
            if value is not None:
                raise InvalidValue('Field "deletedAt" cannot be written; delete or restore the record instead.')
            return {}
        if found.name == "updatedAt" and not creating:
            return {}
        if value is None and not found.is_nullable and found.default in ("now", "uuid"):
            return {}  # made by the server when not given
        if found.name == "position" and value in ("first", "last"):
            row.place = str(value)
            return {}
        if value is None and (found.type.name == "ACTOR" or (found.name == "position" and creating)):
            return {}  # the server fills them in
        written = self._written(found, value, creating)
        if isinstance(value, (str, int, float)) and found.type.has_shorthand:
            row.fallbacks |= {found.column_of[sub].name for sub in found.type.shorthand_defaults}
        return written

    def _written(self, found: Field, value: object, creating: bool) -> Mapping[str, Json]:
        if value is None:
            return found.type.write(found, None)
        if found.type.graphql_output is None:
            check_kind(found, found.column.leaf, value, self._object, label=found.name)
        elif isinstance(value, dict):
            for sub, part in value.items():
                column = found.column_of.get(sub)
                if column is None or not (type(part) is str and column.in_input and takes_any_text(column.leaf)):
                    self._check_part(found, sub, part, creating)
        elif isinstance(value, list) or not found.type.has_shorthand:
            raise Misfit(
                f'Expected type "{composite_input(found, creating=creating)}" to be an object.',
                f'Invalid object value {shown(value)} for field "{found.name}"',  # type: ignore[arg-type]
            )
        else:
            value = found.type.shorthand_write(found, value)  # type: ignore[arg-type]
            if creating and isinstance(value, dict):
                value = {**found.type.shorthand_defaults, **value}
        return found.type.write(found, value)  # type: ignore[arg-type]

    def _check_part(self, found: Field, sub: str, part: object, creating: bool) -> None:
        try:
            column = found.column_of.get(sub)
            if column is None or not column.in_input:
                raise UnknownSubField(found, sub, creating=creating)
            if part is not None:
                check_kind(found, column.leaf, part, self._object, label=f"{found.name}.{sub}")
        except UnfitData as problem:
            raise problem.within(sub) from None

    def _join(self, found: Field, value: object) -> Mapping[str, Json]:
        column = found.column
        if value is None:
            return {column.name: None}
        check_kind(found, column.leaf, value, self._object, label=column.name)
        return {column.name: column.leaf.coerce(value, column.name)}  # type: ignore[arg-type]

    def _relation(self, row: _Row, found: Field, key: str, value: object) -> Iterator[tuple[str, Json]]:
        """`connect`, `disconnect` and `create`; records at the many side can only be created along."""
        if found.is_to_many:
            if not isinstance(value, dict) or set(value) != {"create"} or value["create"] is None:
                raise InvalidValue(f"One-to-many relation {key} field does not support write operations.")
            created = value["create"]
            row.children += ((found, created if isinstance(created, list) else [created]),)
            return
        column = found.column
        if value is None:
            yield column.name, None
            return
        given = {name: part for name, part in value.items() if part is not None} if isinstance(value, dict) else None
        if given is None or not set(given) <= set(_RELATION_KEYS):
            raise InvalidValue(f'Relation "{key}" requires connect or disconnect operation')
        if len(given) > 1 and not (given.get("disconnect") is False and len(given) == 2):
            both = " and ".join(name for name in _RELATION_KEYS if name in given)
            raise InvalidValue(f"Cannot have both {both} for the same field on {key}.")
        if "disconnect" in given:
            message = misfit("Boolean", given["disconnect"])
            if message is not None:
                raise Misfit(message).within("disconnect")
            if given["disconnect"] is True:
                yield column.name, None
        if "create" in given:
            target = self._catalog.target(found)
            try:
                created_record = self._building.nested(target, [given["create"]], column.name, upsert=self._upsert)
            except UnfitData as problem:
                raise problem.within("create") from None
            row.before += (created_record,)
            yield column.name, created_record.rows.values[0]["id"]
        if "connect" in given:
            row.connects += (self._connect(row, found, key, given["connect"]),)
            yield column.name, None

    def _connect(self, row: _Row, found: Field, key: str, connect: object) -> Connect:
        target = self._catalog.target(found)
        where = connect.get("where") if isinstance(connect, dict) and set(connect) == {"where"} else None
        if not isinstance(where, dict) or not where:
            raise InvalidValue(f'Relation "{key}" requires connect or disconnect operation')
        conditions: list[tuple[Column, Json]] = []
        for name, value in where.items():
            alias = resolve(target, name)
            check_named(target, alias.field if alias else name)
            unique = target.field.get(name) or (target.field[alias.field] if alias and not alias.sub else None)
            if unique is None or not (unique.name == "id" or unique.is_unique):
                type_name = f"{target.type_name}WhereUniqueInput"
                known = ["id", *(each.name for each in target.field.values() if each.is_unique)]
                raise UnknownUnique(name, type_name, known).within("connect", "where", name)
            try:
                conditions.extend(self._unique_values(target, unique, value))
            except UnfitData as problem:
                raise problem.within("connect", "where", name) from None
        return Connect(row=row.index, field=key, column=found.column.name, target=target, conditions=tuple(conditions))

    def _unique_values(self, target: Object, unique: Field, value: object) -> Iterator[tuple[Column, Json]]:
        """The columns of a unique field and the values, normalised, that they must have."""
        if value is None:
            raise InvalidValue(f'A record cannot be found by "{unique.name}" without a value.')
        wanted = {column.name for column in unique.columns if column.in_unique}
        if isinstance(value, dict) and unique.type.graphql_output is not None:
            for sub in value:
                if sub not in unique.column_of or not unique.column_of[sub].in_unique:
                    known = [name for name, column in unique.column_of.items() if column.in_unique]
                    raise UnknownUnique(sub, unique_input(target, unique), known).within(sub)
            wanted &= {unique.column_of[sub].name for sub in value}
        written = self._written(unique, value, creating=False)
        found = [(column, written[column.name]) for column in unique.columns if column.name in wanted]
        if not found or any(part is None or part == "" for _, part in found):
            raise InvalidValue(f'A record cannot be found by "{unique.name}" without a value.')
        yield from found


def _counts(rows: list[_Row], *, upsert: bool) -> dict[str, int]:
    """How many of the rows give each column. Most have the same ones, and need not be looked at one by one."""
    alike: dict[tuple[str, ...], int] = {}
    for row in rows:
        names = tuple(row.values)
        alike[names] = alike.get(names, 0) + 1
    counts: dict[str, int] = {}
    for names, count in alike.items():
        for name in names:
            counts[name] = counts.get(name, 0) + count
    if upsert:
        for row in rows:
            for name in row.fallbacks & row.values.keys():
                counts[name] -= 1
    return counts


def _check_same_constraints(connects: tuple[Connect, ...]) -> None:
    """All records of a batch connect a relation by the same unique fields."""
    keys: dict[str, tuple[object, ...]] = {}
    for connect in connects:
        if keys.setdefault(connect.field, connect.key) != connect.key:
            raise InvalidValue(
                "Expected the same constraint fields to be used consistently across all operations for "
                f"{connect.field}.",
                sub_code="CONNECT_UNIQUE_CONSTRAINT_ERROR",
            )
