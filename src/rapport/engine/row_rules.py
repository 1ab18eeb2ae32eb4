"""The row rules of a role as conditions of the engine: only records that meet them exist for its holders."""

from dataclasses import replace

from rapport.access.roles import RoleRules, RowGroup, RowPredicate, RowRule, restricted
from rapport.base.errors import BadUserInput
from rapport.engine import plan
from rapport.engine.dependents import with_dependents
from rapport.engine.operands import InvalidCondition, condition, same_as_member
from rapport.metadata.catalog import Catalog, Field, Object


def seen_by(rules: RoleRules, catalog: Catalog) -> Catalog:
    """The data model as holders of a role see it; the very same when nothing is kept from them."""
    return with_dependents(with_row_rules(restricted(catalog, rules), catalog, rules))


def with_row_rules(seen: Catalog, catalog: Catalog, rules: RoleRules) -> Catalog:
    """``seen`` with the role's row rules; ``catalog`` is the whole model: a rule may ask about a hidden field.

    A rule that cannot be applied any more, because its field is gone, lets nothing through.
    """
    if not rules.rows:
        return seen
    whole = {item.id: item for item in catalog.objects}
    objects = tuple(
        replace(item, rights=replace(item.rights, rows=row_condition(catalog, whole[item.id], rules.rows[item.id])))
        if item.id in rules.rows
        else item
        for item in seen.objects
    )
    return replace(seen, objects=objects)


def row_condition(catalog: Catalog, item: Object, rule: RowRule) -> plan.Predicate:
    """The condition of one object's rule."""
    match rule:
        case RowGroup(operator=operator, items=items):
            found = tuple(row_condition(catalog, item, each) for each in items)
            if not found:
                return plan.EVERYTHING
            return plan.All(items=found) if operator == "AND" else plan.Any(items=found)
        case RowPredicate():
            try:
                return predicate_condition(catalog, item, rule)
            except BadUserInput:
                return plan.Nothing()


def predicate_condition(catalog: Catalog, item: Object, rule: RowPredicate) -> plan.Predicate:
    """The condition of one predicate; raises BadUserInput when it makes no sense."""
    field = _field(item, rule.field_id)
    if rule.member_field_id is None:
        return condition(catalog, item, field, rule.operand, rule.value, sub_field=rule.sub_field)
    return same_as_member(
        field,
        rule.operand,
        _field(catalog.by_name["workspaceMember"], rule.member_field_id),
        sub=rule.sub_field,
        member_sub=rule.member_sub_field,
    )


def _field(item: Object, field_id: object) -> Field:
    found = next((each for each in item.fields if each.id == field_id and each.is_active), None)
    if found is None:
        raise InvalidCondition
    return found
