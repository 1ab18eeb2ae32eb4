"""The one table of names that the older dialect of the contract uses for fields (core-api.md §9 rows 6, 10-12, 34)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rapport.metadata.catalog import Object


@dataclass(frozen=True, kw_only=True)
class Alias:
    """What an older name stands for: a field, one of its sub-fields, or the join column of a relation.

    ``field`` is the field's name. ``sub`` is a sub-field when only that is meant (`firstName` of `name`).
    ``shorthand`` is true where the older field was a scalar: the composite's shorthand takes its place.
    ``join_column`` is set when the alias names an id (`personId`), not the record.
    """

    field: str
    sub: str | None = None
    shorthand: bool = False
    join_column: str | None = None


def resolve(item: Object, name: str) -> Alias | None:
    """The target of an alias. Ask only for names that are no fields of the object: an alias never hides a field."""
    alias = _ALIASES.get((item.name, name))
    if alias is not None:
        # Its field may be one that there is not at the moment. One that the caller may not see is refused elsewhere.
        return alias if alias.field in item.field or alias.field in item.denied else None
    return _custom_target(item, name)


def _custom_target(item: Object, name: str) -> Alias | None:
    """`rocket` and `rocketId` for the link to a custom object, `targetRocket`."""
    if item.name not in _WITH_TARGETS or not name:
        return None
    target = name.removesuffix("Id")
    for plain, is_id in ((name, False), (target, True)):
        field = item.field.get(f"target{plain[:1].upper()}{plain[1:]}")
        if field is not None and field.relation is not None and (not is_id or target != name):
            return Alias(field=field.name, join_column=field.relation.join_column if is_id else None)
    return None


def aliases(object_name: str) -> Mapping[str, Alias]:
    """All aliases of an object."""
    return {name: alias for (owner, name), alias in _ALIASES.items() if owner == object_name}


def _shorthands() -> dict[tuple[str, str], Alias]:
    return {
        ("person", "email"): Alias(field="emails", shorthand=True),
        ("person", "phone"): Alias(field="phones", shorthand=True),
        ("person", "firstName"): Alias(field="name", sub="firstName"),
        ("person", "lastName"): Alias(field="name", sub="lastName"),
        ("person", "opportunities"): Alias(field="pointOfContactForOpportunities"),
        ("company", "annualRevenue"): Alias(field="annualRecurringRevenue", shorthand=True),
        ("note", "body"): Alias(field="bodyV2", shorthand=True),
        ("task", "body"): Alias(field="bodyV2", shorthand=True),
        ("workspaceMember", "firstName"): Alias(field="name", sub="firstName"),
        ("workspaceMember", "lastName"): Alias(field="name", sub="lastName"),
        ("workspaceMember", "email"): Alias(field="userEmail"),
    }


def _targets(object_name: str, targets: Iterable[str]) -> dict[tuple[str, str], Alias]:
    """`person` and `personId` for `targetPerson` and `targetPersonId`: these links had plain names once."""
    result: dict[tuple[str, str], Alias] = {}
    for target in targets:
        field = f"target{target[0].upper()}{target[1:]}"
        result[object_name, target] = Alias(field=field)
        result[object_name, f"{target}Id"] = Alias(field=field, join_column=f"{field}Id")
    return result


_WITH_TARGETS = frozenset({"noteTarget", "taskTarget", "attachment", "timelineActivity"})

_ALIASES: Mapping[tuple[str, str], Alias] = MappingProxyType(
    _shorthands()
    | _targets("noteTarget", ("person", "company", "opportunity"))
    | _targets("taskTarget", ("person", "company", "opportunity"))
    | _targets("attachment", ("task", "note", "person", "company", "opportunity", "dashboard", "workflow"))
    | _targets(
        "timelineActivity",
        ("person", "company", "opportunity", "note", "task", "dashboard", "workflow", "workflowVersion", "workflowRun"),
    )
)
