"""The demo's notes, each with the records that it is about."""

from collections.abc import Iterator
from random import Random

from rapport.demo.members import MEMBERS
from rapport.demo.record import Calendar, Record, demo_id, written
from rapport.demo.targets import Subjects, target_records
from rapport.demo.texts import load_texts
from rapport.metadata.fieldtypes.base import Json

COUNT = 90


def notes(random: Random, calendar: Calendar, subjects: Subjects) -> Iterator[Record]:
    """Each note, followed by its noteTargets. The last few notes are about nothing."""
    texts, link = load_texts("notes"), 1
    for number in range(1, COUNT + 1):
        subject = subjects.pick()
        text = texts[(number - 1) % len(texts)]
        moment = calendar.after(subject.company.created_at, 600)
        author = random.choice(MEMBERS).author
        data: dict[str, Json] = {
            "id": str(demo_id("note", number)),
            "title": subject.fill(text.title),
            "position": number,
            "createdAt": written(moment),
            "updatedAt": written(calendar.after(moment, 20)),
        }
        if text.body:
            data["bodyV2"] = {"markdown": subject.fill(text.body)}
        note = Record(object="note", author=author, data=data)
        yield note
        targets = subject.targets(random) if number <= COUNT - 4 else []
        yield from target_records("noteTarget", note, targets, first_number=link, author=author, moment=moment)
        link += len(targets)
