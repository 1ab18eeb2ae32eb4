"""Names and constants in SQL text: how they are quoted, and what generated schemas and indexes are called."""

import hashlib
from uuid import UUID

_LONGEST_NAME = 63  # bytes, PostgreSQL's limit
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def quote(identifier: str) -> str:
    """An identifier as SQL text.

    >>> quote('deletedAt'), quote('odd"name')
    ('"deletedAt"', '"odd""name"')
    """
    return '"' + identifier.replace('"', '""') + '"'


def qualified(schema: str, name: str) -> str:
    return f"{quote(schema)}.{quote(name)}"


def literal(text: str) -> str:
    """A string constant as SQL text; for values of the model only (defaults, options), never for a caller's.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def bounded(*parts: str) -> str:
    """A name made of parts, deterministic and at most 63 bytes: a long one ends in a hash of the whole.

    >>> bounded('fk', 'person', 'companyId')
    'fk_person_companyId'
    """
    name = "_".join(parts)
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    digest = hashlib.blake2b(name.encode(), digest_size=6).hexdigest()
    kept = name.encode()[: _LONGEST_NAME - len(digest) - 1].decode(errors="ignore")
    return f"{kept}_{digest}"


def schema_name(workspace_id: UUID) -> str:
    """The schema of a workspace's records: `workspace_` and the id in base 36."""
    number, digits = workspace_id.int, ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return f"workspace_{digits or '0'}"
