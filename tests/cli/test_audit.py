"""`rapport audit`."""

import json
from pathlib import Path

import pytest

from rapport.audit.log import record
from rapport.base.ids import new_id
from rapport.store.database import Database
from tests.cli.program import rapport

INES, OTTO, ACME, BOLT = new_id(), new_id(), new_id(), new_id()


@pytest.fixture
async def written(database: Database) -> None:
    """Four entries; the first one is old."""
    for user_id, email in ((INES, "ines@example.com"), (OTTO, "otto@example.com")):
        await database.execute('insert into core."user" (id, email) values ($1, $2)', user_id, email)
    for workspace_id, name in ((ACME, "acme"), (BOLT, "bolt")):
        await database.execute(
            'insert into core.workspace (id, subdomain, "schema") values ($1, $2::text, $2::text)', workspace_id, name
        )
    await record(database, action="signedIn", workspace_id=ACME, user_id=INES, address="192.0.2.7")
    await database.execute("""update core."auditEntry" set "createdAt" = now() - interval '8 days'""")
    await record(database, action="signInFailed", details={"email": "x@\x1b[31m\n"}, address="192.0.2.8")
    await record(database, action="impersonated", workspace_id=BOLT, user_id=OTTO, details={"userId": INES})
    await record(database, action="signedIn", workspace_id=BOLT, user_id=OTTO)


@pytest.mark.usefixtures("written")
async def test_the_log_is_shown_as_a_table_the_latest_last(tmp_path: Path, database_dsn: str) -> None:
    done = rapport("audit", cwd=tmp_path, DATABASE_URL=database_dsn)
    assert (done.returncode, done.stderr) == (0, "")
    head, *lines = done.stdout.splitlines()
    assert head.split() == ["TIME", "ACTION", "WORKSPACE", "WHO", "FROM", "DETAILS"]
    assert [line.split()[2:] for line in lines] == [
        ["signedIn", "acme", "ines@example.com", "192.0.2.7"],
        ["signInFailed", "-", "-", "192.0.2.8", "email=x@?[31m?"],
        ["impersonated", "bolt", "otto@example.com", "-", f"userId={INES}"],
        ["signedIn", "bolt", "otto@example.com", "-"],
    ]


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--since", "7d"], ["signInFailed", "impersonated", "signedIn"]),
        (["--since", "2999-01-01"], []),
        (["--since", "2000-01-01T00:00:00+01:00"], ["signedIn", "signInFailed", "impersonated", "signedIn"]),
        (["--user", "INES@example.com"], ["signedIn", "impersonated"]),
        (["--user", str(OTTO)], ["impersonated", "signedIn"]),
        (["--user", "'; drop table x"], []),
        (["--action", "signedIn"], ["signedIn", "signedIn"]),
        (["--action", "signInFailed", "--action", "impersonated"], ["signInFailed", "impersonated"]),
        (["--workspace", "acme"], ["signedIn"]),
        (["--workspace", str(BOLT)], ["impersonated", "signedIn"]),
        (["--limit", "1"], ["signedIn"]),
    ],
)
async def test_options_choose_among_the_entries(
    tmp_path: Path, database_dsn: str, options: list[str], expected: list[str]
) -> None:
    done = rapport("audit", "--json", *options, cwd=tmp_path, DATABASE_URL=database_dsn)
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line)["action"] for line in done.stdout.splitlines()] == expected


@pytest.mark.usefixtures("written")
async def test_a_line_of_json_says_everything(tmp_path: Path, database_dsn: str) -> None:
    done = rapport("audit", "--json", "--action", "impersonated", cwd=tmp_path, DATABASE_URL=database_dsn)
    [line] = done.stdout.splitlines()
    entry = json.loads(line)
    assert set(entry) >= {"id", "createdAt"}
    assert {name: value for name, value in entry.items() if name not in ("id", "createdAt")} == {
        "action": "impersonated",
        "workspaceId": str(BOLT),
        "userId": str(OTTO),
        "email": "otto@example.com",
        "apiKeyId": None,
        "impersonatorUserWorkspaceId": None,
        "impersonatorEmail": None,
        "address": None,
        "details": {"userId": str(INES)},
    }


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--since", "yesterday"], "must be a duration such as 7d"),
        (["--since", "99999999999y"], "must be a duration such as 7d"),
        (["--action", "nonsense"], "There is no action nonsense"),
        (["--limit", "0"], "limit"),
        (["--workspace", "nowhere"], "There is no workspace nowhere"),
    ],
)
def test_a_wrong_option_is_explained(tmp_path: Path, database_dsn: str, options: list[str], said: str) -> None:
    done = rapport("audit", *options, cwd=tmp_path, DATABASE_URL=database_dsn)
    assert done.returncode in (1, 2)
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
