"""The timeline of a running server, as clients see it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rapport.app import background
from rapport.base.settings import Settings
from rapport.events.bell import EVENTS, Bell
from rapport.store.notifications import Notifications
from tests.jobs.working import until
from tests.records.member import member
from tests.serving import SECRET, Client

TIMELINE = """query ($id: UUID!) { person(filter: { id: { eq: $id } }) {
    timelineActivities(orderBy: [{ happensAt: AscNullsLast }, { id: AscNullsLast }]) {
        totalCount
        edges { node {
            name properties linkedRecordCachedName
            targetPerson { name { firstName } } person { id } workspaceMember { name { firstName } }
        } }
    }
} }"""


@asynccontextmanager
async def working(client: Client) -> AsyncIterator[None]:
    """What goes on beside requests, for as long as the block lasts."""
    notifications = Notifications(client.database.dialing)
    bell = Bell(notifications.send)
    notifications.subscribe(EVENTS, bell.hear)
    work = background(Settings(), client.database, SECRET, url=client.url, bell=bell, notifications=notifications)
    await notifications.start()
    work.start()
    try:
        yield
    finally:
        await work.stop()
        await bell.close()
        await notifications.close()


async def test_what_clients_do_is_in_the_timeline_a_moment_later(client: Client) -> None:
    """Over GraphQL and REST; read in both, nested and not."""
    user, _ = await member(client)
    headers = {"Authorization": f"Bearer {user.tenant.key}"}
    async with working(client):
        answer = await client.http.post(
            f"{client.url}/rest/people", json={"name": {"firstName": "Ann"}, "city": "Oslo"}, headers=headers
        )
        ann = answer.json()["data"]["createPerson"]["id"]
        await client.http.patch(f"{client.url}/rest/people/{ann}", json={"city": "Rome"}, headers=headers)
        note = f'createNote(data: {{ title: "Call", noteTargets: {{ create: [{{ targetPersonId: "{ann}" }}] }} }})'
        await client.data(f"mutation {{ {note} {{ id }} }}")

        async def is_told() -> bool:
            found = await client.data(TIMELINE, {"id": ann})
            return bool(found["person"]["timelineActivities"]["totalCount"] == 3)

        await until(is_told)
    found = (await client.data(TIMELINE, {"id": ann}))["person"]["timelineActivities"]
    nodes = [edge["node"] for edge in found["edges"]]
    created = nodes[0].pop("properties")["after"]
    assert (created["id"], created["city"]) == (ann, "Oslo")
    person = {"targetPerson": {"name": {"firstName": "Ann"}}, "person": {"id": ann}}
    ines = {"name": {"firstName": "Inès"}}
    assert nodes == [
        {"name": "person.created", "linkedRecordCachedName": None, "workspaceMember": ines, **person},
        {
            "name": "person.updated",
            "properties": {"diff": {"city": {"before": "Oslo", "after": "Rome"}}},
            "linkedRecordCachedName": None,
            "workspaceMember": ines,
            **person,
        },
        {
            "name": "linked-note.created",
            "properties": None,
            "linkedRecordCachedName": "Call",
            "workspaceMember": None,
            **person,
        },
    ]
    url = f"{client.url}/rest/timelineActivities?filter=personId[eq]:{ann}&order_by=happensAt,id&limit=2&depth=1"
    shown = (await client.http.get(url, headers=headers)).json()
    assert shown["totalCount"] == 3
    assert [(each["name"], each["targetPerson"]["city"]) for each in shown["data"]["timelineActivities"]] == [
        ("person.created", "Rome"),
        ("person.updated", "Rome"),
    ]
    events = await client.database.value(
        f"""select count(*) from "{client.tenant.schema}".event where object = 'timelineActivity'"""
    )
    assert events == 0
