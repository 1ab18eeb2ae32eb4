"""The programs in the guide to the clients run, each by itself, and it names what there is."""

import asyncio
import inspect
import re
import runpy
from pathlib import Path

import pytest

from rapport.client import Client, RapportError
from rapport.client import errors as error_classes
from tests.docs.markdown import ROOT
from tests.imports.asking import importing
from tests.serving import Client as Served

TEXT = (ROOT / "docs" / "sdks.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


async def test_each_program_runs_as_written_and_does_nothing_to_the_records_of_others(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(PROGRAMS) == 9
    monkeypatch.chdir(tmp_path)
    query = """mutation ($person: PersonCreateInput!, $company: CompanyCreateInput!) {
      createPerson(data: $person) { id } createCompany(data: $company) { id } }"""
    for end, position in (("0", -9999), ("f", 9999)):  # before and behind all that the programs make, in any order
        common = {"id": f"{end * 8}-{end * 4}-4{end * 3}-8{end * 3}-{end * 12}", "position": position}
        person = {**common, "emails": {"primaryEmail": f"{end}@example.com"}, "city": end}
        await served.data(query, {"person": person, "company": {**common, "name": end, "employees": 200}})

    printed = []
    async with importing(served):
        before = await _records(served)
        assert len(before) >= 4
        for at, program in enumerate(PROGRAMS):
            file = tmp_path / f"guide{at}.py"
            text = program.replace("http://127.0.0.1:3000", served.url).replace("sk_live_…", served.tenant.key)
            file.write_text(text, encoding="utf-8")
            await asyncio.to_thread(runpy.run_path, str(file))
            printed.append(capsys.readouterr().out.splitlines())
            after = await _records(served)
            assert {which: after.get(which) for which in before} == before, program
            if at == 0:
                people = {which for which in after if which.startswith("person ")}
                assert people == {which for which in before if which.startswith("person ")}

    assert "John" in printed[0]
    assert "b'Dear John,'" in printed[4]
    assert printed[5] == ["Record not found 404 NOT_FOUND"]
    assert [line.split()[0] for line in printed[7]] == ["Oslo", "created"]
    assert (tmp_path / "people.csv").read_text(encoding="utf-8").startswith("id,city,emails.primaryEmail")


async def _records(served: Served) -> dict[str, str]:
    """All rows of the workspace, deleted ones too, by table and id."""
    schema = served.tenant.schema
    tables = await served.database.rows(
        "select table_name from information_schema.columns where table_schema = $1 and column_name = 'id'", schema
    )
    return {
        f"{table} {row['id']}": row["shown"]
        for (table,) in tables
        for row in await served.database.rows(f'select id, to_jsonb(t)::text shown from {schema}."{table}" t')
    }


def test_the_guide_names_commands_that_make_a_key() -> None:
    beginning = TEXT.partition("\n## Python")[0]
    assert "`rapport apikey create`" in beginning
    assert "Settings" not in beginning


def test_every_method_and_every_error_is_in_the_guide() -> None:
    with Client(base_url="http://127.0.0.1:9") as client:
        methods = {name for name, _ in inspect.getmembers(client.people, inspect.ismethod) if not name.startswith("_")}
    assert {name for name in methods if f"`{name}(" not in TEXT} == set()
    errors = {
        name
        for name, kind in vars(error_classes).items()
        if inspect.isclass(kind) and issubclass(kind, RapportError) and f"`{name}`" not in TEXT
    }
    assert errors == set()
