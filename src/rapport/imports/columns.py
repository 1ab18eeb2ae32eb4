"""What the columns of a file mean: fields of the object, parts of them, or fields by which linked records are found."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from rapport.imports.errors import ForbiddenColumn
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.dialect import aliases, resolve
from rapport.metadata.fieldtypes.base import Column
from rapport.records.columns import FlatColumn, flat_columns

_INCOMPARABLE = frozenset({"jsonb", "text[]", "tsvector"})


@dataclass(frozen=True, kw_only=True)
class Given:
    """A field gets the value, or with ``sub`` that part of it."""

    name: str
    field: Field
    sub: str = ""

    @property
    def key(self) -> str:
        """Where the value is in the data of a record."""
        return self.field.column.name if self.field.is_to_one else self.field.name

    @property
    def column(self) -> Column | None:
        """The one column that the value is about, if it is one."""
        if self.sub:
            return self.field.column_of[self.sub]
        if self.field.type.graphql_output is None:
            return self.field.column
        return self.field.column_of.get(self.field.type.shorthand_sub) if self.field.type.has_shorthand else None


@dataclass(frozen=True, kw_only=True)
class Linked:
    """``field`` gets the id of the record of ``target`` that has the value in a field, or part of one, of its own."""

    name: str
    field: Field
    target: Object
    by: Field
    column: Column

    @property
    def key(self) -> str:
        return self.field.column.name


@dataclass(frozen=True, kw_only=True)
class Passed:
    """A column that is known and not written: what the server itself fills in."""

    name: str


Target: TypeAlias = Given | Linked | Passed


class Columns:
    """The columns that files for one object may have."""

    def __init__(self, catalog: Catalog, item: Object) -> None:
        self._catalog = catalog
        self._object = item

    @property
    def known(self) -> tuple[str, ...]:
        """The names to choose from."""
        return tuple(each.name for each in self._flat.values() if each.is_writable)

    def find(self, name: str) -> Target | None:
        """What the column means; None when the object has nothing of that name. Raises ForbiddenColumn."""
        name = name.strip()
        flat = self._flat.get(name)
        if flat is not None:
            return self._of(flat, name)
        if name in self._object.denied:
            raise ForbiddenColumn(name)
        field = self._object.field.get(name)
        if field is not None:
            return self._whole(field, name)
        return self._older(name) or self._dotted(name) or self._similar(name)

    def is_link(self, name: str) -> bool:
        """Whether it names a link to one record of another object."""
        alias = resolve(self._object, name)
        field = self._object.field.get(alias.field if alias else name)
        return field is not None and field.is_to_one

    def find_by(self, name: str) -> tuple[Field, Column] | None:
        """The field and its column by which records of the object can be found."""
        if not self._object.rights.read:
            return None
        flat = self._flat.get(name) or self._normal.get(_normal(name))
        if flat is None:
            field, alias = self._object.field.get(name), resolve(self._object, name)
            if field is None and alias is not None and not alias.join_column:
                field = self._object.field.get(alias.field)
            if field is None or field.relation is not None or not field.type.has_shorthand:
                return None
            sub = alias.sub if alias is not None and alias.sub else field.type.shorthand_sub
            flat = self._flat[f"{field.name}.{sub}"]
        return None if flat.column.leaf.sql_type in _INCOMPARABLE else (flat.field, flat.column)

    @cached_property
    def _flat(self) -> Mapping[str, FlatColumn]:
        return {each.name: each for each in flat_columns(self._object)}

    @cached_property
    def _normal(self) -> Mapping[str, FlatColumn]:
        """Columns by their names and labels in small letters without signs, those that mean one column only."""
        found: dict[str, FlatColumn | None] = {}
        for each in self._flat.values():
            texts = (each.name, each.field.label + each.column.sub, each.column.sub or each.name)
            for text in set(map(_normal, texts)):
                found[text] = None if text in found and found[text] is not each else each
        return {text: each for text, each in found.items() if each is not None}

    def _of(self, flat: FlatColumn, name: str) -> Target:
        if not flat.column.in_input:
            return Passed(name=name)
        if not flat.field.may_update:
            raise ForbiddenColumn(name)
        return Given(name=name, field=flat.field, sub=flat.column.sub)

    def _whole(self, field: Field, name: str) -> Target | None:
        if field.relation is not None or not field.is_readable or not field.is_writable:
            return None
        if not field.may_update:
            raise ForbiddenColumn(name)
        return Given(name=name, field=field)

    def _older(self, name: str) -> Target | None:
        alias = resolve(self._object, name)
        if alias is None:
            return None
        if alias.field in self._object.denied:
            raise ForbiddenColumn(name)
        field = self._object.field[alias.field]
        if alias.join_column or field.relation is not None:
            return self._of(self._flat[alias.join_column], name) if alias.join_column else None
        return self._of(self._flat[f"{field.name}.{alias.sub}"], name) if alias.sub else self._whole(field, name)

    def _dotted(self, name: str) -> Target | None:
        head, dot, rest = name.partition(".")
        alias = resolve(self._object, head)
        field = self._object.field.get(alias.field if alias else head)
        if not dot or field is None or not field.is_to_one:
            if dot and head in self._object.denied:
                raise ForbiddenColumn(name)
            return None
        if not field.may_update:
            raise ForbiddenColumn(name)
        target = self._catalog.target(field)
        found = Columns(self._catalog, target).find_by(rest)
        return None if found is None else Linked(name=name, field=field, target=target, by=found[0], column=found[1])

    def _similar(self, name: str) -> Target | None:
        wanted = _normal(name)
        older = next((each for each in aliases(self._object.name) if _normal(each) == wanted), None)
        found = self._older(older) if older is not None else None
        if found is not None:
            return replace(found, name=name)
        flat = self._normal.get(wanted)
        return None if flat is None else self._of(flat, name)


def _normal(text: str) -> str:
    """`Emails / Primary email` and `emails.primaryEmail` are `emailsprimaryemail`."""
    return "".join(character for character in text.casefold() if character.isalnum())
