"""What a role lets its holders do with records (system-api.md §14): its rules, and the data model as they see it.

An object's right is decided in this order:

1. without a role nothing is allowed;
2. objects of workflows need the flag WORKFLOWS, and are then decided as any other;
3. system objects are open to every role;
4. what the role says of the object, where it says something;
5. what it says of all objects.

Whoever may not read an object's records or one of its fields may not change them either, whatever the rules say of
changing. Fields are open unless restricted. A restriction of a relation holds on both of its sides, and what is
computed of fields of which one may not be read (the search vector) may not be read. ``decide`` and ``restrictions`` say
which rule it was; ``restricted`` is made of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Literal, TypeAlias, get_args
from uuid import UUID

from rapport.access.principal import granted_flags
from rapport.metadata.catalog import Catalog, Field, Object, Rights
from rapport.metadata.names import quote

Right: TypeAlias = Literal["read", "update", "soft_delete", "destroy"]
RIGHTS: tuple[Right, ...] = get_args(Right)

WORKFLOW_OBJECTS = frozenset({"workflow", "workflowVersion", "workflowRun", "workflowAutomatedTrigger"})
# Without these nothing works: records are identified, listed, sorted and deleted by them.
UNRESTRICTABLE_FIELDS = frozenset({"id", "createdAt", "updatedAt", "deletedAt", "position"})


@dataclass(frozen=True, kw_only=True)
class ObjectRule:
    """What a role says of one object; None: the same as of all."""

    read: bool | None = None
    update: bool | None = None
    soft_delete: bool | None = None
    destroy: bool | None = None


@dataclass(frozen=True, kw_only=True)
class FieldRule:
    """What a role takes away of one field."""

    may_read: bool = True
    may_update: bool = True


@dataclass(frozen=True, kw_only=True)
class RowPredicate:
    """A condition on a record: a field compared with a value, or with the caller's own member record."""

    id: UUID
    field_id: UUID
    operand: str  # as filters of views have them: IS, CONTAINS, IS_EMPTY …
    value: object = None  # plain JSON
    sub_field: str | None = None
    member_field_id: UUID | None = None
    member_sub_field: str | None = None


@dataclass(frozen=True, kw_only=True)
class RowGroup:
    """Several conditions of which all or one must hold. An empty one holds nothing back."""

    operator: Literal["AND", "OR"]
    items: tuple["RowGroup | RowPredicate", ...] = ()


RowRule: TypeAlias = RowGroup | RowPredicate


@dataclass(frozen=True, kw_only=True)
class RoleRules:
    """All that a role says of records. Objects and fields go by their ids: names may change."""

    is_role: bool = True  # False: there is no such role, and nothing is allowed
    read_all: bool = False
    update_all: bool = False
    soft_delete_all: bool = False
    destroy_all: bool = False
    all_settings: bool = False
    all_tools: bool = False
    single_flags: frozenset[str] = frozenset()
    objects: Mapping[UUID, ObjectRule] = field(default_factory=dict)
    fields: Mapping[UUID, FieldRule] = field(default_factory=dict)
    rows: Mapping[UUID, RowRule] = field(default_factory=dict)  # by object: only records for which it holds exist

    @cached_property
    def flags(self) -> frozenset[str]:
        return granted_flags(all_settings=self.all_settings, all_tools=self.all_tools, single=self.single_flags)

    @cached_property
    def is_unrestricted(self) -> bool:
        """Whether everything may be done with every record, whatever the data model."""
        return (
            self.is_role
            and all(self.of_all(right) for right in RIGHTS)
            and all(getattr(rule, right) is not False for rule in self.objects.values() for right in RIGHTS)
            and all(rule.may_read and rule.may_update for rule in self.fields.values())
            and not self.rows
            and "WORKFLOWS" in self.flags
        )

    def of_all(self, right: Right) -> bool:
        """What the role says of all objects."""
        return {
            "read": self.read_all,
            "update": self.update_all,
            "soft_delete": self.soft_delete_all,
            "destroy": self.destroy_all,
        }[right]


NO_RULES = RoleRules(is_role=False)


class Rule(Enum):
    """The rule by which a right was decided."""

    NO_ROLE = "NO_ROLE"
    WORKFLOWS_FLAG = "WORKFLOWS_FLAG"
    NOT_READABLE = "NOT_READABLE"
    SYSTEM_OBJECT = "SYSTEM_OBJECT"
    OBJECT_PERMISSION = "OBJECT_PERMISSION"
    ROLE = "ROLE"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether a right is given, and by which rule."""

    allowed: bool
    rule: Rule


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """What is taken away of a field, and the fields that the role restricts for it: itself, or what it hangs on."""

    may_read: bool
    may_update: bool
    sources: tuple[UUID, ...]


def decide(item: Object, right: Right, rules: RoleRules) -> Decision:
    """Whether holders of the role have the right on the object's records, and why."""
    if not rules.is_role:
        return Decision(allowed=False, rule=Rule.NO_ROLE)
    is_workflow = item.name in WORKFLOW_OBJECTS
    if is_workflow and "WORKFLOWS" not in rules.flags:
        return Decision(allowed=False, rule=Rule.WORKFLOWS_FLAG)
    if item.is_system and not is_workflow:
        return Decision(allowed=True, rule=Rule.SYSTEM_OBJECT)
    if right != "read" and not decide(item, "read", rules).allowed:
        return Decision(allowed=False, rule=Rule.NOT_READABLE)
    own: bool | None = getattr(rules.objects.get(item.id), right, None)
    if own is not None:
        return Decision(allowed=own, rule=Rule.OBJECT_PERMISSION)
    return Decision(allowed=rules.of_all(right), rule=Rule.ROLE)


def rights_of(item: Object, rules: RoleRules) -> Rights:
    """What holders of the role may do with the object's records; ``rows`` is left to the engine."""
    return Rights(
        read=decide(item, "read", rules).allowed,
        update=decide(item, "update", rules).allowed,
        soft_delete=decide(item, "soft_delete", rules).allowed,
        destroy=decide(item, "destroy", rules).allowed,
    )


def restrictions(catalog: Catalog, rules: RoleRules) -> Mapping[UUID, Restriction]:
    """The restricted fields of the whole data model, by id."""
    found: dict[UUID, Restriction] = {}
    if rules.rows:
        _freeze_compared(catalog, rules, found)
    if not rules.fields:
        return found
    for item in catalog.objects:
        for each in item.fields:
            rule = rules.fields.get(each.id)
            if rule is not None:
                for affected in _sides(catalog, each):
                    _restrict(found, affected, rule, each)
    for item in catalog.objects:
        for each in item.fields:
            if each.type.name == "TS_VECTOR":
                for covered in _covered(each, item):
                    if covered.id in found and not found[covered.id].may_read:
                        _restrict(found, each, FieldRule(may_read=False), covered)
    return found


def restricted(catalog: Catalog, rules: RoleRules) -> Catalog:
    """The data model as holders of the role see it; the very same when nothing in it is restricted."""
    if rules.is_unrestricted:
        return catalog
    fields = restrictions(catalog, rules)
    objects = tuple(_seen(item, rules, fields) for item in catalog.objects)
    if all(seen is item for seen, item in zip(objects, catalog.objects, strict=True)):
        return catalog
    return replace(catalog, objects=objects)


def permits_all_of(catalog: Catalog, rules: RoleRules, others: RoleRules) -> bool:
    """Whether who has the first rules may do everything that the others permit. Row rules count as different unless
    they are the same ones.
    """
    if not others.flags <= rules.flags:
        return False
    own, theirs = restricted(catalog, rules), restricted(catalog, others)
    for item, other in zip(own.objects, theirs.objects, strict=True):
        if any(getattr(other.rights, right) and not getattr(item.rights, right) for right in RIGHTS):
            return False
        if not other.rights.read:
            continue
        if item.id in rules.rows and rules.rows[item.id] != others.rows.get(item.id):
            return False
        for mine, their in zip(item.fields, other.fields, strict=True):
            if (their.may_read and not mine.may_read) or (their.may_update and not mine.may_update):
                return False
    return True


def _seen(item: Object, rules: RoleRules, fields: Mapping[UUID, Restriction]) -> Object:
    rights = rights_of(item, rules)
    if any(each.id in fields for each in item.fields):
        shown = tuple(_seen_field(each, fields.get(each.id)) for each in item.fields)
        return replace(item, rights=rights, fields=shown)
    return item if rights == item.rights else replace(item, rights=rights)


def _seen_field(item: Field, restriction: Restriction | None) -> Field:
    if restriction is None:
        return item
    return replace(item, may_read=restriction.may_read, may_update=restriction.may_update)


def _freeze_compared(catalog: Catalog, rules: RoleRules, found: dict[UUID, Restriction]) -> None:
    """Members may write their own record, but not what rules compare with it: they would choose what they see."""
    compared = {field_id for rule in rules.rows.values() for field_id in _compared(rule)}
    for item in catalog.objects:
        for each in item.fields:
            if each.id in compared and each.name not in UNRESTRICTABLE_FIELDS:
                _restrict(found, each, FieldRule(may_update=False), each)


def _compared(rule: RowRule) -> Iterator[UUID]:
    """The fields of the caller's member record that a rule asks for."""
    if isinstance(rule, RowGroup):
        for item in rule.items:
            yield from _compared(item)
    elif rule.member_field_id is not None:
        yield rule.member_field_id


def _restrict(found: dict[UUID, Restriction], item: Field, rule: FieldRule, source: Field) -> None:
    before = found.get(item.id, Restriction(may_read=True, may_update=True, sources=()))
    may_read = before.may_read and rule.may_read
    found[item.id] = Restriction(
        may_read=may_read,
        may_update=may_read and before.may_update and rule.may_update,
        sources=before.sources if source.id in before.sources else (*before.sources, source.id),
    )


def _sides(catalog: Catalog, item: Field) -> tuple[Field, ...]:
    """The field, and the one at the other end when it is a relation. Also of objects that are switched off."""
    if item.relation is None:
        return (item,)
    return item, *(
        other
        for target in catalog.objects
        if target.name == item.relation.target_object
        for other in target.fields
        if other.name == item.relation.target_field
    )


def _covered(vector: Field, of: Object) -> tuple[Field, ...]:
    """The fields that a search vector is made of."""
    sql = " ".join(column.generated_sql or "" for column in vector.columns)
    return tuple(
        item for item in of.fields if item is not vector and any(quote(column.name) in sql for column in item.columns)
    )
