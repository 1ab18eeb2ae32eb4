"""Golden twins: a request, the SQL that it becomes, and the answer, as files side by side.

A folder has `query.graphql`, `variables.json` if there are any, `statement.sql` (several where an answer takes several)
and `response.json`. `RAPPORT_GOLDEN=write` writes the last two anew; a reviewer then reads the difference.

Where REST can ask the same, `rest.http` does: a method and an address below `/rest`, and after an empty line the body.
It must find the same records. `rest.sql`, in some of the folders, is its statement; it is written anew, too.
"""

import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.edge.rest.asking import send
from tests.golden.agreeing import disagreements
from tests.golden.layout import laid_out
from tests.recording import recording
from tests.serving import Client

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/query.graphql"))
REST_CASES = sorted(path.parent.name for path in HERE.glob("*/rest.http"))
SAME = ("delete_many", "destroy_one", "whole_record", "whole_update")  # what is shown is the same, so is the statement
SAFE = "/?&=%[]:,\"'(){}"
GONE = """mutation {
  deleteCompany(id: "c0000000-0000-4000-8000-000000000003") { id }
  deletePerson(id: "a0000000-0000-4000-8000-000000000006") { id }
}"""


async def fill(client: Client) -> None:
    """The records that all cases ask about; one company and one person are soft-deleted."""
    for verb, records in json.loads((HERE / "data.json").read_text(encoding="utf-8")).items():
        kind = {"createCompanies": "Company", "createPeople": "Person", "createOpportunities": "Opportunity"}[verb]
        query = f"mutation($data: [{kind}CreateInput!]!) {{ {verb}(data: $data) {{ id }} }}"
        await client.data(query, {"data": records})
    await client.data(GONE)


@pytest.mark.parametrize("case", CASES)
async def test_the_request_becomes_this_statement_and_has_this_answer(client: Client, case: str) -> None:
    await fill(client)
    folder = HERE / case
    given = folder / "variables.json"
    variables = json.loads(given.read_text(encoding="utf-8")) if given.exists() else None
    async with recording(client) as recorder:
        answer, statements = await recorder.ask((folder / "query.graphql").read_text(encoding="utf-8"), variables)
    schema = client.tenant.schema
    shown = [laid_out(statement.replace(schema, "workspace_golden")) for statement in statements]
    found = {
        "statement.sql": ";\n\n".join(shown) + ";\n",
        "response.json": json.dumps(answer, ensure_ascii=False, indent=2) + "\n",
    }
    if os.environ.get("RAPPORT_GOLDEN") == "write":
        for name, text in found.items():
            (folder / name).write_text(text, encoding="utf-8")
    for name, text in found.items():
        assert text == (folder / name).read_text(encoding="utf-8"), f"{case}/{name}"


@pytest.mark.parametrize("case", REST_CASES)
async def test_rest_becomes_this_statement_and_finds_the_same(client: Client, case: str) -> None:
    await fill(client)
    folder = HERE / case
    line, _, body = (folder / "rest.http").read_text(encoding="utf-8").strip().partition("\n\n")
    method, address = line.split(" ", 1)
    async with recording(client) as recorder:
        await send(recorder.client, "GET", "/people?limit=0")  # the caller and the data model are known
        recorder.log.clear()
        answer = await send(recorder.client, method, quote(address, safe=SAFE), body.encode() or None)
        shown = [laid_out(each.replace(client.tenant.schema, "workspace_golden")) for each in recorder.log]
    assert answer.status_code in (200, 201), answer.text
    if case in CASES:
        known = json.loads((folder / "response.json").read_text(encoding="utf-8"))
        assert disagreements(known["data"], answer.json()) == []
    text, own = ";\n\n".join(shown) + ";\n", folder / "rest.sql"
    if own.exists():
        if os.environ.get("RAPPORT_GOLDEN") == "write":
            own.write_text(text, encoding="utf-8")
        assert text == own.read_text(encoding="utf-8"), f"{case}/{own.name}"
    if case in SAME:
        assert text == (folder / "statement.sql").read_text(encoding="utf-8")


def test_there_are_cases() -> None:
    assert len(CASES) > 20
    assert len(REST_CASES) > 20
