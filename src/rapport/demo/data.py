"""All records of the demo workspace. The same day gives the same data, to the last character."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from random import Random
from uuid import UUID

from rapport.demo.activities import activities
from rapport.demo.companies import companies
from rapport.demo.members import MEMBERS
from rapport.demo.notes import notes
from rapport.demo.opportunities import opportunities
from rapport.demo.people import people
from rapport.demo.record import Calendar, Record, demo_id, written
from rapport.demo.targets import Subjects
from rapport.demo.tasks import tasks
from rapport.demo.workflows import workflows
from rapport.metadata.fieldtypes.base import Json

_SEED = 2026


def demo_records(today: date, object_ids: Mapping[str, UUID]) -> list[Record]:
    """The records in an order in which they can be created: what a record refers to comes before it.

    Dates lie around ``today``. ``object_ids`` are the metadata ids of the objects `note` and `task`.
    """
    random = Random(_SEED)  # noqa: S311  # no secrets are made of it
    calendar = Calendar(today, random)
    firms = list(companies(random, calendar))
    persons = list(people(random, calendar, firms))
    deals = list(opportunities(random, calendar, firms, persons))
    subjects = Subjects(random, firms, persons, deals)
    records = [*firms, *persons, *deals, *notes(random, calendar, subjects), *tasks(random, calendar, subjects)]
    records += activities(random, calendar, records, object_ids)
    records += workflows(calendar)
    records += _favorites(calendar, firms, persons, deals)
    return records


def _favorites(
    calendar: Calendar, firms: Sequence[Record], persons: Sequence[Record], deals: Sequence[Record]
) -> Iterator[Record]:
    """The demo login's own: a few records of each kind."""
    owner = MEMBERS[0]
    for number, record in enumerate([*firms[:3], *persons[:2], *deals[:2]], 1):
        moment = written(calendar.moment(-number))
        data: dict[str, Json] = {
            "id": str(demo_id("favorite", number)),
            "position": number,
            "createdAt": moment,
            "updatedAt": moment,
            "forWorkspaceMemberId": str(owner.id),
            f"{record.object}Id": record.id,
        }
        yield Record(object="favorite", author=owner.author, data=data)
