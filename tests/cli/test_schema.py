"""`rapport schema` on a real database, beside a real server."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.cli.program import rapport, serving

MODEL = """
version: 1
objects:
  company:
    fields:
      tier:
        type: SELECT
        label: Tier
        options: [{value: GOLD, label: Gold, color: yellow}, {value: TIN, label: Tin, color: gray}]
      rockets: {type: RELATION, label: Rockets, relation: ONE_TO_MANY, to: rocket.owner}
  rocket:
    plural: rockets
    label: Rocket
    labelPlural: Rockets
    fields:
      serial: {type: TEXT, label: Serial}
      owner: {type: RELATION, label: Owner, relation: MANY_TO_ONE, to: company.rockets}
"""


@dataclass(frozen=True)
class Desk:
    """A folder in which somebody works on the models of the workspaces `one` and `two`."""

    folder: Path
    dsn: str
    raw: asyncpg.Connection

    def schema(self, *arguments: str) -> tuple[int, str, str]:
        done = rapport("schema", *arguments, cwd=self.folder, DATABASE_URL=self.dsn)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    def write(self, text: str, name: str = "model.yaml") -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    async def run(self, sql: str) -> object:
        schema = await self.raw.fetchval("select \"schema\" from core.workspace where subdomain = 'one'")
        return await self.raw.fetchval(sql.replace("w.", f'"{schema}".'))


@pytest.fixture
async def desk(tmp_path: Path, database_dsn: str) -> AsyncIterator[Desk]:
    for name in ("one", "two"):
        create = ("workspace", "create", name, "--email", "jane@example.com", "--subdomain", name)
        assert rapport(*create, cwd=tmp_path, DATABASE_URL=database_dsn).returncode == 0
    raw = await asyncpg.connect(database_dsn)
    yield Desk(tmp_path, database_dsn, raw)
    await raw.close()


async def test_a_model_is_applied_exported_and_applied_elsewhere(desk: Desk) -> None:
    assert "objects: {}" in desk.schema("export", "one")[1]
    file = desk.write(MODEL)
    done, shown, _ = desk.schema("diff", "one", file)
    lines = [
        "+ field company.tier (SELECT)",
        "+ field company.rockets (ONE_TO_MANY to rocket.owner)",
        "+ object rocket (Rocket, Rockets)",
        "+ field rocket.serial (TEXT)",
        "+ field rocket.owner (MANY_TO_ONE to company.rockets)",
    ]
    assert (done, shown.splitlines()) == (0, lines)
    statements = desk.schema("diff", "one", file, "--sql")[1].split("\n\n", 1)[1]
    assert 'create table "' in statements
    assert await desk.run("select to_regclass('w._rocket')::text") is None

    done, shown, _ = desk.schema("apply", "one", file)
    assert (done, shown.splitlines()) == (0, [*lines, "The model has version 2 now."])
    assert desk.schema("apply", "one", file) == (0, "Nothing changes.\n", "")
    assert desk.schema("diff", "one", file) == (0, "Nothing would change.\n", "")
    assert await desk.raw.fetchval("select count(*) from core.\"auditEntry\" where action = 'modelApplied'") == 1

    assert desk.schema("export", "one", "--file", "exported.yaml") == (0, "", "")
    exported = (desk.folder / "exported.yaml").read_text(encoding="utf-8")
    assert desk.schema("apply", "two", "exported.yaml")[0] == 0
    assert desk.schema("export", "two")[1].split("version:")[1] == exported.split("version:")[1]
    assert rapport("doctor", cwd=desk.folder, DATABASE_URL=desk.dsn).returncode == 0


async def test_data_is_lost_only_when_that_is_wished(desk: Desk) -> None:
    desk.schema("apply", "one", desk.write(MODEL))
    await desk.run("insert into w._rocket (name, serial) values ('Ariane', 'A5') returning 1")
    await desk.run("insert into w.company (name, tier) values ('Acme', 'TIN') returning 1")
    renamed = desk.write(MODEL.replace("serial: {type", "number: {was: serial, type"))
    assert desk.schema("diff", "one", renamed)[1].splitlines() == ["~ field rocket.serial → number"]
    assert desk.schema("apply", "one", renamed)[0] == 0
    assert await desk.run("select number from w._rocket") == "A5"

    shorter = MODEL.replace("      serial: {type: TEXT, label: Serial}\n", "")
    less = desk.write(shorter.replace("value: TIN", "value: LEAD"))
    assert desk.schema("diff", "one", less)[1].splitlines() == [
        "~ field company.tier: option - TIN",
        "~ field company.tier: option + LEAD",
        "- field rocket.number (TEXT)",
        "! loses the values of rocket.number",
        "! loses the options TIN of company.tier",
    ]
    refused = (
        "rapport: The change would lose data\n"
        "  the values of rocket.number\n"
        "  the options TIN of company.tier\n"
        "With --allow-loss it is made nevertheless.\n"
    )
    assert desk.schema("apply", "one", less) == (1, "", refused)
    assert await desk.run("select number from w._rocket") == "A5"
    assert desk.schema("apply", "one", less, "--allow-loss")[0] == 0
    assert await desk.run("select tier from w.company where name = 'Acme'") is None
    assert await desk.run("select name from w._rocket") == "Ariane"


async def test_records_that_stand_in_the_way_are_named(desk: Desk) -> None:
    desk.schema("apply", "one", desk.write(MODEL))
    await desk.run("insert into w._rocket (serial) values ('A5'), ('A5') returning 1")
    unique = desk.write(MODEL.replace("label: Serial}", "label: Serial, unique: true}"))
    done, _, told = desk.schema("apply", "one", unique)
    assert (done, told) == (
        1,
        (
            "rapport: The records of the workspace do not allow the change\n"
            '  rocket records share values of serial: "A5" (2 records)\n'
        ),
    )


async def test_a_file_that_is_not_one_is_told_without_a_traceback(desk: Desk) -> None:
    assert desk.schema("apply", "one", "missing.yaml")[2] == (
        "rapport: missing.yaml cannot be read: No such file or directory\n"
    )
    assert (
        desk.schema("apply", "one", str(desk.folder))[2] == f"rapport: {desk.folder} cannot be read: Is a directory\n"
    )
    assert desk.schema("apply", "one", desk.write("version: 1\nobject: {}\n")) == (
        1,
        "",
        'rapport: The model file is not valid\n  line 2: "object" is not known; did you mean objects?\n',
    )
    assert desk.schema("export", "one", "--file", "no/where.yaml")[2] == (
        "rapport: no/where.yaml cannot be written: No such file or directory\n"
    )
    assert desk.schema("export", "three")[2] == "rapport: There is no workspace three.\n"
    wrong = MODEL.replace("plural: rockets", "plural: explainAccess")
    assert desk.schema("apply", "one", desk.write(wrong)) == (
        1,
        "",
        (
            "rapport: The model file is not valid\n"
            '  line 11: objects.rocket: Name "rocket" is not available: the API has something called "explainAccess"\n'
        ),
    )


async def test_a_running_server_answers_with_the_new_model_at_once(desk: Desk) -> None:
    key = rapport("apikey", "create", "--workspace", "one", cwd=desk.folder, DATABASE_URL=desk.dsn).stdout.strip()
    with serving(desk.folder, DATABASE_URL=desk.dsn) as server:

        def ask() -> object:
            body = {"query": "{ rockets { totalCount } }"}
            headers = {"Authorization": f"Bearer {key}"}
            return httpx.post(f"{server.url}/graphql", json=body, headers=headers, timeout=10).json()

        assert "errors" in str(ask())
        assert desk.schema("apply", "one", desk.write(MODEL))[0] == 0
        assert ask() == {"data": {"rockets": {"totalCount": 0}}}
