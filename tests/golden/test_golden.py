"""Golden twins: a request, the SQL that it becomes, and the answer, as files side by side.

A folder has `query.graphql`, `variables.json` if there are any, `statement.sql` (several where an answer takes several)
and `response.json`. `RAPPORT_GOLDEN=write` writes the last two anew; a reviewer then reads the difference.
"""

import json
import os
from pathlib import Path

import pytest

from tests.golden.layout import laid_out
from tests.recording import recording
from tests.serving import Client

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/query.graphql"))
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


def test_there_are_cases() -> None:
    assert len(CASES) > 20
