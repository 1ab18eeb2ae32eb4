"""Options that row-level permissions compare with. They stay what they are for as long as they are compared with: to a
rule, records with another value are other records, and some would be seen that ought not to be.
"""

import re
from collections.abc import Iterator
from uuid import UUID

from rapport.metadata.catalog import Catalog, Field
from rapport.metadata.evolution.given_options import option_changes
from rapport.metadata.evolution.problems import Finding, InvalidModel, Issue
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.metadata")
_WORD = re.compile(r"[A-Z0-9_]+", re.ASCII)


async def check_ruled_options(connection: Connection, before: Catalog, after: Catalog) -> None:
    """Raises InvalidModel when an option that a rule names goes, or gets another value."""
    changed = dict(_changed_values(before, after))
    if not changed:
        return
    rows = await connection.rows(_SQL["ruled_values"], list(changed))
    for row in rows:
        field, values = changed[row["field"]]
        used = sorted(set(_WORD.findall(row["value"])) & set(values))
        if used:
            message = f'A row-level permission depends on the option "{used[0]}". Change the role first.'
            issue = Issue(code="INVALID_FIELD_INPUT", message=message, user_message=message)
            about = {"id": str(field.id), "name": field.name}
            finding = Finding(kind="fieldMetadata", verb="update", issues=(issue,), about=about)
            raise InvalidModel("update", "fieldMetadata", [finding])


def _changed_values(before: Catalog, after: Catalog) -> Iterator[tuple[UUID, tuple[Field, frozenset[str]]]]:
    """The fields whose options change, by their ids, with the values that go."""
    old_objects = {item.id: item for item in before.objects}
    for item in after.objects:
        old = old_objects.get(item.id)
        if old is None or old is item:
            continue
        options = {field.id: field.options for field in old.fields}
        for field in item.fields:
            if options.get(field.id, field.options) != field.options:
                renamed, removed = option_changes(options[field.id], field.options)
                if gone := removed | renamed.keys():
                    yield field.id, (field, gone)
