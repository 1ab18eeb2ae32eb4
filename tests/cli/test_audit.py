"""`rapport audit`."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from rapport.access.principal import Principal
from rapport.audit.log import record
from rapport.base.ids import new_id
from rapport.store.database import Database
from tests.cli.program import rapport
from tests.serving import make_tenant

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
        (["--address", "192.0.2.8"], ["signInFailed"]),
        (["--address", "192.0.2.8", "--user", str(OTTO)], []),
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
        "name": None,
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
        (["--action", "created"], "There is no action created"),
        (["--record", "x"], "record"),
        (["--limit", "0"], "limit"),
        (["--workspace", "nowhere"], "There is no workspace nowhere"),
    ],
)
def test_a_wrong_option_is_explained(tmp_path: Path, database_dsn: str, options: list[str], said: str) -> None:
    done = rapport("audit", *options, cwd=tmp_path, DATABASE_URL=database_dsn)
    assert done.returncode in (1, 2)
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.fixture
async def changed(database: Database) -> str:
    """A key makes a record and revokes another key, then somebody signs in; the workspace's id."""
    tenant = await make_tenant(database, "Tests")
    key_id = await database.value('select id from core."apiKey"')
    actor = json.dumps({"source": "API", "name": "tests", "apiKeyId": str(key_id), "address": "2001:db8::7"})
    await database.execute(
        f'insert into {tenant.schema}.event (action, object, "recordId", "updatedFields", actor, "happenedAt") values '
        "('updated', 'person', $1, '{city,name}', $2::text::jsonb, now() - interval '1 minute'), "
        "('deleted', 'company', $3, null, $2::text::jsonb, now() - interval '1 minute')",
        INES,
        actor,
        OTTO,
    )
    principal = Principal(workspace_id=tenant.workspace_id, schema=tenant.schema, api_key_id=UUID(str(key_id)))
    await record(database, action="apiKeyRevoked", principal=principal, details={"keyId": ACME}, address="192.0.2.9")
    await record(database, action="signedIn", workspace_id=tenant.workspace_id)
    return str(tenant.workspace_id)


async def test_changes_of_records_are_shown_among_the_entries(
    tmp_path: Path, database: Database, database_dsn: str, changed: str
) -> None:
    name = await database.value("select subdomain from core.workspace")
    done = rapport("audit", "--records", cwd=tmp_path, DATABASE_URL=database_dsn)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[2:] for line in done.stdout.splitlines()[1:]] == [
        [
            "updated",
            name,
            "key",
            "tests",
            "2001:db8::7",
            "object=person",
            f"recordId={INES}",
            'fields=["city",',
            '"name"]',
        ],
        ["deleted", name, "key", "tests", "2001:db8::7", "object=company", f"recordId={OTTO}"],
        ["apiKeyRevoked", name, "key", "tests", "192.0.2.9", f"keyId={ACME}"],
        ["signedIn", name, "-", "-"],
    ]
    done = rapport("audit", "--json", "--record", str(INES), cwd=tmp_path, DATABASE_URL=database_dsn)
    entry = json.loads(done.stdout)
    assert {name: value for name, value in entry.items() if name not in ("id", "createdAt")} == {
        "action": "updated",
        "workspaceId": changed,
        "userId": None,
        "email": None,
        "apiKeyId": str(await database.value('select id from core."apiKey"')),
        "name": "tests",
        "impersonatorUserWorkspaceId": None,
        "impersonatorEmail": None,
        "address": "2001:db8::7",
        "details": {"object": "person", "recordId": str(INES), "fields": ["city", "name"]},
    }


@pytest.mark.usefixtures("changed")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["apiKeyRevoked", "signedIn"]),
        (["--records"], ["updated", "deleted", "apiKeyRevoked", "signedIn"]),
        (["--records", "--limit", "2"], ["apiKeyRevoked", "signedIn"]),
        (["--records", "--action", "deleted", "--action", "signedIn"], ["deleted", "signedIn"]),
        (["--object", "person"], ["updated"]),
        (["--key", str(ACME).upper()], ["apiKeyRevoked"]),
        (["--key", "tests", "--records"], ["updated", "deleted", "apiKeyRevoked"]),
        (["--address", "2001:db8::7", "--records"], ["updated", "deleted"]),
    ],
)
async def test_options_choose_among_changes_and_entries(
    tmp_path: Path, database_dsn: str, options: list[str], expected: list[str]
) -> None:
    done = rapport("audit", "--json", *options, cwd=tmp_path, DATABASE_URL=database_dsn)
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line)["action"] for line in done.stdout.splitlines()] == expected
