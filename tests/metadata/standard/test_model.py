"""The standard model is whole: every link has its other end, every name its field."""

from collections.abc import Iterator

import pytest

from rapport.base.ids import new_id
from rapport.metadata.catalog import Field, Object, WorkspaceId
from rapport.metadata.fieldtypes.defaults import plain_default
from rapport.metadata.standard.model import standard_catalog

CATALOG = standard_catalog(WorkspaceId(new_id()))


def all_fields() -> Iterator[tuple[Object, Field]]:
    return ((item, field) for item in CATALOG.objects for field in item.fields)


def test_there_are_29_objects() -> None:
    assert len(CATALOG.objects) == len(CATALOG.by_name) == len(CATALOG.by_plural) == 29


def test_both_ends_of_a_relation_know_each_other() -> None:
    for item, field in all_fields():
        if field.relation is not None:
            other = CATALOG.target(field).field[field.relation.target_field]
            assert other.relation is not None
            assert (other.relation.target_object, other.relation.target_field) == (item.name, field.name)
            assert {field.relation.kind, other.relation.kind} == {"MANY_TO_ONE", "ONE_TO_MANY"}
            assert field.relation.join_column == other.relation.join_column


def test_labels_criteria_and_constraints_name_what_exists() -> None:
    for item in CATALOG.objects:
        columns = {column.name for column in item.columns}
        assert item.label_field in item.field
        assert item.image_field is None or item.image_field in item.field
        assert columns.issuperset(name for group in item.duplicate_criteria for name in group)
        assert columns.issuperset(name for group in item.unique_constraints for name in group)
        assert item.is_searchable <= ("searchVector" in item.field)


def test_columns_of_a_table_have_different_names() -> None:
    for item in CATALOG.objects:
        names = [column.name for column in item.columns]
        assert len(set(names)) == len(names)


def test_defaults_are_values_of_their_fields() -> None:
    for _, field in all_fields():
        default = plain_default(field.default)
        if default is not None and not isinstance(default, dict):
            field.type.write(field, default)


def test_the_extras_of_the_design_are_there() -> None:
    opportunity = CATALOG.by_name["opportunity"]
    assert [option.value for option in opportunity.field["stage"].options] == [
        "NEW", "SCREENING", "MEETING", "PROPOSAL", "CUSTOMER", "PROSPECTING", "NEGOTIATION",
    ]  # fmt: skip
    assert opportunity.field["probability"].column.leaf.scalar == "Float"
    assert "updatedBy" in opportunity.field
    assert "owner" in opportunity.field


@pytest.mark.parametrize("name", ["accessToken", "refreshToken", "connectionParameters"])
def test_secrets_of_accounts_stay_inside(name: str) -> None:
    column = CATALOG.by_name["connectedAccount"].field[name].column
    assert not column.reads
    assert not column.in_input


def test_enums_are_named_after_object_and_field() -> None:
    opportunity = CATALOG.by_name["opportunity"]
    leaf = opportunity.field["stage"].column.leaf
    assert leaf.scalar == "ENUM"
    assert leaf.enum_name(opportunity.type_name, "stage") == "OpportunityStageEnum"  # type: ignore[attr-defined]
    source = opportunity.field["createdBy"].column_of["source"].leaf
    assert source.enum_name(opportunity.type_name, "createdBy") == "ActorSourceEnum"  # type: ignore[attr-defined]
