"""The change feed page by page: what is told, from where on, and what is refused."""

import asyncio
import random
from datetime import timedelta

from rapport.events.cursor import Cursor, Snapshot
from rapport.events.retention import drop_old
from tests.edge.rest.asking import error, send
from tests.edge.rest.events.feed import now, page, short, streaming, walk
from tests.edge.rest.records import ACME, ADA, BEN, BOLT, CID, ask, fill
from tests.records.events import forget_events
from tests.serving import Client, make_tenant
from tests.waiting import until


async def test_everything_that_happens_to_a_record_is_told_with_the_record_as_it_was_then(client: Client) -> None:
    await fill(client)
    after = await now(client)
    changed = (await ask(client, "PATCH", f"/people/{ADA}?depth=0", {"city": "Rome"}))["data"]["updatePerson"]
    await ask(client, "DELETE", f"/people/{ADA}")
    await ask(client, "PATCH", f"/restore/people/{ADA}")
    await ask(client, "DELETE", f"/people/{ADA}?soft_delete=false")

    events = await walk(client, after)
    assert [each["action"] for each in events] == ["updated", "deleted", "restored", "destroyed"]
    assert {(each["object"], each["recordId"]) for each in events} == {("person", ADA)}
    updated, deleted, restored, destroyed = events
    assert list(updated) == [
        "cursor", "id", "action", "object", "recordId", "happenedAt", "updatedFields", "actor", "record",
    ]  # fmt: skip
    assert [list(each) for each in (deleted, restored, destroyed)] == [
        [name for name in updated if name != "updatedFields"]
    ] * 3
    assert updated["record"] == changed
    assert updated["updatedFields"] == ["city"]
    assert updated["happenedAt"] == changed["updatedAt"]
    actor = updated["actor"]
    assert list(actor) == ["source", "name", "userId", "workspaceMemberId", "apiKeyId"]
    assert {name: actor[name] for name in actor if name != "apiKeyId"} == {
        "source": "API", "name": "tests", "userId": None, "workspaceMemberId": None,
    }  # fmt: skip
    assert actor["apiKeyId"] is not None
    assert deleted["record"]["deletedAt"] is not None
    assert restored["record"]["deletedAt"] is None
    assert destroyed["record"] is None
    assert len({each["id"] for each in events}) == len({each["cursor"] for each in events}) == 4


async def test_what_was_before_is_told_to_those_who_ask(client: Client) -> None:
    await fill(client)
    await ask(client, "PATCH", f"/people/{ADA}", {"city": "Rome"})
    await ask(client, "DELETE", f"/people/{ADA}?soft_delete=false")

    events = await walk(client, query="before=true&objects=person")
    assert [list(each)[-2:] for each in events] == [["record", "before"]] * 5
    assert [each["before"] for each in events[:3]] == [None] * 3
    updated, destroyed = events[3:]
    assert (updated["before"]["city"], updated["record"]["city"]) == ("Oslo", "Rome")
    assert updated["before"] == events[0]["record"]
    assert destroyed["before"] == updated["record"]
    assert all("before" not in each for each in await walk(client, query="before=false"))


async def test_an_event_of_each_object_shows_what_rest_shows(client: Client) -> None:
    objects = (await ask(client, "GET", "/metadata/objects"))["data"]["objects"]
    made = []
    for each in objects:
        answer = await send(client, "POST", f"/{each['namePlural']}?depth=0", {})
        if answer.status_code == 201:
            (record,) = answer.json()["data"].values()
            made.append((each["nameSingular"], record))
    assert len(made) >= 5

    events = await walk(client)
    assert [(each["object"], each["record"]) for each in events] == made


async def test_pages_go_on_where_the_last_one_ended(client: Client) -> None:
    await fill(client)
    whole = await walk(client)
    assert short(whole) == [
        ("created", "company", "Acme"), ("created", "company", "Bolt"), ("created", "person", "Ada"),
        ("created", "person", "Ben"), ("created", "person", "Cid"),
    ]  # fmt: skip
    for limit in (1, 2, 3, 5, 60):
        found, after, pages = [], "", 0
        while True:
            got = await page(client, f"limit={limit}{after}")
            assert len(got["data"]["events"]) <= limit
            if got["data"]["events"]:
                assert got["data"]["events"][-1]["cursor"] == got["pageInfo"]["endCursor"]
            found += [{**each, "cursor": ""} for each in got["data"]["events"]]
            after, pages = f"&after={got['pageInfo']['endCursor']}", pages + 1
            if not got["pageInfo"]["hasNextPage"]:
                break
        assert found == [{**each, "cursor": ""} for each in whole]
        assert pages <= 5 // limit + 2
    assert (await page(client, after[1:]))["pageInfo"]["hasNextPage"] is False
    for name in ("starting_after", "startingAfter"):
        assert (await page(client, f"{name}={whole[-2]['cursor']}"))["data"]["events"][0]["id"] == whole[-1]["id"]


async def test_behind_each_event_exactly_the_rest_comes(client: Client) -> None:
    """With transactions that are open meanwhile, so that numbers and the order of commits differ."""
    await fill(client)
    chance = random.Random(3)
    held = [client.database.transaction() for _ in range(3)]
    log = f'"{client.tenant.schema}".event'
    event = (
        f'insert into {log} (action, object, "recordId", after, "updatedFields") '
        f"select 'updated', object, \"recordId\", after, '{{city}}' from {log} where \"recordId\" = $1 limit 1"
    )
    for transaction in held:
        connection = await transaction.__aenter__()
        await connection.execute(event, ADA)
    taken: list[str] = []
    after = None
    while held:
        for _ in range(chance.randint(1, 3)):
            await ask(client, "PATCH", f"/people/{BEN}", {"city": str(chance.random())})
        got = await page(client, "limit=2" + (f"&after={after}" if after else ""))
        taken += [each["id"] for each in got["data"]["events"]]
        after = got["pageInfo"]["endCursor"]
        await held.pop(chance.randrange(len(held))).__aexit__(None, None, None)
    rest = await walk(client, after, "limit=3")
    everything = [*taken, *(each["id"] for each in rest)]
    total = await client.database.value(f'select count(*) from "{client.tenant.schema}".event')
    assert len(everything) == len(set(everything)) == total

    whole = await walk(client, query="limit=4")
    for query in ("limit=3", "limit=1000", "limit=2&objects=person,company"):
        for at, each in enumerate(whole):
            rest = await walk(client, each["cursor"], query)
            assert [found["id"] for found in rest] == [found["id"] for found in whole[at + 1 :]]


async def test_objects_and_actions_are_chosen(client: Client) -> None:
    await fill(client)
    await ask(client, "PATCH", f"/people/{ADA}", {"city": "Rome"})
    await ask(client, "DELETE", f"/companies/{BOLT}")
    people = [("created", "person", name) for name in ("Ada", "Ben", "Cid")] + [("updated", "person", "Ada")]
    companies = [("created", "company", "Acme"), ("created", "company", "Bolt"), ("deleted", "company", "Bolt")]

    for name in ("person", "people", "%20people%20", "person,people"):
        assert short(await walk(client, query=f"objects={name}")) == people
    assert short(await walk(client, query="objects=companies")) == companies
    assert short(await walk(client, query="objects=companies,person")) == [*companies[:2], *people, companies[2]]
    assert short(await walk(client, query="objects=note")) == []
    assert short(await walk(client, query="actions=updated,deleted")) == [people[-1], companies[-1]]
    assert short(await walk(client, query="actions=created&objects=company&limit=1")) == companies[:2]
    assert short(await walk(client, query="objects=&actions=")) == short(await walk(client))


async def test_a_page_without_events_leads_on_as_well(client: Client) -> None:
    """Most of what happens is not asked for: the cursor goes past it."""
    await fill(client)
    got = await page(client, "objects=note")
    end = got["pageInfo"]["endCursor"]
    assert got == {"data": {"events": []}, "pageInfo": {"hasNextPage": False, "endCursor": end}}
    assert end == await now(client)
    await ask(client, "POST", "/notes", {"title": "New"}, 201)
    assert short(await walk(client, end, "objects=note")) == [("created", "note", "New")]


async def test_who_waits_is_answered_when_something_happens(client: Client) -> None:
    await fill(client)
    after = await now(client)
    waiting = [
        asyncio.create_task(page(client, f"wait=30&after={after}{more}")) for more in ("", "&objects=person&limit=1")
    ]
    done, _ = await asyncio.wait(waiting, timeout=0.1)
    assert not done
    await ask(client, "PATCH", f"/companies/{ACME}", {"employees": 11})
    first = await waiting[0]
    assert short(first["data"]["events"]) == [("updated", "company", "Acme")]
    assert not waiting[1].done()
    await ask(client, "PATCH", "/batch/people", [{"id": ADA, "city": "Rome"}, {"id": BEN, "city": "Rome"}])
    second = await waiting[1]
    assert short(second["data"]["events"]) == [("updated", "person", "Ada")]
    assert second["pageInfo"] == {"hasNextPage": True, "endCursor": second["data"]["events"][0]["cursor"]}
    rest = await page(client, f"wait=30&objects=person&after={second['pageInfo']['endCursor']}")  # at once
    assert short(rest["data"]["events"]) == [("updated", "person", "Ben")]
    end = rest["pageInfo"]["endCursor"]
    assert await page(client, f"wait=1&after={end}") == {
        "data": {"events": []}, "pageInfo": {"hasNextPage": False, "endCursor": end}
    }  # fmt: skip


WRONG: dict[str, tuple[int, str, str]] = {
    "objects=persons": (400, "BAD_USER_INPUT", "object 'persons' not found. eg: person"),
    "objects=person,": (400, "BAD_USER_INPUT", "object '' not found. eg: person"),
    "objects=" + "x" * 500: (400, "BAD_USER_INPUT", f"object '{'x' * 80}' not found. eg: person"),
    "actions=changed": (
        400, "BAD_USER_INPUT",
        "action 'changed' is invalid. Allowed values are created, updated, deleted, restored, destroyed, shown, hidden",
    ),
    "limit=0": (400, "BAD_USER_INPUT", "limit '0' is invalid. Should be an integer from 1 to 1000"),
    "limit=many": (400, "BAD_USER_INPUT", "limit 'many' is invalid. Should be an integer from 1 to 1000"),
    "wait=-1": (400, "BAD_USER_INPUT", "wait '-1' is invalid. Should be an integer from 0 to 30"),
    "before=perhaps": (400, "BAD_USER_INPUT", "'before' is invalid. Should be true or false"),
    "after=1&after=2": (400, "BAD_USER_INPUT", "'after' is given more than once"),
}  # fmt: skip
NO_CURSORS = [
    "", "x", "NOW", "****", "-1", "%C3%A9", "%00", "LTE", "MSwx", "MS8yLw", "MTsgZHJvcA", "OTk5OTk5OTk5OTk5OTk5OTk5OTk",
    "Nyw0LDU=" * 3000, "b0000001-0000-4000-8000-000000000001",
]  # fmt: skip


async def test_what_makes_no_sense_is_refused(shared: Client) -> None:
    for query, expected in WRONG.items():
        assert error(await send(shared, "GET", f"/events?{query}")) == expected
        if not query.startswith("wait"):  # which streams need not be asked
            stream = await send(shared, "GET", f"/events?{query}", headers={"Accept": "text/event-stream"})
            assert error(stream) == expected
    for method in ("POST", "DELETE", "PATCH"):
        answer = await send(shared, method, "/events", {})
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert (await send(shared, "GET", "/events", token=None)).status_code == 401
    assert (await send(shared, "GET", "/events/x")).status_code in (400, 404)
    head = await send(shared, "HEAD", "/events")
    assert (head.status_code, head.content) == (200, b"")


async def test_what_is_no_cursor_is_refused(shared: Client) -> None:
    for text in NO_CURSORS:
        for headers in ({}, {"Accept": "text/event-stream"}):
            answer = await send(shared, "GET", f"/events?after={text}", headers=headers)
            assert error(answer)[:2] == (400, "BAD_USER_INPUT"), text
            assert answer.json()["error"]["details"]["subCode"] == "INVALID_EVENT_CURSOR"
    answer = await send(shared, "GET", "/events?after=now", headers={"Last-Event-ID": "x"})
    assert answer.status_code == 400


async def test_more_than_the_most_is_taken_for_it(client: Client) -> None:
    await fill(client)
    assert short((await page(client, "limit=99999999999999999999"))["data"]["events"]) == short(await walk(client))
    await client.database.execute(
        f'insert into "{client.tenant.schema}".event (action, object, "recordId", after, "updatedFields") '
        f"select 'updated', object, \"recordId\", after, '{{city}}' from generate_series(1, 1100), "
        f'"{client.tenant.schema}".event where "recordId" = $1',
        ADA,
    )
    assert len((await page(client, "limit=5000"))["data"]["events"]) == 1000
    assert len((await page(client))["data"]["events"]) == 60
    assert len(await walk(client)) == 1105
    sparse = await page(client, "objects=company&limit=5")
    assert len(sparse["data"]["events"]) == 2
    assert sparse["pageInfo"]["hasNextPage"] is False


async def test_behind_what_was_dropped_a_new_snapshot_is_needed(client: Client) -> None:
    await fill(client)

    async def nothing_is_open() -> bool:
        """Tests beside this one have transactions on the same server, which cursors name while they are open."""
        return not any(Cursor.read(each["cursor"]).seen.open for each in await walk(client))

    await until(nothing_is_open)
    first, *_, last = await walk(client)
    await client.database.execute(
        f'update "{client.tenant.schema}".event set "happenedAt" = now() - interval \'31 days\''
    )
    assert await drop_old(client.database, timedelta(days=30), frozenset()) == 5
    message = "Events after this cursor have been dropped: they were older than events are kept. Take a new snapshot."

    for headers in ({}, {"Accept": "text/event-stream"}):
        answer = await send(client, "GET", f"/events?after={first['cursor']}", headers=headers)
        assert answer.status_code == 410
        assert answer.json()["error"]["code"] == "EVENT_CURSOR_EXPIRED"
        assert answer.json()["messages"] == [message]
    assert (await page(client, f"after={last['cursor']}"))["data"]["events"] == []
    await ask(client, "PATCH", f"/people/{CID}", {"city": "Rome"})
    assert short(await walk(client, last["cursor"])) == [("updated", "person", "Cid")]
    assert short(await walk(client)) == [("updated", "person", "Cid")]  # the oldest that is kept


async def test_a_cursor_of_the_future_is_of_a_database_that_is_no_more(client: Client) -> None:
    await fill(client)
    following = int(str(await client.database.value("select pg_snapshot_xmax(pg_current_snapshot())::text")))
    future = Snapshot(following + 1000)
    for cursor in (Cursor(seen=future), Cursor(seen=Snapshot(0), until=future, seq=1), Cursor(seen=Snapshot(2**62))):
        for headers in ({}, {"Accept": "text/event-stream"}):
            answer = await send(client, "GET", f"/events?after={cursor}", headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (410, "EVENT_CURSOR_EXPIRED")
    assert (await page(client, f"after={await now(client)}"))["data"]["events"] == []


async def test_a_place_between_two_events_expires_with_what_it_has_not_seen(client: Client) -> None:
    """It has seen the numbers up to one, but not of a transaction that committed later and was dropped since."""
    await fill(client)
    log = f"{client.tenant.schema}.event"
    columns = 'action, object, "recordId", after'
    event = f"insert into {log} ({columns}) select 'created', object, $1, after from {log} limit 1"
    async with client.database.transaction() as late:
        await late.execute(event, ADA)
        for _ in range(3):
            await client.database.execute(event, BEN)
        cursors = [each["cursor"] for each in await walk(client, query="limit=2")]
    await client.database.execute(
        f'update {log} set "happenedAt" = now() - interval \'31 days\' where "recordId" = $1 and seq > 5', ADA
    )
    await client.database.execute(f"update {log} set \"happenedAt\" = now() - interval '31 days' where seq <= 5")
    assert await drop_old(client.database, timedelta(days=30), frozenset()) == 6

    for cursor in cursors:  # none of them has seen it
        assert (await send(client, "GET", f"/events?after={cursor}")).status_code == 410, cursor


async def test_another_workspace_has_other_events(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    await fill(client)
    cursors = [each["cursor"] for each in await walk(client)]

    assert await walk(other) == []
    for each in cursors:  # they say how far transactions were, and nothing else
        assert await walk(other, each) == []
    await ask(other, "POST", "/notes", {"title": "Theirs"}, 201)
    assert short(await walk(other, cursors[0])) == [("created", "note", "Theirs")]
    assert "Theirs" not in str(await walk(client))


async def test_where_nothing_has_happened_there_is_a_cursor_all_the_same(client: Client) -> None:
    await forget_events(client)
    for query in ("", "after=now", "limit=1"):
        got = await page(client, query)
        assert got["data"]["events"] == []
    async with streaming(client) as stream:
        (frame,) = await stream.has_frames(1)
        assert (frame.event, frame.json) == ("cursor", {"cursor": frame.id})
    await fill(client)
    assert len(await walk(client, got["pageInfo"]["endCursor"])) == 5
