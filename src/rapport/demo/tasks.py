"""The demo's tasks, each with the records that it is about."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from rapport.demo.members import MEMBERS
from rapport.demo.record import Calendar, Record, demo_id, written
from rapport.demo.targets import Subjects, target_records
from rapport.demo.texts import load_texts
from rapport.metadata.fieldtypes.base import Json

COUNT = 100

# Long forgotten: the examples of the API's documentation ask for what was due by 10 February 2026.
_FORGOTTEN = (
    datetime(2026, 1, 19, 9, 0, tzinfo=UTC),
    datetime(2026, 2, 3, 16, 30, tzinfo=UTC),
    datetime(2026, 2, 9, 11, 15, tzinfo=UTC),
)


def tasks(random: Random, calendar: Calendar, subjects: Subjects) -> Iterator[Record]:
    """Each task, followed by its taskTargets."""
    texts, link = load_texts("tasks"), 1
    for number in range(1, COUNT + 1):
        subject = subjects.pick()
        text = texts[(number - 1) % len(texts)]
        author = random.choice(MEMBERS).author
        status, due = _state(random, calendar, number)
        moment = calendar.moment(-random.randrange(1, 90))
        if due is not None:
            moment = min(moment, due - timedelta(days=random.randrange(3, 30)))
        data: dict[str, Json] = {
            "id": str(demo_id("task", number)),
            "title": subject.fill(text.title),
            "status": status,
            "position": number,
            "createdAt": written(moment),
            "updatedAt": written(calendar.after(moment, 20)),
        }
        if text.body:
            data["bodyV2"] = {"markdown": subject.fill(text.body)}
        if due is not None:
            data["dueAt"] = written(due)
        if random.random() < 0.85:
            data["assigneeId"] = str(random.choice(MEMBERS).id)
        task = Record(object="task", author=author, data=data)
        yield task
        targets = subject.targets(random) if random.random() < 0.9 else []
        yield from target_records("taskTarget", task, targets, first_number=link, author=author, moment=moment)
        link += len(targets)


def _state(random: Random, calendar: Calendar, number: int) -> tuple[str | None, datetime | None]:
    """A status and a due date that go together; one task in thirty has no status at all."""
    if number <= len(_FORGOTTEN):
        return "TODO", _FORGOTTEN[number - 1]
    if number % 30 == 0:
        return None, None
    status = random.choice(("TODO", "TODO", "TODO", "IN_PROGRESS", "DONE", "DONE"))
    if random.random() < 0.12:
        return status, None
    match status:
        case "DONE":
            return status, calendar.moment(-random.randrange(1, 300))
        case "IN_PROGRESS":
            return status, calendar.moment(random.randrange(-5, 30))
    return status, calendar.moment(random.randrange(-20, 120))
