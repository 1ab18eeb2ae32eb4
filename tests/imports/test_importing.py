"""Importing records from files over REST: what files may look like, and what their values become."""

import json

from tests.edge.rest.asking import error, send
from tests.imports.asking import CSV, NDJSON, companies, counts, imported, importing, people, post, start
from tests.serving import Client, serving

ADA, BEN = (f"a0000000-0000-4000-8000-00000000000{number}" for number in (1, 2))


async def test_the_rows_of_a_file_become_records(client: Client) -> None:
    async with importing(client):
        found = await imported(
            client,
            "/people/import",
            "\ufeffname.firstName,Last name,E-mail,city,createdBy.name,phones\r\n"
            'Ada,King,ADA@acme.example,"Oslo,\r\n""Norway""",Somebody,+33 6 12 34 56 78\r\n'
            "\r\n,,,,,\r\nBen,Ray",
        )
    assert counts(found) == ("done", 2, 2, 0, 0), found
    assert (found["progress"], found["errors"], found["createdBy"]) == (1.0, [], "tests")
    ben, ada = await people(client)  # each before those that were there, as records are that come one by one
    assert ada["name"] == {"firstName": "Ada", "lastName": "King"}
    assert (ada["emails"]["primaryEmail"], ada["city"]) == ("ada@acme.example", 'Oslo,\r\n"Norway"')
    assert (ada["phones"]["primaryPhoneNumber"], ada["phones"]["primaryPhoneCountryCode"]) == ("612345678", "FR")
    assert (ada["createdBy"]["source"], ada["createdBy"]["name"]) == ("IMPORT", "tests")
    assert (ben["name"], ben["city"]) == ({"firstName": "Ben", "lastName": "Ray"}, None)
    events = await client.database.rows(
        f"select action, actor->>'source' as source, actor->>'importId' as id from {client.tenant.schema}.event"
    )
    assert [tuple(event) for event in events] == [("created", "IMPORT", found["id"])] * 2


async def test_cells_are_read_as_their_fields_want_them(client: Client) -> None:
    await send(client, "POST", "/companies", {"name": "Acme", "employees": 3, "domainName": "acme.example"})
    header = "name;employees;idealCustomerProfile;annualRevenue;address.addressCity;linkedinLink;domainName"
    async with importing(client):
        found = await imported(
            client,
            "/companies/import?match=name&null=none",
            f'{header}\nAcme; 12 ;Yes;1500.5;Oslo;"{{""primaryLinkUrl"": ""https://x.example/a""}}";none\n'
            "Bolt;;0;;;https://Bolt.example/;\n",
        )
        assert counts(found) == ("done", 2, 1, 1, 0), found
        latin = "name,address.addressCity\nÇelik,Zürich\n".encode("windows-1252")
        assert counts(await imported(client, "/companies/import", latin, "text/csv; charset=Windows-1252"))[2] == 1
    acme, bolt, celik = await companies(client)
    assert (acme["employees"], acme["idealCustomerProfile"], acme["domainName"]["primaryLinkUrl"]) == (12, True, None)
    assert acme["annualRecurringRevenue"] == {"amountMicros": "1500500000", "currencyCode": None}
    assert acme["linkedinLink"]["primaryLinkUrl"] == "https://x.example/a"
    assert (bolt["employees"], bolt["idealCustomerProfile"]) == (None, False)
    assert bolt["linkedinLink"]["primaryLinkUrl"] == "https://bolt.example"
    assert (celik["name"], celik["address"]["addressCity"]) == ("Çelik", "Zürich")


async def test_options_are_known_by_their_names_too(client: Client) -> None:
    async with importing(client):
        found = await imported(
            client, "/opportunities/import", "name\tstage\tcloseDate\nA\tNew\t2026-05-01\nB\tPROPOSAL\t\nC\tLost\t\n"
        )
    assert counts(found) == ("done", 3, 2, 0, 1)
    answer = await send(client, "POST", "/opportunities", {"name": "C", "stage": "Lost"})
    assert [(each["row"], each["column"], each["value"]) for each in found["errors"]] == [(4, "stage", "Lost")]
    assert found["errors"][0]["message"] == error(answer)[2]
    listed = await send(client, "GET", "/opportunities?order_by=name&depth=0")
    assert [(each["name"], each["stage"]) for each in listed.json()["data"]["opportunities"]] == [
        ("A", "NEW"), ("B", "PROPOSAL"),
    ]  # fmt: skip


async def test_lines_of_json_are_records_as_rest_has_them(client: Client) -> None:
    await send(client, "POST", "/companies", {"name": "Acme", "domainName": "acme.example"})
    lines = [
        {"id": ADA, "name": {"firstName": "Ada"}, "company": {"connect": {"where": {"name": "Acme"}}}},
        {"firstName": "Ben", "name.lastName": "Ray", "company.domainName.primaryLinkUrl": "ACME.example", "city": None},
        {"name": {"firstName": "Cid"}, "createdBy": {"source": "MANUAL", "name": "Zoe"}, "deletedAt": None},
        {"name": {"firstName": "Dan"}, "company": {"create": {"name": "New"}}},
        {"nmae": "x"},
        {"name": 5},
        {"name": {"firstName": "Eve"}, "firstName": "Eva"},
    ]
    body = "\n".join(json.dumps(each) for each in lines) + '\n\n{"city": \n[]\n\xff'
    async with importing(client):
        found = await imported(client, "/people/import", body.encode("latin-1"), NDJSON)
    assert counts(found) == ("done", 10, 3, 0, 7), found
    cid, ben, ada = await people(client)
    assert ada["id"] == ADA
    assert ada["companyId"] == ben["companyId"] is not None
    assert (ben["name"], cid["createdBy"]["source"]) == ({"firstName": "Ben", "lastName": "Ray"}, "MANUAL")
    assert [(each["row"], each["message"]) for each in found["errors"]] == [
        (4, 'Object person doesn\'t have any "company.create.name" field.'),
        (5, 'Object person doesn\'t have any "nmae" field.'),
        (6, 'Invalid object value 5 for field "name"'),
        (7, 'More than one value is given for "name".'),
        (9, "The row is not valid JSON."),
        (10, "The row is not an object of JSON."),
        (11, "The row is not valid JSON."),
    ]


async def test_each_row_is_told_what_rest_would_say_of_it(client: Client) -> None:
    header = "name.firstName,emails.primaryEmail,phones.primaryPhoneNumber,phones.primaryPhoneCountryCode,position\n"
    rows = ["Ada,nobody,,,x", "Ben,,call me,FR,", "Cid,,612345678,Mars,", "Dan,,,,,too much", "Eve,eve@acme.example,,,"]
    async with importing(client):
        found = await imported(client, "/people/import", header + "\n".join([*rows, "F\0", "G\ufeff"]))
        bad = (header + "Hal\n").encode() + b"\xff\xfe,,,,\nIda\n"
        unsound = await imported(client, "/people/import", bad)
    assert counts(found) == ("done", 7, 2, 0, 5)
    told = [(each["row"], each["column"], each["value"]) for each in found["errors"]]
    assert told == [
        (2, "emails.primaryEmail", "nobody"),
        (2, "position", "x"),
        (3, "phones.primaryPhoneNumber", "call me"),
        (4, "phones", "{ primaryPhoneNumber: '612345678', primaryPhoneCountryCode: 'Mars' }"),
        (5, None, None),
        (7, "name.firstName", "F\\x00"),
    ]
    answer = await send(client, "POST", "/people", {"email": "nobody"})
    assert found["errors"][0]["message"] == error(answer)[2]
    assert (unsound["errors"][0]["row"], unsound["created"]) == (3, 2)
    as_csv = (await send(client, "GET", f"/imports/{found['id']}/errors?format=csv")).text.splitlines()
    assert as_csv[0] == "row,column,message,value,recordId"
    assert as_csv[1].startswith('"2","emails.primaryEmail","Invalid string value')
    as_lines = await send(client, "GET", f"/imports/{found['id']}/errors")
    assert [json.loads(line) for line in as_lines.text.splitlines()] == found["errors"]


async def test_linked_records_are_found_by_their_fields(client: Client) -> None:
    for name in ("Acme", "Twin", "Twin"):
        await send(client, "POST", "/companies", {"name": name, "address": {"addressCity": f"{name}ville"}})
    async with importing(client):
        found = await imported(
            client,
            "/people/import",
            "name.firstName,company.name\nAda,Acme\nBen,Twin\nCid,None\nDan,\nEve,Acme\n",
        )
    assert counts(found) == ("done", 5, 3, 0, 2)
    assert [(each["row"], each["column"], each["message"]) for each in found["errors"]] == [
        (3, "company.name", "Expected 1 record to connect to company, but found 2 for name = Twin"),
        (4, "company.name", "Expected 1 record to connect to company, but found 0 for name = None"),
    ]
    linked = {each["name"]["firstName"]: each["companyId"] for each in await people(client)}
    assert linked["Ada"] == linked["Eve"] is not None
    assert linked["Dan"] is None


async def test_what_the_database_refuses_is_told_row_by_row(client: Client) -> None:
    await send(client, "POST", "/people", {"id": ADA, "email": "ada@acme.example"})
    rows = [
        "ada@acme.example,,",
        "ben@acme.example,,",
        "BEN@acme.example,,",
        f",{ADA},",
        f",,{BEN}",
        "cid@acme.example,,",
    ]
    async with importing(client):
        found = await imported(client, "/people/import", "email,id,companyId\n" + "\n".join(rows))
    assert counts(found) == ("done", 6, 2, 0, 4)
    duplicate = error(await send(client, "POST", "/people", {"email": "ada@acme.example"}))[2]
    taken = error(await send(client, "POST", "/batch/people", [{"id": BEN}, {"id": BEN}]))[2]
    assert [(each["row"], each["column"], each["message"], each["value"]) for each in found["errors"]] == [
        (2, "email", duplicate, "ada@acme.example"),
        (4, "email", duplicate, "ben@acme.example"),
        (5, "id", taken, ADA),
        (6, "companyId", f'No record with the id "{BEN}" for the relation field "companyId"', BEN),
    ]


async def test_columns_that_are_not_known_are_refused_at_once(client: Client) -> None:
    status, code, message = error(await post(client, "/people/import", "firstName,shoe,hat\nAda,1,2\n"))
    assert (status, code) == (400, "BAD_USER_INPUT")
    assert message.startswith("Unknown columns: 'shoe', 'hat'. Known are id, createdAt,")
    assert error(await post(client, "/people/import", '{"shoe": 1}', NDJSON))[0] == 400
    async with importing(client):
        found = await imported(client, "/people/import?ignore_unknown=true", "firstName,shoe\nAda,1\n")
        lines = await imported(client, "/people/import?ignore_unknown=true", '{"city":"Oslo"}\n{"hat":1}\n', NDJSON)
    assert (counts(found), counts(lines)) == (("done", 1, 1, 0, 0), ("done", 2, 2, 0, 0))


async def test_files_and_options_that_make_no_sense_are_refused(client: Client) -> None:
    refused = {
        "": "The file has no row with the names of its columns.",
        "\n": "The first row must have the names of the columns, in the file's encoding.",
        ",,\n": "The first row must have the names of the columns, in the file's encoding.",
        "firstName,name.firstName\n": "Columns 'firstName' and 'name.firstName' are about the same value.",
        "name,lastName\n": "Columns 'name' and 'lastName' are about the same value.",
        "companyId,company.name\n": "Columns 'companyId' and 'company.name' are about the same value.",
    }
    for body, expected in refused.items():
        message = error(await post(client, "/people/import", body))[2]
        assert message.startswith(expected), body
    for query in ("mode=other", "mode=update", "match=shoe", "match=createdBy.context", "match=city", "dry_run=maybe",
                  "on_error=cry", "delimiter=x"):  # fmt: skip
        assert error(await post(client, f"/people/import?{query}", "firstName\nAda\n"))[0] == 400, query
    for kind, status in (("text/plain", 415), ("application/json", 415), ("text/csv; charset=utf-16", 415)):
        assert error(await post(client, "/people/import", "firstName\nAda\n", kind))[0] == status
    assert error(await post(client, "/shoes/import", "a\n"))[0] == 400
    assert error(await post(client, "/workspaceMembers/import", "name.firstName\nAda\n"))[:2] == (403, "FORBIDDEN")
    assert error(await send(client, "GET", "/imports/no-id"))[0] == 400
    assert error(await send(client, "GET", f"/imports/{ADA}"))[0] == 404
    assert await client.database.value('select count(*) from core."import"') == 0
    assert await client.database.value('select count(*) from core."importChunk"') == 0


async def test_a_row_that_does_not_end_ends_the_import(client: Client) -> None:
    open_quote = "firstName\n" + "Ada\n" * 3 + '"Ben\n' + "x" * 11_000_000
    async with importing(client):
        found = await imported(client, "/people/import", open_quote)
    assert (found["state"], found["created"]) == ("failed", 3)
    assert found["reason"] == "A row is larger than 10000000 bytes. Is a quotation mark missing?"
    assert await client.database.value('select count(*) from core."importChunk"') == 0


async def test_a_quotation_mark_that_is_never_closed_is_an_error_of_its_row(client: Client) -> None:
    async with importing(client):
        for end, rest in (("\n", "j,k\nl,m\n"), ("\r\n", "j,k"), ("\n", ""), ("\r", "l,m\r")):
            body = f'city,jobTitle\na,b\n"c""{end}",d\n\n"unterminated,i{end}{rest}'
            found = await imported(client, "/people/import", body)
            assert counts(found) == ("done", 3, 2, 0, 1), body
            (told,) = found["errors"]
            assert (told["row"], told["message"]) == (
                5, "A quotation mark in this row is never closed: it and all that follows is left out.",
            )  # fmt: skip
        whole = await imported(client, "/people/import", 'city\na\n"closed, at the end\n"')
    assert counts(whole) == ("done", 2, 2, 0, 0)
    message = error(await post(client, "/people/import", '"city,jobTitle\na,b\n'))[2]
    assert message == "The first row has a quotation mark that is never closed."


async def test_the_first_line_of_excel_says_what_is_between_values(client: Client) -> None:
    async with importing(client):
        for first in ("sep=;\r\n", '\ufeff"SEP=;"\n', "sep=;\r"):
            found = await imported(client, "/people/import", f"{first}city;jobTitle\nOslo,a;Cook\n;;;too many\n")
            assert counts(found) == ("done", 2, 1, 0, 1), first
            assert found["errors"][0]["row"] == 3  # spreadsheets do not show the line
        odd = await imported(client, "/people/import", "sep=|\ncity|jobTitle\na;b,c|Cook\n")
        given = await imported(client, "/people/import?delimiter=comma", "sep=;\ncity,jobTitle\nBern;1,Cook\n")
    assert counts(odd)[2] == counts(given)[2] == 1
    assert sorted(each["city"] for each in await people(client)) == ["Bern;1", "Oslo,a", "Oslo,a", "Oslo,a", "a;b,c"]


async def test_files_of_other_kinds_are_told_from_csv(client: Client) -> None:
    for beginning, kind in ((b"PK\x03\x04\x14\0", CSV), (b"\xd0\xcf\x11\xe0\xa1\xb1", CSV), (b"PK\x03\x04", NDJSON)):
        status, _, message = error(await post(client, "/people/import", beginning + b"\n\xff\0\n", kind))
        assert (status, message) == (400, "The file is a spreadsheet or an archive. Save it as CSV and import that.")
    async with importing(client):
        found = await imported(client, "/people/import", "city\nZürich\n".encode("latin-1"))
    (told,) = found["errors"]
    hint = " If the file has another encoding, say so: Content-Type: text/csv; charset=windows-1252"
    assert told["message"] == "The row is not valid UTF-8." + hint
    message = error(await post(client, "/people/import", "city,größe\n".encode("latin-1")))[2]
    assert "charset=windows-1252" in message


async def test_a_file_may_be_larger_than_a_body_but_not_endless(client: Client) -> None:
    async with serving(client.database, client.tenant, max_body_bytes=1_000, max_import_bytes=20_000) as small:
        first = await start(small, "/people/import", "firstName\n" + "Ada\n" * 4_000)
        assert (first["state"], first["size"]) == ("queued", 16_010)
        assert error(await post(small, "/people/import", "firstName\n" + "Ada\n" * 6_000))[0] == 413

        async def endless():  # type: ignore[no-untyped-def]
            for _ in range(100):
                yield b"firstName\n" * 100

        answer = await small.http.post(
            f"{small.url}/rest/people/import",
            content=endless(),  # type: ignore[no-untyped-call]
            headers={"Authorization": f"Bearer {small.tenant.key}", "Content-Type": "text/csv"},
        )
        assert error(answer)[0] == 413
    assert await client.database.value('select count(*) from core."import"') == 1


async def test_a_file_that_is_sent_again_with_its_key_is_imported_once(client: Client) -> None:
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "a file"}
    answers = [await send(client, "POST", "/people/import", b"firstName\nAda\n", headers=headers) for _ in range(2)]
    assert [each.status_code for each in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert await client.database.value('select count(*) from core."import"') == 1
