"""Nobody learns from timelines what their role keeps from them."""

import pytest

from tests.access.acting import Role, acting
from tests.access.test_records import refused
from tests.serving import Client
from tests.timeline.telling import Teller
from tests.timeline.test_models import field_id, switch

ANN = "b0000001-0000-4000-8000-000000000001"
DEAL = "d0000001-0000-4000-8000-000000000001"
CLOSED = {"read": False, "update": False, "soft_delete": False, "destroy": False}
NESTED = "{ people { edges { node { timelineActivities { edges { node { %s } } } } } } }"


async def told(client: Client, selection: str = "name properties") -> list[dict[str, object]]:
    found = await client.data(
        f"{{ timelineActivities(orderBy: [{{ id: AscNullsLast }}]) {{ edges {{ node {{ {selection} }} }} }} }}"
    )
    return [edge["node"] for edge in found["timelineActivities"]["edges"]]


@pytest.fixture
async def filled(teller: Teller) -> Teller:
    """A person with a secret note about her, and a deal."""
    await teller.client.data(
        f"""mutation {{
            createPerson(data: {{ id: "{ANN}", city: "Oslo" }}) {{ id }}
            createNote(data: {{ title: "Secret", noteTargets: {{ create: [{{ targetPersonId: "{ANN}" }}] }} }}) {{ id }}
            createOpportunity(data: {{ id: "{DEAL}", name: "Deal" }}) {{ id }}
            updatePerson(id: "{ANN}", data: {{ city: "Rome" }}) {{ id }}
            updateNotes(filter: {{ title: {{ eq: "Secret" }} }}, data: {{ title: "Secrets" }}) {{ id }}
        }}"""
    )
    await teller.tell()
    return teller


async def test_a_hidden_field_hides_what_has_changed_also_in_nested_lists(filled: Teller) -> None:
    key = await acting(filled.client, Role(hidden=("person.city",)))
    await refused(key, NESTED % "properties")
    assert len(await told(key, "name happensAt")) == 7
    # A field that is not active any more is as secret as before.
    await switch(filled.client, "person", "city", on=False)
    assert await field_id(filled.client, "person", "city")
    key = await acting(filled.client, Role(hidden=("person.city",)))
    await refused(key, NESTED % "properties")


async def test_who_sees_no_notes_learns_that_there_is_one_but_nothing_of_it(filled: Teller) -> None:
    for role in (Role(objects={"note": CLOSED}), Role(rows=(("note", "title", "IS", "Public"),))):
        key = await acting(filled.client, role)
        await refused(key, "{ timelineActivities { edges { node { linkedRecordCachedName } } } }")
        entries = await told(key)
        assert sorted(str(entry["name"]) for entry in entries) == [
            "linked-note.created",
            "linked-note.updated",
            "opportunity.created",
            "person.created",
            "person.updated",
        ]
        assert "ecret" not in str(entries)


async def test_what_was_told_of_a_destroyed_record_stays_hidden_from_who_saw_not_all_of_them(filled: Teller) -> None:
    roles = (Role(objects={"opportunity": CLOSED}), Role(rows=(("opportunity", "name", "IS", "Other"),)))
    keys = [await acting(filled.client, role) for role in roles]
    assert [await told(key, "name") for key in keys] == [await _without_deals(filled.client)] * 2
    await filled.client.data(f'mutation {{ destroyOpportunity(id: "{DEAL}") {{ id }} }}')
    assert [await told(key, "name") for key in keys] == [await _without_deals(filled.client)] * 2
    assert "opportunity.created" in {entry["name"] for entry in await told(filled.client)}


async def _without_deals(client: Client) -> list[dict[str, object]]:
    return [entry for entry in await told(client, "name") if entry["name"] != "opportunity.created"]


async def test_an_object_that_is_not_active_is_as_hidden_as_before(filled: Teller) -> None:
    await switch(filled.client, "opportunity", None, on=False)
    key = await acting(filled.client, Role(objects={"opportunity": CLOSED}))
    assert "opportunity.created" not in {entry["name"] for entry in await told(key)}
