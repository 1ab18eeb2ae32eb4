"""Event streams tell nobody what they may not see."""

from dataclasses import replace

import pytest

from tests.access.acting import Role, acting, hide, make_role
from tests.datamodel.asking import object_named
from tests.live.streams import ADD, REMOVE, Stream, add, asked, opened
from tests.live.test_streams import ID, OTHER, create, summary, update
from tests.records.member import member
from tests.roles.asking import fault
from tests.serving import Client, make_tenant

THEIRS = ("FORBIDDEN", "EVENT_STREAM_NOT_OWNED")


async def refused(stream: Stream) -> tuple[str, str | None]:
    """Code and sub code of the error that ends a stream."""
    found = await stream.next()
    assert found.keys() == {"errors"}, found
    (error,) = found["errors"]
    return error["extensions"]["code"], error["extensions"].get("subCode")


def adding(stream_id: str, name: str = "person", **variables: object) -> dict[str, object]:
    signature = {"objectNameSingular": name, "variables": variables}
    return {"i": {"eventStreamId": stream_id, "queryId": "q", "operationSignature": signature}}


# -- whose a stream is ----------------------------------------------------------------------------------------------


async def test_a_stream_belongs_to_the_one_who_has_opened_it(client: Client) -> None:
    key, (ines, _) = await acting(client, Role()), await member(client)
    async with opened(client, "tab") as stream:
        for other in (key, ines):
            assert await fault(other, ADD, adding("tab")) == THEIRS
            assert await fault(other, REMOVE, {"i": {"eventStreamId": "tab", "queryId": "q"}}) == THEIRS
            async with asked(other, "tab") as theirs:
                assert await refused(theirs) == THEIRS
        await stream.add("mine", "person")
        await create(client)
        assert summary(await stream.element()) == ("CREATED", ID, ["mine"], [])


async def test_workspaces_know_nothing_of_each_others_streams(client: Client) -> None:
    stranger = client.as_tenant(await make_tenant(client.database, "Others"))
    async with opened(client, "tab") as mine:
        assert await add(stranger, "tab", "q", "person") is False
        async with opened(stranger, "tab") as theirs:
            assert await theirs.add("theirs", "person")
            assert await mine.add("mine", "person")
            await create(client)
            await create(stranger, OTHER)
            assert summary(await mine.element()) == ("CREATED", ID, ["mine"], [])
            assert summary(await theirs.element()) == ("CREATED", OTHER, ["theirs"], [])


async def test_without_a_token_nothing_is_opened(client: Client) -> None:
    nobody = client.as_tenant(replace(client.tenant, key="sk_live_" + "0" * 43))
    with pytest.raises(AssertionError):
        async with asked(nobody, "tab"):
            pass


# -- what of the records --------------------------------------------------------------------------------------------


async def test_hidden_fields_are_neither_shown_nor_told_of(client: Client) -> None:
    key = await acting(client, Role(hidden=("person.jobTitle", "person.createdBy")))
    ines, _ = await member(client)
    async with opened(key) as stream:
        await stream.add("q", "person")
        await create(ines, jobTitle="Baker", city="Oslo")
        event = (await stream.element())["event"]
        assert event["properties"]["after"]["city"] == "Oslo"
        assert not event["properties"]["after"].keys() & {"jobTitle", "createdBy"}
        assert (event["userId"], event["workspaceMemberId"]) == (None, None)  # their author is hidden
        await update(ines, jobTitle="Cook")  # nothing that they could see
        await update(ines, jobTitle="Smith", city="Rome")
        properties = (await stream.element())["event"]["properties"]
        assert (properties["updatedFields"], properties["diff"]) == (
            ["city"],
            {"city": {"before": "Oslo", "after": "Rome"}},
        )
        assert "jobTitle" not in properties["before"]
        assert "jobTitle" not in properties["after"]


async def test_a_record_that_goes_out_of_sight_is_destroyed_for_them_and_comes_back_as_a_new_one(
    client: Client,
) -> None:
    key = await acting(client, Role(rows=(("person", "city", "IS", "Oslo"),)))
    async with opened(key) as stream:
        await stream.add("q", "person")
        await stream.add("one", "person", {"id": {"eq": ID}})
        await stream.add("bakers", "person", {"jobTitle": {"eq": "Baker"}})
        await create(client, city="Oslo", jobTitle="Baker")
        assert summary(await stream.element()) == ("CREATED", ID, ["bakers", "one", "q"], [])
        await update(client, city="Rome", jobTitle="Spy")
        gone = await stream.element()
        everywhere = ["bakers", "one", "q"]
        assert summary(gone) == ("DESTROYED", ID, everywhere, everywhere)
        properties = gone["event"]["properties"]
        assert properties["before"]["jobTitle"] == "Baker"
        assert {**properties, "before": 0} == {"before": 0, "after": None, "diff": None, "updatedFields": None}
        await update(client, jobTitle="Cook")  # of this they know nothing
        await update(client, city="Oslo")
        back = await stream.element()
        assert summary(back) == ("CREATED", ID, ["one", "q"], [])
        assert back["event"]["properties"]["before"] is None
        assert back["event"]["properties"]["after"]["jobTitle"] == "Cook"


async def test_rules_that_ask_for_the_caller_hold_for_each(client: Client) -> None:
    role = await make_role(client, Role(member_rows=(("person", "jobTitle", "IS", "colorScheme"),)))
    ines, _ = await member(client, email="ines@example.com", role_id=role)
    otto, otto_id = await member(client, email="otto@example.com", role_id=role)
    await client.database.execute(
        f'update "{client.tenant.schema}"."workspaceMember" set "colorScheme" = $1 where id = $2', "Dark", otto_id
    )
    async with opened(ines) as of_ines, opened(otto) as of_otto:
        await of_ines.add("q", "person")
        await of_otto.add("q", "person")
        await create(client, jobTitle="Dark")
        await create(client, OTHER, jobTitle="System")
        assert summary(await of_otto.element()) == ("CREATED", ID, ["q"], [])
        assert summary(await of_ines.element()) == ("CREATED", OTHER, ["q"], [])


async def test_nobody_adds_a_query_about_what_they_may_not_see(client: Client) -> None:
    key = await acting(client, Role(hidden=("person.jobTitle",), objects={"company": {"read": False}}))
    denied = ("FORBIDDEN", "PERMISSION_DENIED")
    async with opened(key) as stream:
        assert await fault(key, ADD, adding(stream.id, "company")) == denied
        assert await fault(key, ADD, adding(stream.id, filter={"jobTitle": {"eq": "Spy"}})) == denied
        assert await fault(key, ADD, adding(stream.id, filter={"company": {"name": {"eq": "Spies"}}})) == denied


async def test_rights_that_are_taken_away_are_gone_with_the_next_event(client: Client) -> None:
    role_id = await make_role(client, Role())
    ines, _ = await member(client, role_id=role_id)
    async with opened(ines) as stream:
        await stream.add("people", "person")
        await stream.add("bakers", "person", {"jobTitle": {"eq": "Baker"}})
        await stream.add("companies", "company")
        await create(client, jobTitle="Baker")
        assert summary(await stream.element()) == ("CREATED", ID, ["bakers", "people"], [])
        await hide(client, role_id, "person.jobTitle")
        await update(client, city="Oslo", jobTitle="Cook")
        told = await stream.element()
        assert summary(told) == ("UPDATED", ID, ["people"], [])  # the other one makes no sense any more
        assert told["event"]["properties"]["diff"] == {"city": {"before": None, "after": "Oslo"}}
        await client.data(f'mutation {{ deletePerson(id: "{ID}") {{ id }} }}')
        assert summary(await stream.element()) == ("DELETED", ID, ["people"], ["people"])


async def test_a_revoked_key_is_told_nothing_more(client: Client) -> None:
    key = await acting(client, Role())
    async with opened(key) as stream:
        await stream.add("q", "person")
        (key_id,) = [
            each["id"] for each in (await client.data("{ apiKeys { id name } }"))["apiKeys"] if each["name"] == "acting"
        ]
        await client.data(f'mutation {{ revokeApiKey(input: {{id: "{key_id}"}}) {{ id }} }}')
        await create(client)
        assert await refused(stream) == ("FORBIDDEN", "FORBIDDEN_EXCEPTION")


# -- a data model that changes --------------------------------------------------------------------------------------


async def test_fields_that_come_while_a_stream_is_open_are_in_what_it_tells(client: Client) -> None:
    async with opened(client) as stream:
        await stream.add("q", "person")
        await create(client)
        await stream.element()
        person = await object_named(client, "person")
        field = {"objectMetadataId": person["id"], "name": "nick", "label": "Nick", "type": "TEXT"}
        made = "mutation($i: CreateOneFieldMetadataInput!) { createOneField(input: $i) { id } }"
        field_id = (await client.data(made, {"i": {"field": field}}))["createOneField"]["id"]
        await stream.add("nicks", "person", {"nick": {"eq": "Zoe"}})
        await update(client, nick="Zoe")
        told = await stream.element()
        assert summary(told) == ("UPDATED", ID, ["nicks", "q"], [])
        assert told["event"]["properties"]["diff"] == {"nick": {"before": None, "after": "Zoe"}}
        await client.data(
            "mutation($i: UpdateOneFieldMetadataInput!) { updateOneField(input: $i) { id } }",
            {"i": {"id": field_id, "update": {"isActive": False}}},
        )
        await client.data(f'mutation {{ deleteOneField(input: {{id: "{field_id}"}}) {{ id }} }}')
        await update(client, city="Rome")
        told = await stream.element()
        assert summary(told) == ("UPDATED", ID, ["q"], [])
        assert "nick" not in told["event"]["properties"]["after"]
