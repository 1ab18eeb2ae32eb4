"""Imports that update records: which ones, with what, and what comes of rows that mean the same record."""

import json

from tests.edge.rest.asking import send
from tests.imports.asking import NDJSON, counts, imported, importing, people, undone
from tests.serving import Client

ADA, BEN = (f"a0000000-0000-4000-8000-00000000000{number}" for number in (1, 2))
PEOPLE = [
    {"id": ADA, "firstName": "Ada", "email": "ada@acme.example", "city": "Oslo", "jobTitle": "Cook", "position": 1},
    {"id": BEN, "firstName": "Ben", "email": "ben@acme.example", "city": "Bern", "jobTitle": "Cook", "position": 2},
]


async def test_rows_update_the_records_that_they_match_and_create_the_others(client: Client) -> None:
    await send(client, "POST", "/batch/people", PEOPLE)
    lines = ["ADA@acme.example,Rome,", "cid@acme.example,Bonn,Smith", ",Kiel,", "Ben@acme.example,\\N,Smith"]
    rows = "\n".join([*lines, "cid@acme.example,Lima,"])
    async with importing(client):
        found = await imported(client, "/people/import?match=Email", "email,city,jobTitle\n" + rows)
        again = await imported(client, "/people/import?match=email&mode=update", "email,city,jobTitle\n" + rows)
        created = await imported(client, "/people/import?match=email&mode=create", "email,city\nada@acme.example,Ulm\n")
    assert counts(found) == ("done", 5, 2, 3, 0)
    assert (*counts(again), again["unchanged"]) == ("done", 5, 0, 2, 1, 2)
    assert (again["errors"][0]["row"], again["errors"][0]["message"]) == (4, "No record matches.")
    assert (created["failed"], created["errors"][0]["message"]) == (1, "A record that matches exists already.")
    shown = {each["emails"]["primaryEmail"]: (each["city"], each["jobTitle"]) for each in await people(client)}
    assert shown == {
        "ada@acme.example": ("Rome", "Cook"), "ben@acme.example": (None, "Smith"),
        "cid@acme.example": ("Lima", "Smith"),
        None: ("Kiel", None),
    }  # fmt: skip
    ada = next(each for each in await people(client) if each["id"] == ADA)
    assert (ada["position"], ada["createdBy"]["source"], ada["updatedBy"]["source"]) == (1, "API", "IMPORT")


async def test_records_are_matched_by_their_ids_and_by_fields_that_are_not_unique(client: Client) -> None:
    await send(client, "POST", "/batch/people", PEOPLE)
    lines = [{"id": ADA, "position": 7, "createdBy": {"source": "MANUAL"}}, {"id": ADA[:-1] + "9", "city": "Ulm"}]
    async with importing(client):
        by_id = await imported(client, "/people/import?match=id", "\n".join(map(json.dumps, lines)), NDJSON)
        by_name = await imported(
            client,
            "/people/import?match=name.firstName",
            "name.firstName,city,position\nBen,Lyon,last\nZoe,Nice,first\n",
        )
        many = await imported(client, "/people/import?match=jobTitle", "jobTitle,city\nCook,Pisa\n")
    assert (counts(by_id), counts(by_name)) == (("done", 2, 1, 1, 0), ("done", 2, 1, 1, 0))
    assert many["errors"][0]["message"] == "2 records match. Cannot determine which record to update."
    found = {each["id"]: each for each in await people(client)}
    assert (found[ADA]["position"], found[ADA]["createdBy"]["source"], found[ADA]["city"]) == (7, "API", "Oslo")
    assert (found[BEN]["position"], found[BEN]["city"]) == (2, "Lyon")
    assert len(found) == 4


async def test_updates_that_the_database_refuses_are_told_and_the_others_made(client: Client) -> None:
    await send(client, "POST", "/batch/people", PEOPLE)
    async with importing(client):
        found = await imported(
            client, "/people/import?match=id", f"id,email,city\n{ADA},ben@acme.example,A\n{BEN},,B\n"
        )
    assert counts(found) == ("done", 2, 0, 1, 1)
    assert [(each["row"], each["column"]) for each in found["errors"]] == [(2, "email")]
    assert [each["city"] for each in await people(client)] == ["Oslo", "B"]


async def test_rows_that_change_nothing_are_counted_apart(client: Client) -> None:
    await send(client, "POST", "/batch/people", PEOPLE)
    rows = f"{ADA},Oslo,ada@acme.example\n{BEN},Rome,ben@acme.example\n{ADA},Oslo,ben@acme.example\n"
    async with importing(client):
        tried = await imported(client, "/people/import?match=id&dry_run=true", "id,city,email\n" + rows)
        found = await imported(client, "/people/import?match=id", "id,city,email\n" + rows)
        back = await undone(client, found["id"])
    for each in (tried, found):
        assert (*counts(each), each["unchanged"]) == ("done", 3, 0, 1, 1, 1)
    assert (back["undone"], back["kept"]) == (1, 0)
    listed = (await send(client, "GET", "/imports")).json()["data"]["imports"]
    assert [each["unchanged"] for each in listed] == [1, 1]


async def test_with_on_error_stop_the_batch_with_the_error_leaves_nothing(client: Client) -> None:
    rows = [f"p{number}@acme.example" for number in range(2_500)]
    rows[1_800] = "nobody"
    async with importing(client):
        found = await imported(client, "/people/import?on_error=stop", "email\n" + "\n".join(rows))
    assert (found["state"], found["reason"]) == ("failed", "The import stopped at the first error.")
    assert (found["created"], found["failed"], found["errors"][0]["row"]) == (1_000, 1, 1_802)
    assert await client.database.value(f"select count(*) from {client.tenant.schema}.person") == 1_000
    assert await client.database.value('select count(*) from core."importChunk"') == 0


async def test_a_dry_run_says_what_would_happen_and_leaves_nothing(client: Client) -> None:
    await send(client, "POST", "/batch/people", PEOPLE)
    rows = [f"p{number}@acme.example" for number in range(2_200)]
    rows[2_150] = "P5@acme.example"  # in another batch than the first one with it
    rows[2_160], rows[2_170] = "nobody", "ada@acme.example"
    schema = client.tenant.schema
    before = await client.database.value(f"select count(*) from {schema}.event")
    async with importing(client):
        found = await imported(client, "/people/import?dry_run=true", "email\n" + "\n".join(rows))
        matched = await imported(client, "/people/import?dry_run=true&match=email", "email\n" + "\n".join(rows))
    assert counts(found) == ("done", 2_200, 2_197, 0, 3), found
    assert [(each["row"], each["column"]) for each in found["errors"]] == [
        (2_152, "email"),
        (2_162, "email"),
        (2_172, "email"),
    ]
    assert (*counts(matched), matched["unchanged"]) == ("done", 2_200, 2_197, 1, 1, 1)
    assert await client.database.value(f"select count(*) from {schema}.person") == 2
    assert await client.database.value(f"select count(*) from {schema}.event") == before
    assert await client.database.value('select count(*) from core."importKey"') == 0
    answer = await send(client, "POST", f"/imports/{found['id']}/undo")
    assert answer.json()["messages"] == ["There is nothing to undo."]
