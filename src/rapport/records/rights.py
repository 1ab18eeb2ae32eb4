"""What callers may do with records: the verbs that their role grants, and records that must stay within its rows."""

from collections.abc import Mapping, Sequence

from rapport.base.errors import PermissionDenied
from rapport.engine import plan
from rapport.engine.exposing import write_shown
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.metadata.catalog import Object, Rights
from rapport.store.database import Connection, Database

_IDS = "@changed"


def check_right(item: Object, verb: str) -> None:
    """Raises PermissionDenied."""
    if not _has_right(item.rights, verb):
        raise PermissionDenied


def _has_right(rights: Rights, verb: str) -> bool:
    match verb:
        case "create" | "update":
            return rights.update
        case "delete" | "restore":
            return rights.soft_delete
        case "destroy":
            return rights.destroy
        case "merge":
            return rights.update and rights.soft_delete
    raise ValueError(verb)


async def demand_within_rows(
    connection: Connection | Database, change: plan.Change, ids: Sequence[object], values: Mapping[str, object]
) -> None:
    """What was written must exist for who wrote it: raises PermissionDenied, and the caller takes the change back."""
    if change.object.rights.rows is None:
        return
    parameters = Parameters()
    wanted = Value(sql_type="uuid[]", path=(_IDS,))
    count = Statement.of(write_shown(change.schema, change.object, parameters, wanted), parameters)
    found = await connection.value(count.sql, *count.bind({**values, _IDS: list(ids)}))
    if found != len(set(ids)):
        raise PermissionDenied
