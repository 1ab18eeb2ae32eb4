"""Event streams: what a client is told that keeps its queries up to date."""

from collections.abc import Mapping
from typing import Any

from tests.live.streams import add, asked, opened
from tests.recording import recording
from tests.records.member import member
from tests.serving import Client, serving

ID = "b0000001-0000-4000-8000-000000000001"
OTHER = "b0000001-0000-4000-8000-000000000002"
CREATE = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
UPDATE = "mutation($id: UUID!, $data: PersonUpdateInput!) { updatePerson(id: $id, data: $data) { id } }"
IN_OSLO = {"city": {"eq": "Oslo"}}


async def create(client: Client, record_id: str = ID, **data: object) -> None:
    await client.data(CREATE, {"data": {"id": record_id, **data}})


async def update(client: Client, record_id: str = ID, **data: object) -> None:
    await client.data(UPDATE, {"id": record_id, "data": data})


async def do(client: Client, verb: str, record_id: str = ID) -> None:
    await client.data(f'mutation {{ {verb}Person(id: "{record_id}") {{ id }} }}')


async def shown(client: Client, record_id: str = ID) -> dict[str, Any]:
    """A person as REST shows them, who has no numbers that it would put in quotes."""
    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    answer = await client.http.get(f"{client.url}/rest/people/{record_id}?depth=0", headers=headers)
    found: dict[str, Any] = answer.json()["data"]["person"]
    return found


def summary(element: Mapping[str, Any]) -> tuple[str, str, list[str], list[str]]:
    """Action and record, the queries that are concerned, and those that the record has left."""
    event = element["event"]
    return event["action"], event["recordId"], sorted(element["queryIds"]), sorted(element["leftQueryIds"])


# -- what is told ---------------------------------------------------------------------------------------------------


async def test_a_stream_begins_with_an_empty_list(client: Client) -> None:
    async with asked(client, "tab-1") as stream:
        first = await stream.next()
        assert first == {"data": {"onEventSubscription": {"eventStreamId": "tab-1", "eventWithQueryIdsList": []}}}
        assert stream.cursor


async def test_everything_that_happens_to_a_record_is_told_with_the_record_before_and_after(client: Client) -> None:
    async with opened(client) as stream:
        assert await stream.add("all", "person", orderBy=[{"position": "AscNullsFirst"}], limit=60) is True
        await create(client, city="Bergen", name={"firstName": "Ida"})
        created = await stream.element()
        before = await shown(client)
        assert created == {
            "event": {
                "action": "CREATED",
                "objectNameSingular": "person",
                "recordId": ID,
                "userId": None,
                "workspaceMemberId": None,
                "properties": {"updatedFields": None, "before": None, "after": before, "diff": None},
            },
            "queryIds": ["all"],
            "leftQueryIds": [],
        }
        await update(client, city="Oslo", name={"lastName": "Moe"})
        updated, after = await stream.element(), await shown(client)
        properties = updated["event"]["properties"]
        assert sorted(properties.pop("updatedFields")) == ["city", "name"]
        assert properties == {
            "before": before,
            "after": after,
            "diff": {
                "city": {"before": "Bergen", "after": "Oslo"},
                "name": {
                    "before": {"firstName": "Ida", "lastName": None},
                    "after": {"firstName": "Ida", "lastName": "Moe"},
                },
            },
        }
        for verb, action in (("delete", "DELETED"), ("restore", "RESTORED")):
            before = after
            await do(client, verb)
            told = await stream.element()
            after = told["event"]["properties"]["after"]
            assert (after["deletedAt"] is None) == (verb == "restore")
            assert {**after, "updatedAt": 0, "deletedAt": 0} == {**before, "updatedAt": 0, "deletedAt": 0}
            assert told["event"]["action"] == action
            assert told["event"]["properties"] == {
                "updatedFields": None,
                "before": before,
                "after": after,
                "diff": None,
            }
        assert after == await shown(client)
        await do(client, "destroy")
        told = await stream.element()
        assert told["event"]["properties"] == {"updatedFields": None, "before": after, "after": None, "diff": None}
        assert summary(told) == ("DESTROYED", ID, ["all"], ["all"])


async def test_numbers_are_numbers_and_links_to_records_are_ids(client: Client) -> None:
    company = "c0000001-0000-4000-8000-000000000001"
    await client.data(f'mutation {{ createCompany(data: {{id: "{company}"}}) {{ id }} }}')
    async with opened(client) as stream:
        await stream.add("q", "opportunity", {"name": {"eq": "Big"}})
        money = '{amountMicros: "1500000", currencyCode: "EUR"}'
        await client.data(
            f'mutation {{ createOpportunity(data: {{id: "{ID}", name: "Big", amount: {money}}}) {{ id }} }}'
        )
        assert (await stream.element())["event"]["properties"]["after"]["amount"] == {
            "amountMicros": 1500000,
            "currencyCode": "EUR",
        }
        await client.data(f'mutation {{ updateOpportunity(id: "{ID}", data: {{companyId: "{company}"}}) {{ id }} }}')
        told = (await stream.element())["event"]["properties"]
        assert (told["updatedFields"], told["diff"]) == (["company"], {"companyId": {"before": None, "after": company}})


async def test_the_one_who_did_it_is_told(client: Client) -> None:
    ines, member_id = await member(client)
    async with opened(client) as stream:
        await stream.add("q", "person")
        await create(ines)
        event = (await stream.element())["event"]
        user_id = (await ines.data("{ currentUser { id } }"))["currentUser"]["id"]
        assert (event["userId"], event["workspaceMemberId"]) == (user_id, str(member_id))


async def test_both_spellings_of_the_contract_are_served_under_any_key(client: Client) -> None:
    document = """subscription Tab($eventStreamId: String!) {
      it: onEventSubscription(eventStreamId: $eventStreamId) {
        __typename
        ...Events
        stream: eventStreamId
        short: eventWithQueryIdsList { ids: queryIds __typename event { what: action } }
      }
    }
    fragment Events on EventSubscription {
      objectRecordEventsWithQueryIds {
        objectRecordEvent { recordId properties { changes: diff ... on ObjectRecordEventProperties { updatedFields } } }
        queryIds
      }
    }"""
    async with opened(client, "x", document=document) as stream:
        await stream.add("q", "person")
        await create(client)
        first = (await stream.next())["data"]["it"]
        await update(client, city="Oslo")
        second = (await stream.next())["data"]["it"]
        assert first["short"] == [{"ids": ["q"], "__typename": "EventWithQueryIds", "event": {"what": "CREATED"}}]
        assert second == {
            "__typename": "EventSubscription",
            "objectRecordEventsWithQueryIds": [
                {
                    "objectRecordEvent": {
                        "recordId": ID,
                        "properties": {
                            "changes": {"city": {"before": None, "after": "Oslo"}},
                            "updatedFields": ["city"],
                        },
                    },
                    "queryIds": ["q"],
                }
            ],
            "stream": "x",
            "short": [{"ids": ["q"], "__typename": "EventWithQueryIds", "event": {"what": "UPDATED"}}],
        }


# -- to which queries -----------------------------------------------------------------------------------------------


async def test_a_record_comes_into_a_query_and_leaves_it(client: Client) -> None:
    async with opened(client) as stream:
        await stream.add("oslo", "person", IN_OSLO)
        await create(client, city="Bergen")  # nobody's
        await update(client, city="Oslo")
        assert summary(await stream.element()) == ("UPDATED", ID, ["oslo"], [])
        await update(client, jobTitle="Baker")
        assert summary(await stream.element()) == ("UPDATED", ID, ["oslo"], [])
        await update(client, city="Bergen")
        left = await stream.element()
        assert summary(left) == ("UPDATED", ID, ["oslo"], ["oslo"])
        assert left["event"]["properties"]["before"]["city"] == "Oslo"
        assert left["event"]["properties"]["after"]["city"] == "Bergen"
        await update(client, city="Rome")  # nobody's
        await update(client, city="Oslo")
        assert summary(await stream.element()) == ("UPDATED", ID, ["oslo"], [])


async def test_deleted_records_belong_to_queries_that_speak_of_them(client: Client) -> None:
    async with opened(client) as stream:
        await stream.add("living", "person")
        await stream.add("trash", "person", {"deletedAt": {"is": "NOT_NULL"}})
        await stream.add("both", "person", {"or": [{"deletedAt": {"is": "NULL"}}, {"deletedAt": {"is": "NOT_NULL"}}]})
        await create(client)
        assert summary(await stream.element()) == ("CREATED", ID, ["both", "living"], [])
        await do(client, "delete")
        assert summary(await stream.element()) == ("DELETED", ID, ["both", "living", "trash"], ["living"])
        await client.data(
            f'mutation {{ updatePeople(filter: {{id: {{eq: "{ID}"}}, deletedAt: {{is: NOT_NULL}}}},'
            ' data: {city: "Oslo"}) { id } }'
        )
        assert summary(await stream.element()) == ("UPDATED", ID, ["both", "trash"], [])
        await do(client, "restore")
        assert summary(await stream.element()) == ("RESTORED", ID, ["both", "living", "trash"], ["trash"])
        await do(client, "delete")
        await do(client, "destroy")
        assert summary(await stream.element()) == ("DELETED", ID, ["both", "living", "trash"], ["living"])
        # Even the one that had it no more is told: it may have kept what it knew.
        everywhere = ["both", "living", "trash"]
        assert summary(await stream.element()) == ("DESTROYED", ID, everywhere, everywhere)


async def test_each_event_comes_once_with_all_the_queries_it_concerns(client: Client) -> None:
    async with opened(client) as stream:
        await stream.add("all", "person")
        await stream.add("same", "person", {})
        await stream.add("one", "person", {"id": {"eq": ID}})
        await stream.add("some", "person", {"and": [{"id": {"in": [ID, OTHER]}}, IN_OSLO]})
        await stream.add("not", "person", {"not": IN_OSLO})
        await stream.add("other", "person", {"id": {"eq": OTHER.upper()}})
        await stream.add("linked", "person", {"company": {"name": {"ilike": "a%"}}})
        await stream.add("companies", "company")
        await create(client, city="Oslo")
        assert summary(await stream.element()) == ("CREATED", ID, ["all", "one", "same", "some"], [])
        company = "c0000001-0000-4000-8000-000000000001"
        await client.data(f'mutation {{ createCompany(data: {{id: "{company}", name: "Acme"}}) {{ id }} }}')
        assert summary(await stream.element()) == ("CREATED", company, ["companies"], [])
        await create(client, OTHER, city="Rome", companyId=company)
        assert summary(await stream.element()) == ("CREATED", OTHER, ["all", "linked", "not", "other", "same"], [])


async def test_the_order_of_what_happens_to_a_record_is_kept(client: Client) -> None:
    async with opened(client) as stream:
        await stream.add("q", "person", {"jobTitle": {"neq": "x"}})
        await create(client, jobTitle="0")
        for number in range(1, 20):
            await update(client, jobTitle=str(number))
        titles = [(await stream.element())["event"]["properties"]["after"]["jobTitle"] for _ in range(20)]
        assert titles == list(map(str, range(20)))


async def test_a_query_that_is_removed_or_replaced_is_told_of_no_more(client: Client) -> None:
    async with opened(client) as stream:
        await stream.add("a", "person")
        await stream.add("b", "person")
        assert await stream.remove("b") is True
        assert await stream.remove("never") is True
        await create(client)
        assert summary(await stream.element()) == ("CREATED", ID, ["a"], [])
        await stream.add("a", "person", {"city": {"eq": "Rome"}})
        await update(client, city="Oslo")
        await update(client, city="Rome")
        assert summary(await stream.element()) == ("UPDATED", ID, ["a"], [])


# -- any process ----------------------------------------------------------------------------------------------------


async def test_another_process_may_be_asked_to_add_a_query(client: Client) -> None:
    async with serving(client.database, client.tenant, deaf=True) as other, opened(client) as stream:
        for number in range(5):
            record_id = f"b0000001-0000-4000-8000-00000000001{number}"
            assert await add(other, stream.id, f"q{number}", "person", {"id": {"eq": record_id}})
            await create(client, record_id)  # at once: nothing is lost until the holder has heard
            assert summary(await stream.element()) == ("CREATED", record_id, [f"q{number}"], [])


async def test_what_another_process_changes_is_told(client: Client) -> None:
    async with serving(client.database, client.tenant) as other, opened(client) as stream:
        await stream.add("q", "person")
        await create(other)
        assert summary(await stream.element()) == ("CREATED", ID, ["q"], [])


# -- going on -------------------------------------------------------------------------------------------------------


async def test_a_stream_goes_on_from_a_cursor_with_the_queries_that_it_had(client: Client) -> None:
    async with opened(client, "tab") as stream:
        await stream.add("q", "person")
        await create(client)
        await stream.element()
        cursor = stream.cursor
    await update(client, city="Oslo")
    await update(client, city="Rome")
    async with opened(client, "tab", after=cursor) as again:
        cities = [(await again.element())["event"]["properties"]["after"]["city"] for _ in range(2)]
        assert cities == ["Oslo", "Rome"]
        await update(client, city="Bergen")
        assert summary(await again.element()) == ("UPDATED", ID, ["q"], [])


async def test_two_connections_may_have_one_stream(client: Client) -> None:
    async with opened(client, "tab") as one, opened(client, "tab") as two:
        await one.add("q", "person")
        await create(client)
        assert await one.element() == await two.element()


# -- how much work that is ------------------------------------------------------------------------------------------


async def test_streams_with_the_same_queries_ask_the_database_once(client: Client) -> None:
    async with recording(client) as recorder:
        server, log = recorder.client, recorder.log
        async with opened(server) as one, opened(server) as two, opened(server) as three:
            streams = (one, two, three)
            for stream in streams:
                await stream.add("all", "person")
                await stream.add("oslo", "person", IN_OSLO)
                await stream.add("none", "person", {"id": {"eq": OTHER}})
                await stream.add("companies", "company")
            await create(server, city="Oslo")
            for stream in streams:
                await stream.element()
            log.clear()
            await update(server, city="Rome")
            for stream in streams:
                assert summary(await stream.element()) == ("UPDATED", ID, ["all", "oslo"], ["oslo"])
            asked_for = [sql for sql in log if "jsonb_populate_record" in sql or "eventStream" in sql]
            assert len(asked_for) == 3, asked_for  # the queries, the filter, the records


async def test_what_concerns_no_query_is_not_looked_at(client: Client) -> None:
    async with recording(client) as recorder, opened(recorder.client) as stream:
        await stream.add("one", "person", {"id": {"eq": OTHER}})
        await stream.add("companies", "company")
        recorder.log.clear()
        await create(recorder.client)
        await create(recorder.client, OTHER)
        await stream.element()
        assert len([sql for sql in recorder.log if "jsonb_populate_record" in sql]) == 1


async def test_a_document_of_several_additions_adds_all(client: Client) -> None:
    async with opened(client) as stream:
        signature = {"objectNameSingular": "person"}
        given = {"eventStreamId": stream.id, "queryId": "a", "operationSignature": signature}
        fields = "addQueryToEventStream(input: $a) b: addQueryToEventStream(input: $b)"
        document = f"mutation ($a: AddQuerySubscriptionInput!, $b: AddQuerySubscriptionInput!) {{ {fields} }}"
        answer = await client.data(document, {"a": given, "b": {**given, "queryId": "b"}})
        assert answer == {"addQueryToEventStream": True, "b": True}
        await create(client)
        assert summary(await stream.element()) == ("CREATED", ID, ["a", "b"], [])
