"""Named queries."""

import sys
from pathlib import Path

import pytest

from rapport.store.queries import load


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An importable package `area_with_queries` with an empty folder `sql`."""
    folder = tmp_path / "area_with_queries" / "sql"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "area_with_queries", raising=False)
    return folder


def test_each_statement_is_found_under_its_name_without_its_semicolon(package: Path) -> None:
    (package / "b.sql").write_text("-- Users.\n\n-- name: find_user\n-- by e-mail\nselect 1\nfrom t;\n")
    (package / "a.sql").write_text("-- name: add_user\ninsert into t\n    values ($1);\n\n-- name: count\nselect 2\n")
    (package / "notes.txt").write_text("no SQL")
    assert dict(load("area_with_queries")) == {
        "add_user": "insert into t\n    values ($1)",
        "count": "select 2",
        "find_user": "-- by e-mail\nselect 1\nfrom t",
    }


def test_a_single_file_can_be_loaded(package: Path) -> None:
    (package / "one.sql").write_text("-- name: one\nselect 1;")
    assert dict(load("area_with_queries", "sql/one.sql")) == {"one": "select 1"}


def test_two_statements_of_one_name_are_refused(package: Path) -> None:
    (package / "a.sql").write_text("-- name: one\nselect 1;\n-- name: one\nselect 2;")
    with pytest.raises(ValueError, match="two queries are named one"):
        load("area_with_queries")


def test_sql_without_a_name_is_refused(package: Path) -> None:
    (package / "a.sql").write_text("select 1;\n-- name: one\nselect 2;")
    with pytest.raises(ValueError, match=r"a\.sql"):
        load("area_with_queries")
