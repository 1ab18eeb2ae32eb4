"""What the timelines of people tell of the messages and calendar events in which they take part."""

import pytest

from tests.access.acting import Role, acting
from tests.access.test_records import refused
from tests.timeline.telling import Teller
from tests.timeline.test_models import object_id, switch

ANN, BOB = "b0000001-0000-4000-8000-000000000001", "b0000001-0000-4000-8000-000000000002"
MAIL, MEETING = "e0000001-0000-4000-8000-000000000001", "e0000001-0000-4000-8000-000000000002"
TAKES_PART = "f0000001-0000-4000-8000-000000000001"
RECEIVED, STARTS = "2024-05-06T07:08:09.000Z", "2031-02-03T10:00:00.000Z"
PERSON = "targetPersonId"
CREATE_MAIL = f'createMessage(data: {{ id: "{MAIL}", subject: "Secret", receivedAt: "{RECEIVED}" }})'
CREATE_MEETING = f'createCalendarEvent(data: {{ id: "{MEETING}", title: "Secret", startsAt: "{STARTS}" }})'


@pytest.fixture
async def people(teller: Teller) -> Teller:
    """Two of them, with a message and a calendar event, of all of whom nothing is told."""
    await write(teller, f'createPeople(data: [{{ id: "{ANN}" }}, {{ id: "{BOB}" }}])', CREATE_MAIL, CREATE_MEETING)
    await teller.skip()
    return teller


async def write(teller: Teller, *fields: str) -> None:
    """Each is a request of its own."""
    for each in fields:
        await teller.client.data(f"mutation {{ {each} {{ id }} }}")


def receives(person: str, role: str = "TO", message: str = MAIL) -> str:
    return f'createMessageParticipant(data: {{ messageId: "{message}", personId: "{person}", role: {role} }})'


def attends(person: str) -> str:
    return f'createCalendarEventParticipant(data: {{ calendarEventId: "{MEETING}", personId: "{person}" }})'


async def timeline(teller: Teller, person: str) -> list[object]:
    """As an API key reads it."""
    found = await teller.client.data(
        f"""{{ person(filter: {{ id: {{ eq: "{person}" }} }}) {{
            timelineActivities(orderBy: [{{ happensAt: AscNullsLast }}]) {{ edges {{ node {{
                name happensAt linkedRecordId linkedRecordCachedName linkedObjectMetadataId workspaceMemberId
            }} }} }}
        }} }}"""
    )
    return [edge["node"] for edge in found["person"]["timelineActivities"]["edges"]]


@pytest.mark.parametrize("at_once", [1, 1000])
async def test_people_are_told_once_of_what_they_take_part_in_and_not_its_subject(people: Teller, at_once: int) -> None:
    await write(people, receives(ANN), attends(ANN), receives(ANN, "CC"), receives(BOB))
    await people.tell(at_once=at_once)
    empty = {"linkedRecordCachedName": None, "workspaceMemberId": None}
    mail = {
        **empty,
        "name": "message.linked",
        "happensAt": RECEIVED,
        "linkedRecordId": MAIL,
        "linkedObjectMetadataId": await object_id(people.client, "message"),
    }
    meeting = {
        **empty,
        "name": "calendarEvent.linked",
        "happensAt": STARTS,
        "linkedRecordId": MEETING,
        "linkedObjectMetadataId": await object_id(people.client, "calendarEvent"),
    }
    assert await timeline(people, ANN) == [mail, meeting]
    assert await timeline(people, BOB) == [mail]


@pytest.mark.parametrize("at_once", [1, 1000])
async def test_a_participant_may_become_known_as_a_person_later(people: Teller, at_once: int) -> None:
    await write(
        people,
        f'createMessageParticipant(data: {{ id: "{TAKES_PART}", messageId: "{MAIL}", handle: "ann@rapport.test" }})',
        f'updateMessageParticipant(id: "{TAKES_PART}", data: {{ displayName: "Ann" }})',
        f'updateMessageParticipant(id: "{TAKES_PART}", data: {{ personId: "{ANN}" }})',
        f'updateMessageParticipant(id: "{TAKES_PART}", data: {{ personId: null }})',
        f'updateMessageParticipant(id: "{TAKES_PART}", data: {{ personId: "{ANN}" }})',
    )
    await people.tell(at_once=at_once)
    assert await people.names(PERSON, ANN) == ["message.linked"]


@pytest.mark.parametrize("both_told", [True, False])
async def test_the_survivor_of_a_merge_is_told_of_each_message_once(people: Teller, both_told: bool) -> None:
    await write(people, receives(ANN), attends(ANN), receives(BOB))
    if both_told:
        await people.tell()
    await write(people, f'mergePeople(ids: ["{ANN}", "{BOB}"], conflictPriorityIndex: 1)')
    await people.tell()
    assert await people.names(PERSON, BOB) == ["message.linked", "calendarEvent.linked"]


async def test_without_a_time_of_its_own_a_message_is_told_of_as_of_now(people: Teller) -> None:
    message = "e0000001-0000-4000-8000-000000000003"
    await write(people, f'createMessage(data: {{ id: "{message}" }})', receives(ANN, message=message))
    await switch(people.client, "calendarEvent", "startsAt", on=False)
    await write(people, attends(ANN))
    await people.tell()
    rows = await people.client.database.rows(
        f'select name, "happensAt" = "createdAt" as now from "{people.log.schema}"."timelineActivity" order by name'
    )
    assert [tuple(row) for row in rows] == [("calendarEvent.linked", True), ("message.linked", True)]


async def test_times_that_only_postgresql_knows_do_no_harm(people: Teller) -> None:
    await people.client.database.execute(f"""update "{people.log.schema}".message set "receivedAt" = '0044-03-15 BC'""")
    await people.client.database.execute(
        f"""update "{people.log.schema}"."calendarEvent" set "startsAt" = 'infinity'"""
    )
    await write(people, receives(ANN), attends(ANN))
    await people.tell()
    assert await people.names(PERSON, ANN) == ["message.linked", "calendarEvent.linked"]


async def test_messages_and_people_that_are_gone_are_passed_over(people: Teller) -> None:
    await write(
        people,
        receives(ANN),
        attends(ANN),
        attends(BOB),
        f'destroyMessage(id: "{MAIL}")',
        f'destroyPerson(id: "{BOB}")',
    )
    await people.tell()
    assert await people.names(PERSON, ANN) == ["calendarEvent.linked"]


@pytest.mark.parametrize(
    ("of", "name"),
    [("message", None), ("messageParticipant", None), ("messageParticipant", "person")],
)
async def test_what_is_not_active_is_passed_over(people: Teller, of: str, name: str | None) -> None:
    await write(people, receives(ANN), attends(ANN))
    await switch(people.client, of, name, on=False)
    await people.tell()
    assert await people.names(PERSON, ANN) == ["calendarEvent.linked"]


async def test_who_sees_no_subjects_sees_no_names_of_what_is_linked(people: Teller) -> None:
    await write(people, receives(ANN))
    await people.tell()
    for hidden in ("message.subject", "calendarEvent.title"):
        key = await acting(people.client, Role(hidden=(hidden,)))
        await refused(key, "{ timelineActivities { edges { node { linkedRecordCachedName } } } }")
        found = await key.data("{ timelineActivities { edges { node { name } } } }")
        assert found["timelineActivities"]["edges"] == [{"node": {"name": "message.linked"}}]
