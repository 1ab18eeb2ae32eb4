"""Records as events tell of them: what an event has kept of a row is read like a row of the table."""

from rapport.base.errors import PermissionDenied
from rapport.engine.kept import as_kept, fitting
from rapport.engine.plan import Told
from rapport.engine.predicates import row_rule
from rapport.engine.reading import Reader, Source
from rapport.engine.sql import Parameters, all_of, concat
from rapport.metadata.names import literal, qualified

_KEPT = {"last": "coalesce(e.after, e.before)", "before": "e.before", "after": "e.after"}


def write_told(plan: Told, parameters: Parameters) -> str:
    """A statement of two columns, `seq` and `record` (the JSON as bytes), in the order of the events.

    Events of other objects, events without such a state, and those whose record does not exist for the caller or does
    not meet the filter, are left out.
    """
    item = plan.object
    if not item.rights.read:
        raise PermissionDenied
    reader = Reader(plan.schema, parameters)
    source = Source(reader.alias())
    record = concat(reader.record(as_kept(plan.items, item), source))
    kept = _KEPT[plan.state]
    conditions = [
        f"e.seq = any({parameters.add(plan.seqs)})",
        f"e.object = {literal(item.name)}",
        f"{kept} is not null",
        row_rule(item, plan.schema, parameters, source.alias),
        reader.where(plan.filter, source.alias),
    ]
    table = qualified(plan.schema, item.table)
    return (
        f"select e.seq, {record}::bpchar as record from {qualified(plan.schema, 'event')} e "
        f"cross join lateral jsonb_populate_record(null::{table}, {fitting(kept, item)}) {source.alias} "
        f"where {all_of(conditions)} order by e.seq"
    )
