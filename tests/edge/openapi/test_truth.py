"""What the documents say is what the server does: requests made up from them, and requests for real things."""

import asyncio
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.edge.openapi.models import ROCKET, make_rockets
from tests.edge.rest.asking import send
from tests.edge.rest.records import ACME, BOLT, PEOPLE
from tests.serving import Client

Operation: TypeAlias = APIOperation[Any, Any, Any, Any]
Case: TypeAlias = schemathesis.Case[Any]

POSITIVE, NEGATIVE = 4, 2  # made-up requests of one operation
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
FILTERS = ["deletedAt[is]:NULL", "id[is]:NOT_NULL", 'not(createdAt[lt]:"2000-01-01")', "position[gt]:1", "nonsense"]
R1, R2, R3 = (f"b0000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
ROCKETS: list[dict[str, object]] = [
    {"id": R1, "name": "One", "ownerId": ACME, **ROCKET},
    {"id": R2, "name": "Two"},
    {"id": R3, "name": "Three", "ownerId": ACME},
]
RECORDS = {"people": PEOPLE, "rockets": ROCKETS}


@dataclass(frozen=True, kw_only=True)
class Described:
    client: Client
    core: dict[str, Any]
    metadata: dict[str, Any]

    def schema(self, document: dict[str, Any]) -> OpenApiSchema:
        found = schemathesis.openapi.from_dict(document)
        found.config.update(base_url=f"{self.client.url}/rest")
        return found


@pytest.fixture(scope="module")
async def described(shared: Client) -> Described:
    await make_rockets(shared)
    companies = [{"id": ACME, "name": "Acme"}, {"id": BOLT, "name": "Bolt"}]
    await ask(shared, "POST", "/batch/companies", companies, 201)
    core, metadata = [await ask(shared, "GET", f"/open-api/{kind}") for kind in ("core", "metadata")]
    return Described(client=shared, core=core, metadata=metadata)


async def ask(client: Client, method: str, path: str, body: object = None, status: int = 200) -> dict[str, Any]:
    answer = await send(client, method, path, body)
    assert answer.status_code == status, f"{method} {path}: {answer.text[:1000]}"
    found: dict[str, Any] = answer.json()
    return found


# -- made-up requests ---------------------------------------------------------------------------------------------


def strict(document: dict[str, Any]) -> dict[str, Any]:
    """The document with bodies that have nothing but what is described, for most of what is made up to be accepted."""
    found = deepcopy(document)

    def close(part: object) -> None:
        if isinstance(part, dict):
            if "properties" in part and part.get("type") in ("object", ["object", "null"]):
                part.setdefault("additionalProperties", False)
            for each in part.values():
                close(each)
        elif isinstance(part, list):
            for each in part:
                close(each)

    for name, schema in found["components"]["schemas"].items():
        if not name.endswith("ForResponse"):
            close(schema)
    return found


def operations(schema: OpenApiSchema) -> list[Operation]:
    found = list(schema.get_all_operations())
    assert all(isinstance(each, Ok) for each in found)
    return [each.ok() for each in found if isinstance(each, Ok)]


def make_up(operation: Operation, client: Client, ids: list[str]) -> Counter[int]:
    """Sends requests that fit the document, and some that do not; the statuses of the answers, which must fit it."""
    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    statuses: Counter[int] = Counter()
    for mode, number in ((GenerationMode.POSITIVE, POSITIVE), (GenerationMode.NEGATIVE, NEGATIVE)):

        @seed(8)
        @settings(
            max_examples=number, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(
            case=operation.as_strategy(generation_mode=mode),
            record=st.sampled_from(ids),
            condition=st.sampled_from(FILTERS),
            is_real=st.booleans(),
        )
        def run(case: Case, record: str, condition: str, is_real: bool) -> None:
            if is_real and "id" in case.path_parameters:
                case.path_parameters["id"] = record
            if is_real and "filter" in case.query:
                case.query["filter"] = condition
            if is_real:
                case.headers.clear()
            response = case.call(headers=headers)
            statuses[response.status_code] += 1
            case.validate_response(response, checks=CHECKS, headers=headers)

        run()
    return statuses


@pytest.mark.parametrize("plural", ["people", "rockets"])
async def test_made_up_requests_for_records_are_answered_as_described(described: Described, plural: str) -> None:
    client, statuses = described.client, Counter[int]()
    every = operations(described.schema(strict(described.core)))
    own = [each for each in every if plural in each.path.split("/")]
    assert len(own) == 20

    for operation in own:
        await ask(client, "POST", f"/batch/{plural}?upsert=true", RECORDS[plural], 201)
        ids = [str(each["id"]) for each in RECORDS[plural]]
        statuses += await asyncio.to_thread(make_up, operation, client, ids)
    assert statuses[200] + statuses[201] > 20, statuses
    assert statuses[400] > 20, statuses


async def test_made_up_requests_for_the_data_model_are_answered_as_described(described: Described) -> None:
    found = await ask(described.client, "GET", "/metadata/fields?limit=5")
    ids = [each["id"] for each in found["data"]["fields"]]  # of fields that cannot be deleted
    every = operations(described.schema(strict(described.metadata)))
    assert len(every) == 28

    for operation in every:
        if operation.path.startswith("/metadata/"):
            await asyncio.to_thread(make_up, operation, described.client, ids)


async def test_made_up_requests_for_events_are_answered_as_described(described: Described) -> None:
    await ask(described.client, "POST", "/batch/rockets?upsert=true", ROCKETS, 201)
    (operation,) = (each for each in operations(described.schema(described.core)) if each.path == "/events")
    statuses = await asyncio.to_thread(make_up, operation, described.client, [R1])
    assert statuses[200]
    assert statuses[400]


# -- requests for real things --------------------------------------------------------------------------------------

NEW = "d0000000-0000-4000-8000-000000000001"
EVERYTHING: list[tuple[str, str, str, object]] = [  # method, path in the document, the rest of the address, body
    ("GET", "/rockets", "?order_by=name[DescNullsLast]&limit=2&filter=position[gte]:0", None),
    ("GET", "/rockets", "?depth=0", None),
    ("GET", "/rockets", "?depth=2", None),
    ("GET", "/rockets", "?fields=name,owner&omit_null_values=true", None),
    ("GET", "/rockets/{id}", "?fields=name&omit_null_values=true", None),
    ("GET", "/rockets/export", "?format=csv", None),
    ("GET", "/rockets/export", "?format=ndjson&fields=name", None),
    ("POST", "/rockets/import", "?dry_run=true", b"name\r\nFour\r\n"),
    ("GET", "/rockets/{id}", "", None),
    ("GET", "/rockets/groupBy", "?group_by=someBoolean,someMultiSelect&include_records_sample=true", None),
    ("GET", "/rockets/groupBy", '?group_by=["someDate"]&aggregate=sumSomeNumber&envelope=true', None),
    ("POST", "/rockets", "?depth=1", {**ROCKET, "name": "New", "id": NEW}),
    ("POST", "/batch/rockets", "?upsert=true", [{"id": NEW, "name": "Newer"}]),
    ("POST", "/rockets/duplicates", "", {"data": [{"name": "One"}]}),
    ("PATCH", "/rockets/{id}", "", {**ROCKET, "someText": None, "someSelect": None, "someMultiSelect": None}),
    ("PUT", "/rockets/{id}", "?depth=1", {"someBoolean": False, "someCurrency": None, "someRawJson": [1]}),
    ("PATCH", "/rockets", "?filter=name[eq]:Two", {"someNumber": -0.5}),
    ("PATCH", "/batch/rockets", "", [{"id": R1, "someLinks": {"secondaryLinks": []}}, {"id": R2, "someArray": []}]),
    ("DELETE", "/rockets/{id}", "", None),
    ("PATCH", "/restore/rockets/{id}", "", None),
    ("DELETE", "/rockets", "?filter=name[eq]:One", None),
    ("PATCH", "/restore/rockets", "?filter=name[eq]:One", None),
    ("DELETE", "/batch/rockets", "", [R1]),
    ("PATCH", "/rockets/{id}/restore", "?depth=1", None),
    ("PATCH", "/rockets/merge", "", {"ids": [R1, R2], "conflictPriorityIndex": 0}),
    ("PATCH", "/rockets/{id}/merge", "", {"ids": [R3]}),
    ("DELETE", "/batch/rockets", "?soft_delete=false", {"ids": [NEW]}),
    ("DELETE", "/rockets/{id}", "?soft_delete=false", None),
]  # fmt: skip


async def test_every_operation_succeeds_as_described(described: Described) -> None:
    client, schema = described.client, described.schema(described.core)
    await ask(client, "POST", "/batch/rockets?upsert=true", ROCKETS, 201)

    for method, path, rest, body in EVERYTHING:
        headers = {"Content-Type": "text/csv"} if isinstance(body, bytes) else {}
        answer = await send(client, method, path.replace("{id}", R1) + rest, body, headers=headers)
        assert answer.status_code in (200, 201, 202), f"{method} {path}{rest}: {answer.text[:1000]}"
        assert str(answer.status_code) in described.core["paths"][path][method.lower()]["responses"]
        schema[path][method].validate_response(answer)
    own = {path: ops for path, ops in described.core["paths"].items() if "rockets" in path.split("/")}
    assert {(method.upper(), path) for path, ops in own.items() for method in ops} == {each[:2] for each in EVERYTHING}


async def test_files_and_imports_are_answered_as_described(described: Described) -> None:
    client, schema = described.client, described.schema(described.core)
    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    visited = set()

    async def go(
        method: str, path: str, status: int, content: bytes | None = None, *, id_: str = "", query: str = "",
        **more: str,
    ) -> httpx.Response:  # fmt: skip
        given = {name.replace("_", "-"): value for name, value in more.items()}
        address = f"{client.url}/rest{path.replace('{id}', id_)}{query}"
        answer = await client.http.request(method, address, content=content, headers=headers | given)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        assert str(status) in described.core["paths"][path][method.lower()]["responses"]
        schema[path][method].validate_response(answer)
        visited.add((method.lower(), path))
        return answer

    form = httpx.Request("POST", client.url, files={"file": ("note.txt", b"0123456789")})
    uploaded = await go("POST", "/files", 201, form.read(), Content_Type=form.headers["content-type"])
    file = uploaded.json()["id"]
    whole = await go("GET", "/files/{id}", 200, id_=file)
    await go("GET", "/files/{id}", 206, id_=file, Range="bytes=0-3")
    await go("GET", "/files/{id}", 416, id_=file, Range="bytes=100-")
    await go("GET", "/files/{id}", 304, id_=file, If_None_Match=whole.headers["etag"])
    await go("DELETE", "/files/{id}", 200, id_=file)
    await go("GET", "/files/{id}", 404, id_=file)

    begun = await go("POST", "/rockets/import", 202, b"name\r\nFive\r\n", Content_Type="text/csv")
    id_ = begun.json()["data"]["import"]["id"]
    await go("POST", "/rockets/import", 415, b"{}", Content_Type="application/json")
    await go("GET", "/imports", 200, query="?limit=5")
    await go("GET", "/imports/{id}", 200, id_=id_)
    await go("GET", "/imports/{id}/errors", 200, id_=id_, query="?format=csv")
    await go("POST", "/imports/{id}/cancel", 200, id_=id_)
    await go("POST", "/imports/{id}/cancel", 409, id_=id_)
    await go("POST", "/imports/{id}/undo", 409, id_=id_)  # nothing is done that could be undone
    paths = {(method, path) for path, found in described.core["paths"].items() for method in found}
    assert {each for each in paths if each[1].split("/")[1] in ("files", "imports")} < visited


async def test_events_are_answered_as_described(described: Described) -> None:
    client, operation = described.client, described.schema(described.core)["/events"]["GET"]
    await ask(client, "POST", "/batch/rockets?upsert=true", ROCKETS, 201)
    await ask(client, "PATCH", f"/rockets/{R1}", {"someText": "other"})

    for query in ("", "?before=true&limit=1000", "?objects=rocket&actions=updated", "?after=now"):
        answer = await send(client, "GET", f"/events{query}")
        assert answer.status_code == 200
        operation.validate_response(answer)
    gone = await send(client, "GET", "/events?after=OTk5OTk5OTk5OTk")
    assert gone.status_code == 410
    operation.validate_response(gone)
    shown = described.core["paths"]["/events"]["get"]["responses"]["200"]["content"]
    assert set(shown) == {"application/json", "text/event-stream"}


async def test_conditions_and_keys_are_answered_as_described(described: Described) -> None:
    client, schema = described.client, described.schema(described.core)
    await ask(client, "POST", "/batch/rockets?upsert=true", ROCKETS, 201)

    async def go(method: str, path: str, body: object, status: int, **headers: str) -> httpx.Response:
        answer = await send(client, method, path.replace("{id}", R1), body, headers=headers)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        operation = described.core["paths"][path][method.lower()]
        assert str(status) in operation["responses"]
        known = described.core["components"]["parameters"]
        named = {known[each["$ref"].split("/")[-1]]["name"] for each in operation["parameters"]}
        assert {name.replace("_", "-") for name in headers} <= named
        schema[path][method].validate_response(answer)
        return answer

    tag = (await go("GET", "/rockets/{id}", None, 200)).headers["etag"]
    await go("GET", "/rockets/{id}", None, 304, **{"If-None-Match": tag})
    await go("PATCH", "/rockets/{id}", {"someNumber": 7}, 200, **{"If-Match": tag})
    for method in ("PATCH", "PUT"):
        await go(method, "/rockets/{id}", {"someNumber": 8}, 412, **{"If-Match": tag})
    await go("DELETE", "/rockets/{id}", None, 412, **{"If-Match": tag})
    await go("PATCH", "/restore/rockets/{id}", None, 412, **{"If-Match": tag})
    await go("POST", "/rockets", {"name": "Six"}, 201, **{"Idempotency-Key": "six"})
    await go("POST", "/rockets", {"name": "Seven"}, 422, **{"Idempotency-Key": "six"})
    await go("POST", "/rockets", {"id": R2}, 409)


async def test_an_answer_that_is_not_as_described_is_noticed(described: Described) -> None:
    document = deepcopy(described.core)
    shown = document["components"]["schemas"]["RocketForResponse"]["properties"]
    shown["someCurrency"]["properties"]["amountMicros"] = {"type": ["number", "null"]}
    await ask(described.client, "POST", "/batch/rockets?upsert=true", ROCKETS, 201)
    answer = await send(described.client, "GET", "/rockets")

    described.schema(described.core)["/rockets"]["GET"].validate_response(answer)
    with pytest.raises(Failure, match="is not of type"):
        described.schema(document)["/rockets"]["GET"].validate_response(answer)


async def test_a_record_has_all_that_is_described(described: Described) -> None:
    await ask(described.client, "POST", "/batch/rockets?upsert=true", ROCKETS, 201)
    shown = described.core["components"]["schemas"]["RocketForResponse"]["properties"]

    found = (await ask(described.client, "GET", f"/rockets/{R1}"))["data"]["rocket"]

    assert set(found) == set(shown)
    for name, each in found.items():
        if shown[name].get("type") == "object":
            assert set(each) == set(shown[name]["properties"]), name


async def test_the_example_of_each_object_can_be_created_and_all_are_read_as_described(described: Described) -> None:
    schema, document = described.schema(described.core), described.core
    for path, operations in document["paths"].items():
        if path not in {f"/{tag['name']}" for tag in document["tags"]}:
            continue
        if "post" in operations:
            (name,) = operations["post"]["requestBody"]["content"]["application/json"]["schema"].values()
            example = document["components"]["schemas"][name.split("/")[-1]]["example"]
            await ask(described.client, "DELETE", f"{path}?filter=id[is]:NOT_NULL&soft_delete=false")
            answer = await send(described.client, "POST", path, example)
            assert answer.status_code == 201, f"{path}: {answer.text}"
            schema[path]["POST"].validate_response(answer)
        answer = await send(described.client, "GET", f"{path}?depth=1&limit=3")
        assert answer.status_code == 200
        schema[path]["GET"].validate_response(answer)
