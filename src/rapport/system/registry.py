"""All described tables, linked with one another. Areas name each other's types and need not import each other."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from graphql import (
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    parse,
)

from rapport.engine.plan import OrderKey, View
from rapport.metadata.catalog import Field, Object, Relation, RelationKind
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from rapport.metadata.names import qualified, quote
from rapport.system.tables import Addition, ColumnField, MadeField, Table, ToManyField, ToOneField

_NO_ID = UUID(int=0)  # what the code describes has no row in the metadata
_DELETED_AT = ColumnField(name="deletedAt", type="DATE_TIME")


@dataclass(frozen=True, kw_only=True)
class Described:
    """A table in the vocabulary of the engine."""

    table: Table
    object: Object

    @cached_property
    def made(self) -> Mapping[str, MadeField]:
        return {item.name: item for item in self.table.fields if isinstance(item, MadeField)}

    @cached_property
    def lists(self) -> Mapping[str, ToManyField]:
        return {item.name: item for item in self.table.fields if isinstance(item, ToManyField)}

    @cached_property
    def uses_schema(self) -> bool:
        """Whether its rows are, or depend on, records of the caller's workspace."""
        assert isinstance(self.object.view, View)
        return self.object.view.nothing is not None

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        return {item.name: item for item in self.object.columns}

    def order(self, names: Iterable[str]) -> tuple[OrderKey, ...]:
        """`("-createdAt", "id")`: the newest first."""
        return tuple(
            OrderKey(
                path=(name.removeprefix("-"),),
                column=self.columns[name.removeprefix("-")],
                descending=name.startswith("-"),
                nulls_first=name.startswith("-"),
            )
            for name in names
        )


class Registry:
    """The descriptions by the names of their types. Raises ValueError for those that do not fit together."""

    def __init__(self, descriptions: Iterable[Table | Addition]) -> None:
        tables: dict[str, Table] = {}
        additions: list[Addition] = []
        for item in descriptions:
            if isinstance(item, Addition):
                additions.append(item)
            elif item.type in tables:
                raise ValueError(f"{item.type} is described twice")
            else:
                tables[item.type] = item
        for addition in additions:
            if addition.type not in tables:
                raise ValueError(f"fields are added to {addition.type}, which no area describes")
            tables[addition.type] = _added(tables[addition.type], addition)
        self._described = {name: Described(table=table, object=_object(table)) for name, table in tables.items()}
        for name in tables:
            self._check(name)

    def __getitem__(self, type_name: str) -> Described:
        return self._described[type_name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._described)

    def target(self, field: Field) -> Described:
        """The table at the other end of a relation."""
        assert field.relation is not None
        return self._described[field.relation.target_object]

    def check_sdl(self, sources: Iterable[str]) -> None:
        """Raises ValueError for a field of a described type that the SDL and the description do not agree on."""
        definitions = [each for source in sources for each in parse(source, no_location=True).definitions]
        inputs = {
            each.name.value: {field.name.value for field in each.fields or ()}
            for each in definitions
            if isinstance(each, InputObjectTypeDefinitionNode)
        }
        for item in definitions:
            if not isinstance(item, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
                continue
            described = self._described.get(item.name.value)
            if described is None:
                continue
            known = {*described.object.field, *described.made, *described.table.elsewhere}
            missing = [each.name.value for each in item.fields or () if each.name.value not in known]
            if missing:
                raise ValueError(f"{item.name.value} is described without {', '.join(missing)}")
            for each in item.fields or ():
                self._check_arguments(described, each, inputs)

    def _check_arguments(
        self, described: Described, field: FieldDefinitionNode, inputs: Mapping[str, Collection[str]]
    ) -> None:
        name = f"{described.table.type}.{field.name.value}"
        declared = described.lists.get(field.name.value)
        arguments = {each.name.value: each.type for each in field.arguments or ()}
        if ("paging" in arguments) != (declared is not None and declared.is_paged):
            raise ValueError(f"{name} has pages either in the SDL or in the description only")
        kind = arguments.get("filter")
        if declared is not None and isinstance(kind, NamedTypeNode):
            known = {"and", "or", *self._described[declared.target].columns}
            odd = sorted(set(inputs.get(kind.name.value, ())) - known)
            if odd:
                raise ValueError(f"{name} is filtered by {', '.join(odd)}, which {declared.target} does not describe")

    def _check(self, name: str) -> None:
        described = self._described[name]
        for item in described.table.fields:
            if isinstance(item, MadeField):
                missing = [each for each in item.needs if each not in described.columns]
                if missing:
                    raise ValueError(f"{name}.{item.name} needs {', '.join(missing)}, which {name} does not describe")
            if not isinstance(item, ToOneField | ToManyField):
                continue
            target = self._described.get(item.target)
            if target is None:
                raise ValueError(f"{name}.{item.name} is {item.target}, which no area describes")
            if isinstance(item, ToManyField):
                if item.of not in described.columns:
                    raise ValueError(f"{name}.{item.name} goes by {item.of}, which {name} does not describe")
                wanted = {item.by, *(each.removeprefix("-") for each in item.order)}
                if wanted - target.columns.keys():
                    odd = ", ".join(sorted(wanted - target.columns.keys()))
                    raise ValueError(f"{name}.{item.name} goes by {odd}, which {item.target} does not describe")


def _added(table: Table, addition: Addition) -> Table:
    joins = f"{table.joins} {addition.joins}".strip()
    return replace(
        table,
        fields=(*table.fields, *addition.fields),
        joins=joins,
        elsewhere=(*table.elsewhere, *addition.elsewhere),
    )


def _object(table: Table) -> Object:
    fields = {item.name: _field(item) for item in table.fields if not isinstance(item, MadeField)}
    if table.is_soft_deleted:
        fields.setdefault("deletedAt", _field(_DELETED_AT))
    odd = [name for name in ("id",) if name not in fields]
    if odd or len(fields) < sum(not isinstance(item, MadeField) for item in table.fields):
        raise ValueError(f"{table.type} lacks an id or describes a field twice")
    name = table.type[0].lower() + table.type[1:]
    return Object(
        id=_NO_ID,
        name=name,
        plural=name,
        label=table.type,
        label_plural=table.type,
        table=table.name,
        fields=tuple(fields.values()),
        view=_view(table, fields.values()),
    )


def _field(item: ColumnField | ToOneField | ToManyField) -> Field:
    if isinstance(item, ColumnField):
        return Field(
            id=_NO_ID, name=item.name, type=FIELD_TYPES[item.type], label=item.name, is_nullable=item.is_nullable
        )
    kind: RelationKind = "MANY_TO_ONE" if isinstance(item, ToOneField) else "ONE_TO_MANY"
    return Field(
        id=_NO_ID,
        name=item.name,
        type=FIELD_TYPES["RELATION"],
        label=item.name,
        relation=Relation(kind=kind, target_object=item.target, target_field="", join_column=item.by),
    )


def _view(table: Table, fields: Iterable[Field]) -> View:
    """The select that stands for the table. PostgreSQL makes one query of it and of what selects from it."""
    computed = {item.name: item.sql for item in table.fields if isinstance(item, ColumnField) and item.sql is not None}
    columns = list({each.name: each for field in fields for each in field.columns}.values())
    values = [f"{computed.get(each.name) or f'this.{quote(each.name)}'} as {quote(each.name)}" for each in columns]
    if not table.is_soft_deleted:
        values.append('null::timestamptz as "deletedAt"')
    source = f"@schema.{quote(table.name)}" if table.schema == "@schema" else qualified(table.schema, table.name)
    sql = f"select {', '.join(values)} from {source} this {table.joins} where {table.rows}"  # noqa: S608
    return View(sql=sql, nothing=_nothing(columns) if "@schema" in sql else None)


def _nothing(columns: Iterable[Column]) -> str:
    """A select without rows, of the same columns."""
    names = {each.name: each.leaf.sql_type for each in columns} | {"deletedAt": "timestamptz"}
    return f"select {', '.join(f'null::{kind} as {quote(name)}' for name, kind in names.items())} where false"
