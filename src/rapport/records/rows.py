"""From a caller's data to table rows: names resolved, values validated and normalised by their field types."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rapport.base.errors import BadUserInput, InvalidValue
from rapport.base.ids import new_id
from rapport.engine.scalars import misfit, printed
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.dialect import resolve
from rapport.metadata.fieldtypes.base import Column, Json, Leaf
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf


class UnknownField(BadUserInput):
    """The data names a field that its object does not have."""

    sub_code = "INVALID_ARGS_DATA"

    def __init__(self, item: Object, name: str) -> None:
        super().__init__(f'Object {item.name} doesn\'t have any "{name}" field.')
        self.object = item
        self.name = name


class Misfit(BadUserInput):
    """A value is of the wrong kind for its field's scalar type."""

    sub_code = "INVALID_ARGS_DATA"


class TooManyRecords(BadUserInput):
    """More records at once than one request may write."""

    sub_code = "TOO_MANY_RECORDS_TO_UPDATE"


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows ready to be written: the parameter's value, and what of it decides the statement."""

    values: list[dict[str, Json]]
    columns: tuple[Column, ...]
    partial: frozenset[str] = frozenset()
    position: str = "keep"

    @property
    def plan_key(self) -> tuple[object, ...]:
        return (tuple(column.name for column in self.columns), self.partial, self.position)


@dataclass
class _Row:
    values: dict[str, Json] = field(default_factory=dict)
    place: str | None = None  # "first" or "last"


class RowBuilder:
    """Builds the rows of one object. Raises at the first value that does not fit."""

    def __init__(self, catalog: Catalog, item: Object) -> None:
        self._catalog = catalog
        self._object = item

    def creation(self, data: list[object]) -> Rows:
        rows: list[_Row] = []
        for given in data:
            row = self._row(given, creating=True)
            row.values.setdefault("id", str(new_id()))
            rows.append(row)
        if "position" in self._object.field:
            for row in rows:
                if "position" not in row.values and row.place is None:
                    row.place = "first"
        return self._rows(rows, creating=True)

    def update(self, given: object) -> Rows:
        """One row of the values to set; the id, when given, stays in the values for the caller to compare."""
        return self._rows([self._row(given, creating=False)], creating=False)

    def _rows(self, rows: list[_Row], *, creating: bool) -> Rows:
        counts: dict[str, int] = {}
        for row in rows:
            for name in row.values:
                counts[name] = counts.get(name, 0) + 1
        columns = tuple(column for column in self._object.columns if column.name in counts)
        partial = frozenset(
            column.name
            for column in columns
            if counts[column.name] < len(rows) and column.default_sql and column.name != "position"
        )
        places = {row.place for row in rows}
        position = "keep"
        if places - {None}:
            position = "mixed" if len(places) > 1 or "position" in counts else str(next(iter(places)))
        elif "position" in counts:
            position = "given"
        values: list[dict[str, Json]] = []
        for index, row in enumerate(rows):
            value = row.values
            for name in partial:
                value[f"_has_{name}"] = name in value
            if position not in ("keep", "given"):
                value["_index"] = index
                value["_place"] = row.place
            values.append(value)
        return Rows(values=values, columns=columns, partial=partial if creating else frozenset(), position=position)

    def _row(self, given: object, *, creating: bool) -> _Row:
        type_name = f"{self._object.type_name}{'Create' if creating else 'Update'}Input"
        if not isinstance(given, dict):
            raise Misfit(f'Expected type "{type_name}" to be an object.')
        row = _Row()
        given_as: dict[str, str] = {}
        for key, value in given.items():
            for name, written in self._key(row, key, value, creating):
                if name in given_as and given_as[name] != key:
                    raise InvalidValue(f"{given_as[name]} and {key} cannot be both provided.")
                given_as[name] = key
                row.values[name] = written
        return row

    def _key(self, row: _Row, key: str, value: object, creating: bool) -> Iterator[tuple[str, Json]]:
        item = self._object
        found = item.field.get(key)
        join = item.to_one_by_column.get(key)
        if found is None and join is None:
            alias = resolve(item.name, key)
            if alias is None:
                raise UnknownField(item, key)
            join = item.to_one_by_column.get(alias.field)
            found = None if join is not None else item.field[alias.field]
            if found is not None and alias.sub is not None:
                value = {alias.sub: value}
        if join is not None:
            yield from self._join(join, value)
        elif found is not None and found.relation is not None:
            yield from self._relation(found, key, value)
        elif found is not None:
            yield from self._field(row, found, value, creating)

    def _field(self, row: _Row, found: Field, value: object, creating: bool) -> Iterator[tuple[str, Json]]:
        item = self._object
        writable = [column for column in found.columns if column.in_input]
        if not writable:
            raise UnknownField(item, found.name)
        if found.name == "deletedAt":
            if value is not None:
                raise InvalidValue('Field "deletedAt" cannot be written; delete or restore the record instead.')
            return
        if found.name == "updatedAt" and not creating:
            return
        if value is None and not found.is_nullable and found.default in ("now", "uuid"):
            return  # made by the server when not given
        if found.name == "position" and value in ("first", "last"):
            row.place = str(value)
            return
        if value is None and (found.type.name == "ACTOR" or (found.name == "position" and creating)):
            return  # the server fills them in
        yield from self._written(found, value, creating).items()

    def _written(self, found: Field, value: object, creating: bool) -> Mapping[str, Json]:
        if value is None:
            return found.type.write(found, None)
        if found.type.graphql_output is None:
            _check_kind(found, found.column.leaf, value, self._object)
        elif isinstance(value, dict):
            for sub, part in value.items():
                column = found.column_of.get(sub)
                if column is None or not column.in_input:
                    raise UnknownSubField(found, sub)
                if part is not None:
                    _check_kind(found, column.leaf, part, self._object)
        elif found.type.has_shorthand:
            value = found.type.shorthand_write(found, value)  # type: ignore[arg-type]
            if creating and isinstance(value, dict):
                value = {**found.type.shorthand_defaults, **value}
        return found.type.write(found, value)  # type: ignore[arg-type]

    def _join(self, found: Field, value: object) -> Iterator[tuple[str, Json]]:
        column = found.column
        if value is None:
            yield column.name, None
            return
        message = misfit("UUID", value)
        if message is not None:
            raise Misfit(message)
        yield column.name, column.leaf.coerce(value, column.name)  # type: ignore[arg-type]

    def _relation(self, found: Field, key: str, value: object) -> Iterator[tuple[str, Json]]:
        """`connect` by id and `disconnect`; a to-many relation is written from its other side."""
        if found.is_to_many:
            raise InvalidValue(f"One-to-many relation {key} field does not support write operations.")
        if value is None:
            yield found.column.name, None
            return
        if not isinstance(value, dict) or not set(value) <= {"connect", "disconnect"}:
            raise InvalidValue(f'Relation "{key}" requires connect or disconnect operation')
        if value.get("connect") is not None and value.get("disconnect") is not None:
            raise InvalidValue(f"Cannot have both connect and disconnect for the same field on {key}.")
        if value.get("disconnect") is True:
            yield found.column.name, None
        if value.get("connect") is not None:
            connect = value["connect"]
            where = connect.get("where") if isinstance(connect, dict) else None
            if not isinstance(where, dict) or not where:
                raise InvalidValue(f'Relation "{key}" requires connect or disconnect operation')
            target = self._catalog.target(found)
            for name in where:
                if name != "id":
                    raise InvalidValue(f'Field "{name}" is not defined by type "{target.type_name}WhereUniqueInput".')
            yield from self._join(found, where["id"])


class UnknownSubField(BadUserInput):
    """The data names a sub-field that its composite does not have."""

    sub_code = "INVALID_ARGS_DATA"

    def __init__(self, found: Field, sub: str) -> None:
        super().__init__(f'Unknown subfield {sub} for {found.type.name} field "{found.name}"')
        self.field = found
        self.sub = sub


def _check_kind(found: Field, leaf: Leaf, value: object, item: Object) -> None:
    """GraphQL's own check of a value's kind, before the field type looks at its content."""
    each = value if isinstance(value, list) and leaf.input_scalar.startswith("[") else [value]
    for one in each:
        if one is None:
            continue
        message = misfit(leaf.input_scalar.strip("[]!"), one)
        if isinstance(leaf, SelectLeaf) and one not in leaf.options:
            enum = leaf.enum_name(item.type_name, found.name)
            message = (
                f'Value "{one}" does not exist in "{enum}" enum.' if isinstance(one, str) else _not_enum(enum, one)
            )
        if message is not None:
            raise Misfit(message)


def _not_enum(enum: str, value: object) -> str:
    return f'Enum "{enum}" cannot represent non-string value: {printed(value)}.'
