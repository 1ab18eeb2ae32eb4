"""The older dialect's names for fields."""

from rapport.base.ids import new_id
from rapport.metadata.catalog import WorkspaceId
from rapport.metadata.dialect import Alias, aliases, resolve
from rapport.metadata.standard.model import standard_catalog

CATALOG = standard_catalog(WorkspaceId(new_id()))


def test_older_names_lead_to_fields() -> None:
    assert resolve("person", "email") == Alias(field="emails", shorthand=True)
    assert resolve("person", "firstName") == Alias(field="name", sub="firstName")
    assert resolve("company", "annualRevenue") == Alias(field="annualRecurringRevenue", shorthand=True)
    assert resolve("noteTarget", "personId") == Alias(field="targetPerson", join_column="targetPersonId")
    assert resolve("timelineActivity", "workflowRun") == Alias(field="targetWorkflowRun")
    assert resolve("company", "email") is None


def test_every_alias_has_a_target_and_hides_no_field() -> None:
    for item in CATALOG.objects:
        for name, alias in aliases(item.name).items():
            target = item.field[alias.field]
            assert name not in item.field
            assert name not in item.to_one_by_column
            assert alias.sub is None or alias.sub in target.column_of
            assert target.type.has_shorthand or not alias.shorthand
            assert alias.join_column is None or item.to_one_by_column[alias.join_column] is target
