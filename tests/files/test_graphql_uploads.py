"""Files by GraphQL: multipart requests, who may send them, and what is wrong with those that are refused."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest

from rapport.base.ids import new_id
from rapport.files.uploads import IN_MEMORY, Upload
from tests.access.acting import Role, acting
from tests.accounts.people import person, refusal
from tests.conftest import Inhabited
from tests.files.uploading import LOGO, PROFILE_PICTURE, UPLOAD_FILE, UPLOAD_IMAGE, link, send, upload, uploaded
from tests.serving import Client, make_tenant, serving

TEXT = ("a note.txt", b"Ground control to Major Tom", "text/plain")
SEVERAL = """mutation($a: Upload!, $b: Upload!, $input: CreateFileInput!) {
    a: uploadFile(file: $a) { path } b: uploadFile(file: $b, fileFolder: File) { path }
    c: createFile(input: $input) { id name path fullPath size type createdAt }
}"""
DELETE = "mutation($id: UUID!) { deleteFile(fileId: $id) { id path } }"


@pytest.fixture
async def client(inhabited: Inhabited) -> AsyncIterator[Client]:
    async with serving(inhabited.database, inhabited.tenant, max_file_bytes=3_000_000, max_body_bytes=100_000) as found:
        yield found


async def test_a_file_is_kept_and_can_be_fetched(client: Client) -> None:
    for path in ("/graphql", "/metadata"):
        answer = await upload(client, UPLOAD_FILE, TEXT, path=path)
        signed = answer["data"]["uploadFile"]
        assert signed["path"].startswith("attachment/"), answer
        assert signed["path"].endswith(".txt")
        fetched = await client.http.get(link(client, signed))
        assert (fetched.status_code, fetched.content) == (200, TEXT[1])
        assert fetched.headers["content-type"] == "text/plain; charset=utf-8"
    large = bytes(range(256)) * (2 * IN_MEMORY // 256)  # more than is kept in memory
    signed = await uploaded(client, UPLOAD_FILE, ("large.bin", large, "application/octet-stream"), {"folder": "File"})
    assert signed["path"].startswith("file/")
    assert (await client.http.get(link(client, signed))).content == large


async def test_one_request_brings_several_files_and_one_file_goes_to_several_places(client: Client) -> None:
    operations = {"query": SEVERAL, "variables": {"a": None, "b": None, "input": {"file": None, "name": "renamed.txt"}}}
    form = [("operations", operations), ("map", {"x": ["variables.a", "variables.b"], "y": ["variables.input.file"]})]
    response = await send(client, [*form, ("x", TEXT), ("y", ("y.txt", b"other", "text/plain"))])
    found = response.json()["data"]
    assert found["a"]["path"] != found["b"]["path"]
    assert found["c"] == {
        "id": found["c"]["id"],
        "name": "renamed.txt",
        "path": f"file/{found['c']['id']}.txt",
        "fullPath": found["c"]["fullPath"],
        "size": 5,
        "type": "text/plain",
        "createdAt": found["c"]["createdAt"],
    }
    assert (await client.http.get(found["c"]["fullPath"])).content == b"other"


async def test_a_file_that_is_known_is_found_by_its_path_and_deleted_by_its_id(client: Client) -> None:
    signed = await uploaded(client, UPLOAD_FILE, TEXT)
    known = "mutation($path: String!) { createFile(input: {fullPath: $path}) { id name fullPath } }"
    for path in (signed["path"], link(client, signed)):
        file = (await client.data(known, {"path": path}))["createFile"]
        assert file["name"] == "a note.txt"
    other = client.as_tenant(await make_tenant(client.database, "Others"))
    assert refusal(await other.ask(known, {"path": signed["path"]})) == ("NOT_FOUND", "FILE_NOT_FOUND")
    assert refusal(await other.ask(DELETE, {"id": file["id"]})) == ("NOT_FOUND", "FILE_NOT_FOUND")
    assert (await client.data(DELETE, {"id": file["id"]}))["deleteFile"] == {"id": file["id"], "path": signed["path"]}
    assert (await client.http.get(link(client, signed))).status_code == 404
    assert refusal(await client.ask(DELETE, {"id": file["id"]})) == ("NOT_FOUND", "FILE_NOT_FOUND")
    assert refusal(await client.ask("mutation { deleteFile { id } }")) == ("BAD_USER_INPUT", "INVALID_ARGS_DATA")
    assert refusal(await client.ask("mutation { createFile { id } }")) == ("BAD_USER_INPUT", "INVALID_ARGS_DATA")
    both = f'mutation {{ deleteFile(id: "{new_id()}", fileId: "{new_id()}") {{ id }} }}'
    assert refusal(await client.ask(both)) == ("BAD_USER_INPUT", "ARGS_CONFLICT")


async def test_who_may_not_upload_is_refused(client: Client) -> None:
    for token in ("", "nobody"):
        fields = [("operations", {"query": UPLOAD_FILE, "variables": {"file": None}}), ("map", {}), ("0", TEXT)]
        response = await send(client, fields, token=token)
        assert (response.status_code, refusal(response.json())[0]) == (401, "UNAUTHENTICATED")
        assert response.headers["www-authenticate"] == "Bearer"
    plain = await acting(client, Role())
    for query in (UPLOAD_FILE, UPLOAD_IMAGE, LOGO):
        assert refusal(await upload(plain, query, TEXT)) == ("FORBIDDEN", "PERMISSION_DENIED")
    assert refusal(await plain.ask(DELETE, {"id": str(new_id())})) == ("FORBIDDEN", "PERMISSION_DENIED")
    assert refusal(await upload(client, PROFILE_PICTURE, TEXT)) == ("FORBIDDEN", "FORBIDDEN_EXCEPTION")  # no person
    uploader = await acting(client, Role(flags=frozenset({"UPLOAD_FILE"})))
    assert "errors" not in await upload(uploader, UPLOAD_FILE, TEXT)
    assert await client.database.value("select count(*) from core.file") == 1


def form(variables: object = None, places: object = None, *, query: str = UPLOAD_FILE) -> list[tuple[str, object]]:
    variables = {"file": None} if variables is None else variables
    places = {"0": ["variables.file"]} if places is None else places
    return [("operations", {"query": query, "variables": variables}), ("map", places), ("0", TEXT)]


OPERATIONS, MAP, FILE = form()
TO_NOWHERE = '"map" says "{}", which "operations" does not have.'
NO_LIST = '"map" must have a list of places for "0".'
NO_FILE = 'Variable "${}" takes no file: only variables of the type Upload do.'
ELEVEN = {str(number): [f"variables.file.{number}"] for number in range(11)}
TO_TEXT = "mutation($file: String!) { uploadFile(file: $file) { path } }"
TO_RECORD = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
TO_INPUT = "mutation($input: CreateFileInput!) { createFile(input: $input) { id } }"
WRONG: Mapping[str, tuple[list[tuple[str, object]], int, str]] = {
    "no operations": ([MAP, FILE], 400, '"operations" must come before "map".'),
    "no map": ([OPERATIONS, FILE], 400, '"operations" and "map" must come before the files.'),
    "nothing": ([("x", 1)], 400, 'The form lacks "operations".'),
    "operations alone": ([OPERATIONS], 400, 'The form lacks "map".'),
    "a file first": ([OPERATIONS, FILE, MAP], 400, '"operations" and "map" must come before the files.'),
    "operations twice": ([OPERATIONS, OPERATIONS, MAP], 400, 'The form has "operations" twice.'),
    "map twice": ([OPERATIONS, MAP, MAP, FILE], 400, 'The form has "map" twice.'),
    "a batch": ([("operations", [OPERATIONS[1]]), MAP, FILE], 400, "Batching is not supported."),
    "odd operations": ([("operations", "x"), MAP, FILE], 400, '"operations" must be a JSON object.'),
    "odd map": ([OPERATIONS, ("map", []), FILE], 400, '"map" must be a JSON object: {"0": ["variables.file"]}.'),
    "odd places": (form(places={"0": "variables.file"}), 400, NO_LIST),
    "no places": (form(places={"0": []}), 400, NO_LIST),
    "numbers for places": (form(places={"0": [1]}), 400, NO_LIST),
    "map to nowhere": (form(places={"0": ["variables.x"]}), 400, TO_NOWHERE.format("variables.x")),
    "map into a list that is too short": (
        form({"file": [None]}, {"0": ["variables.file.1"]}), 400, TO_NOWHERE.format("variables.file.1")
    ),
    "map into a text": (
        form({"file": "abc"}, {"0": ["variables.file.0.x"]}), 400, TO_NOWHERE.format("variables.file.0.x")
    ),
    "map to what is no variable": (
        form(places={"0": ["query"]}), 400, '"map" says "query", but files belong into "variables".'
    ),
    "a place that is taken": (
        form({"file": 7}), 400, '"operations" must have null at "variables.file", where "map" puts a file.'
    ),
    "two files in one place": (
        form(places={"0": ["variables.file"], "1": ["variables.file"]}), 400,
        '"map" puts two files into "variables.file".',
    ),
    "a file that does not come": ([OPERATIONS, MAP], 400, 'The form lacks the file "0", which "map" promises.'),
    "a file twice": ([OPERATIONS, MAP, FILE, FILE], 400, 'The form has the file "0" twice.'),
    "a file that nobody knows": ([OPERATIONS, MAP, ("1", TEXT)], 400, '"map" does not say where the file "1" belongs.'),
    "too many files": (form({"file": [None] * 11}, ELEVEN), 400, "A request brings at most 10 files."),
    "too large operations": (
        [("operations", {"query": "#" * 100_001}), MAP], 413, "The body is larger than 100000 bytes."
    ),
    "too large a file": (
        [OPERATIONS, MAP, ("0", ("x", b"x" * 3_000_001, "text/plain"))], 413, "The file is larger than 3000000 bytes."
    ),
    "an empty file": ([OPERATIONS, MAP, ("0", ("", b"", "application/octet-stream"))], 200, "The file is empty."),
    "a null file": (
        [OPERATIONS, ("map", {})], 400, 'Variable "$file" of non-null type "Upload!" must not be null.'
    ),
    "no query": ([("operations", {"variables": {"file": None}}), MAP, FILE], 400, "Must provide query string."),
    "a file for a text": (form(query=TO_TEXT), 400, NO_FILE.format("file")),
    "a file inside of a record": (
        form({"data": {"city": None}}, {"0": ["variables.data.city"]}, query=TO_RECORD), 400, NO_FILE.format("data")
    ),
    "a file where the input has a text": (
        form({"input": {"name": None}}, {"0": ["variables.input.name"]}, query=TO_INPUT), 400,
        "String cannot represent a non string value: <Upload instance>",
    ),
    "a text for a file": (form({"file": "x"}, {})[:2], 400, "Upload must be a file of a multipart request"),
    "a folder that is not for everybody": (
        form({"file": None, "folder": "ServerlessFunction"}), 200, "Files cannot be uploaded into this folder."
    ),
}  # fmt: skip


async def test_what_is_wrong_with_a_form_is_told(client: Client) -> None:
    wrong = {}
    for name, (fields, status, message) in WRONG.items():
        response = await send(client, fields)
        (error,) = response.json()["errors"]
        if (response.status_code, error["message"]) != (status, message):
            wrong[name] = (response.status_code, error)
        assert error["extensions"]["code"] == "BAD_USER_INPUT", name
    assert wrong == {}
    literal = await client.ask('mutation { uploadFile(file: "x") { path } }')
    assert literal["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED", literal  # type: ignore[index]
    assert await client.database.value("select count(*) from core.file") == 0


async def test_bytes_that_are_no_form_are_refused(client: Client) -> None:
    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    good = b'--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query": "{ __typename }"}\r\n--b--\r\n'
    for kind, body, status in (
        ("multipart/form-data", good, 400),  # no boundary
        ("multipart/form-data; boundary=b", b"", 400),
        ("multipart/form-data; boundary=b", b"--x\r\n\r\n", 400),
        ("multipart/form-data; boundary=b", good[:-20], 400),
        ("multipart/form-data; boundary=b", good.replace(b'{"query', b"{query"), 400),
        ("multipart/form-data; boundary=b", good.replace(b'"{ __', b"\xff"), 400),
        (f"multipart/form-data; boundary={'b' * 5_000}", good, 400),
        ("multipart/mixed; boundary=b", good, 415),
    ):
        sent = await client.http.post(f"{client.url}/graphql", content=body, headers={**headers, "Content-Type": kind})
        assert sent.status_code == status, (kind, body, sent.text)
        assert sent.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    parts = good.replace(b"--b--", b"--b") + b'Content-Disposition: form-data; name="x"\r\n\r\n\r\n--b\r\n' * 50
    kind = "multipart/form-data; boundary=b"
    sent = await client.http.post(f"{client.url}/graphql", content=parts, headers={**headers, "Content-Type": kind})
    assert sent.status_code == 400, sent.text
    announced = {"Content-Length": str(10**12), "Content-Type": kind, **headers}
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(client.url).port)
    written = "".join(f"{name}: {value}\r\n" for name, value in announced.items())
    writer.write(f"POST /graphql HTTP/1.1\r\nHost: x\r\n{written}\r\n".encode())
    assert b" 413 " in await reader.readline()  # before anything of it is read
    writer.close()


async def test_a_person_has_one_picture_and_a_workspace_one_logo(client: Client) -> None:
    from tests.files.test_images import picture

    ada = await person(client, "ada@example.com")
    me = "{ currentUser { workspaceMember { avatarUrl } workspaceMembers { avatarUrl } } }"
    paths = []
    for colour in ("red", "blue"):
        photo = ("../me.png", picture("PNG", (900, 600), colour), "image/png")
        signed = await uploaded(ada.client, PROFILE_PICTURE, photo)
        paths.append(signed["path"])
        user = (await ada.client.data(me))["currentUser"]
        shown = user["workspaceMember"]["avatarUrl"]
        assert shown == link(client, signed)
        assert shown in [each["avatarUrl"] for each in user["workspaceMembers"]]
        for size in ("original", "96"):
            assert (await client.http.get(shown.replace("/original/", f"/{size}/"))).status_code == 200
    assert paths[0].startswith("profile-picture/original/")
    kept = "select path from core.file where state = 'stored' order by path"
    rows = [row["path"] for row in await client.database.rows(kept)]
    assert rows == sorted([paths[1], paths[1].replace("original", "96")])
    event = await client.database.row(
        f'select "updatedFields", actor from "{client.tenant.schema}".event where "recordId" = $1 order by seq desc',
        ada.member_id,
    )
    assert event is not None
    assert (event["updatedFields"], '"ada Ollier"' in event["actor"]) == (["avatarUrl"], True)

    for colour in ("green", "black"):
        logo = await uploaded(client, LOGO, ("logo.webp", picture("WEBP", (300, 90), colour), "image/webp"))
        workspace = (await client.data("{ currentWorkspace { logo } }"))["currentWorkspace"]
        assert workspace["logo"] == link(client, logo)
    public = '{ getPublicWorkspaceDataByDomain(origin: "x") { logo } }'
    assert (await client.data(public))["getPublicWorkspaceDataByDomain"]["logo"] == link(client, logo)
    assert (await client.http.get(workspace["logo"])).headers["content-type"] == "image/webp"
    stored = await client.database.value("select logo from core.workspace where id = $1", client.tenant.workspace_id)
    assert stored == logo["path"]
    rows = [row["path"] for row in await client.database.rows(kept)]
    assert [path for path in rows if path.startswith("workspace-logo/")] == sorted(
        [logo["path"], logo["path"].replace("original", "96")]
    )
    update = "mutation($logo: String) { updateWorkspace(data: {logo: $logo}) { logo } }"
    admin = (await person(client, "root@example.com", is_admin=True)).client
    assert (await admin.data(update, {"logo": link(client, logo)}))["updateWorkspace"]["logo"] == link(client, logo)
    web = {"logo": "https://example.com/logo.png"}
    assert (await admin.data(update, web))["updateWorkspace"] == web


async def test_a_picture_that_may_not_be_changed_stays(client: Client) -> None:
    from tests.files.test_images import picture

    ada, bo = await person(client, "ada@example.com"), await person(client, "bo@example.com")
    photo = ("me.png", picture("PNG", (40, 40)), "image/png")
    first = await uploaded(ada.client, PROFILE_PICTURE, photo)
    # Bo says that Ada's picture is his; a new one of his must not take hers away.
    mine = (
        "mutation($id: UUID!, $url: String) { updateWorkspaceMember(id: $id, data: {avatarUrl: $url}) { avatarUrl } }"
    )
    await bo.client.data(mine, {"id": str(bo.member_id), "url": first["path"]})
    await uploaded(bo.client, PROFILE_PICTURE, photo)
    assert (await client.http.get(link(client, first))).status_code == 200
    fixed = 'mutation { updateWorkspace(data: {editableProfileFields: ["email"]}) { id } }'
    admin = await person(client, "root@example.com", is_admin=True)
    await admin.client.data(fixed)
    before = await client.database.value("select count(*) from core.file where state = 'stored'")
    answer = await upload(ada.client, PROFILE_PICTURE, photo)
    assert refusal(answer)[0] in ("FORBIDDEN", "BAD_USER_INPUT"), answer
    assert await client.database.value("select count(*) from core.file where state = 'stored'") == before


async def test_the_bytes_of_an_upload_are_there_again_and_again() -> None:
    async def parts(size: int) -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"0123456789" * (size // 100)

    for size in (1_000, 3 * IN_MEMORY):
        given = Upload(filename="x")
        await given.receive(parts(size))
        assert given.size == size
        assert await given.read() == await given.read() == b"0123456789" * (size // 10)
        assert await given.beginning(15) == b"012345678901234"
        given.close()
        given.close()
