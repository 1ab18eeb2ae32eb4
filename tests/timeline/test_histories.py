"""Whatever has happened, and however the log is divided when it is read, the timelines say the same."""

import random

import pytest

from tests.records.member import member
from tests.timeline.telling import Teller

PEOPLE = [f"b0000001-0000-4000-8000-00000000000{number}" for number in (1, 2)]
NOTES = [f"e0000001-0000-4000-8000-00000000000{number}" for number in (1, 2)]
STEPS = 70


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_entries_do_not_depend_on_how_the_log_is_read(teller: Teller, seed: int) -> None:
    chance = random.Random(seed)
    by_key = teller.client
    by_member, _ = await member(by_key)
    for person in PEOPLE:
        await by_key.data(f'mutation {{ createPerson(data: {{ id: "{person}", city: "0" }}) {{ id }} }}')
    for note in NOTES:
        await by_key.data(f'mutation {{ createNote(data: {{ id: "{note}", title: "0" }}) {{ id }} }}')
    for step in range(STEPS):
        person, note = chance.choice(PEOPLE), chance.choice(NOTES)
        link = f'filter: {{ noteId: {{ eq: "{note}" }}, targetPersonId: {{ eq: "{person}" }} }}'
        act = chance.choice(
            [
                f'updatePerson(id: "{person}", data: {{ city: "{step}" }})',
                f'updatePerson(id: "{person}", data: {{ jobTitle: "{step}" }})',
                f'updateNote(id: "{note}", data: {{ title: "{step}" }})',
                f'updateNote(id: "{note}", data: {{ bodyV2: {{ markdown: "{step}" }} }})',
                f'createNoteTarget(data: {{ noteId: "{note}", targetPersonId: "{person}" }})',
                f"deleteNoteTargets({link})",
                f'updateNoteTargets({link}, data: {{ targetPersonId: "{chance.choice(PEOPLE)}" }})',
                f'deleteNotes(filter: {{ id: {{ eq: "{note}" }} }})',
                f'restoreNotes(filter: {{ id: {{ eq: "{note}" }} }})',
                f'deletePeople(filter: {{ id: {{ eq: "{person}" }} }})',
                f'restorePeople(filter: {{ id: {{ eq: "{person}" }} }})',
            ]
        )
        await chance.choice([by_key, by_member]).ask(
            f"mutation {{ {act} {{ id }} }}"
        )  # of what is deleted there is no update

    histories = []
    for at_once in (1, 1000, 7):
        await teller.forget()
        await teller.tell(at_once=at_once)
        told = [await teller.entries("targetPersonId", each) for each in PEOPLE]
        histories.append(told + [await teller.entries("targetNoteId", each) for each in NOTES])
    assert histories[0] == histories[1] == histories[2]
    names = {str(entry["name"]).partition(".")[0] for timeline in histories[0] for entry in timeline}
    assert names == {"person", "note", "linked-note"}
