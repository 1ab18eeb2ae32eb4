"""What an object's table has, by keys that stay when names change: columns, constraints, indexes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias
from uuid import UUID

from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.ddl import check_name, foreign_key_name, foreign_keys, generated_expression
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf
from rapport.metadata.indexes import Index, indexes
from rapport.metadata.names import bounded, qualified, quote

Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """A constraint of a table: `primary key (id)`, `check (…)`, `foreign key (…) references …`.

    A foreign key has the id of the object that it leads to, and the part from `references` on.
    """

    name: str
    definition: str
    target: UUID | None = None
    references: str | None = None


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The table of an object."""

    object: Object
    columns: Mapping[Key, Column]
    constraints: Mapping[Key, Constraint]
    indexes: Mapping[Key, Index]


def shape_of(catalog: Catalog, item: Object) -> Shape:
    columns: dict[Key, Column] = {}
    constraints: dict[Key, Constraint] = {
        ("pk",): Constraint(name=bounded("pk", item.table), definition="primary key (id)")
    }
    for field in item.fields:
        for column in field.columns:
            columns[field.id, column.sub] = column
            if isinstance(column.leaf, SelectLeaf):
                constraints["check", field.id, column.sub] = Constraint(
                    name=check_name(item, column), definition=f"check ({column.leaf.check_sql(quote(column.name))})"
                )
    owner = {field.relation.join_column: field for field in item.fields if field.relation and field.is_to_one}
    for column_name, target, rule in foreign_keys(catalog, item):
        references = f"references {qualified(catalog.schema, target.table)} (id) on delete {rule}"
        constraints["fk", owner[column_name].id] = Constraint(
            name=foreign_key_name(item, column_name),
            definition=f"foreign key ({quote(column_name)}) {references}",
            target=target.id,
            references=references,
        )
    return Shape(
        object=item,
        columns=columns,
        constraints=constraints,
        indexes={index.key: index for index in indexes(item)},
    )


def column_sql(schema: str, column: Column) -> tuple[str, bool, str | None, str]:
    """What can differ between two versions of a column beside its name: type, nullable, default, expression."""
    expression = generated_expression(schema, column) if column.generated_sql is not None else ""
    return column.leaf.sql_type, column.nullable, column.default_sql, expression


def renamed(before: Catalog, after: Catalog) -> Catalog:
    """``before`` under the names of ``after``, as PostgreSQL has it once tables and columns are renamed."""
    objects = {item.id: item for item in after.objects}
    found = []
    for item in before.objects:
        new = objects.get(item.id)
        if new is item:  # most objects, of most changes
            found.append(item)
            continue
        names = {} if new is None else _column_names(item, new)
        fields_after = {} if new is None else {field.id: field for field in new.fields}
        fields = tuple(_renamed_field(field, fields_after.get(field.id), names) for field in item.fields)
        found.append(
            replace(
                item,
                name=new.name if new else item.name,
                table=new.table if new else item.table,
                fields=fields,
                unique_constraints=tuple(
                    tuple(names.get(name, name) for name in group) for group in item.unique_constraints
                ),
            )
        )
    return replace(before, objects=_pointing(found, before))


def _column_names(item: Object, new: Object) -> Mapping[str, str]:
    """New names by old ones, of the columns that are in both."""
    later = {(field.id, column.sub): column.name for field in new.fields for column in field.columns}
    return {
        column.name: later[field.id, column.sub]
        for field in item.fields
        for column in field.columns
        if (field.id, column.sub) in later
    }


def _renamed_field(field: Field, new: Field | None, names: Mapping[str, str]) -> Field:
    changed = field
    if new is not None and (new.name != field.name or new.relation != field.relation):
        relation = field.relation
        if relation is not None and new.relation is not None:
            relation = replace(relation, join_column=new.relation.join_column)
        changed = replace(field, name=new.name, relation=relation)
    expression = field.settings.get("asExpression")
    if isinstance(expression, str):
        for old, name in names.items():
            if old != name:
                # No name is part of another in quotes; a chain of names would be, through a mark.
                expression = expression.replace(quote(old), f'"\0{name}"')
        expression = expression.replace("\0", "")
        changed = replace(changed, settings=MappingProxyType({**field.settings, "asExpression": expression}))
    return changed


def _pointing(objects: list[Object], before: Catalog) -> tuple[Object, ...]:
    """Relations name the other side; its names have changed."""
    new_names: dict[tuple[str, str], tuple[str, str]] = {}
    for old, item in zip(before.objects, objects, strict=True):
        if old is item:
            continue
        for old_field, field in zip(old.fields, item.fields, strict=True):
            new_names[old.name, old_field.name] = (item.name, field.name)
    return tuple(
        item if old is item else replace(item, fields=tuple(_pointing_field(field, new_names) for field in item.fields))
        for old, item in zip(before.objects, objects, strict=True)
    )


def _pointing_field(field: Field, new_names: Mapping[tuple[str, str], tuple[str, str]]) -> Field:
    if field.relation is None:
        return field
    old = (field.relation.target_object, field.relation.target_field)
    target_object, target_field = new_names.get(old, old)
    if (target_object, target_field) == old:
        return field
    return replace(field, relation=replace(field.relation, target_object=target_object, target_field=target_field))


def by_id(catalog: Catalog) -> Mapping[UUID, Object]:
    return {item.id: item for item in catalog.objects}
