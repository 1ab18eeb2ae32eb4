"""`If-Match` and `If-None-Match`: requests that depend on the state of a record (RFC 9110 §13)."""

import re
from collections.abc import Mapping, Sequence

from rapport.base.errors import RapportError
from rapport.edge.misuse import BadRequest
from rapport.edge.rest.records.tags import BYTES

TAGS = "@tags"  # among the values: digests of the states in which a record may be changed

IF_MATCH, IF_NONE_MATCH = b"if-match", b"if-none-match"
_MOST = 100  # tags
_TAG = rb'(?:W/)?"[!#-~\x80-\xff]*"'
_LIST = re.compile(rb"[ \t,]*" + _TAG + rb"(?:[ \t]*,[ \t,]*" + _TAG + rb")*[ \t,]*")
_ONE = re.compile(_TAG)
_OURS = re.compile(rb'"([0-9a-f]{%d})(?:-[0-9a-f]{%d})?"' % (BYTES * 2, BYTES * 2))


class InvalidTags(BadRequest):
    """A header that should hold entity tags does not."""

    def __init__(self, name: bytes) -> None:
        shown = "-".join(word.capitalize() for word in name.decode().split("-"))
        super().__init__(f"'{shown}' is invalid. Should be * or a list of up to {_MOST} entity tags, eg: \"abc\"")


class MisplacedCondition(BadRequest):
    """'If-Match' is for changes of one record, 'If-None-Match' for reading one."""


class PreconditionFailed(RapportError):
    """The record is not, or no longer, in a state that If-Match names."""

    code = "PRECONDITION_FAILED"
    sub_code = "RECORD_CHANGED"
    status = 412
    friendly = "Somebody else has changed this record. Please look at it again."


class WeakTag(PreconditionFailed):
    """A weak tag in If-Match is equal to none: it is of an answer without some fields."""

    sub_code = "WEAK_TAG"
    friendly = "It is not known whether this record has changed. Please look at it again."


def is_conditional(headers: Mapping[bytes, bytes]) -> bool:
    """Whether there is any of the two."""
    return IF_MATCH in headers or IF_NONE_MATCH in headers


def read_tags(headers: Mapping[bytes, bytes], name: bytes) -> Sequence[bytes] | None:
    """The entity tags in a header; None when there is none or any will do (`*`). Raises InvalidTags."""
    value = headers.get(name)
    if value is None or value.strip() == b"*":
        return None
    tags = _ONE.findall(value) if _LIST.fullmatch(value) else []
    if not 0 < len(tags) <= _MOST:
        raise InvalidTags(name)
    return tags


def read_states(headers: Mapping[bytes, bytes]) -> Sequence[bytes] | None:
    """The digests of the states that `If-Match` names; None when any will do. Raises InvalidTags, WeakTag.

    Of a tag, only what it says of the record itself counts: changes of others are no reason to refuse a change of it. A
    weak tag is not enough, and what is no tag of ours names no state.
    """
    tags = read_tags(headers, IF_MATCH)
    if tags is None:
        return None
    if all(tag.startswith(b"W/") for tag in tags):
        raise WeakTag
    return [bytes.fromhex(found[1].decode()) for found in map(_OURS.fullmatch, tags) if found]


def has_it(headers: Mapping[bytes, bytes], tag: bytes) -> bool:
    """Whether the client has the answer with this tag already. Raises InvalidTags, PreconditionFailed."""
    states = read_states(headers)
    if states is not None and bytes.fromhex(tag[1 : 1 + BYTES * 2].decode() if tag[:1] == b'"' else "") not in states:
        raise PreconditionFailed
    if IF_NONE_MATCH not in headers:
        return False
    tags = read_tags(headers, IF_NONE_MATCH)
    return tags is None or tag.removeprefix(b"W/") in [each.removeprefix(b"W/") for each in tags]


def demand_none(headers: Mapping[bytes, bytes]) -> None:
    """For what cannot keep a condition: better refused than carried out without it. Raises MisplacedCondition."""
    if is_conditional(headers):
        raise MisplacedCondition
