"""The examples of the guide to imports are what the server takes and answers."""

import json
import os
import re
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from pathlib import Path

from tests.docs.markdown import ROOT
from tests.edge.rest.asking import send
from tests.imports.asking import counts, imported, importing
from tests.serving import Client, make_tenant

TEXT = (ROOT / "docs" / "export-import.md").read_text(encoding="utf-8").partition("\n## Import\n")[2]


async def test_the_file_that_is_shown_can_be_imported_as_it_is_shown(client: Client) -> None:
    (file,) = re.findall(r"^```csv\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    (path,) = re.findall(r'curl "http://127.0.0.1:3000/rest(/[^"]+)"', TEXT)
    await send(client, "POST", "/companies", {"name": "Acme"})
    (problem,) = (json.loads(each) for each in re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))

    async with importing(client):
        found = await imported(client, path, file)
        refused = await imported(client, "/people/import", "firstName,emails.primaryEmail\nAda,nobody\n")

    assert counts(found) == ("done", 2, 2, 0, 0)
    assert refused["errors"] == [problem]


async def test_the_recipe_moves_records_with_their_links_from_one_workspace_to_another(
    client: Client, tmp_path: Path
) -> None:
    (recipe,) = re.findall(r"^```sh\n(for .*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    member, company, person = (f"20000000-0000-4000-8000-00000000000{number}" for number in range(3))
    await client.database.execute(
        f'insert into {client.tenant.schema}."workspaceMember" (id, "userId") values ($1::text::uuid, $1::text::uuid)',
        member,
    )
    for plural, data in (
        ("companies", {"id": company, "name": "Acme", "accountOwnerId": member}),
        ("people", {"id": person, "firstName": "Ada", "companyId": company}),
        ("opportunities", {"name": "Deal", "pointOfContactId": person, "companyId": company}),
    ):
        assert (await send(client, "POST", f"/{plural}", data)).status_code == 201
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    told = {"FROM": client.url, "FROM_KEY": client.tenant.key, "TO": client.url, "TO_KEY": other.tenant.key}
    async with importing(client):
        process = await create_subprocess_exec(
            "sh", "-ec", recipe.replace("sleep 1", "sleep 0.05"), env=os.environ | told, cwd=tmp_path, stderr=PIPE
        )
        _, errors = await process.communicate()
    assert process.returncode == 0, errors
    for plural, links in (
        ("companies", {"accountOwnerId": None}),
        ("people", {"companyId": company}),
        ("opportunities", {"companyId": company, "pointOfContactId": person}),
    ):
        over = json.loads((tmp_path / f"{plural}.json").read_text())["data"]["import"]
        assert counts(over) == ("done", 1, 1, 0, 0)
        assert len(over["errors"]) == (plural == "companies")
        (record,) = (await send(other, "GET", f"/{plural}?depth=0")).json()["data"][plural]
        assert links.items() <= record.items()


async def test_every_route_is_in_the_guide(client: Client) -> None:
    shown = re.findall(r"\| `(GET|POST) (/rest/[^`?]*)", TEXT)
    assert len(shown) == 6
    for method, path in shown:
        answer = await send(
            client, method, path.removeprefix("/rest").replace("{id}", "0" * 8 + "-0000" * 3 + "-" + "0" * 12)
        )
        assert "nothing at this address" not in answer.text
        assert answer.status_code != 405
