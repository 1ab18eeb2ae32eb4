"""Which records of an object there are for the holders of a role: groups of predicates, kept as one tree."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from rapport.base.errors import BadUserInput
from rapport.base.ids import new_id
from rapport.engine.plan import is_vacuous
from rapport.engine.row_rules import predicate_condition
from rapport.metadata.catalog import Catalog, Object
from rapport.roles.errors import FieldNotFound, InvalidRowRule
from rapport.roles.object_permissions import find_object
from rapport.roles.rules import predicate_of
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.roles", "sql")

MOST_GROUPS = 50
MOST_PREDICATES = 100
DEEPEST_GROUP = 5
LARGEST_VALUE = 10_000  # bytes

_PARENT = "parentRowLevelPermissionPredicateGroupId"
_GROUP = "rowLevelPermissionPredicateGroupId"
_POSITION = "positionInRowLevelPermissionPredicateGroup"
_WITHOUT_VALUE = frozenset({"IS_EMPTY", "IS_NOT_EMPTY", "IS_NOT_NULL", "IS_TODAY", "IS_IN_PAST", "IS_IN_FUTURE"})

_Row = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class RowRuleChange:
    """Rows by the names of the contract's inputs; absent ones are null."""

    object_id: UUID
    groups: Sequence[_Row]
    predicates: Sequence[_Row]


async def set_row_rules(connection: Connection, catalog: Catalog, role_id: UUID, change: RowRuleChange) -> None:
    """Replaces the predicates of a role on an object. Raises ObjectNotFound, SystemObject or InvalidRowRule."""
    item = find_object(catalog, change.object_id)
    groups = [_group(row, item) for row in change.groups]
    predicates = [_predicate(row) for row in change.predicates]
    _check_tree(groups, predicates)
    for row in predicates:
        check_predicate(catalog, item, row)
    place = (catalog.workspace_id, role_id, item.id)
    await connection.execute(_SQL["remove_row_predicates"], *place)
    await connection.execute(_SQL["remove_row_groups"], *place)
    added = await connection.rows(_SQL["add_row_groups"], *place, orjson.dumps(groups).decode())
    added += await connection.rows(_SQL["add_row_predicates"], *place, orjson.dumps(predicates).decode())
    if len(added) != len(groups) + len(predicates):
        raise InvalidRowRule("An id is in use elsewhere")


def check_predicate(catalog: Catalog, item: Object, row: _Row) -> None:
    """Whether records can be compared so: by making the very condition that they will be compared with."""
    if not any(each.id == row["fieldMetadataId"] for each in item.fields):
        raise FieldNotFound
    needs_value = row["workspaceMemberFieldMetadataId"] is None and row["operand"] not in _WITHOUT_VALUE
    if needs_value and row["value"] in (None, ""):
        raise InvalidRowRule(f"The operand {row['operand']} needs a value")
    try:
        condition = predicate_condition(catalog, item, predicate_of(row))
    except BadUserInput as problem:
        raise InvalidRowRule(problem.message) from problem
    if is_vacuous(condition):
        raise InvalidRowRule("This predicate holds nothing back")


def _group(row: _Row, item: Object) -> _Row:
    if UUID(str(row["objectMetadataId"])) != item.id:
        raise InvalidRowRule("A group is about another object")
    return {
        "id": _id(row.get("id")) or new_id(),
        "logicalOperator": row["logicalOperator"],
        _PARENT: _id(row.get(_PARENT)),
        _POSITION: row.get(_POSITION),
    }


def _predicate(row: _Row) -> _Row:
    value = row.get("value")
    return {
        "id": _id(row.get("id")) or new_id(),
        "fieldMetadataId": _id(row["fieldMetadataId"]),
        "operand": row["operand"],
        "value": _checked(value),
        "subFieldName": row.get("subFieldName") or None,
        "workspaceMemberFieldMetadataId": _id(row.get("workspaceMemberFieldMetadataId")),
        "workspaceMemberSubFieldName": row.get("workspaceMemberSubFieldName") or None,
        _GROUP: _id(row.get(_GROUP)),
        _POSITION: row.get(_POSITION),
    }


def _checked(value: object) -> object:
    """JSON as PostgreSQL can hold it."""
    try:
        text = orjson.dumps(value)
    except TypeError:
        raise InvalidRowRule("A value is not valid JSON") from None
    if len(text) > LARGEST_VALUE or rb"\u0000" in text:
        raise InvalidRowRule("A value is too long, or holds characters that cannot be kept")
    return value


def _check_tree(groups: Sequence[_Row], predicates: Sequence[_Row]) -> None:
    """Every group and predicate hangs on the root, by a way that is not too long."""
    if len(groups) > MOST_GROUPS or len(predicates) > MOST_PREDICATES:
        raise InvalidRowRule(f"There may be at most {MOST_GROUPS} groups and {MOST_PREDICATES} predicates")
    if any(count > 1 for rows in (groups, predicates) for count in Counter(row["id"] for row in rows).values()):
        raise InvalidRowRule("An id is given twice")
    parents = {row["id"]: row[_PARENT] for row in groups}
    for group_id in [*parents, *(row[_GROUP] for row in predicates)]:
        for _ in range(DEEPEST_GROUP):
            if group_id is None:
                break
            if group_id not in parents:
                raise InvalidRowRule("A group is named that is not given")
            group_id = parents[group_id]  # up to the root
        if group_id is not None:
            raise InvalidRowRule(f"Groups may be nested {DEEPEST_GROUP} deep")


def _id(value: object) -> UUID | None:
    if value is None:
        return None
    try:
        return UUID(str(value))
    except ValueError:
        raise InvalidRowRule("An id is not a UUID") from None
