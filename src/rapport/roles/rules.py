"""Reads what a role says of records, as the access rules want it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal
from uuid import UUID

import orjson

from rapport.access.roles import NO_RULES, FieldRule, ObjectRule, RoleRules, RowGroup, RowPredicate, RowRule
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.roles", "sql")

_Row = Mapping[str, object]


async def load_rules(db: Database | Connection, workspace_id: UUID, role_id: UUID) -> RoleRules:
    """The rules of a role as they are now; when there is no such role NO_RULES, by which nothing is allowed."""
    text = await db.value(_SQL["load_rules"], workspace_id, role_id)
    return NO_RULES if text is None else rules_of(orjson.loads(str(text)))


def rules_of(found: Mapping[str, object]) -> RoleRules:
    """`{"role", "flags", "objects", "fields", "groups", "predicates"}`, rows of the tables, as rules."""
    role = found["role"]
    assert isinstance(role, Mapping)
    flags = found["flags"]
    assert isinstance(flags, Sequence)
    return RoleRules(
        read_all=role["canReadAllObjectRecords"] is True,
        update_all=role["canUpdateAllObjectRecords"] is True,
        soft_delete_all=role["canSoftDeleteAllObjectRecords"] is True,
        destroy_all=role["canDestroyAllObjectRecords"] is True,
        all_settings=role["canUpdateAllSettings"] is True,
        all_tools=role["canAccessAllTools"] is True,
        single_flags=frozenset(map(str, flags)),
        objects={
            _id(row, "objectMetadataId"): ObjectRule(
                read=_boolean(row, "canReadObjectRecords"),
                update=_boolean(row, "canUpdateObjectRecords"),
                soft_delete=_boolean(row, "canSoftDeleteObjectRecords"),
                destroy=_boolean(row, "canDestroyObjectRecords"),
            )
            for row in _rows(found, "objects")
        },
        fields={
            _id(row, "fieldMetadataId"): FieldRule(
                may_read=row["canReadFieldValue"] is not False,
                may_update=row["canUpdateFieldValue"] is not False,
            )
            for row in _rows(found, "fields")
        },
        rows=row_rules(list(_rows(found, "groups")), list(_rows(found, "predicates"))),
    )


def row_rules(groups: Sequence[_Row], predicates: Sequence[_Row]) -> Mapping[UUID, RowRule]:
    """The trees of conditions, by object. What is in no group must all hold."""
    objects = dict.fromkeys(_id(row, "objectMetadataId") for row in predicates)
    return {
        object_id: _tree(
            "AND",
            None,
            [row for row in groups if _id(row, "objectMetadataId") == object_id],
            [row for row in predicates if _id(row, "objectMetadataId") == object_id],
        )
        for object_id in objects
    }


def _tree(
    operator: Literal["AND", "OR"], group_id: UUID | None, groups: Sequence[_Row], predicates: Sequence[_Row]
) -> RowGroup:
    """A group with what is in it, in the order of the positions; groups without a predicate say nothing."""
    items: list[tuple[float, RowRule]] = []
    for row in predicates:
        if _id_or_none(row, "rowLevelPermissionPredicateGroupId") == group_id:
            items.append((_position(row), predicate_of(row)))  # noqa: PERF401  # both loops are alike
    for row in groups:
        if _id_or_none(row, "parentRowLevelPermissionPredicateGroupId") == group_id:
            inner = _tree("OR" if row["logicalOperator"] == "OR" else "AND", _id(row, "id"), groups, predicates)
            if inner.items:
                items.append((_position(row), inner))
    return RowGroup(operator=operator, items=tuple(item for _, item in sorted(items, key=lambda each: each[0])))


def predicate_of(row: _Row) -> RowPredicate:
    """A row of the table as a condition."""
    return RowPredicate(
        id=_id(row, "id"),
        field_id=_id(row, "fieldMetadataId"),
        operand=str(row["operand"]),
        value=row["value"],
        sub_field=_text_or_none(row, "subFieldName"),
        member_field_id=_id_or_none(row, "workspaceMemberFieldMetadataId"),
        member_sub_field=_text_or_none(row, "workspaceMemberSubFieldName"),
    )


def _rows(found: Mapping[str, object], name: str) -> Iterator[_Row]:
    rows = found[name]
    assert isinstance(rows, Sequence)
    yield from rows


def _position(row: _Row) -> float:
    value = row["positionInRowLevelPermissionPredicateGroup"]
    return value if isinstance(value, int | float) else 0.0


def _boolean(row: _Row, name: str) -> bool | None:
    value = row[name]
    return value if isinstance(value, bool) else None


def _id(row: _Row, name: str) -> UUID:
    return UUID(str(row[name]))


def _id_or_none(row: _Row, name: str) -> UUID | None:
    value = row[name]
    return None if value is None else UUID(str(value))


def _text_or_none(row: _Row, name: str) -> str | None:
    value = row[name]
    return value if isinstance(value, str) else None
