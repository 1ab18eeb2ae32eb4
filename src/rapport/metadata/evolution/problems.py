"""What can be wrong with a change of the data model, in the form that clients expect (system-api.md §1, §15)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from rapport.base.errors import RapportError
from rapport.metadata.fieldtypes.base import Json

Kind = Literal["objectMetadata", "fieldMetadata", "index"]
Verb = Literal["create", "update", "delete"]

# All kinds that clients look for, whether we can find fault with them here or not.
_KINDS = (
    "fieldMetadata", "objectMetadata", "view", "viewField", "viewGroup", "index", "serverlessFunction", "cronTrigger",
    "databaseEventTrigger", "routeTrigger", "viewFilter",
)  # fmt: skip
_NOUN: Mapping[Kind, str] = {"objectMetadata": "object", "fieldMetadata": "field", "index": "index"}
_ASKED: Mapping[tuple[Verb, Kind], str] = {("create", "fieldMetadata"): "fields"}  # one may bring others with it
_DOING: Mapping[Verb, str] = {"create": "creating", "update": "updating", "delete": "deleting"}


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One thing that is wrong. ``code``: `INVALID_OBJECT_INPUT`, `INVALID_FIELD_INPUT` …"""

    code: str
    message: str
    user_message: str | None = None
    value: Json = None  # that was given, where it helps


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is wrong with one object, field or index."""

    kind: Kind
    verb: Verb
    issues: tuple[Issue, ...]
    about: Mapping[str, Json] = field(default_factory=dict)  # id, name, objectMetadataId, as far as they are known


class InvalidModel(RapportError):
    """Multiple validation errors occurred"""

    code = "METADATA_VALIDATION_FAILED"
    status = 400

    def __init__(self, verb: Verb, kind: Kind, findings: Iterable[Finding]) -> None:
        """``verb`` and ``kind`` are of what the caller asked for; the findings may be about what follows from it."""
        self.findings = tuple(findings)
        errors: dict[str, list[object]] = {each: [] for each in _KINDS}
        for finding in self.findings:
            errors[finding.kind].append(_shown(finding))
        counts = {each: len(found) for each, found in errors.items()}
        told = f"Validation failed for {counts['objectMetadata']} object(s) and {counts['fieldMetadata']} field(s)"
        summary = {f"invalid{each[0].upper()}{each[1:]}": count for each, count in counts.items()}
        extensions = {
            "errors": errors,
            "summary": {**summary, "totalErrors": sum(counts.values())},
            "message": told,
        }
        super().__init__(
            f"Multiple validation errors occurred while {_DOING[verb]} {_ASKED.get((verb, kind), _NOUN[kind])}",
            user_message=told,
            extensions=extensions,
        )


def _shown(finding: Finding) -> Mapping[str, object]:
    return {
        "status": "fail",
        "type": f"{finding.verb}_{_NOUN[finding.kind]}",
        "errors": [_issue(each) for each in finding.issues],
        "flatEntityMinimalInformation": dict(finding.about),
    }


def _issue(issue: Issue) -> Mapping[str, object]:
    shown: dict[str, object] = {"code": issue.code, "message": issue.message}
    if issue.user_message is not None:
        shown["userFriendlyMessage"] = issue.user_message
    if issue.value is not None:
        shown["value"] = issue.value
    return shown
