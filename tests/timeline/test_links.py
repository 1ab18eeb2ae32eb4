"""What the timelines of records tell of the notes and tasks that are about them."""

import pytest

from tests.records.member import member
from tests.timeline.telling import Teller

ANN, BOB = "b0000001-0000-4000-8000-000000000001", "b0000001-0000-4000-8000-000000000002"
NOTE = "e0000001-0000-4000-8000-000000000001"
PERSON = "targetPersonId"


@pytest.fixture
async def people(teller: Teller) -> Teller:
    """Two of them, of whom nothing is told."""
    await teller.client.data(f'mutation {{ createPeople(data: [{{ id: "{ANN}" }}, {{ id: "{BOB}" }}]) {{ id }} }}')
    await teller.skip()
    return teller


async def write(teller: Teller, *fields: str) -> None:
    """Each is a request of its own."""
    for each in fields:
        await teller.client.data(f"mutation {{ {each} {{ id }} }}")


async def object_id(teller: Teller, name: str) -> str:
    found = await teller.client.database.value(
        'select id from core."objectMetadata" where "workspaceId" = $1 and "nameSingular" = $2',
        teller.log.workspace_id,
        name,
    )
    return str(found)


CREATE = f'createNote(data: {{ id: "{NOTE}", title: "Call" }})'
LINK = f'createNoteTarget(data: {{ noteId: "{NOTE}", targetPersonId: "{ANN}" }})'
TOGETHER = (
    f'createNote(data: {{ id: "{NOTE}", title: "Call", noteTargets: {{ create: [{{ targetPersonId: "{ANN}" }}] }} }})'
)


@pytest.mark.parametrize("at_once", [1, 1000])
@pytest.mark.parametrize("fields", [(CREATE, LINK), (TOGETHER,)], ids=["apart", "together"])
async def test_a_note_about_a_record_is_told_once(people: Teller, fields: tuple[str, ...], at_once: int) -> None:
    people.client, member_id = await member(people.client)
    await write(people, *fields)
    await people.tell(at_once=at_once)
    assert await people.entries(PERSON, ANN) == [
        {
            "name": "linked-note.created",
            "workspaceMemberId": str(member_id),
            "targetPersonId": ANN,
            "linkedRecordId": NOTE,
            "linkedRecordCachedName": "Call",
            "linkedObjectMetadataId": await object_id(people, "note"),
        }
    ]
    assert await people.names("targetNoteId", NOTE) == ["note.created"]
    assert await people.entries(PERSON, BOB) == []


@pytest.mark.parametrize("at_once", [1, 1000])
async def test_what_becomes_of_a_task_is_told_to_all_that_it_is_about(people: Teller, at_once: int) -> None:
    task = NOTE
    targets = ", ".join(f'{{ taskId: "{task}", personId: "{each}" }}' for each in (ANN, BOB))
    await write(
        people,
        f'createTask(data: {{ id: "{task}", title: "Call" }})',
        f"createTaskTargets(data: [{targets}])",
        f'updateTask(id: "{task}", data: {{ title: "Write", bodyV2: {{ markdown: "Dear Ann" }} }})',
        f'updateTask(id: "{task}", data: {{ status: DONE }})',
        f'updateTask(id: "{task}", data: {{ position: 7 }})',
        f'deleteTask(id: "{task}")',
        f'restoreTask(id: "{task}")',
    )
    await people.tell(at_once=at_once)
    told = [f"linked-task.{action}" for action in ("created", "updated", "deleted", "restored")]
    assert await people.names(PERSON, ANN) == told
    assert await people.names(PERSON, BOB) == told
    for entry in await people.entries(PERSON, ANN):
        assert entry.keys() - {"linkedRecordCachedName"} == {
            "name", "targetPersonId", "linkedRecordId", "linkedObjectMetadataId",
        }  # fmt: skip
    assert (await people.entries(PERSON, ANN))[-1]["linkedRecordCachedName"] == "Write"
    assert await people.names("targetTaskId", task) == [f"task.{each[12:]}" for each in told]


async def test_changes_of_a_note_by_several_members_are_told_apart(people: Teller) -> None:
    await write(people, TOGETHER, f'updateNote(id: "{NOTE}", data: {{ title: "A" }})')
    people.client, _ = await member(people.client)
    await write(people, f'updateNote(id: "{NOTE}", data: {{ title: "B" }})')
    await people.tell()
    await write(people, f'updateNote(id: "{NOTE}", data: {{ title: "C" }})')
    await people.tell()
    entries = await people.entries(PERSON, ANN)
    assert [(entry["name"], entry["linkedRecordCachedName"], "workspaceMemberId" in entry) for entry in entries] == [
        ("linked-note.created", "B", False),
        ("linked-note.updated", "B", False),
        ("linked-note.updated", "C", True),
    ]


@pytest.mark.parametrize("at_once", [1, 1000])
async def test_a_link_that_leads_elsewhere_is_told_there(people: Teller, at_once: int) -> None:
    target = "f0000001-0000-4000-8000-000000000001"
    await write(
        people,
        CREATE,
        f'createNoteTarget(data: {{ id: "{target}", noteId: "{NOTE}" }})',
        f'updateNoteTarget(id: "{target}", data: {{ targetPersonId: "{ANN}" }})',
        f'updateNoteTarget(id: "{target}", data: {{ targetPersonId: "{BOB}" }})',
        f'updateNoteTarget(id: "{target}", data: {{ targetPersonId: "{ANN}" }})',
        f'deleteNoteTarget(id: "{target}")',
        f'createNoteTarget(data: {{ noteId: "{NOTE}", targetPersonId: "{ANN}" }})',
    )
    await people.tell(at_once=at_once)
    assert await people.names(PERSON, ANN) == ["linked-note.created"]
    assert await people.names(PERSON, BOB) == ["linked-note.created"]


async def test_a_note_tells_only_what_it_is_about_at_the_time(people: Teller) -> None:
    target = "f0000001-0000-4000-8000-000000000001"
    await write(
        people,
        CREATE,
        f'createNoteTarget(data: {{ id: "{target}", noteId: "{NOTE}", targetPersonId: "{ANN}" }})',
        f'updateNote(id: "{NOTE}", data: {{ title: "A" }})',
        f'deleteNoteTarget(id: "{target}")',
        f'updateNote(id: "{NOTE}", data: {{ title: "B" }})',
        f'createNoteTarget(data: {{ noteId: "{NOTE}", targetPersonId: "{BOB}" }})',
        f'deleteNote(id: "{NOTE}")',
    )
    await people.tell()
    assert await people.names(PERSON, ANN) == ["linked-note.created", "linked-note.updated"]
    assert await people.names(PERSON, BOB) == ["linked-note.created", "linked-note.deleted"]


async def test_notes_that_are_gone_are_not_told_of(people: Teller) -> None:
    await write(people, TOGETHER, f'updateNote(id: "{NOTE}", data: {{ title: "A" }})', f'destroyNote(id: "{NOTE}")')
    await people.tell()
    assert await people.entries(PERSON, ANN) == []


async def test_the_survivor_of_a_merge_has_the_timelines_of_all(people: Teller) -> None:
    await write(
        people,
        f'updatePerson(id: "{ANN}", data: {{ city: "Oslo" }})',
        f'updatePerson(id: "{BOB}", data: {{ jobTitle: "CEO" }})',
        CREATE,
        LINK,
    )
    await people.tell()
    await write(people, f'mergePeople(ids: ["{ANN}", "{BOB}"], conflictPriorityIndex: 1)')
    await people.tell()
    assert await people.entries(PERSON, BOB) == [
        {
            "name": "person.updated",
            "targetPersonId": BOB,
            "properties": {"diff": {"city": {"before": None, "after": "Oslo"}}},
        },
        {
            "name": "person.updated",
            "targetPersonId": BOB,
            "properties": {
                "diff": {"jobTitle": {"before": None, "after": "CEO"}, "city": {"before": None, "after": "Oslo"}}
            },
        },
        {
            "name": "linked-note.created",
            "targetPersonId": BOB,
            "linkedRecordId": NOTE,
            "linkedRecordCachedName": "Call",
            "linkedObjectMetadataId": await object_id(people, "note"),
        },
    ]
    assert await people.names(PERSON, ANN) == ["person.deleted"]


async def test_a_record_hears_of_changes_that_follow_those_before_it_was_linked(people: Teller) -> None:
    await write(
        people,
        CREATE,
        f'updateNote(id: "{NOTE}", data: {{ title: "A" }})',
        LINK,
        f'updateNote(id: "{NOTE}", data: {{ title: "B" }})',
    )
    await people.tell()
    assert await people.names(PERSON, ANN) == ["linked-note.created", "linked-note.updated"]
