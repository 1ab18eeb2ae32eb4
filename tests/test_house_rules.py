"""Rules of the house that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "rapport"
GENERATES_SQL = ("engine/", "metadata/ddl.py")
DATABASE_CALLS = {"execute", "executemany", "fetch", "fetchrow", "fetchval", "prepare", "row", "rows", "value"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(SOURCE.rglob("*.py")):
        yield file.relative_to(SOURCE).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def is_put_together(argument: ast.expr) -> bool:
    """Whether a string is formatted on the spot: an f-string with values, `%`, `+` or `.format()`."""
    if isinstance(argument, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in argument.values)
    if isinstance(argument, ast.BinOp):
        return isinstance(argument.op, ast.Add | ast.Mod)
    return (
        isinstance(argument, ast.Call)
        and isinstance(argument.func, ast.Attribute)
        and argument.func.attr in ("format", "join")
    )


def calls_with_formatted_sql(tree: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in DATABASE_CALLS
        and node.args
        and is_put_together(node.args[0])
    ]


def test_sql_is_put_together_only_where_it_is_generated() -> None:
    found = [
        f"{name}:{line}"
        for name, tree in modules()
        if not name.startswith(GENERATES_SQL)
        for line in calls_with_formatted_sql(tree)
    ]
    assert found == []


def test_the_rule_on_sql_sees_formatted_strings() -> None:
    source = 'db.rows(f"select {x}")\ndb.row("select " + x)\ndb.value("select %s" % x)\ndb.rows("select 1", x)'
    assert calls_with_formatted_sql(ast.parse(source)) == [1, 2, 3]


def test_every_module_says_what_it_is_in_charge_of() -> None:
    assert [name for name, tree in modules() if tree.body and not ast.get_docstring(tree)] == []
