"""SQL laid out one clause a line, so that a change of it can be read in a diff."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"""[eE]?'(?:[^']|'')*'|"(?:[^"]|"")*"|\s+|[()]|,|[^\s()"',]+""")
_CLAUSES = frozenset({
    "select", "from", "where", "limit", "offset", "join", "left", "union", "returning", "insert", "update", "delete",
    "set", "order", "group", "having", "with", "on", "cross",
})  # fmt: skip
_STATEMENTS = frozenset({"select", "insert", "update", "delete", "with", "("})
_WITHIN = {("left", "join"), ("delete", "from"), ("for", "update"), (")", "with"), ("do", "update"), ("cross", "join")}


def laid_out(sql: str) -> str:
    """The statement with line breaks and indents; nothing else of it changes.

    >>> print(laid_out("select a, (select ' from ' from t where x in (1,2)) from u"))
    select a, (
      select ' from '
      from t
      where x in (1,2)
    )
    from u
    """
    tokens = [token for token in _TOKEN.findall(sql) if token.strip()]
    spaced = _spaces(sql)
    lines: list[str] = [""]
    opened: list[bool] = []  # per parenthesis: whether a statement is inside
    previous = ""
    for index, token in enumerate(tokens):
        space = " " if spaced[index] else ""
        word = token.lower()
        if token == "(":
            following = tokens[index + 1].lower() if index + 1 < len(tokens) else ""
            opened.append(following in _STATEMENTS and following != "(")
            lines[-1] += space + token
        elif token == ")":
            if opened.pop():
                lines.append(_indent(opened) + token)
            else:
                lines[-1] += space + token
        elif word in _CLAUSES and (not opened or opened[-1]) and (previous, word) not in _WITHIN:
            start = _indent(opened) + token
            if lines[-1].strip():
                lines.append(start)
            else:
                lines[-1] = start
        else:
            lines[-1] += space + token
        previous = word
    return "\n".join(line.rstrip() for line in lines)


def _indent(opened: list[bool]) -> str:
    return "  " * sum(opened)


def _spaces(sql: str) -> list[bool]:
    """For each token whether white space comes before it."""
    return list(_before(sql))


def _before(sql: str) -> Iterator[bool]:
    spaced = False
    for token in _TOKEN.findall(sql):
        if token.strip():
            yield spaced
            spaced = False
        else:
            spaced = True
