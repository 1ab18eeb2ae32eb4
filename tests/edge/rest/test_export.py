"""Exports over REST: what is in them and how it is written."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest

from rapport.base.errors import Busy
from rapport.edge.misuse import refusal_headers
from tests.access.acting import Role, acting
from tests.edge.rest.asking import error, send
from tests.edge.rest.records import ACME, ADA, BEN, CID, PERSON, ask, fill
from tests.serving import Client

EXPORTER = frozenset({"EXPORT_CSV"})
HOSTILE = [
    'a "quoted", text', "lines\r\nand\nlines\r", "=1+1", "+49 30", "-2", "@SUM(A1)", "\t=1", "＝1", " =1", "'", "ü→𝄞",
    "\\n\\", "a;b", "$1", "%s", "null", "NULL", " ", "0", "true",
]  # fmt: skip
FORMULAS = HOSTILE[2:9]
TAGS = ["plain", 'with "quotes", and commas', "={}"]

COLUMNS = [
    "id", "createdAt", "updatedAt", "deletedAt", "name.firstName", "name.lastName", "emails.primaryEmail",
    "emails.additionalEmails", "linkedinLink.primaryLinkLabel", "linkedinLink.primaryLinkUrl",
    "linkedinLink.secondaryLinks", "xLink.primaryLinkLabel", "xLink.primaryLinkUrl", "xLink.secondaryLinks", "jobTitle",
    "phones.primaryPhoneNumber", "phones.primaryPhoneCountryCode", "phones.primaryPhoneCallingCode",
    "phones.additionalPhones", "city", "avatarUrl", "avatarFile", "position", "createdBy.source",
    "createdBy.workspaceMemberId", "createdBy.name", "createdBy.context", "updatedBy.source",
    "updatedBy.workspaceMemberId", "updatedBy.name", "updatedBy.context", "companyId",
]  # fmt: skip


@pytest.fixture(scope="module")
async def filled(shared: Client) -> Client:
    """The usual people, and one for each hostile text, who are of Rome."""
    await fill(shared)
    await ask(
        shared,
        "POST",
        "/batch/people",
        [
            {
                "jobTitle": text, "city": "Rome", "name": {"firstName": text, "lastName": ""},
                "emails": {"primaryEmail": f"r{number}@x.example", "additionalEmails": [f"a{number}@x.example"]},
                "position": 100 + number,
            }
            for number, text in enumerate(HOSTILE)
        ],
        201,
    )  # fmt: skip
    return shared


async def export(client: Client, query: str, objects: str = "people", status: int = 200) -> httpx.Response:
    answer = await send(client, "GET", f"/{objects}/export?{query}")
    assert answer.status_code == status, answer.text[:500]
    return answer


def lines(answer: httpx.Response) -> list[Any]:
    """The records of an answer in lines of JSON."""
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    text = answer.content.decode()
    assert not text or text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def table(answer: httpx.Response) -> list[list[str]]:
    """The rows of an answer in CSV, the headings first."""
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    text = answer.content.decode()
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


async def names(client: Client, query: str) -> list[str]:
    rows = table(await export(client, f"format=csv&fields=name.firstName&{query}"))
    return [row[0] for row in rows[1:]]


def flat(record: dict[str, Any]) -> dict[str, str]:
    """A record as a row of CSV: names with dots, lists and objects within as JSON."""
    found: dict[str, str] = {}
    for key, value in record.items():
        inside = value.items() if isinstance(value, dict) else [("", value)]
        for sub, item in inside:
            text = "" if item is None else item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
            found[f"{key}.{sub}" if sub else key] = text
    return found


async def test_each_line_is_the_record_that_rest_shows(filled: Client) -> None:
    answer = await export(filled, "format=ndjson&order_by=position")
    listed = (await ask(filled, "GET", "/people?depth=0&limit=200&order_by=position"))["data"]["people"]

    assert len(listed) == 3 + len(HOSTILE)
    assert lines(answer) == listed
    assert [list(each) for each in lines(answer)] == [PERSON] * len(listed)
    today = datetime.now(UTC).date()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="people-{today}.ndjson"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Length" not in answer.headers


async def test_a_table_has_the_same_values_under_names_with_dots(filled: Client) -> None:
    answer = await export(filled, "format=csv&order_by=position")
    listed = (await ask(filled, "GET", "/people?depth=0&limit=200&order_by=position"))["data"]["people"]

    headings, *rows = table(answer)
    assert headings == COLUMNS
    assert [dict(zip(headings, row, strict=True)) for row in rows] == [flat(each) for each in listed]
    assert [row[4] for row in rows[3:]] == HOSTILE
    ada = answer.content.split(b"\r\n")[1]
    assert ada.startswith(f"{ADA},2".encode())
    assert b',"Ada","King","ada@acme.example",,,,,' in ada  # what there is not is not "" but nothing
    assert answer.headers["Content-Disposition"].endswith('.csv"')


async def test_every_object_can_be_exported(filled: Client) -> None:
    objects = (await ask(filled, "GET", "/metadata/objects"))["data"]["objects"]
    assert len(objects) > 20
    for each in objects:
        plural = each["namePlural"]
        listed = (await ask(filled, "GET", f"/{plural}?depth=0&limit=200"))["data"][plural]
        assert lines(await export(filled, "format=ndjson", plural)) == listed
        headings, *rows = table(await export(filled, "format=csv", plural))
        assert [dict(zip(headings, row, strict=True)) for row in rows] == [flat(record) for record in listed]


async def test_formulas_are_made_harmless_when_that_is_asked_for(filled: Client) -> None:
    query = "format=csv&filter=city[eq]:Rome&order_by=position&fields=jobTitle,position,id,emails"
    for spelling in ("csv_safe=true", "csvSafe=TRUE"):
        rows = table(await export(filled, f"{query}&{spelling}"))[1:]
        assert [row[0] for row in rows] == [f"'{text}" if text in FORMULAS else text for text in HOSTILE]
        assert rows[0][1:] == ["100", rows[0][2], "r0@x.example", '["a0@x.example"]']
    for spelling in ("csv_safe=false", ""):
        assert [row[0] for row in table(await export(filled, f"{query}&{spelling}"))[1:]] == HOSTILE


async def test_columns_are_chosen(filled: Client) -> None:
    only = f"filter=id[eq]:{ADA}"
    fields = "fields=companyId,name.lastName,city,emails,name.firstName,city"

    assert table(await export(filled, f"format=csv&{only}&{fields}")) == [
        ["companyId", "name.lastName", "city", "emails.primaryEmail", "emails.additionalEmails", "name.firstName"],
        [ACME, "King", "Oslo", "ada@acme.example", "", "Ada"],
    ]
    (ada,) = lines(await export(filled, f"format=ndjson&{only}&{fields}"))
    assert list(ada.items()) == [
        ("companyId", ACME), ("name", {"firstName": "Ada", "lastName": "King"}), ("city", "Oslo"),
        ("emails", {"primaryEmail": "ada@acme.example", "additionalEmails": None}),
    ]  # fmt: skip
    assert lines(await export(filled, f"format=ndjson&{only}&fields=%20city%20,%20name.firstName")) == [
        {"city": "Oslo", "name": {"firstName": "Ada"}}
    ]
    whole = lines(await export(filled, f"format=ndjson&{only}"))
    assert lines(await export(filled, f"format=ndjson&{only}&fields=")) == whole


async def test_filters_and_orders_are_those_of_lists(filled: Client) -> None:
    for filter_ in (
        "filter=city[in]:[Oslo,Bern]", "filter[or][0][city][eq]=Oslo&filter[or][1][city][eq]=Bern",
        "filter=" + quote('{"city":{"in":["Oslo","Bern"]}}'), "filter=company.name[eq]:Acme",
    ):  # fmt: skip
        assert await names(filled, f"{filter_}&order_by=name.firstName") == ["Ada", "Ben"]
        assert await names(filled, f"{filter_}&orderBy=name.firstName[DescNullsLast]") == ["Ben", "Ada"]
    usual = f"filter=id[in]:[{ADA},{BEN},{CID}]"
    for order, expected in {
        "city[AscNullsFirst]": ["Cid", "Ben", "Ada"],
        "city[AscNullsLast]": ["Ben", "Ada", "Cid"],
        "company.name[DescNullsLast],city": ["Ben", "Ada", "Cid"],
        "company.name[DescNullsFirst],city[DescNullsLast]": ["Cid", "Ada", "Ben"],
        quote('[{"city":"DescNullsLast"}]'): ["Ada", "Ben", "Cid"],
        "jobTitle,id": ["Ada", "Ben", "Cid"],
    }.items():
        assert await names(filled, f"{usual}&order_by={order}") == expected, order
    assert await names(filled, "filter=city[eq]:Nowhere") == []
    assert lines(await export(filled, "format=ndjson&filter=city[eq]:Nowhere")) == []
    assert len(await names(filled, "limit=1&depth=0&unknown=parameter")) == 3 + len(HOSTILE)


async def test_what_is_deleted_is_there_for_those_who_ask_for_it(client: Client) -> None:
    await fill(client)
    await ask(client, "DELETE", f"/people/{CID}")

    assert await names(client, "order_by=name.firstName") == ["Ada", "Ben"]
    assert await names(client, "filter=deletedAt[is]:NOT_NULL") == ["Cid"]
    assert await names(client, "filter=not(deletedAt[gt]:2100-01-01)") == ["Cid"]


WRONG = {
    "": "'format' is missing. Should be csv or ndjson",
    "format=": "'format' is missing. Should be csv or ndjson",
    "format=xlsx": "'format=xlsx' parameter invalid. Allowed values are csv, ndjson",
    "format=CSV": "'format=CSV' parameter invalid. Allowed values are csv, ndjson",
    "format=" + "x" * 5000: f"'format={'x' * 80}' parameter invalid. Allowed values are csv, ndjson",
    "format=csv&format=csv": "'format' is given more than once",
    "format=csv&depth=1": "'depth=1' parameter invalid. Exports have the depth 0",
    "format=csv&csv_safe=maybe": "'csv_safe' is invalid. Should be true or false",
    "format=csv&fields=citty": (
        "'fields' invalid for 'citty'. Object person has no such column. Did you mean \"city\"?"
    ),
    "format=csv&fields=name.middleName": "'fields' invalid for 'name.middleName'. Object person has no such column.",
    "format=csv&fields=company": "'fields' invalid for 'company'. Object person has no such column.",
    "format=csv&fields=taskTargets": "'fields' invalid for 'taskTargets'. Object person has no such column.",
    "format=csv&fields=searchVector": "'fields' invalid for 'searchVector'. Object person has no such column.",
    "format=csv&fields=id,": "'fields' invalid for ''. Object person has no such column.",
    "format=csv&fields=" + quote("id'; drop table \"person\"--"): (
        "'fields' invalid for 'id'; drop table \"person\"--'. Object person has no such column."
    ),
    "format=csv&filter=nothing[eq]:x": None,
    "format=csv&filter=city[eq]": None,
    "format=csv&filter=createdAt[gt]:soon": None,
    "format=csv&filter[city][like]=%00": None,
    "format=csv&order_by=nothing": None,
    "format=csv&order_by=city[Up]": None,
}  # fmt: skip


async def test_mistakes_are_refused_as_errors(filled: Client) -> None:
    for query, expected in WRONG.items():
        status, code, message = error(await export(filled, query, status=400))
        assert (status, code) == (400, "BAD_USER_INPUT")
        if expected is None:  # as for lists
            listed = error(await send(filled, "GET", f"/people?{query}"))
            assert message == listed[2]
        else:
            assert message.startswith(expected)
    many = ",".join(f"f{number}" for number in range(100_000))
    assert (await send(filled, "GET", "/people/export?format=csv&fields=" + many[:50_000])).status_code == 400
    for objects in ("person", "rockets", "files", "pe%22ople"):
        assert error(await send(filled, "GET", f"/{objects}/export?format=csv"))[0] in (400, 404)
    deep = quote("or(" * 60 + "city[eq]:x" + ")" * 60)
    assert error(await export(filled, f"format=csv&filter={deep}", status=400))[0] == 400


async def test_the_address_is_for_reading(filled: Client) -> None:
    for method in ("POST", "PATCH", "DELETE"):
        answer = await send(filled, method, "/people/export?format=csv", {})
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    head = await send(filled, "HEAD", "/people/export?format=csv")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert (await send(filled, "GET", "/people/export?format=csv", token=None)).status_code == 401
    assert (await send(filled, "GET", "/people/export/x?format=csv")).status_code in (400, 404)


async def test_who_may_not_export_does_not(client: Client) -> None:
    await fill(client)
    for role in (
        Role(), Role(all_settings=True), Role(flags=frozenset({"IMPORT_CSV"})),
        Role(flags=EXPORTER, objects={"person": {"read": False}}),
    ):  # fmt: skip
        key = await acting(client, role)
        for kind in ("csv", "ndjson"):
            assert error(await send(key, "GET", f"/people/export?format={kind}"))[:2] == (403, "FORBIDDEN")


async def test_what_a_role_may_not_see_is_not_in_it(client: Client) -> None:
    await fill(client)
    hidden = ("person.jobTitle", "person.emails", "person.company")
    key = await acting(client, Role(flags=EXPORTER, hidden=hidden, rows=(("person", "city", "IS", "Oslo"),)))
    shown = [name for name in COLUMNS if name.partition(".")[0] not in ("jobTitle", "emails", "companyId")]

    headings, *rows = table(await export(key, "format=csv"))
    assert headings == shown
    assert [row[headings.index("name.firstName")] for row in rows] == ["Ada"]
    (ada,) = lines(await export(key, "format=ndjson"))
    assert list(ada) == [name for name in PERSON if name not in ("jobTitle", "emails", "companyId")]
    for query in (
        {"fields": "id,jobTitle"}, {"fields": "emails"}, {"fields": "emails.primaryEmail"}, {"fields": "companyId"},
        {"filter": "jobTitle[eq]:x"}, {"order_by": "company.name"},
    ):  # fmt: skip
        answer = await send(key, "GET", f"/people/export?format=csv&{urlencode(query)}")
        assert error(answer)[:2] == (403, "FORBIDDEN"), query


async def test_columns_of_a_new_field_are_there_at_once(client: Client) -> None:
    await fill(client)
    assert "shoes" not in table(await export(client, "format=csv"))[0]
    person = next(
        each for each in (await ask(client, "GET", "/metadata/objects"))["data"]["objects"]
        if each["nameSingular"] == "person"
    )  # fmt: skip
    for name, kind in (("shoes", "NUMBER"), ("tags", "ARRAY")):
        body = {"objectMetadataId": person["id"], "name": name, "label": name, "type": kind}
        await ask(client, "POST", "/metadata/fields", body, 201)
    await ask(client, "PATCH", f"/people/{ADA}", {"shoes": 42, "tags": TAGS})

    headings, row, *_ = table(await export(client, "format=csv&fields=id,shoes,tags"))
    assert (headings, row) == (["id", "shoes", "tags"], [ADA, "42", row[2]])
    assert json.loads(row[2]) == TAGS


def test_who_comes_too_often_is_told_when_to_come_again() -> None:
    assert refusal_headers(Busy()) == ((b"retry-after", b"10"),)
