"""Conditions of views and row rules: what is relative to now, and what makes no sense."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from rapport.base.ids import new_id
from rapport.engine import plan
from rapport.engine.operands import InvalidCondition, condition, same_as_member
from rapport.engine.predicates import PredicateWriter
from rapport.engine.sql import Parameters
from rapport.engine.statement import Statement
from rapport.metadata.catalog import Catalog, WorkspaceId
from rapport.metadata.standard.model import standard_catalog

CATALOG: Catalog = standard_catalog(WorkspaceId(new_id()))
NOW = datetime(2024, 2, 29, 13, 30, tzinfo=UTC)  # a Thursday, and a day that most years do not have


def made(field: str, operand: str, value: object = None, *, sub: str | None = None) -> tuple[str, list[object]]:
    """The SQL of a condition on opportunities or people, and its parameters."""
    name, _, field_name = field.partition(".")
    item = CATALOG.by_name[name]
    found = condition(CATALOG, item, item.field[field_name], operand, value, sub_field=sub, clock=lambda: NOW)
    return written(found)


def written(predicate: plan.Predicate, values: Mapping[str, object] | None = None) -> tuple[str, list[object]]:
    parameters = Parameters()
    sql = PredicateWriter("w", parameters).write(predicate, "t")
    return sql, Statement.of(sql, parameters).bind(values or {})


def span(value: object) -> list[str]:
    _, (start, end) = made("opportunity.closeDate", "IS_RELATIVE", value)
    return [f"{each:%Y-%m-%d %H:%M}" for each in (start, end) if isinstance(each, datetime)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("PAST_7_DAY", ["2024-02-22 13:30", "2024-02-29 13:30"]),
        ({"direction": "PAST", "amount": 1, "unit": "YEAR"}, ["2023-02-28 13:30", "2024-02-29 13:30"]),
        ({"direction": "NEXT", "amount": 12, "unit": "MONTH"}, ["2024-02-29 13:30", "2025-02-28 13:30"]),
        ('{"direction": "NEXT", "amount": "2", "unit": "WEEK"}', ["2024-02-29 13:30", "2024-03-14 13:30"]),
        ("THIS_1_WEEK", ["2024-02-26 00:00", "2024-03-04 00:00"]),
        ("THIS_DAY", ["2024-02-29 00:00", "2024-03-01 00:00"]),
        ({"direction": "THIS", "unit": "MONTH"}, ["2024-02-01 00:00", "2024-03-01 00:00"]),
        ({"direction": "THIS", "unit": "YEAR"}, ["2024-01-01 00:00", "2025-01-01 00:00"]),
    ],
)
def test_relative_moments(value: object, expected: list[str]) -> None:
    assert span(value) == expected


@pytest.mark.parametrize(
    "value",
    ["", "PAST", "PAST_x_DAY", "PAST_7_HOUR", "SOON_7_DAY", None, 7, {},
     {"direction": "PAST", "amount": 0, "unit": "DAY"}, {"direction": "PAST", "amount": 99999, "unit": "YEAR"},
     {"direction": "NEXT", "amount": 9999, "unit": "YEAR"}],
)  # fmt: skip
def test_relative_moments_that_make_no_sense(value: object) -> None:
    with pytest.raises(InvalidCondition):
        span(value)


def test_a_moment_on_a_day() -> None:
    sql, bound = made("opportunity.closeDate", "IS", "2024-02-29")
    assert sql == '(t."closeDate" >= $1::timestamptz(3) and t."closeDate" < $2::timestamptz(3))'
    assert bound == [datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)]


def test_what_is_typed_into_a_text_is_no_pattern() -> None:
    sql, bound = made("person.city", "CONTAINS", "50%_\\")
    assert "ilike" in sql
    assert bound == ["%50\\%\\_\\\\%"]


def test_a_composite_is_asked_in_all_of_its_texts_or_in_one() -> None:
    assert made("person.name", "CONTAINS", "ann")[0].count(" or ") == 1
    sql, bound = made("person.name", "CONTAINS", "ann", sub="lastName")
    assert '"nameLastName"' in sql
    assert '"nameFirstName"' not in sql
    assert bound == ["%ann%"]


@pytest.mark.parametrize(
    ("field", "operand", "value", "sub"),
    [
        ("person.city", "IS_TODAY", None, None),
        ("person.city", "NO_SUCH", "x", None),
        ("person.city", "CONTAINS", 5, None),
        ("person.city", "IS", "x", "sub"),
        ("person.name", "IS", "x", "middleName"),
        ("opportunity.stage", "CONTAINS", {"a": 1}, None),
        ("company.people", "IS", NOW, None),
        ("company.people", "IS_NOT", NOW, None),
        ("company.employees", "VECTOR_SEARCH", "x", None),
        ("company.employees", "GREATER_THAN_OR_EQUAL", "many", None),
    ],
)
def test_conditions_that_make_no_sense(field: str, operand: str, value: object, sub: str | None) -> None:
    with pytest.raises(InvalidCondition):
        made(field, operand, value, sub=sub)


def test_a_field_is_compared_with_the_members_own() -> None:
    task, member = CATALOG.by_name["task"], CATALOG.by_name["workspaceMember"]
    found = same_as_member(task.field["assignee"], "IS", member.field["id"], sub=None, member_sub=None)
    member_id = new_id()
    sql, bound = written(found, {"@member": member_id})
    assert sql == 't."assigneeId" = (select m."id" from "w"."workspaceMember" m where m.id = $1::uuid)'
    assert bound == [member_id]
    with pytest.raises(InvalidCondition):  # a text is no uuid
        same_as_member(task.field["title"], "IS", member.field["id"], sub=None, member_sub=None)
    with pytest.raises(InvalidCondition):
        same_as_member(task.field["assignee"], "IS_TODAY", member.field["id"], sub=None, member_sub=None)
