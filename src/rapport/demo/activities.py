"""What the timelines of the demo's records show: deals that moved on, notes and tasks that were linked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from random import Random
from uuid import UUID

from rapport.demo.members import MEMBERS
from rapport.demo.record import Author, Calendar, Record, demo_id, written
from rapport.metadata.fieldtypes.base import Json

_WAY = ("NEW", "SCREENING", "MEETING", "PROPOSAL", "NEGOTIATION", "CUSTOMER")
_LINKS = {"noteTarget": "note", "taskTarget": "task"}


def activities(
    random: Random, calendar: Calendar, records: Sequence[Record], object_ids: Mapping[str, UUID]
) -> Iterator[Record]:
    """The activities of ``records``; ``object_ids`` are the metadata ids of objects by name."""
    by_id = {record.id: record for record in records}
    number = 1
    for record in records:
        for moment, author, data in _of(random, calendar, record, by_id, object_ids):
            complete: dict[str, Json] = {
                "id": str(demo_id("timelineActivity", number)),
                "createdAt": written(moment),
                "updatedAt": written(moment),
                "happensAt": written(moment),
                "workspaceMemberId": None if author.member_id is None else str(author.member_id),
                **data,
            }
            yield Record(object="timelineActivity", author=author, data=complete)
            number += 1


_Activity = tuple[datetime, Author, dict[str, Json]]


def _of(
    random: Random,
    calendar: Calendar,
    record: Record,
    by_id: Mapping[str, Record],
    object_ids: Mapping[str, UUID],
) -> Iterator[_Activity]:
    if record.object in ("company", "person", "opportunity"):
        created: dict[str, Json] = {"name": f"{record.object}.created", _target(record.object): record.id}
        yield record.created_at, record.author, created
    if record.object == "opportunity":
        yield from _progress(random, calendar, record)
    elif record.object in _LINKS:
        linked = _LINKS[record.object]
        source = by_id[str(record.data[f"{linked}Id"])]
        (column,) = [key for key in record.data if key.startswith("target")]
        data: dict[str, Json] = {
            "name": f"linked-{linked}.created",
            column: record.data[column],
            "linkedRecordCachedName": source.data["title"],
            "linkedRecordId": source.id,
            "linkedObjectMetadataId": str(object_ids[linked]),
        }
        yield record.created_at, record.author, data


def _progress(random: Random, calendar: Calendar, deal: Record) -> Iterator[_Activity]:
    """The steps that led to the deal's stage."""
    stage = str(deal.data["stage"])
    moment = deal.created_at
    for before, after in pairwise(_WAY):
        if stage not in _WAY or _WAY.index(after) > _WAY.index(stage):
            return
        moment = calendar.after(moment, 30)
        diff: dict[str, Json] = {"stage": {"before": before, "after": after}}
        changed: dict[str, Json] = {"name": "opportunity.updated", "targetOpportunityId": deal.id}
        yield moment, random.choice(MEMBERS).author, {**changed, "properties": {"diff": diff}}


def _target(object_name: str) -> str:
    return f"target{object_name[0].upper()}{object_name[1:]}Id"
