"""What callers may not do with the records of some objects, whatever their role grants (core-api.md §7.9).

One table says it all, and every way of writing records asks it. Nobody asks for the server itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from rapport.access.flags import Flag
from rapport.access.principal import Principal
from rapport.base.errors import PermissionDenied, RapportError
from rapport.engine import plan
from rapport.engine.predicates import MEMBER
from rapport.engine.sql import Value
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.records.followers import favorite_groups
from rapport.records.refusals import (
    BlockedAlready,
    FavoriteAlready,
    Given,
    MethodNotAllowed,
    NotADraft,
    SecondDraft,
    check_blocklist,
    check_member,
    check_workflow,
    check_workflow_version,
)

Condition: TypeAlias = Callable[[Catalog, Object], plan.Predicate]
Verbs: TypeAlias = frozenset[str]

_ALL = frozenset({"create", "update", "delete", "restore", "destroy", "merge"})
_UPDATE = frozenset({"update"})
_MERGE = frozenset({"merge"})


@dataclass(frozen=True, kw_only=True)
class Only:
    """The verbs reach only records for which the condition holds; ``error`` for who tries another one.

    With ``columns`` it is so when one of these is written; ``unless`` the caller has the permission.
    """

    verbs: Verbs
    condition: Condition
    error: type[RapportError] = PermissionDenied
    columns: frozenset[str] | None = None
    unless: Flag | None = None

    def applies(self, verb: str, columns: frozenset[str] | None, principal: Principal) -> bool:
        """``columns`` None: any may be written."""
        if verb not in self.verbs or (self.unless is not None and principal.may(self.unless)):
            return False
        return columns is None or self.columns is None or not columns.isdisjoint(self.columns)


@dataclass(frozen=True, kw_only=True)
class Sole:
    """No two live records, among those for which ``among`` holds, share the values of a group of columns.

    With ``finds`` a create answers the record that is there; else, and for other verbs, ``error`` is raised.
    """

    groups: Callable[[Object], tuple[tuple[str, ...], ...]]
    error: type[RapportError]
    among: Condition = lambda catalog, item: plan.EVERYTHING
    finds: bool = False

    def concerns(self, item: Object, verb: str, columns: frozenset[str]) -> bool:
        """Whether the verb, writing these columns, may make a second one."""
        if verb == "update":
            return any(not columns.isdisjoint(group) for group in self.groups(item))
        return verb == "restore" or (verb == "create" and not self.finds)


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """What holds for one object: verbs that nobody may use, verbs that need a permission, and the rest as above."""

    refused: Verbs = frozenset()
    flags: Mapping[str, Flag] = field(default_factory=dict)
    check: Callable[[Given], None] = lambda given: None
    only: tuple[Only, ...] = ()
    sole: Sole | None = None

    def narrowed(
        self, catalog: Catalog, change: plan.Change, columns: frozenset[str], principal: Principal, *, is_upsert: bool
    ) -> tuple[plan.Change, type[RapportError] | None]:
        """The change without the records that are out of reach, and the error for them; None if none is.

        Of an upsert, whose records are found by the statement itself, they do not exist at all.
        """
        verb = "update" if is_upsert else change.verb
        reach = [only for only in self.only if only.applies(verb, None if is_upsert else columns, principal)]
        if not reach:
            return change, None
        item = change.object
        conditions = tuple(only.condition(catalog, item) for only in reach)
        if not is_upsert:
            return replace(change, filter=plan.All(items=(change.filter, *conditions))), reach[0].error
        visible = () if item.rights.rows is None else (item.rights.rows,)
        rows = plan.All(items=(*visible, *conditions))
        return replace(change, object=replace(item, rights=replace(item.rights, rows=rows))), reach[0].error

    def demand(self, verb: str, principal: Principal) -> None:
        """Raises PermissionDenied."""
        flag = self.flags.get(verb)
        if flag is not None and not principal.may(flag):
            raise PermissionDenied


def _own(*path: str) -> Condition:
    """The record belongs to the caller: at the end of these relations is their own member record."""

    def condition(catalog: Catalog, item: Object) -> plan.Predicate:
        link = _field(item, path[0])
        if len(path) == 1:
            return plan.Compare(column=link.column, operator="eq", value=MEMBER)
        target = catalog.target(link)
        inner = _own(*path[1:])(catalog, target)
        return plan.Related(field=link, target=target, item=inner, mentions_deleted=True)

    return condition


def _is_draft(catalog: Catalog, item: Object) -> plan.Predicate:
    draft = Value(sql_type="text", constant="DRAFT")
    return plan.Compare(column=_field(item, "status").column, operator="eq", value=draft)


def _field(item: Object, name: str) -> Field:
    """Also one that the caller may not read."""
    (found,) = [each for each in item.fields if each.name == name]
    return found


RESTRICTIONS: Mapping[str, Restriction] = {
    # Members come from invitations and sign-ups.
    "workspaceMember": Restriction(
        refused=frozenset({"create", "restore", "merge"}),
        flags={"delete": "WORKSPACE_MEMBERS", "destroy": "WORKSPACE_MEMBERS"},
        check=check_member,
        only=(Only(verbs=_UPDATE, condition=_own("id"), unless="WORKSPACE_MEMBERS"),),
    ),
    "workflow": Restriction(refused=_MERGE, check=check_workflow),
    "workflowVersion": Restriction(
        refused=_MERGE,
        check=check_workflow_version,
        only=(Only(verbs=_UPDATE, condition=_is_draft, error=NotADraft, columns=frozenset({"trigger", "steps"})),),
        sole=Sole(groups=lambda item: (("workflowId",),), among=_is_draft, error=SecondDraft),
    ),
    # What workflows leave behind.
    "workflowRun": Restriction(refused=_ALL),
    "workflowAutomatedTrigger": Restriction(refused=_ALL),
    "favorite": Restriction(refused=_MERGE, sole=Sole(groups=favorite_groups, error=FavoriteAlready, finds=True)),
    "blocklist": Restriction(
        refused=_MERGE,
        check=check_blocklist,
        only=(Only(verbs=_ALL - {"create"}, condition=_own("workspaceMember")),),
        sole=Sole(groups=lambda item: (("workspaceMemberId", "handle"),), error=BlockedAlready),
    ),
    "connectedAccount": Restriction(refused=_MERGE, only=(Only(verbs=_UPDATE, condition=_own("accountOwner")),)),
    "messageChannel": Restriction(
        refused=_MERGE, only=(Only(verbs=_UPDATE, condition=_own("connectedAccount", "accountOwner")),)
    ),
    "calendarChannel": Restriction(
        refused=_MERGE, only=(Only(verbs=_UPDATE, condition=_own("connectedAccount", "accountOwner")),)
    ),
}


def restriction_of(item: Object, principal: Principal) -> Restriction | None:
    """What the principal has to heed; None for nothing."""
    return RESTRICTIONS.get(item.name) if principal.role_id is not None else None


def check_verb(item: Object, verb: str) -> None:
    """Raises MethodNotAllowed."""
    restriction = RESTRICTIONS.get(item.name)
    if restriction is not None and verb in restriction.refused:
        raise MethodNotAllowed


def found_by(item: Object) -> tuple[tuple[str, ...], ...]:
    """The groups of columns by which a create finds a record that is there already."""
    restriction = RESTRICTIONS.get(item.name)
    sole = restriction.sole if restriction else None
    return sole.groups(item) if sole is not None and sole.finds else ()
