"""The examples of the guide to imports are what the server takes and answers."""

import json
import re

from tests.docs.markdown import ROOT
from tests.edge.rest.asking import send
from tests.imports.asking import counts, imported, importing
from tests.serving import Client

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


async def test_every_route_is_in_the_guide(client: Client) -> None:
    shown = re.findall(r"\| `(GET|POST) (/rest/[^`?]*)", TEXT)
    assert len(shown) == 6
    for method, path in shown:
        answer = await send(
            client, method, path.removeprefix("/rest").replace("{id}", "0" * 8 + "-0000" * 3 + "-" + "0" * 12)
        )
        assert "nothing at this address" not in answer.text
        assert answer.status_code != 405
