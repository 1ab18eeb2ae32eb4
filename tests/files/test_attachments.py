"""Attachments and other paths in records: shown as links, and files go with the records that they hang on."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from rapport.engine.links import SIGNER, link_json
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.files.links import FileLinks
from tests.access.acting import Role, acting
from tests.accounts.people import refusal
from tests.conftest import Inhabited
from tests.files.test_images import picture
from tests.files.uploading import UPLOAD_FILE, UPLOAD_IMAGE, link, uploaded
from tests.recording import recording
from tests.serving import SECRET, Client, make_tenant, serving

CREATE = "mutation($data: AttachmentCreateInput!) { createAttachment(data: $data) { id name fullPath } }"


async def attach(client: Client, name: str = "a.txt", **more: object) -> tuple[dict[str, str], dict[str, str]]:
    """An uploaded file and the attachment with it."""
    signed = await uploaded(client, UPLOAD_FILE, (name, name.encode(), "text/plain"))
    made = await client.data(CREATE, {"data": {"name": name, "fullPath": signed["path"], **more}})
    return signed, made["createAttachment"]


async def is_there(client: Client, signed: dict[str, str]) -> bool:
    """Whether the link opens the file."""
    answer = await client.http.get(link(client, signed))
    assert answer.status_code in (200, 404), answer.text
    return answer.status_code == 200


async def rest(client: Client, method: str, path: str, **more: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    return await client.http.request(method, f"{client.url}/rest{path}", headers=headers, **more)  # type: ignore[arg-type]


async def test_a_path_is_stored_and_a_link_is_shown(client: Client) -> None:
    company = (await client.data('mutation { createCompany(data: {name: "Acme"}) { id } }'))["createCompany"]["id"]
    signed, attachment = await attach(client, targetCompanyId=company)
    expected = link(client, signed)
    assert attachment["fullPath"] == expected
    assert (await client.http.get(expected)).content == b"a.txt"
    one = "query($id: UUID!) { attachment(filter: {id: {eq: $id}}) { fullPath } }"
    assert (await client.data(one, {"id": attachment["id"]}))["attachment"]["fullPath"] == expected
    nested = await client.data("{ companies { edges { node { attachments { edges { node { fullPath } } } } } } }")
    (edge,) = nested["companies"]["edges"][0]["node"]["attachments"]["edges"]
    assert edge["node"]["fullPath"] == expected
    update = 'mutation($id: UUID!) { updateAttachment(id: $id, data: {name: "b"}) { name fullPath company { name } } }'
    assert (await client.data(update, {"id": attachment["id"]}))["updateAttachment"] == {
        "name": "b",
        "fullPath": expected,
        "company": {"name": "Acme"},
    }
    for path in (f"/attachments/{attachment['id']}", "/attachments", f"/companies/{company}?depth=1"):
        assert expected in (await rest(client, "GET", path)).text, path
    made = await rest(client, "POST", "/attachments", json={"name": "again", "fullPath": expected})
    assert made.json()["data"]["createAttachment"]["fullPath"] == expected  # what was shown may be given back
    stored = await client.database.rows(f'select "fullPath" from "{client.tenant.schema}".attachment')
    assert {row["fullPath"] for row in stored} == {signed["path"]}
    for wanted in (signed["path"], expected):
        found = await client.data(
            "query($path: String) { attachments(filter: {fullPath: {eq: $path}}) { totalCount } }", {"path": wanted}
        )
        assert found["attachments"]["totalCount"] == 2
    ordered = await client.data("{ attachments(orderBy: [{fullPath: AscNullsFirst}], first: 1) { edges { cursor } } }")
    cursor = ordered["attachments"]["edges"][0]["cursor"]
    after = (
        "query($c: String) { attachments(orderBy: [{fullPath: AscNullsFirst}], after: $c) { edges { node { name } } } }"
    )
    assert len((await client.data(after, {"c": cursor}))["attachments"]["edges"]) == 1
    # In the log of changes there is the path: links end.
    events = await client.database.rows(
        f"select after from \"{client.tenant.schema}\".event where object = 'attachment'"
    )
    assert all(f'"fullPath": "{signed["path"]}"' in row["after"] for row in events)


async def test_avatars_are_links_and_addresses_stay(client: Client) -> None:
    photo = ("ann.png", picture("PNG", (300, 300)), "image/png")
    signed = await uploaded(client, UPLOAD_IMAGE, photo, {"folder": "PersonPicture"})
    web = "https://example.com/a.png"
    odd = ["", "attachment", "nothing/x.png", "/attachment/x.png", "//x/attachment/y", "attachment//x"]
    dead = ["attachment/x", "attachment/../x", "attachment/a b?c#d", 'attachment/"x\\', "file/../../ü/./%2e%2e/é.txt"]
    create = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { avatarUrl name { firstName } } }"
    data = [{"avatarUrl": path, "name": {"firstName": "Zoe"}} for path in (signed["path"], web, *odd, *dead)]
    made = (await client.data(create, {"data": data}))["createPeople"]
    shown = [each["avatarUrl"] for each in made]
    assert shown[: 2 + len(odd)] == [link(client, signed), web, *odd]
    for path, address in zip(dead, shown[2 + len(odd) :], strict=True):
        assert address.endswith("/" + path.rpartition("/")[2])
        assert (await client.http.get(address)).status_code in (403, 404), path
    assert (await client.http.get(shown[0])).headers["content-type"] == "image/png"
    found = await client.data('{ search(searchInput: "Zoe", limit: 20) { edges { node { imageUrl } } } }')
    assert {link(client, signed), web} <= {each["node"]["imageUrl"] for each in found["search"]["edges"]}
    groups = await client.data("{ peopleGroupBy(groupBy: [{avatarUrl: true}]) { groupByDimensionValues } }")
    assert [signed["path"]] in [each["groupByDimensionValues"] for each in groups["peopleGroupBy"]]


async def test_a_path_of_another_workspace_opens_nothing(client: Client) -> None:
    signed, _ = await attach(client)
    others = client.as_tenant(await make_tenant(client.database, "Others"))
    for path in (signed["path"], f"../workspace-{client.tenant.workspace_id}/{signed['path']}", link(client, signed)):
        made = (await others.data(CREATE, {"data": {"fullPath": path}}))["createAttachment"]
        if made["fullPath"].startswith("http"):
            assert made["fullPath"] != link(client, signed)
            assert (await client.http.get(made["fullPath"])).status_code == 404
        await others.data("mutation($id: UUID!) { destroyAttachment(id: $id) { id } }", {"id": made["id"]})
    assert await is_there(client, signed)


async def test_the_file_goes_with_the_attachment_that_is_destroyed(client: Client) -> None:
    remove = "mutation($id: UUID!) {{ {}Attachment(id: $id) {{ id fullPath }} }}"
    signed, attachment = await attach(client)
    soft = await client.data(remove.format("delete"), {"id": attachment["id"]})
    assert soft["deleteAttachment"] == {"id": attachment["id"], "fullPath": link(client, signed)}
    assert await is_there(client, signed)
    await client.data(remove.format("restore"), {"id": attachment["id"]})
    destroyed = await client.data(remove.format("destroy"), {"id": attachment["id"]})
    assert destroyed["destroyAttachment"]["id"] == attachment["id"]
    assert not await is_there(client, signed)

    for query in ("soft_delete=false", ""):
        signed, attachment = await attach(client)
        assert (await rest(client, "DELETE", f"/attachments/{attachment['id']}?{query}")).status_code == 200
        assert await is_there(client, signed) == (not query)

    several = [await attach(client, f"{number}.txt") for number in range(3)]
    many = "mutation($ids: [UUID!]) { destroyAttachments(filter: {id: {in: $ids}}) { id } }"
    await client.data(many, {"ids": [attachment["id"] for _, attachment in several[:2]]})
    assert [await is_there(client, signed) for signed, _ in several] == [False, False, True]
    assert (await client.data(many, {"ids": []}))["destroyAttachments"] == []


async def test_a_file_stays_while_another_attachment_has_it(client: Client) -> None:
    signed, first = await attach(client)
    second = (await client.data(CREATE, {"data": {"fullPath": signed["path"]}}))["createAttachment"]
    destroy = "mutation($ids: [UUID!]) { destroyAttachments(filter: {id: {in: $ids}}) { id } }"
    await client.data(destroy, {"ids": [first["id"]]})
    assert await is_there(client, signed)
    await client.data(destroy, {"ids": [second["id"]]})
    assert not await is_there(client, signed)
    # Pictures of people are no attachments, whatever somebody has written into one.
    face = await uploaded(client, UPLOAD_IMAGE, ("a.png", picture("PNG", (9, 9)), ""), {"folder": "ProfilePicture"})
    named = (await client.data(CREATE, {"data": {"fullPath": face["path"]}}))["createAttachment"]
    await client.data(destroy, {"ids": [named["id"]]})
    assert await is_there(client, face)


async def test_files_go_with_the_record_to_which_they_are_attached(client: Client) -> None:
    for name, target in (("Company", "targetCompanyId"), ("Person", "personId"), ("Workflow", "targetWorkflowId")):
        made = await client.data(f"mutation {{ create{name}(data: {{}}) {{ id }} }}")
        record = made[f"create{name}"]["id"]
        signed, _ = await attach(client, **{target: record})
        other, _ = await attach(client)
        await client.data(f'mutation {{ delete{name}(id: "{record}") {{ id }} }}')
        assert await is_there(client, signed), name
        await client.data(f'mutation {{ destroy{name}(id: "{record}") {{ id }} }}')
        assert [await is_there(client, each) for each in (signed, other)] == [False, True], name
    note = (await client.data("mutation { createNote(data: {}) { id } }"))["createNote"]["id"]
    signed, attachment = await attach(client, targetNoteId=note)  # of a note the attachment stays, attached to nothing
    await client.data(f'mutation {{ destroyNote(id: "{note}") {{ id }} }}')
    left = await client.data(f'{{ attachment(filter: {{id: {{eq: "{attachment["id"]}"}}}}) {{ noteId }} }}')
    assert (left["attachment"]["noteId"], await is_there(client, signed)) == (None, True)


async def test_what_is_refused_deletes_no_file(client: Client) -> None:
    company = (await client.data('mutation { createCompany(data: {name: "Acme"}) { id } }'))["createCompany"]["id"]
    signed, attachment = await attach(client, targetCompanyId=company)
    stranger = await acting(client, Role(objects={"company": {"read": False, "update": False, "destroy": False}}))
    destroy = "mutation($id: UUID!) { destroyAttachment(id: $id) { id } }"
    assert refusal(await stranger.ask(destroy, {"id": attachment["id"]})) == ("NOT_FOUND", "RECORD_NOT_FOUND")
    assert "errors" in await stranger.ask(f'mutation {{ destroyCompany(id: "{company}") {{ id }} }}')
    assert await is_there(client, signed)
    async with recording(client) as recorder:  # on a database of the same data, whose bytes are elsewhere
        answer, statements = await recorder.ask(destroy, {"id": attachment["id"]})
    assert "errors" not in answer
    assert ["core.file" in each for each in statements] == [False, True]


async def test_postgresql_signs_as_python_does(inhabited: Inhabited) -> None:
    moment = datetime(2031, 5, 17, 23, 59, 59, tzinfo=UTC)
    links = FileLinks(
        SECRET, server_url='https://crm.example.com/"base"', lifetime=timedelta(days=1), now=lambda: moment.timestamp()
    )
    parameters = Parameters()
    path = parameters.add(Value(sql_type="text", path=("path",)))
    statement = Statement.of(f"select {link_json(path, parameters)}::text", parameters)
    workspace_id = inhabited.tenant.workspace_id
    for given in ("attachment/0190a1b2-c3.pdf", "profile-picture/original/x.png", "file/x", "files-field/a/b/c_d.TXT"):
        values = {"path": given, SIGNER: links.signer(workspace_id)}
        found = await inhabited.database.value(statement.sql, *statement.bind(values))
        url = links.url(workspace_id, given)
        assert found == '"' + url.replace('"', '\\"') + '"'
        linked = links.read(url.partition("/files/")[2])
        assert (linked.workspace_id, linked.path) == (workspace_id, given)
        assert links.stored(url) == given
        assert await inhabited.database.value(statement.sql, *statement.bind({"path": given})) == f'"{given}"'
        moment += timedelta(days=300)


async def test_a_link_that_was_altered_or_is_old_opens_nothing(inhabited: Inhabited) -> None:
    async with serving(inhabited.database, inhabited.tenant, file_token_expires_in=timedelta(seconds=1)) as client:
        _, attachment = await attach(client)
        other, _ = await attach(client, "b.txt")
        path = urlsplit(attachment["fullPath"]).path
        swapped = path.rpartition("/")[0] + "/" + other["path"].rpartition("/")[2]
        assert (await client.http.get(client.url + swapped)).status_code == 403
        assert (await client.http.get(client.url + path.replace(".", "/", 1))).status_code in (403, 404)


@pytest.fixture
async def client(inhabited: Inhabited) -> AsyncIterator[Client]:
    async with serving(inhabited.database, replace(inhabited.tenant)) as found:
        yield found
