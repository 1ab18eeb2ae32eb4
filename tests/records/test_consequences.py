"""What the destruction of records does to others is in the log, and the log is true."""

import asyncio
import json
from typing import Any

import pytest

from rapport.records.consequences import dependents
from tests.edge.graphql.models import standard
from tests.edge.rest.asking import send
from tests.edge.rest.records import ACME, ADA, BEN, BOLT, ask, fill
from tests.records.events import Event, events, forget_events
from tests.serving import Client

NOTE, TARGET, FAVORITE, FILE, DEAL = (f"d0000000-0000-4000-8000-00000000000{number}" for number in range(1, 6))


async def linked(client: Client) -> None:
    """Acme has people, a deal, a note, a favorite and a file."""
    await fill(client)
    await ask(client, "POST", "/notes", {"id": NOTE, "title": "Call"}, 201)
    await ask(client, "POST", "/noteTargets", {"id": TARGET, "noteId": NOTE, "targetCompanyId": ACME}, 201)
    await ask(client, "POST", "/favorites", {"id": FAVORITE, "companyId": ACME}, 201)
    await ask(client, "POST", "/attachments", {"id": FILE, "name": "a.txt", "targetCompanyId": ACME}, 201)
    deal = {"id": DEAL, "name": "Deal", "companyId": ACME, "pointOfContactId": ADA}
    await ask(client, "POST", "/opportunities", deal, 201)
    await forget_events(client)


def short(found: list[Event]) -> list[tuple[str, str, str, tuple[str, ...] | None]]:
    return sorted((each.action, each.kind, each.record_id, each.updated_fields) for each in found)


async def rows(client: Client) -> dict[str, dict[str, Any]]:
    """All rows of the objects that the tests change, by id, as events keep them."""
    found: dict[str, dict[str, Any]] = {}
    for table in ("company", "person", "opportunity", "note", "noteTarget", "favorite", "attachment"):
        sql = f'select id, (to_jsonb(t.*) - \'searchVector\')::text as kept from "{client.tenant.schema}"."{table}" t'
        found |= {str(row["id"]): json.loads(row["kept"]) for row in await client.database.rows(sql)}
    return found


async def replayed(client: Client, before: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The rows as they must be by now, according to the log."""
    found = dict(before)
    for event in await events(client):
        assert event.before == found.get(event.record_id)
        if event.after is None:
            del found[event.record_id]
        else:
            found[event.record_id] = dict(event.after)
    return found


@pytest.mark.parametrize(
    "path", [f"/companies/{ACME}?soft_delete=false", "/companies?filter=name[eq]:Acme&soft_delete=false"]
)
async def test_links_are_emptied_and_what_hangs_on_a_record_goes(client: Client, path: str) -> None:
    await linked(client)
    before = await rows(client)
    assert (await send(client, "DELETE", path)).status_code == 200

    found = await events(client)
    assert short(found) == [
        ("destroyed", "attachment", FILE, None), ("destroyed", "company", ACME, None),
        ("destroyed", "favorite", FAVORITE, None), ("destroyed", "noteTarget", TARGET, None),
        ("updated", "opportunity", DEAL, ("company",)), ("updated", "person", ADA, ("company",)),
        ("updated", "person", BEN, ("company",)),
    ]  # fmt: skip
    assert {json.dumps(each.actor) for each in found} == {json.dumps(found[0].actor)}
    assert await replayed(client, before) == await rows(client)


async def test_what_links_by_several_fields_is_told_once(client: Client) -> None:
    """A custom object that points twice to companies and goes with a person."""
    await fill(client)
    objects = {
        each["nameSingular"]: each for each in (await ask(client, "GET", "/metadata/objects"))["data"]["objects"]
    }
    names = {"nameSingular": "lease", "namePlural": "leases", "labelSingular": "Lease", "labelPlural": "Leases"}
    lease = (await ask(client, "POST", "/metadata/objects", names, 201))["data"]["createOneObject"]
    for name, target in (("landlord", "company"), ("tenant", "company"), ("agent", "person")):
        relation = {
            "type": "MANY_TO_ONE", "targetObjectMetadataId": objects[target]["id"],
            "targetFieldLabel": f"Leases as {name}", "targetFieldIcon": "IconKey",
        }  # fmt: skip
        body = {"objectMetadataId": lease["id"], "type": "RELATION", "name": name, "label": name.title()}
        await ask(client, "POST", "/metadata/fields", {**body, "relationCreationPayload": relation}, 201)
    data = [
        {"name": "both", "landlordId": ACME, "tenantId": ACME}, {"name": "one", "landlordId": ACME, "tenantId": BOLT},
        {"name": "none", "landlordId": BOLT, "agentId": ADA},
    ]  # fmt: skip
    await ask(client, "POST", "/batch/leases", data, 201)
    await forget_events(client)

    await ask(client, "DELETE", "/batch/companies?soft_delete=false", [ACME, BOLT])
    found = await events(client, object_name="lease")
    assert sorted((str((each.after or {})["name"]), each.updated_fields) for each in found) == [
        ("both", ("landlord", "tenant")), ("none", ("landlord",)), ("one", ("landlord", "tenant")),
    ]  # fmt: skip
    assert {(each.after or {})["landlordId"] for each in found} == {None}
    shown = (await ask(client, "GET", "/leases?depth=0"))["data"]["leases"]
    assert {each["landlordId"] for each in shown} == {None}


async def test_a_record_that_takes_the_id_of_a_deleted_one_finds_no_links(client: Client) -> None:
    await linked(client)
    await ask(client, "DELETE", f"/companies/{ACME}")
    await forget_events(client)
    before = await rows(client)
    await ask(client, "POST", "/companies", {"id": ACME, "name": "New"}, 201)

    assert {each[:2] for each in short(await events(client))} == {
        ("created", "company"), ("destroyed", "attachment"), ("destroyed", "company"), ("destroyed", "favorite"),
        ("destroyed", "noteTarget"), ("updated", "opportunity"), ("updated", "person"),
    }  # fmt: skip
    assert await replayed(client, before) == await rows(client)


async def test_a_refused_destruction_is_not_told(client: Client) -> None:
    await linked(client)
    assert (await send(client, "DELETE", f"/companies/{BOLT[:-1]}9?soft_delete=false")).status_code == 404
    assert (await send(client, "DELETE", f"/companies/{ACME}")).status_code == 200  # soft
    assert {each.action for each in await events(client)} == {"deleted"}


async def test_who_comes_to_point_to_a_record_meanwhile_is_told_of(client: Client) -> None:
    """A person gets the company in a transaction that commits while the destruction waits for it."""
    await linked(client)
    before = await rows(client)
    schema = client.tenant.schema
    event = (
        f'insert into "{schema}".event (action, object, "recordId", before, after, "updatedFields") '
        "values ('updated', 'person', $1, $2::text::jsonb, $2::text::jsonb || $3::text::jsonb, '{company}')"
    )
    cid = "a0000000-0000-4000-8000-000000000003"
    async with client.database.transaction() as other:
        await other.execute(f'update "{schema}".person set "companyId" = $1 where id = $2', ACME, cid)
        await other.execute(event, cid, json.dumps(before[cid]), json.dumps({"companyId": ACME}))
        destroying = asyncio.create_task(send(client, "DELETE", f"/companies/{ACME}?soft_delete=false"))
        async with asyncio.timeout(20):
            while not await client.database.value(  # noqa: ASYNC110
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            ):
                await asyncio.sleep(0.01)
    assert (await destroying).status_code == 200
    assert await replayed(client, before) == await rows(client)
    assert (await rows(client))[cid]["companyId"] is None


def test_dependents_stand_behind_those_that_they_point_to() -> None:
    catalog = standard()
    for item in catalog.objects:
        found = dependents(catalog, item)
        names = [each.object.name for each in found]
        assert len(names) == len(set(names))
        assert "timelineActivity" not in names
        for number, each in enumerate(found, start=1):
            for link in (*each.fatal, *each.emptied):
                target = item if link.to == 0 else found[link.to - 1].object
                assert link.field.relation is not None
                assert link.field.relation.target_object == target.name
                assert link.to < number
    thread = dependents(catalog, catalog.by_name["messageThread"])
    assert {each.object.name: bool(each.fatal) for each in thread} == {
        "message": True, "messageChannelMessageAssociation": True, "messageParticipant": True,
    }  # fmt: skip
