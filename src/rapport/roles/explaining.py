"""Why somebody may do what: asks the very functions that decide it (access/roles.py, engine/row_rules.py)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import orjson

from rapport.access.principal import Principal
from rapport.access.roles import (
    NO_RULES,
    RIGHTS,
    Decision,
    Restriction,
    Right,
    RoleRules,
    RowPredicate,
    RowRule,
    Rule,
    decide,
    restrictions,
)
from rapport.base.errors import BadUserInput, Forbidden
from rapport.engine.document import write_read
from rapport.engine.plan import All, Compare, FindOne, Predicate, Read, Scalar
from rapport.engine.row_rules import row_condition, seen_by
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.store import load_catalog
from rapport.roles.errors import KeyNotFound, MemberNotFound, ObjectNotFound
from rapport.roles.rules import load_rules
from rapport.store.database import Database
from rapport.store.queries import load

_SQL = load("rapport.roles", "sql")

Verdict = Literal["VISIBLE", "NOT_FOUND", "OBJECT_NOT_READABLE", "ROW_RULES"]

_RECORD = Value(sql_type="uuid", path=("@record",))
_WORDS: Mapping[Rule, str] = {
    Rule.NO_ROLE: "Without a role nothing is allowed.",
    Rule.WORKFLOWS_FLAG: "Objects of workflows need the permission WORKFLOWS, which the role does not have.",
    Rule.NOT_READABLE: "The role may not read these records, so it may not change them either.",
    Rule.SYSTEM_OBJECT: "System objects are open to every role.",
    Rule.OBJECT_PERMISSION: "The role says so of this object.",
    Rule.ROLE: "The role says so of all objects, and nothing else of this one.",
}
_VERDICTS: Mapping[Verdict, str] = {
    "VISIBLE": "The object may be read, and no predicate holds the record back.",
    "NOT_FOUND": "There is no such record.",
    "OBJECT_NOT_READABLE": "The records of this object may not be read.",
    "ROW_RULES": "The record does not meet the predicates of the role.",
}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A member or an API key, and the role by which they act."""

    name: str
    role_id: UUID | None
    role_label: str | None
    user_id: UUID | None = None
    member_id: UUID | None = None
    api_key_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class RecordView:
    """Whether a record exists for the subject."""

    id: UUID
    verdict: Verdict
    is_deleted: bool = False
    unmet: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """An answer to `explainAccess`."""

    subject: Subject
    about: Object
    rights: Mapping[Right, Decision]
    fields: Mapping[UUID, Restriction]
    record: RecordView | None = None

    def shown(self) -> Mapping[str, object]:
        """As the SDL has it, but for the predicates."""
        return {
            "subject": {
                "apiKeyId": _text(self.subject.api_key_id),
                "userId": _text(self.subject.user_id),
                "workspaceMemberId": _text(self.subject.member_id),
                "name": self.subject.name,
                "roleId": _text(self.subject.role_id),
                "roleLabel": self.subject.role_label,
            },
            "objectMetadataId": str(self.about.id),
            "objectNameSingular": self.about.name,
            "rights": [
                {
                    "right": right.upper(),
                    "isAllowed": decision.allowed,
                    "rule": decision.rule.value,
                    "explanation": _WORDS[decision.rule],
                }
                for right, decision in self.rights.items()
            ],
            "restrictedFields": [
                _shown_field(field_id, name, self.fields[field_id])
                for field_id, name in ((each.id, each.name) for each in self.about.fields)
                if field_id in self.fields
            ],
            "record": None if self.record is None else _shown_record(self.record),
        }


class Explainer:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def explain(
        self,
        principal: Principal,
        *,
        object_name: str,
        record_id: UUID | None = None,
        user_id: UUID | None = None,
        api_key_id: UUID | None = None,
        member_id: UUID | None = None,
    ) -> Explanation:
        """Raises ObjectNotFound, MemberNotFound, KeyNotFound, or BadUserInput for more than one subject."""
        if principal.workspace_id is None:
            raise Forbidden
        given = [each for each in (user_id, api_key_id, member_id) if each is not None]
        if len(given) > 1:
            raise BadUserInput("Only one subject may be given", sub_code="ARGS_CONFLICT")
        if not given:
            api_key_id, member_id = principal.api_key_id, principal.workspace_member_id
        subject = await self._subject(principal.workspace_id, user_id, api_key_id, member_id)
        catalog = await load_catalog(self._db, principal.workspace_id)
        item = catalog.by_name.get(object_name)
        if item is None:
            raise ObjectNotFound
        rules = NO_RULES
        if subject.role_id is not None:
            rules = await load_rules(self._db, principal.workspace_id, subject.role_id)
        return Explanation(
            subject=subject,
            about=item,
            rights={right: decide(item, right, rules) for right in RIGHTS},
            fields=restrictions(catalog, rules),
            record=None if record_id is None else await self._record(catalog, item, rules, subject, record_id),
        )

    async def _subject(
        self, workspace_id: UUID, user_id: UUID | None, api_key_id: UUID | None, member_id: UUID | None
    ) -> Subject:
        if api_key_id is not None:
            row = await self._db.row(_SQL["find_key_and_role"], workspace_id, api_key_id)
            if row is None:
                raise KeyNotFound
            return Subject(name=row["name"], role_id=row["roleId"], role_label=row["roleLabel"], api_key_id=api_key_id)
        row = await self._db.row(_SQL["find_member"], workspace_id, user_id, member_id)
        if row is None:
            raise MemberNotFound
        return Subject(
            name=row["name"] or row["email"],
            role_id=row["roleId"],
            role_label=row["roleLabel"],
            user_id=row["userId"],
            member_id=row["workspaceMemberId"],
        )

    async def _record(
        self, catalog: Catalog, item: Object, rules: RoleRules, subject: Subject, record_id: UUID
    ) -> RecordView:
        """Looks for the record as it is, as the subject sees it, and by each predicate, all in one statement."""
        seen = next(each for each in seen_by(rules, catalog).objects if each.id == item.id)
        predicates = list(_predicates(rules.rows.get(item.id)))
        roots = [_find("record", item)]
        if seen.rights.read:
            roots.append(_find("seen", seen))
        roots += [_find(f"p{place}", item, row_condition(catalog, item, each)) for place, each in enumerate(predicates)]
        parameters = Parameters()
        statement = Statement.of(write_read(Read(schema=catalog.schema, roots=tuple(roots)), parameters), parameters)
        found = await self._db.row(statement.sql, *statement.bind({"@record": record_id, "@member": subject.member_id}))
        assert found is not None
        data = orjson.loads(found[0])["data"]
        if data["record"] is None:
            return RecordView(id=record_id, verdict="NOT_FOUND")
        is_deleted = data["record"]["deletedAt"] is not None
        if not seen.rights.read:
            return RecordView(id=record_id, verdict="OBJECT_NOT_READABLE", is_deleted=is_deleted)
        if data["seen"] is not None:
            return RecordView(id=record_id, verdict="VISIBLE", is_deleted=is_deleted)
        unmet = tuple(each.id for place, each in enumerate(predicates) if data[f"p{place}"] is None)
        return RecordView(id=record_id, verdict="ROW_RULES", is_deleted=is_deleted, unmet=unmet)


def _find(key: str, item: Object, *conditions: Predicate) -> FindOne:
    found = Compare(column=item.field["id"].column, operator="eq", value=_RECORD)
    return FindOne(
        key=key,
        object=item,
        items=tuple(Scalar(key=name, column=item.field[name].column) for name in ("id", "deletedAt")),
        filter=All(items=(found, *conditions)),
        mentions_deleted=True,
    )


def _predicates(rule: RowRule | None) -> Iterator[RowPredicate]:
    if isinstance(rule, RowPredicate):
        yield rule
    elif rule is not None:
        for item in rule.items:
            yield from _predicates(item)


def _shown_field(field_id: UUID, name: str, restriction: Restriction) -> Mapping[str, object]:
    own = field_id in restriction.sources
    taken = "read or updated" if not restriction.may_read else "updated"
    why = "the role restricts it" if own else "the role restricts what it is the other side of or computed from"
    return {
        "fieldMetadataId": str(field_id),
        "name": name,
        "canRead": restriction.may_read,
        "canUpdate": restriction.may_update,
        "becauseOfFieldMetadataIds": [str(source) for source in restriction.sources],
        "explanation": f"It may not be {taken}: {why}.",
    }


def _shown_record(record: RecordView) -> Mapping[str, object]:
    return {
        "id": str(record.id),
        "isVisible": record.verdict == "VISIBLE",
        "isDeleted": record.is_deleted,
        "verdict": record.verdict,
        "explanation": _explained(record),
        "unmetPredicateIds": _texts(record.unmet),
    }


def _explained(record: RecordView) -> str:
    words = _VERDICTS[record.verdict]
    return f"{words} It is deleted: only reads that ask for deleted records find it." if record.is_deleted else words


def _texts(ids: Sequence[UUID]) -> list[str]:
    return [str(each) for each in ids]


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
