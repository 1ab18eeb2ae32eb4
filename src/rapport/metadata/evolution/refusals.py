"""Records that stand in the way of a change of the model, in words."""

from collections.abc import Sequence

import asyncpg

from rapport.base.errors import RapportError
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.evolution.problems import Finding, InvalidModel, Issue
from rapport.metadata.indexes import Index
from rapport.metadata.names import qualified, quote

MOST_SHOWN = 5
_LONGEST_SHOWN = 60


def repeated_values(catalog: Catalog, item: Object, index: Index) -> tuple[str | None, tuple[str, ...]]:
    """The statement that finds values which several live records share, and the names of its columns.

    None when the values are not in the table as it is now: they are made by the change that was refused.
    """
    now = next((each for each in catalog.objects if each.id == item.id), None)
    by_part = {(field.id, column.sub): column for field in now.fields for column in field.columns} if now else {}
    if now is None or any(part not in by_part for part in index.parts):
        return None, ()
    columns = tuple(by_part[part].name for part in index.parts)
    listed = ", ".join(f"{quote(name)}::text" for name in columns)
    grouped = ", ".join(map(quote, columns))
    given = f"{quote(columns[0])}::text <> ''"
    sql = (
        f'select {listed}, count(*) from {qualified(catalog.schema, now.table)} where "deletedAt" is null and {given} '
        f"group by {grouped} having count(*) > 1 order by count(*) desc, 1 limit {MOST_SHOWN}"
    )
    return sql, columns


def refusal_of_values(
    item: Object, index: Index, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> InvalidModel:
    """``rows``: values with the number of records that have them."""
    shown = ", ".join(f"{_shown(row[:-1])} ({row[-1]} records)" for row in rows)
    names = ", ".join(columns) or index.name
    message = f"{item.name} records share values of {names}" + (f": {shown}" if shown else "")
    issue = Issue(
        code="INDEX_DUPLICATE_VALUES",
        message=message,
        user_message="Some records have the same value. Make the values unique first.",
    )
    return InvalidModel(
        "update",
        "index",
        [Finding(kind="index", verb="create", issues=(issue,), about={"name": index.name})],
    )


def refusal(error: asyncpg.PostgresError) -> RapportError | None:
    """What PostgreSQL's refusal of a change means; None for what records are not the cause of."""
    match error:
        case asyncpg.ForeignKeyViolationError() if (error.table_name or "") == "rowLevelPermissionPredicate":
            message = "A row-level permission depends on this field. Change the role first."
        case asyncpg.ForeignKeyViolationError():
            return None
        case asyncpg.NotNullViolationError():
            message = f'Some records have no value for "{error.column_name}"'
        case asyncpg.TooManyColumnsError():
            message = "This object cannot have more fields: its table has had all the columns that it can have"
        case asyncpg.ProgramLimitExceededError():
            message = "Some records have values that are too long for an index"
        case asyncpg.CheckViolationError() | asyncpg.DataError():
            message = "Some records have values that the changed field could not hold"
        case _:
            return None
    issue = Issue(code="INVALID_FIELD_INPUT", message=message, user_message=message)
    return InvalidModel("update", "fieldMetadata", [Finding(kind="fieldMetadata", verb="update", issues=(issue,))])


def _shown(values: Sequence[object]) -> str:
    texts = [f'"{str(value)[:_LONGEST_SHOWN]}"' if value is not None else "none" for value in values]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
