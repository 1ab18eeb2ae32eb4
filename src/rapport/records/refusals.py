"""What is refused in the contents of some objects' records (core-api.md §7.9): the checks and their errors."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapport.access.principal import Principal
from rapport.base.errors import DuplicateEntry, Forbidden, InvalidValue, PermissionDenied
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.emails import email_address
from rapport.metadata.fieldtypes.shown import shown


class MethodNotAllowed(Forbidden):
    """Method not allowed."""

    sub_code = "METHOD_NOT_ALLOWED"


class StatusNotWritable(Forbidden):
    """Statuses cannot be set manually."""

    sub_code = "FORBIDDEN"


class NotADraft(Forbidden):
    """Only a draft version of a workflow can be changed."""

    sub_code = "FORBIDDEN"


class SecondDraft(Forbidden):
    """A workflow can have one draft version only."""

    sub_code = "FORBIDDEN"


class FavoriteAlready(DuplicateEntry):
    """A duplicate entry was detected: the record is a favorite of this member already"""


class BlockedAlready(DuplicateEntry):
    """A duplicate entry was detected: the value of the field "handle" (Handle) is already in use"""


@dataclass(frozen=True, kw_only=True)
class Given:
    """Values that a caller wants to be written: rows of columns. A check may put them into their canonical form."""

    verb: str  # create or update
    rows: Sequence[dict[str, Json]]
    principal: Principal


def check_member(given: Given) -> None:
    """Whose record it is is not for the caller to say."""
    if any("userId" in row for row in given.rows):
        raise PermissionDenied


def check_workflow(given: Given) -> None:
    """The statuses are those of the versions. This is the place for what system-api.md §35 rule 16 lets pass."""
    if any(row.get("statuses") for row in given.rows):
        raise StatusNotWritable


def check_workflow_version(given: Given) -> None:
    """A version begins as a draft, and other verbs than create and update carry it on."""
    for row in given.rows:
        if "status" in row and (given.verb == "update" or row["status"] != "DRAFT"):
            raise StatusNotWritable


def check_blocklist(given: Given) -> None:
    """Addresses, or domains with an `@` before them; everybody has a list of their own."""
    for row in given.rows:
        if "workspaceMemberId" in row and row["workspaceMemberId"] != str(given.principal.workspace_member_id):
            raise PermissionDenied
        if "handle" in row or given.verb == "create":
            row["handle"] = _handle(row.get("handle"))


def _handle(value: Json) -> Json:
    """`@Acme.example` is `@acme.example`."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        found = email_address(f"any{text}" if text.startswith("@") else text, "handle")
    except InvalidValue:
        found = None
    if not isinstance(found, str):
        raise InvalidValue(f'Invalid value {shown(value)} for field "handle". Expected an e-mail address or "@domain"')
    return found.removeprefix("any") if text.startswith("@") else found
