"""`rapport workspace`: subdomains keep to the rules that the API keeps to."""

from pathlib import Path

import asyncpg
import pytest

from tests.cli.program import rapport


@pytest.mark.parametrize("subdomain", ["Has Space", "www", "ab", "api-acme"])
def test_a_bad_subdomain_is_refused_before_anything_is_made(
    tmp_path: Path, empty_database_dsn: str, subdomain: str
) -> None:
    done = rapport(
        "workspace", "create", "Acme", "--email", "a@example.com", "--subdomain", subdomain,
        cwd=tmp_path, DATABASE_URL=empty_database_dsn,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "subdomain" in done.stderr
    assert "Traceback" not in done.stderr


async def test_without_a_subdomain_one_is_made_of_the_name(tmp_path: Path, database_dsn: str) -> None:
    for email in ("a@example.com", "b@example.com"):
        done = rapport("workspace", "create", "Acme Ltd.", "--email", email, cwd=tmp_path, DATABASE_URL=database_dsn)
        assert (done.returncode, done.stderr) == (0, "")
    raw = await asyncpg.connect(database_dsn)
    found = await raw.fetch('select subdomain from core.workspace order by "createdAt"')
    await raw.close()
    assert found[0]["subdomain"] == "acme-ltd"
    assert found[1]["subdomain"].startswith("acme-ltd-")
