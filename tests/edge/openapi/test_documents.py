"""Where the documents are, what is in them, and who sees what."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeAlias

import httpx
import pytest
from openapi_spec_validator import validate

from rapport.access.principal import Principal
from rapport.edge.graphql.models import CachedModels
from rapport.edge.openapi.core import core_document
from rapport.edge.openapi.metadata import metadata_document
from rapport.edge.openapi.routes import openapi_routes
from rapport.edge.openapi.service import Documents
from rapport.edge.rest.events.routes import event_routes
from rapport.edge.rest.export.routes import export_routes
from rapport.edge.rest.files import file_routes
from rapport.edge.rest.imports import import_routes
from rapport.edge.rest.metadata import metadata_routes
from rapport.edge.rest.records.routes import record_routes
from rapport.edge.rest.webhooks import webhook_routes
from tests.access.acting import Role, acting
from tests.conftest import Inhabited
from tests.edge.graphql.models import rocket, standard, with_rockets
from tests.edge.rest.asking import send
from tests.serving import Client, make_tenant, serving

Document: TypeAlias = Any  # JSON

CORE = ("/rest/open-api/core", "/open-api/core", "/rest/api/docs", "/api-docs")
METADATA = ("/rest/open-api/metadata", "/open-api/metadata")


async def get(client: Client, path: str, *, token: str | None = None, **headers: str) -> httpx.Response:
    sent = {"Authorization": f"Bearer {token}"} if token else {}
    return await client.http.get(f"{client.url}{path}", headers=sent | headers)


async def core(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = (await send(client, "GET", "/open-api/core")).json()
    return found


def made(**more: object) -> Document:
    """The document about a model with a field of every type, as clients get it."""
    about: Any = {"catalog": with_rockets(), "url": "https://crm.example", "version": "1.2", "is_flat": False, **more}
    return json.loads(json.dumps(core_document(about.pop("catalog"), **about)))


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, found in document["paths"].items():
        for method, operation in found.items():
            yield path, method, operation


# -- where they are ------------------------------------------------------------------------------------------------


async def test_the_same_document_is_at_all_its_addresses(client: Client) -> None:
    key = client.tenant.key
    for paths in (CORE, METADATA):
        first = await get(client, paths[0], token=key)
        assert first.headers["content-type"] == "application/json; charset=utf-8"
        for path in paths:
            assert (await get(client, path, token=key)).content == first.content, path
            assert (await get(client, f"{path}?token={key}")).content == first.content, path
            assert (await client.http.head(f"{client.url}{path}")).status_code == 200
            assert (await client.http.options(f"{client.url}{path}")).status_code == 204
            assert (await client.http.post(f"{client.url}{path}")).status_code in (401, 405)


async def test_strangers_get_the_frame_of_it(client: Client) -> None:
    for path in (*CORE, *METADATA):
        for query, token in (("", None), ("", "sk_live_nobody"), ("?token=nonsense", None)):
            found = await get(client, f"{path}{query}", token=token)
            document = found.json()
            assert found.status_code == 200
            assert set(document["paths"]) == {"/open-api/core", "/open-api/metadata"}
            assert "company" not in found.text.lower()
            validate(document)


@pytest.mark.parametrize("path", ["/rest/api/docs", "/api-docs"])
async def test_a_browser_is_led_to_the_reference(client: Client, path: str) -> None:
    found = await get(client, f"{path}?token=x", accept="text/html,application/xhtml+xml,*/*;q=0.8")

    assert (found.status_code, found.headers["location"]) == (302, "/reference")


async def test_who_has_a_document_is_told_that_it_is_still_the_same(client: Client) -> None:
    key = client.tenant.key
    first = await get(client, CORE[0], token=key)
    again = {"If-None-Match": f'"other", {first.headers["etag"]}'}

    same = await get(client, CORE[1], token=key, **again)
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
    assert same.headers["cache-control"] == "private, no-cache"
    assert (await get(client, CORE[0], **again)).status_code == 200  # somebody else

    plain = await get(client, CORE[0], token=key, **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == first.content
    assert int(first.headers["content-length"]) < len(first.content) / 10

    names = {"nameSingular": "comet", "namePlural": "comets", "labelSingular": "Comet", "labelPlural": "Comets"}
    assert (await send(client, "POST", "/metadata/objects", names)).status_code == 201
    changed = await get(client, CORE[0], token=key, **again)
    assert changed.status_code == 200
    assert "/comets" in changed.json()["paths"]


async def test_a_server_that_has_not_heard_of_a_change_describes_the_model_as_it_is(client: Client) -> None:
    names = {"nameSingular": "comet", "namePlural": "comets", "labelSingular": "Comet", "labelPlural": "Comets"}
    async with serving(client.database, client.tenant, deaf=True) as other:
        assert "/comets" not in (await core(other))["paths"]
        await send(client, "POST", "/metadata/objects", names)
        assert "/comets" in (await core(other))["paths"]


async def test_the_address_of_the_server_works_as_it_is_given(client: Client) -> None:
    (server,) = (await core(client))["servers"]

    assert server["url"] == f"{client.url}/rest/"
    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    assert (await client.http.get(f"{server['url']}/people", headers=headers)).status_code == 200


# -- who sees what -------------------------------------------------------------------------------------------------


async def test_a_document_shows_what_the_role_of_the_caller_may_do(client: Client) -> None:
    reader = await core(await acting(client, Role(rights=frozenset({"canReadAllObjectRecords"}))))
    people = [(path, method) for path, method, each in operations(reader) if each["tags"] == ["people"]]
    assert set(people) == {
        ("/people", "get"), ("/people/{id}", "get"), ("/people/groupBy", "get"), ("/people/duplicates", "post"),
        ("/people/export", "get"),
    }  # fmt: skip
    assert {"Person", "PersonForUpdate"}.isdisjoint(reader["components"]["schemas"])

    role = Role(
        objects={"company": {"read": False}, "task": {"destroy": False, "soft_delete": False}},
        hidden=("person.jobTitle",),
        frozen=("person.city",),
    )
    some = await core(await acting(client, role))
    schemas = some["components"]["schemas"]
    assert not [path for path in some["paths"] if "companies" in path]
    assert not [name for name in schemas if name.startswith("Company")]
    assert "company" not in schemas["PersonForResponse"]["properties"]
    assert [name for name in schemas if "jobTitle" in schemas[name].get("properties", ())] == []
    assert "city" in schemas["PersonForResponse"]["properties"]
    assert "city" not in schemas["Person"]["properties"]
    assert set(some["paths"]["/tasks"]) == {"get", "post", "patch"}
    assert "/restore/tasks" not in some["paths"]


async def test_who_may_not_change_the_data_model_is_told_how_to_read_it(client: Client) -> None:
    for role, may_change in ((Role(), False), (Role(flags=frozenset({"DATA_MODEL"})), True)):
        caller = await acting(client, role)
        document = (await send(caller, "GET", "/open-api/metadata")).json()
        validate(document)
        methods = {method for path, method, _ in operations(document) if path.startswith("/metadata/")}
        assert methods == ({"get", "post", "patch", "put", "delete"} if may_change else {"get"})
        assert "webhook" not in json.dumps(document)
        assert ("ObjectForUpdate" in document["components"]["schemas"]) == may_change
        assert "ObjectForResponse" in document["components"]["schemas"]
        assert (await send(caller, "GET", "/metadata/objects")).status_code == 200
        assert ((await send(caller, "POST", "/metadata/objects", {})).status_code == 403) != may_change


async def test_what_nobody_may_do_is_not_described(client: Client) -> None:
    paths = (await core(client))["paths"]

    assert set(paths["/workflowRuns"]) == {"get"}
    assert set(paths["/workspaceMembers"]) == {"get", "patch", "delete"}
    assert "/batch/workflowRuns" not in paths


# -- what is in them -----------------------------------------------------------------------------------------------


def test_documents_are_valid() -> None:
    validate(made())
    for is_flat in (False, True):
        metadata = metadata_document(is_known=True, url="http://x", version="1", is_flat=is_flat)
        validate(json.loads(json.dumps(metadata)))


def test_a_document_has_the_parts_of_the_contract() -> None:
    document = made()

    assert document["openapi"] == "3.1.1"
    assert document["info"]["title"] == "Rapport API"
    assert document["servers"][0]["url"] == "https://crm.example/rest/"
    assert document["components"]["securitySchemes"]["bearerAuth"]["scheme"] == "bearer"
    assert document["security"] == [{"bearerAuth": []}]
    assert {
        "idPath", "startingAfter", "endingBefore", "filter", "depth", "upsert", "softDelete", "orderBy", "limit",
        "groupBy", "viewId", "aggregate", "includeRecordsSample", "orderByForRecords",
    } <= set(document["components"]["parameters"])  # fmt: skip
    assert {"400", "401"} <= set(document["components"]["responses"])
    assert {"name": "companies", "description": "Object `Company`"} in document["tags"]
    assert document["tags"][0]["name"] == "General"
    for event in ("created", "updated", "deleted", "restored", "destroyed"):
        (hook,) = document["webhooks"][f"rocket.{event}"].values()
        sent = hook["requestBody"]["content"]["application/json"]["schema"]["properties"]
        assert sent["eventName"]["example"] == f"rocket.{event}"
        assert ("updatedFields" in sent) == (event == "updated")


def test_operations_have_the_names_of_the_contract_and_no_two_the_same() -> None:
    found = {(path, method): each["operationId"] for path, method, each in operations(made())}

    contract = {
        ("/companies", "get"): "findManyCompanies",
        ("/companies", "post"): "createOneCompany",
        ("/companies", "patch"): "updateManyCompanies",
        ("/companies", "delete"): "deleteManyCompanies",
        ("/batch/companies", "post"): "createManyCompanies",
        ("/companies/{id}", "get"): "findOneCompany",
        ("/companies/{id}", "patch"): "UpdateOneCompany",
        ("/companies/{id}", "delete"): "deleteOneCompany",
        ("/companies/duplicates", "post"): "findCompanyDuplicates",
        ("/companies/groupBy", "get"): "groupByCompanies",
        ("/companies/merge", "patch"): "mergeManyCompanies",
        ("/restore/companies/{id}", "patch"): "restoreOneCompany",
        ("/restore/companies", "patch"): "restoreManyCompanies",
        ("/open-api/core", "get"): "GetOpenApiSchema",
    }
    assert contract.items() <= found.items()
    assert [name for name, times in Counter(found.values()).items() if times > 1] == []


def test_every_route_is_described() -> None:
    nothing: Any = None
    routes = (
        *record_routes(nothing),
        *metadata_routes(nothing),
        *webhook_routes(nothing),
        *file_routes(nothing, nothing),
        *event_routes(nothing),
        *export_routes(nothing, nothing, nothing),
        *import_routes(nothing, nothing),
        *openapi_routes(nothing),
    )
    there = {
        (f"/{each.path.replace('{objects}', 'rockets')}", method.lower()) for each in routes for method in each.methods
    }
    metadata = metadata_document(is_known=True, url="http://x", version="1", is_flat=False)
    described = {(path, method) for document in (made(), metadata) for path, method, _ in operations(document)}

    general = ("metadata", "files", "imports", "open-api", "events")
    own = {each for each in described if each[0].split("/")[1] in general}
    own |= {each for each in described if "rockets" in each[0].split("/")}
    assert own <= there
    # PUT does what PATCH does, and is described where the contract has it. What has two addresses is described at one.
    assert {path for path, method in there - own if method != "put"} == {"/api/docs", "/webhooks", "/webhooks/{id}"}


def test_objects_with_confusing_names_are_told_apart() -> None:
    names = [("companyForUpdate", "manyCompanies"), ("error", "errors2"), ("pageInfo", "pageInfos"), ("many", "manys"),
             ("companyDuplicates", "oneCompany")]  # fmt: skip
    objects = tuple(replace(rocket(), name=name, plural=plural, fields=rocket().fields[:-1]) for name, plural in names)
    document = made(catalog=replace(standard(), objects=(*standard().objects, *objects)))

    ids = Counter(each["operationId"] for _, _, each in operations(document))
    assert [name for name, times in ids.items() if times > 1] == []
    schemas = document["components"]["schemas"]
    assert {"CompanyForUpdate", "CompanyForUpdate2", "CompanyForUpdateForUpdate", "Error", "Error2"} <= set(schemas)
    changed = document["paths"]["/companies/{id}"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    assert "domainName" in schemas[changed["$ref"].split("/")[-1]]["properties"]
    refused = document["components"]["responses"]["400"]["content"]["application/json"]["schema"]
    assert "statusCode" in schemas[refused["$ref"].split("/")[-1]]["properties"]


def test_a_record_is_described_as_it_is_given_and_as_it_is_answered() -> None:
    schemas = made()["components"]["schemas"]
    create, update, answer = (schemas[f"Rocket{use}"] for use in ("", "ForUpdate", "ForResponse"))

    assert create["required"] == ["name"]
    assert "required" not in update
    assert {"id", "secret", "old", "someTsvector"}.isdisjoint(create["properties"])
    assert {"secret", "old", "someTsvector"}.isdisjoint(answer["properties"])
    given, changed, shown = create["properties"], update["properties"], answer["properties"]
    assert given["status"] == {"type": "string", "enum": ["FLYING", "LOST"]}
    assert shown["status"] == {"type": ["string", "null"], "enum": ["FLYING", "LOST", None]}
    assert given["tags"] == {"type": "array", "items": {"type": "string", "enum": ["HEAVY", "LIGHT"]}}
    assert given["someCurrency"]["properties"]["amountMicros"] == {"type": "number"}
    assert shown["someCurrency"]["properties"]["amountMicros"] == {"type": ["string", "null"]}
    assert changed["someCurrency"]["type"] == ["object", "null"]
    assert set(given["someActor"]["properties"]) == {"source", "context"}
    assert set(shown["someActor"]["properties"]) == {"source", "workspaceMemberId", "name", "context"}
    assert (given["crew"], given["miles"]["format"]) == ({"type": "integer", "format": "int32"}, "int64")
    assert given["ownerId"] == {"type": "string", "format": "uuid"}
    assert "owner" not in given
    assert shown["owner"]["oneOf"][0] == {"$ref": "#/components/schemas/CompanyForResponse"}
    people = schemas["CompanyForResponse"]["properties"]["people"]
    assert people == {"type": "array", "items": {"$ref": "#/components/schemas/PersonForResponse"}}
    assert set(shown["someFiles"]["items"]["properties"]) == {"fileId", "label"}  # what is kept, and no more
    assert shown["name"]["description"] == 'Its "name"\nin words \\ signs'


async def test_errors_have_the_shape_of_the_installation(client: Client) -> None:
    async with serving(client.database, client.tenant, rest_error_shape="flat") as flat:
        for asked, more in ((client, set()), (flat, {"code"})):
            shape = (await core(asked))["components"]["schemas"]["Error"]
            assert set(shape["properties"]) == {"error", "statusCode", "messages"} | more
            refused = (await send(asked, "GET", "/people/nonsense")).json()
            assert set(refused) == set(shape["required"])
            assert {name: type(each) for name, each in refused.items()} == {
                name: type(each) for name, each in shape["example"].items()
            }


async def test_asking_for_documents_counts_like_all_else(client: Client) -> None:
    async with serving(client.database, client.tenant, rate_limit_ip=2, rate_limit_api_key=100) as limited:
        first, second, third = [await get(limited, path) for path in ("/open-api/core", "/api-docs", "/open-api/core")]
        assert (first.status_code, second.status_code, third.status_code) == (200, 200, 429)
        described = first.json()["components"]["responses"]["429"]
        assert set(described["headers"]) <= {each.title().replace("Ratelimit", "RateLimit") for each in third.headers}
        assert third.json()["statusCode"] == 429
        assert (await get(limited, "/open-api/core", token=client.tenant.key)).status_code == 200


async def test_documents_are_kept_for_as_long_as_their_model(inhabited: Inhabited) -> None:
    models = CachedModels(inhabited.database)
    documents = Documents(models, url="http://x", version="1", is_flat=False, most_bytes=50_000)
    tenants = [inhabited.tenant, await make_tenant(inhabited.database, "Another")]
    one, other = (Principal(workspace_id=each.workspace_id, schema=each.schema) for each in tenants)

    first = await documents.get("core", one)
    assert await documents.get("core", one) is first
    assert await documents.get("metadata", one) is await documents.get("metadata", other)
    documents.forget(await models.load(one))
    again = await documents.get("core", one)
    assert again is not first
    assert again == first
    assert len(first.packed) > 25_000
    await documents.get("core", other)  # for which there is no room beside the first
    assert await documents.get("core", one) is not again
