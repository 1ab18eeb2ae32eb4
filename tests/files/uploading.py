"""Sends files by GraphQL's multipart requests."""

import json
from collections.abc import Mapping, Sequence

import httpx

from tests.serving import Client

UPLOAD_FILE = """mutation($file: Upload!, $folder: FileFolder) {
    uploadFile(file: $file, fileFolder: $folder) { path token }
}"""
UPLOAD_IMAGE = """mutation($file: Upload!, $folder: FileFolder) {
    uploadImage(file: $file, fileFolder: $folder) { path token }
}"""
PROFILE_PICTURE = "mutation($file: Upload!) { uploadProfilePicture(file: $file) { path token } }"
LOGO = "mutation($file: Upload!) { uploadWorkspaceLogo(file: $file) { path token } }"

File = tuple[str, bytes, str]  # name, bytes, type


async def send(
    client: Client, fields: Sequence[tuple[str, object]], *, path: str = "/graphql", token: str | None = None
) -> httpx.Response:
    """Any form: JSON for what is no file. A ``token`` of '' is none."""
    token = client.tenant.key if token is None else token
    form = [(name, field if isinstance(field, tuple) else (None, json.dumps(field))) for name, field in fields]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return await client.http.post(f"{client.url}{path}", files=form, headers=headers)


async def upload(
    client: Client,
    query: str,
    file: File,
    variables: Mapping[str, object] | None = None,
    *,
    path: str = "/graphql",
    token: str | None = None,
) -> dict:  # type: ignore[type-arg]
    """The answer to an operation with the variable `$file`."""
    operations = {"query": query, "variables": {**(variables or {}), "file": None}}
    response = await send(
        client, [("operations", operations), ("map", {"0": ["variables.file"]}), ("0", file)], path=path, token=token
    )
    found: dict[str, object] = response.json()
    return found


async def uploaded(client: Client, query: str, file: File, variables: Mapping[str, object] | None = None) -> dict:  # type: ignore[type-arg]
    """The value of the one operation, which must be without errors."""
    answer = await upload(client, query, file, variables)
    assert "errors" not in answer, answer["errors"]
    (value,) = answer["data"].values()
    assert isinstance(value, dict)
    return value


def link(client: Client, signed: Mapping[str, str]) -> str:
    """The address of an uploaded file."""
    folder, _, name = signed["path"].rpartition("/")
    return f"{client.url}/files/{folder}/{signed['token']}/{name}"
