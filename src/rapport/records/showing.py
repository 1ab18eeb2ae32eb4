"""A record's own fields, as a whole record is shown."""

from collections.abc import Iterator

from rapport.engine import plan
from rapport.metadata.catalog import Field, Object
from rapport.metadata.fieldtypes.base import Column


def own_items(item: Object, *, numbers_are_texts: bool) -> Iterator[plan.Item]:
    """What the caller may see of a record itself; links to other records by their ids.

    ``numbers_are_texts``: numerics, such as `amountMicros`, are in quotes, as REST has them.
    """
    for field in item.field.values():
        if field.is_to_one:
            yield plan.Scalar(key=field.column.name, column=field.column)
        elif not field.is_to_many and field.is_readable and field.type.name != "TS_VECTOR":
            yield _field(field, numbers_are_texts)


def _field(field: Field, numbers_are_texts: bool) -> plan.Item:
    if field.type.graphql_output is None:
        return _scalar(field.name, field.column, numbers_are_texts)
    columns = {sub: column for sub, column in field.column_of.items() if column.reads}
    return plan.Composite(
        key=field.name, items=tuple(_scalar(sub, column, numbers_are_texts) for sub, column in columns.items())
    )


def _scalar(key: str, column: Column, numbers_are_texts: bool) -> plan.Scalar:
    return plan.Scalar(key=key, column=column, is_text=numbers_are_texts and column.leaf.sql_type == "numeric")
