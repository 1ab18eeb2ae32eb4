"""Names in SQL."""

from uuid import UUID

from rapport.metadata.names import bounded, literal, quote, schema_name


def test_identifiers_and_constants_are_quoted() -> None:
    assert quote('a"b') == '"a""b"'
    assert literal("a'b\\") == "'a''b\\'"


def test_long_names_are_cut_and_keep_apart() -> None:
    long = "x" * 60
    first, second = bounded("ix", long, "one"), bounded("ix", long, "two")
    assert first != second
    assert len(first) == len(second) == 63
    assert len(bounded("ix", "é" * 60).encode()) <= 63
    assert bounded("ix", long, "one") == first


def test_schemas_are_named_after_their_workspace() -> None:
    assert schema_name(UUID(int=0)) == "workspace_0"
    assert schema_name(UUID(int=36**3 + 35)) == "workspace_100z"
