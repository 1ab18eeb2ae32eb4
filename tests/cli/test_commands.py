"""The commands that end by themselves."""

from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from rapport.base.ids import new_id
from rapport.cli.main import commands
from rapport.roles.standard import seed_roles
from rapport.store.database import Database
from rapport.store.migrate import migrations
from tests.cli.program import rapport, serving

COMMANDS = (
    "serve",
    "worker",
    "migrate",
    "demo",
    "apikey",
    "workspace",
    "user",
    "audit",
    "jobs",
    "mail",
    "schema",
    "doctor",
    "version",
)
SUBCOMMANDS = (
    "apikey create",
    "workspace create",
    "user admin",
    "user drop-factor",
    "jobs list",
    "jobs retry",
    "mail list",
    "mail show",
    "mail test",
    "schema export",
    "schema diff",
    "schema apply",
)
ROLES_OF_KEYS = """
select r.label from core."roleTarget" t join core.role r on r.id = t."roleId" where t."apiKeyId" is not null order by 1
"""
NAMES = [migration.name for migration in migrations()]


def test_help_lists_every_command_with_a_line_on_each(tmp_path: Path) -> None:
    done = rapport("--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.split("Commands:")[1].splitlines()
    said = dict(line.split(maxsplit=1) for line in lines if line.startswith("  ") and line[2] != " ")
    assert set(said) == set(COMMANDS)
    assert all(text.endswith(".") or len(text) > 60 for text in said.values())


@pytest.mark.parametrize("command", [*COMMANDS, *SUBCOMMANDS])
def test_every_command_explains_itself(command: str) -> None:
    done = CliRunner().invoke(commands(), [*command.split(), "--help"], prog_name="rapport")  # a process each is dear
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: rapport {command}")


def test_the_list_of_commands_fits_into_eighty_columns() -> None:
    done = CliRunner().invoke(commands(), ["--help"], prog_name="rapport", terminal_width=80)
    assert done.exit_code == 0
    assert "..." not in done.stdout.partition("Commands:")[2]


def test_an_unknown_command_is_refused(tmp_path: Path) -> None:
    done = rapport("server", cwd=tmp_path)
    assert done.returncode == 2
    assert "No such command 'server'" in done.stderr


def test_version_is_a_number(tmp_path: Path) -> None:
    done = rapport("version", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout[0].isdigit()
    option = rapport("--version", cwd=tmp_path)
    assert (option.returncode, option.stdout, option.stderr) == (0, done.stdout, "")


def test_migrate_shows_what_would_run_then_runs_it_then_has_nothing_left(
    tmp_path: Path, empty_database_dsn: str
) -> None:
    check = rapport("migrate", "--check", cwd=tmp_path, DATABASE_URL=empty_database_dsn)
    assert (check.returncode, check.stdout.splitlines()) == (1, [f"pending {name}" for name in NAMES])
    run = rapport("migrate", cwd=tmp_path, DATABASE_URL=empty_database_dsn)
    assert (run.returncode, run.stdout.splitlines()) == (0, [f"applied {name}" for name in NAMES])
    check = rapport("migrate", "--check", cwd=tmp_path, DATABASE_URL=empty_database_dsn)
    assert (check.returncode, check.stdout) == (0, "Nothing is pending.\n")


def test_checking_migrations_makes_no_database(tmp_path: Path) -> None:
    check = rapport("migrate", "--check", cwd=tmp_path)
    assert (check.returncode, check.stdout.splitlines()) == (1, [f"pending {name}" for name in NAMES])
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_finds_a_migrated_database_well(tmp_path: Path, database_dsn: str) -> None:
    done = rapport("doctor", cwd=tmp_path, DATABASE_URL=database_dsn)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(line.startswith("ok ") for line in done.stdout.splitlines())


def test_the_doctor_makes_no_database(tmp_path: Path) -> None:
    done = rapport("doctor", "--data-dir", "none", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[1:] == ["PROBLEM  database: there is none in none. `rapport serve` makes one."]
    assert list(tmp_path.iterdir()) == []


async def test_a_database_of_a_later_release_is_left_alone(tmp_path: Path, database_dsn: str) -> None:
    raw = await asyncpg.connect(database_dsn)
    await raw.execute("insert into core.migration (name) values ('9999_later.post')")
    await raw.close()
    refused = "rapport: The database has been migrated by a later release of Rapport (9999_later.post). Start that"
    for command in (("migrate", "--check"), ("migrate",), ("serve", "--port", "0")):
        done = rapport(*command, cwd=tmp_path, DATABASE_URL=database_dsn)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(refused)
    doctor = rapport("doctor", cwd=tmp_path, DATABASE_URL=database_dsn)
    assert doctor.returncode == 1
    assert "PROBLEM  release: the database has been migrated by a later one: 9999_later.post." in doctor.stdout


def test_a_role_that_may_not_make_schemas_is_told_what_it_needs(tmp_path: Path, empty_database_dsn: str) -> None:
    separator = "&" if "?" in empty_database_dsn else "?"
    done = rapport("migrate", cwd=tmp_path, DATABASE_URL=f"{empty_database_dsn}{separator}role=pg_read_all_data")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("rapport: The database (")
    assert "grant create on database" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_doctor_finds_pending_migrations(tmp_path: Path, empty_database_dsn: str) -> None:
    done = rapport("doctor", cwd=tmp_path, DATABASE_URL=empty_database_dsn)
    assert done.returncode == 1
    assert f"PROBLEM  migrations: pending: {', '.join(NAMES)}. Run: rapport migrate" in done.stdout.splitlines()


async def test_a_database_in_another_encoding_is_a_clear_error(tmp_path: Path, database_dsn: str) -> None:
    raw = await asyncpg.connect(database_dsn)
    name = f"rapport_test_latin_{new_id().hex}"
    await raw.execute(f"create database {name} template template0 encoding 'LATIN1' locale_provider libc locale 'C'")
    try:
        dsn = database_dsn.replace(str(await raw.fetchval("select current_database()")), name)
        done = rapport("doctor", cwd=tmp_path, DATABASE_URL=dsn)
    finally:
        await raw.execute(f"drop database {name}")
        await raw.close()
    assert done.returncode == 1
    assert "the database's encoding is LATIN1; Rapport needs UTF8." in done.stderr


async def test_an_api_key_needs_a_workspace_and_which_one(tmp_path: Path, database_dsn: str) -> None:
    done = rapport("apikey", "create", cwd=tmp_path, DATABASE_URL=database_dsn)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("rapport: There is no workspace yet.")
    raw = await asyncpg.connect(database_dsn)
    try:
        await _add_workspace(database_dsn, "one")
        done = rapport("apikey", "create", "--name", "CI", cwd=tmp_path, DATABASE_URL=database_dsn)
        assert done.returncode == 0
        assert done.stdout.startswith("sk_live_")
        assert await raw.fetchval('select name from core."apiKey"') == "CI"
        await _add_workspace(database_dsn, "two")
        done = rapport("apikey", "create", cwd=tmp_path, DATABASE_URL=database_dsn)
        assert (done.returncode, done.stderr) == (
            1,
            "rapport: There are several workspaces, choose one with --workspace: one, two\n",
        )
        options = ("--workspace", "Two", "--expires", "90d", "--role", "member")
        done = rapport("apikey", "create", *options, cwd=tmp_path, DATABASE_URL=database_dsn)
        assert done.returncode == 0
        assert (
            await raw.fetchval('select count(*) from core."apiKey" where "expiresAt" > now() + interval \'89d\'') == 1
        )
        assert [row["label"] for row in await raw.fetch(ROLES_OF_KEYS)] == ["Admin", "Member"]
        done = rapport(
            "apikey", "create", "--workspace", "two", "--expires", "0d", cwd=tmp_path, DATABASE_URL=database_dsn
        )
        assert done.returncode == 2
        assert "A key must live longer than that" in done.stderr
        noted = "select count(*) from core.\"auditEntry\" where action = 'apiKeyCreated'"
        assert await raw.fetchval(noted) == 2
        done = rapport("apikey", "create", "--workspace", "two", "--role", "x", cwd=tmp_path, DATABASE_URL=database_dsn)
        assert (done.returncode, done.stderr) == (1, "rapport: There is no role x. The roles are: Admin, Member\n")
        done = rapport("apikey", "create", "--workspace", "three", cwd=tmp_path, DATABASE_URL=database_dsn)
        assert done.stderr == "rapport: There is no workspace three.\n"
    finally:
        await raw.close()


async def _add_workspace(dsn: str, name: str) -> None:
    db = await Database.connect(dsn, size=1)
    workspace_id = new_id()
    async with db.transaction() as connection:
        add = 'insert into core.workspace (id, subdomain, "schema") values ($1, $2, $3)'
        await connection.execute(add, workspace_id, name, f"workspace_{name}")
        await seed_roles(connection, workspace_id)
    await db.close()


def test_commands_work_beside_a_running_server(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert rapport("doctor", cwd=tmp_path).returncode == 0
        assert server.health().status_code == 200


async def test_a_workspace_is_made_with_its_first_member_who_can_join_another(
    tmp_path: Path, database_dsn: str
) -> None:
    create = ("workspace", "create", "Acme GmbH", "--email", "Jane@example.com", "--subdomain", "acme")
    done = rapport(*create, "--first-name", "Jane", cwd=tmp_path, DATABASE_URL=database_dsn)
    assert (done.returncode, done.stderr) == (0, "")
    said = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert set(said) == {"Workspace", "E-mail", "Password"}
    again = rapport(*create, cwd=tmp_path, DATABASE_URL=database_dsn)
    assert (again.returncode, again.stderr) == (1, "rapport: Subdomain already taken\n")
    other = ("workspace", "create", "Other", "--email", "jane@example.com")
    refused = rapport(*other, "--password", "correct horse", cwd=tmp_path, DATABASE_URL=database_dsn)
    assert refused.stderr == "rapport: jane@example.com has an account already; leave --password away.\n"
    joined = rapport(*other, cwd=tmp_path, DATABASE_URL=database_dsn)
    assert (joined.returncode, "Password" in joined.stdout) == (0, False)
    raw = await asyncpg.connect(database_dsn)
    assert await raw.fetchval('select count(*) from core."user"') == 1
    assert await raw.fetchval('select count(*) from core."userWorkspace"') == 2
    await raw.close()


async def test_the_doctor_finds_tables_that_differ_from_the_data_model(tmp_path: Path, database_dsn: str) -> None:
    create = ("workspace", "create", "Acme", "--email", "jane@example.com", "--subdomain", "acme")
    assert rapport(*create, cwd=tmp_path, DATABASE_URL=database_dsn).returncode == 0
    done = rapport("doctor", cwd=tmp_path, DATABASE_URL=database_dsn)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        0,
        "ok       workspace acme: data model and tables agree",
    )
    raw = await asyncpg.connect(database_dsn)
    schema = await raw.fetchval('select "schema" from core.workspace')
    await raw.execute(f'alter table "{schema}".company drop column "employees"')
    await raw.execute(f'alter table "{schema}".note add column "extra" text')
    await raw.execute('create schema "workspace_left"')
    await raw.close()
    done = rapport("doctor", cwd=tmp_path, DATABASE_URL=database_dsn)
    assert done.returncode == 1
    extra = ['PROBLEM  workspace acme: table "note": column "extra" is not in the metadata']
    drop = f'alter table "{schema}"."note" drop column "extra";'
    add = f'alter table "{schema}"."company" add column "employees" integer;'
    stray = [
        "PROBLEM  schema workspace_left: is of no workspace",
        '         may lose data: drop schema "workspace_left" cascade;',
    ]
    assert done.stdout.splitlines()[3:] == [
        'PROBLEM  workspace acme: table "company": column "employees" is missing',
        f"         safe: {add}",
        *extra,
        f"         may lose data: {drop}",
        *stray,
        "What is marked as safe is done by: rapport doctor --fix",
    ]
    fixed = rapport("doctor", "--fix", cwd=tmp_path, DATABASE_URL=database_dsn)
    assert fixed.returncode == 1
    assert fixed.stdout.splitlines()[3:] == [
        'fixed    workspace acme: table "company": column "employees" is missing',
        f"         done: {add}",
        *extra,
        f"         not done: {drop}",
        *stray,
    ]
    raw = await asyncpg.connect(database_dsn)
    await raw.execute(drop)
    await raw.execute('drop schema "workspace_left"')
    await raw.close()
    assert rapport("doctor", "--fix", cwd=tmp_path, DATABASE_URL=database_dsn).returncode == 0


def test_the_demo_is_made_once_and_its_login_shown_each_time(tmp_path: Path, database_dsn: str) -> None:
    first = rapport("demo", cwd=tmp_path, DATABASE_URL=database_dsn)
    assert (first.returncode, first.stderr) == (0, "")
    assert [line.split()[0] for line in first.stdout.splitlines()] == ["Workspace", "E-mail", "Password", "API"]
    assert rapport("demo", cwd=tmp_path, DATABASE_URL=database_dsn).stdout == first.stdout


async def test_administrators_of_the_server_and_second_factors_are_a_matter_of_the_command_line(
    tmp_path: Path, database_dsn: str
) -> None:
    def said(*arguments: str) -> tuple[int, str, str]:
        done = rapport("user", *arguments, cwd=tmp_path, DATABASE_URL=database_dsn)
        return done.returncode, done.stdout.strip(), done.stderr.strip()

    raw = await asyncpg.connect(database_dsn)
    try:
        assert said("admin", "ada@example.com") == (1, "", "rapport: There is no account ada@example.com.")
        await _add_workspace(database_dsn, "one")
        user_id, membership_id = new_id(), new_id()
        await raw.execute('insert into core."user" (id, email) values ($1, $2)', user_id, "ada@example.com")
        await raw.execute(
            'insert into core."userWorkspace" (id, "userId", "workspaceId") select $1, $2, id from core.workspace',
            membership_id, user_id,
        )  # fmt: skip
        await raw.execute(
            'insert into core."twoFactorAuthenticationMethod" (id, "userWorkspaceId", strategy, secret, status) '
            "values ($1, $2, 'TOTP', 'x', 'VERIFIED')",
            new_id(), membership_id,
        )  # fmt: skip
        rights = 'select "canImpersonate" and "canAccessFullAdminPanel" from core."user"'
        assert said("admin", "ADA@example.com")[:2] == (0, "ADA@example.com is an administrator of the server.")
        assert await raw.fetchval(rights) is True
        assert said("admin", "ada@example.com", "--revoke")[0] == 0
        assert await raw.fetchval(rights) is False
        assert said("drop-factor", "ada@example.com")[:2] == (0, "Second factors of ada@example.com removed: 1.")
        assert said("drop-factor", "ada@example.com")[:2] == (0, "Second factors of ada@example.com removed: 0.")
        noted = await raw.fetch('select action from core."auditEntry" order by id')
        assert [row["action"] for row in noted] == ["serverAdminChanged", "serverAdminChanged", "twoFactorRemoved"]
    finally:
        await raw.close()
