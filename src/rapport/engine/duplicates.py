"""Which records are duplicates of which candidates, as SQL (core-api.md §3)."""

from rapport.engine.plan import FindDuplicates
from rapport.engine.sql import Parameters, all_of
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import quote

PLACE = "_place"  # of a candidate in its list


def write_candidates(root: FindDuplicates, table: str, parameters: Parameters) -> str:
    """A select of rows (place, ids): for each candidate the ids of its duplicates.

    The candidates are matched all at once, by one join for each group of the criteria, which an index serves or else
    one pass over the table; not by an OR of the groups, which would be a pass for each candidate.
    """
    columns = {column.name: column for group in root.criteria for column in group}
    if root.ids is not None:
        named = "".join(f", r.{quote(name)}" for name in columns)
        candidates = (
            f"select u.place as {PLACE}, r.id{named} from unnest({parameters.add(root.ids)}) "
            f'with ordinality as u(id, place) left join {table} r on r.id = u.id and r."deletedAt" is null'
        )
    else:
        assert root.data is not None
        typed = "".join(f", {quote(name)} {column.leaf.sql_type}" for name, column in columns.items())
        candidates = f"select * from jsonb_to_recordset({parameters.add(root.data)}) as c({PLACE} int{typed})"
    head = f"with w as materialized ({candidates}) select w.{PLACE} as place"
    if not root.criteria:
        return f"{head}, '{{}}'::uuid[] as ids from w"
    found = " union ".join(_matches(group, table, by_id=root.ids is not None) for group in root.criteria)
    gathered = f"select {PLACE}, array_agg(id) as ids from ({found}) f group by {PLACE}"
    return f"{head}, coalesce(m.ids, '{{}}') as ids from w left join ({gathered}) m on m.{PLACE} = w.{PLACE}"


def _matches(group: tuple[Column, ...], table: str, *, by_id: bool) -> str:
    """The pairs of a candidate and a live record that share all values of the group, none of them empty."""
    conditions = ['t."deletedAt" is null']
    for column in group:
        ours, theirs = f"w.{quote(column.name)}", f"t.{quote(column.name)}"
        conditions.append(f"{theirs} = {ours}")
        if column.leaf.sql_type == "text":
            conditions += [f"{ours} <> ''", f"{theirs} <> ''"]  # the latter for the sake of partial indexes
    if by_id:
        conditions.append("t.id <> w.id")
    return f"select w.{PLACE}, t.id from w join {table} t on {all_of(conditions)}"
